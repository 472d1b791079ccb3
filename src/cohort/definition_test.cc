#include "cohort/definition_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cohort/definition_for_test.h"
#include "cohort/definition_writer.h"

namespace eds::cohort {
namespace {

std::string failure(const std::string& json, Reading reading = Reading::Strict) {
  const Result<NamedDefinition> read = read_definition(json, reading);
  return read.ok() ? "" : read.error().message;
}

// A definition around one entry criterion.
std::string entry(const std::string& criterion, const std::string& more = "") {
  return R"({"PrimaryCriteria":{"CriteriaList":[)" + criterion +
         R"(],"ObservationWindow":{"PriorDays":0,"PostDays":0},)"
         R"("PrimaryCriteriaLimit":{"Type":"All"}})" +
         more + "}";
}

std::string rewritten(const std::string& json) {
  const Result<NamedDefinition> read = read_definition(json);
  INFO((read.ok() ? std::string() : read.error().message));
  REQUIRE(read.ok());
  return write_definition(read->definition);
}

}  // namespace

TEST_CASE("every definition of the Phenotype Library comes back with every member") {
  const std::vector<SharedFile> files = library_definitions(EDS_SOURCE_DIR);
  if (files.empty()) MESSAGE("skipped: ../shared/data/ohdsi/phenotype_library is not present");
  for (const SharedFile& file : files) {
    INFO(file.name);
    const Result<NamedDefinition> read = read_definition(file.text);
    INFO((read.ok() ? std::string() : read.error().message));
    REQUIRE(read.ok());
    CHECK(canonical_json(write_definition(read->definition)) == canonical_json(file.text));
  }
}

TEST_CASE("unknown members survive a lenient reading and are refused by a strict one") {
  const std::string json =
      entry(R"({"ConditionOccurrence":{"CodesetId":1,"Colour":{"a":[1,2.5,null]}}})",
            R"(,"Flavour":"sweet")");
  CHECK(failure(json) ==
        "cohort definition: an unknown member, at "
        "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Colour");
  const Result<NamedDefinition> read = read_definition(json, Reading::Lenient);
  REQUIRE(read.ok());
  CHECK(canonical_json(write_definition(read->definition)) == canonical_json(json));
}

TEST_CASE("a null member means nothing and comes back as null") {
  const std::string json = entry(R"({"Death":{"CodesetId":null,"Whatever":null}})",
                                 R"(,"AdditionalCriteria":null,"EndStrategy":null)");
  CHECK(canonical_json(rewritten(json)) == canonical_json(json));
}

TEST_CASE("a definition may be wrapped as WebAPI does, its expression an object or a text") {
  const std::string bare = entry(R"({"Death":{}})");
  std::string quoted = bare;
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) {
    quoted.replace(at, 1, "\\\"");
  }
  for (const std::string& expression : {bare, "\"" + quoted + "\""}) {
    const Result<NamedDefinition> read =
        read_definition(R"({"id":12,"name":"Deaths","expression":)" + expression + "}");
    REQUIRE(read.ok());
    CHECK(read->id == 12);
    CHECK(read->name == "Deaths");
    CHECK(canonical_json(write_definition(read->definition)) == canonical_json(bare));
  }
}

TEST_CASE("a byte order mark and numbers written as text are read") {
  const Result<NamedDefinition> read =
      read_definition("\xEF\xBB\xBF" + entry(R"({"Death":{"Age":{"Value":"18","Op":"gte"}}})"));
  REQUIRE(read.ok());
  const Criteria& criteria = read->definition.primary.criteria.front();
  REQUIRE(criteria.attributes.size() == 1);
  CHECK(std::get<NumericRange>(criteria.attributes[0].value).value == 18);
}

TEST_CASE("what the reference rejects is refused with its place") {
  const std::string list = "$.PrimaryCriteria.CriteriaList";
  CHECK(failure(entry("")) == "cohort definition: the list of entry events is empty, at " + list);
  CHECK(failure(entry(R"({"Surgery":{}})")) ==
        "cohort definition: an unknown kind of event, at " + list + "[0].Surgery");
  CHECK(failure(entry(R"({"Death":{"Age":{"Value":1,"Op":"=="}}})")) ==
        "cohort definition: lt, lte, eq, !eq, gt, gte, bt or !bt is expected, at " + list +
            "[0].Death.Age.Op");
  CHECK(failure(entry(R"({"Death":{"Age":{"Value":1,"Op":"bt"}}})")) ==
        "cohort definition: a number is missing, at " + list + "[0].Death.Age.Extent");
  CHECK(failure(entry(R"({"Death":{"OccurrenceStartDate":{"Value":"2015-02-30","Op":"gt"}}})")) ==
        "cohort definition: a date YYYY-MM-DD is expected, at " + list +
            "[0].Death.OccurrenceStartDate.Value");
  CHECK(failure(entry(R"({"Death":{}})", R"(,"EndStrategy":{"CustomEra":{"GapDays":1}})")) ==
        "cohort definition: a number is missing, at $.EndStrategy.CustomEra.DrugCodesetId");
  CHECK(failure(entry(R"({"Death":{}})", R"(,"EndStrategy":{})")) ==
        "cohort definition: DateOffset or CustomEra is expected, at $.EndStrategy");
  CHECK(failure("[]") == "cohort definition: an object is expected, at $");
}

TEST_CASE("a group that counts without a count, or of an unknown type, is refused") {
  const std::string inside =
      R"(,"CriteriaList":[],"DemographicCriteriaList":[{"Age":{"Value":1,"Op":"gt"}}],"Groups":[])";
  const auto group = [&](const std::string& type) {
    return failure(entry(R"({"Death":{}})", R"(,"AdditionalCriteria":{)" + type + inside + "}"));
  };
  CHECK(group(R"("Type":"any")").empty());
  CHECK(group(R"("Type":"AT_LEAST","Count":1)").empty());
  CHECK(group(R"("Type":"AT_LEAST")") ==
        "cohort definition: a number is missing, at $.AdditionalCriteria.Count");
  CHECK(group(R"("Type":"NONE")") ==
        "cohort definition: ALL, ANY, AT_LEAST or AT_MOST is expected, at "
        "$.AdditionalCriteria.Type");
}

TEST_CASE("a member given twice is refused") {
  CHECK(failure(entry(R"({"Death":{"CodesetId":1,"CodesetId":2}})")) ==
        "cohort definition: a member is given twice, at $.PrimaryCriteria.CriteriaList[0].Death");
}

TEST_CASE("200 nested groups are read; 300 are refused") {
  const auto nested = [](int depth) {
    std::string json = R"({"Type":"ALL"})";
    for (int level = 0; level < depth; ++level) json = R"({"Type":"ALL","Groups":[)" + json + "]}";
    return entry(R"({"Death":{}})", R"(,"AdditionalCriteria":)" + json);
  };
  CHECK(failure(nested(200)).empty());
  CHECK_FALSE(failure(nested(300)).empty());
}

}  // namespace eds::cohort
