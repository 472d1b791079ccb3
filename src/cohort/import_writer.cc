// An imported request as a definition.
#include "cohort/import.h"
#include "format/json/json_writer.h"

namespace eds::cohort {
namespace {

constexpr std::string_view kAnyTime = R"({"Start":{"Coeff":-1},"End":{"Coeff":1}})";
constexpr std::string_view kSameDay =
    R"({"Start":{"Days":0,"Coeff":-1},"End":{"Days":0,"Coeff":1}})";

// The attribute of a source code: other tools ask the codes that were recorded.
std::string_view source_attribute(std::string_view kind) {
  if (kind == "ConditionOccurrence") return "ConditionSourceConcept";
  if (kind == "ProcedureOccurrence") return "ProcedureSourceConcept";
  if (kind == "DrugExposure") return "DrugSourceConcept";
  if (kind == "Measurement") return "MeasurementSourceConcept";
  if (kind == "VisitOccurrence") return "CodesetId";  // Its class, a standard concept.
  return "ObservationSourceConcept";
}

class ImportWriter {
 public:
  explicit ImportWriter(const FindConcepts& find) : find_(&find) {}

  std::string write(const Imported& imported) {
    std::string root = group(imported.root, false);
    std::string text = R"({"ConceptSets":[)" + sets_;
    text += R"(],"PrimaryCriteria":{"CriteriaList":[{"ObservationPeriod":{"First":true}}],)";
    text += R"("ObservationWindow":{"PriorDays":0,"PostDays":0},)";
    text += R"("PrimaryCriteriaLimit":{"Type":"First"}},"AdditionalCriteria":)" + root;
    return text + R"(,"QualifiedLimit":{"Type":"First"},"ExpressionLimit":{"Type":"First"}})";
  }

 private:
  static void join(std::string& list, const std::string& part) {
    list += (list.empty() ? "" : ",") + part;
  }

  // The number of a concept set of these codes.
  int concept_set(const std::vector<ImportedCode>& codes) {
    json::Writer out;
    std::string name;
    for (const ImportedCode& code : codes) {
      name += (name.empty() ? "" : ", ") + code.vocabulary + " " + code.code;
    }
    out.begin_object()
        .member("id", std::int64_t{set_count_})
        .member("name", std::string_view(name));
    out.key("expression").begin_object().key("items").begin_array();
    for (const ImportedCode& code : codes) {
      for (const FoundConcept& found : (*find_)(code)) {
        out.begin_object().key("concept").begin_object();
        out.member("CONCEPT_ID", found.id).member("CONCEPT_NAME", std::string_view(found.name));
        out.end_object().end_object();
      }
    }
    out.end_array().end_object().end_object();
    join(sets_, out.take());
    return set_count_++;
  }

  std::string criteria(const ImportedCriterion& criterion, const std::string& nested = "") {
    std::string members = criterion.attributes;
    if (!criterion.codes.empty()) {
      join(members, '"' + std::string(source_attribute(criterion.kind)) +
                        "\":" + std::to_string(concept_set(criterion.codes)));
    }
    if (!nested.empty()) join(members, "\"CorrelatedCriteria\":" + nested);
    return "{\"" + criterion.kind + "\":{" + members + "}}";
  }

  static std::string correlated(const std::string& criteria, std::string_view window,
                                std::int64_t type, std::int64_t count, bool of_visit) {
    return R"({"Criteria":)" + criteria + R"(,"StartWindow":)" + std::string(window) +
           R"(,"Occurrence":{"Type":)" + std::to_string(type) + R"(,"Count":)" +
           std::to_string(count) + "}" + (of_visit ? R"(,"RestrictVisit":true)" : "") +
           R"(,"IgnoreObservationPeriod":true})";
  }

  static std::string group_of(std::string_view type, std::int64_t count,
                              const std::string& members) {
    return R"({"Type":")" + std::string(type) + R"(","Count":)" + std::to_string(count) + "," +
           members + "}";
  }

  // There is a visit for which `held` holds.
  static std::string in_a_visit(const std::string& held) {
    return correlated(R"({"VisitOccurrence":{"CorrelatedCriteria":)" + held + "}}", kAnyTime, 2, 1,
                      false);
  }

  std::string member(const ImportedCriterion& criterion, bool of_visit) {
    const std::int64_t type = criterion.count_type;
    const std::int64_t count = criterion.count;
    if (criterion.same_visit) {
      const std::string inside = correlated(criteria(criterion), kAnyTime, type, count, true);
      return in_a_visit(group_of("ALL", 0, R"("CriteriaList":[)" + inside + "]"));
    }
    if (criterion.same_day) {
      const std::string inside = correlated(criteria(criterion), kSameDay, type, count, of_visit);
      const std::string nested = group_of("ALL", 0, R"("CriteriaList":[)" + inside + "]");
      return correlated(criteria(criterion, nested), kAnyTime, 2, 1, of_visit);
    }
    return correlated(criteria(criterion), kAnyTime, type, count, of_visit);
  }

  std::string sequence(const ImportedSequence& sequence) {
    std::string steps;
    for (const ImportedCriterion& step : sequence.steps) {
      std::string after;
      if (!steps.empty()) {
        after = R"(,"After":{"Min":)" + std::to_string(sequence.days_min);
        if (sequence.days_max >= 0) after += R"(,"Max":)" + std::to_string(sequence.days_max);
        after += "}";
      }
      join(steps, R"({"Criteria":)" + criteria(step) + after + "}");
    }
    return R"({"Steps":[)" + steps + R"(],"StartWindow":)" + std::string(kAnyTime) + "}";
  }

  std::string group(const ImportedGroup& group_, bool of_visit) {
    if (group_.one_visit) {
      ImportedGroup inside = group_;
      inside.one_visit = false;
      return group_of("ALL", 0, R"("CriteriaList":[)" + in_a_visit(group(inside, true)) + "]");
    }
    std::string criteria_list;
    std::string persons;
    std::string groups;
    std::string sequences;
    for (const ImportedCriterion& each : group_.criteria) {
      if (!each.person.empty()) {
        join(persons, "{" + each.person + "}");
      } else {
        join(criteria_list, member(each, of_visit));
      }
    }
    for (const ImportedGroup& each : group_.groups) join(groups, group(each, of_visit));
    for (const ImportedSequence& each : group_.sequences) join(sequences, sequence(each));
    std::string members = R"("CriteriaList":[)" + criteria_list +
                          R"(],"DemographicCriteriaList":[)" + persons + R"(],"Groups":[)" +
                          groups + "]";
    if (!sequences.empty()) members += R"(,"Sequences":[)" + sequences + "]";
    return group_of(group_.type, group_.count, members);
  }

  const FindConcepts* find_;
  std::string sets_;
  int set_count_ = 0;
};

void gather(const ImportedCriterion& criterion, std::vector<ImportedCode>& codes) {
  codes.insert(codes.end(), criterion.codes.begin(), criterion.codes.end());
}

void gather(const ImportedGroup& group, std::vector<ImportedCode>& codes) {
  for (const ImportedCriterion& each : group.criteria) gather(each, codes);
  for (const ImportedGroup& each : group.groups) gather(each, codes);
  for (const ImportedSequence& each : group.sequences) {
    for (const ImportedCriterion& step : each.steps) gather(step, codes);
  }
}

}  // namespace

std::vector<ImportedCode> codes_of(const Imported& imported) {
  std::vector<ImportedCode> codes;
  gather(imported.root, codes);
  return codes;
}

std::string write_imported(const Imported& imported, const FindConcepts& find) {
  return ImportWriter(find).write(imported);
}

}  // namespace eds::cohort
