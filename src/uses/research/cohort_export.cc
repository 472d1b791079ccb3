#include "uses/research/cohort_export.h"

#include <fmt/format.h>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"

namespace eds::research {
namespace {

// Text that goes out at once.
constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

std::string csv_text(std::string_view text) {
  std::string quoted = "\"";
  for (char letter : text) {
    if (letter == '"') quoted.push_back('"');
    quoted.push_back(letter);
  }
  return quoted + "\"";
}

}  // namespace

Status write_cohort_csv(const CohortVersion& version, const std::vector<CohortPeriod>& rows,
                        const WriteText& write) {
  std::string text = "cohort_definition_id,subject_id,cohort_start_date,cohort_end_date\n";
  for (const CohortPeriod& row : rows) {
    text += fmt::format("{},{},{},{}\n", version.cohort_id, row.person,
                        text::format_date(row.start), text::format_date(row.end));
    if (text.size() < kPieceBytes) continue;
    TRY(write(text));
    text.clear();
  }
  return write(text);
}

Status write_definition_csv(const CohortVersion& version, const WriteText& write) {
  return write(
      fmt::format("cohort_definition_id,cohort_definition_name,cohort_definition_description,"
                  "definition_type_concept_id,cohort_definition_syntax,subject_concept_id,"
                  "cohort_initiation_date\n{},{},{},0,{},56,{}\n",
                  version.cohort_id, csv_text(version.name),
                  csv_text(fmt::format("version {}, release {}", version.version, version.release)),
                  csv_text(version.definition), text::format_date(day_of(version.made_us))));
}

Status write_fhir_group(const CohortVersion& version, const std::vector<CohortPeriod>& rows,
                        const WriteText& write) {
  json::Writer out;
  out.begin_object();
  out.member("resourceType", "Group");
  out.member("id", fmt::format("cohort-{}-v{}", version.cohort_id, version.version));
  out.key("identifier").begin_array().begin_object();
  out.member("system", "urn:eds:cohort");
  out.member("value", fmt::format("{}/{}/{}", version.name, version.version, version.release));
  out.end_object().end_array();
  out.member("active", true);
  out.member("type", "person");
  out.member("actual", true);
  out.member("name", version.name);
  out.member("quantity", static_cast<std::int64_t>(rows.size()));
  // An empty array is no FHIR.
  if (!rows.empty()) out.key("member").begin_array();
  for (const CohortPeriod& row : rows) {
    out.begin_object().key("entity").begin_object();
    out.member("reference", fmt::format("Patient/{}", row.person)).end_object();
    out.key("period").begin_object();
    out.member("start", text::format_date(row.start));
    out.member("end", text::format_date(row.end));
    out.end_object().end_object();
    if (out.view().size() >= kPieceBytes) TRY(write(out.take()));
  }
  if (!rows.empty()) out.end_array();
  out.end_object();
  return write(out.take());
}

}  // namespace eds::research
