#include "ingest/pmsi/summary_rows.h"

#include <algorithm>
#include <charconv>

#include "format/pmsi/rum.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/row_fields.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

// Numbers are zero-filled in every line: zero mostly means that there was none. Not here.
constexpr std::string_view kZeroIsSaid[] = {"igs2", "karnofsky", "age_years", "age_days",
                                            "length_days"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Fillers say nothing; return codes say something when they are not zero.
bool says_something(const formats::Field& field, std::string_view value) {
  if (value.empty() || field.privacy != formats::Privacy::Plain) return false;
  if (field.name.starts_with("filler") || field.name == "reserved") return false;
  if (field.name.ends_with("_return") && value == "0") return false;
  if (field.type == formats::FieldType::Date) {
    return value.find_first_not_of('0') != std::string_view::npos;
  }
  if (field.type != formats::FieldType::Number || is_one_of(field.name, kZeroIsSaid)) return true;
  return value.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::string_view text_of(const formats::Record& record, std::string_view field) {
  return formats::trim(record.field(field).value_or(""));
}

std::optional<std::int64_t> day_of(const formats::Record& record, std::string_view field) {
  const formats::Date date = formats::parse_date(record.field(field).value_or(""));
  return date.present() ? std::optional<std::int64_t>(date.day) : std::nullopt;
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  // Amounts have up to ten digits: more than formats::Number holds.
  digits = formats::trim(digits);
  std::int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  return whole && digits.front() != '-' ? std::optional<std::int64_t>(value) : std::nullopt;
}

BlockView::BlockView(const formats::Record& record, std::string_view name) : record_(&record) {
  const std::optional<std::size_t> block = record.layout().find_block(name);
  if (!block.has_value()) return;
  block_ = *block;
  count_ = record.block_count(*block);
}

std::string_view BlockView::text(std::size_t index, std::string_view field) const {
  const std::optional<std::size_t> at = record_->layout().blocks[block_].find(field);
  return at ? formats::trim(record_->block_field(block_, index, *at)) : std::string_view();
}

std::optional<std::int64_t> BlockView::day(std::size_t index, std::string_view field) const {
  const formats::Date date = formats::parse_date(text(index, field));
  return date.present() ? std::optional<std::int64_t>(date.day) : std::nullopt;
}

Result<SummaryRows> SummaryRows::open(Load& load, FeedFile& file) {
  SummaryRows rows(load, file);
  rows.details_ = TRY(rows.rows("visit_detail"));
  rows.conditions_ = TRY(rows.rows("condition_occurrence"));
  rows.acts_ = TRY(rows.rows("procedure_occurrence"));
  rows.observations_ = TRY(rows.rows("observation"));
  return rows;
}

Result<model::RowWriter*> SummaryRows::rows(const char* table) {
  model::RowWriter* row = TRY(load_->rows(table));
  before_.try_emplace(table, row->row_count());
  return row;
}

Status SummaryRows::finish() {
  for (const auto& [table, before] : before_) {
    const std::uint64_t now = TRY(load_->rows(table))->row_count();
    file_->report.rows_by_table[table] += static_cast<std::int64_t>(now - before);
  }
  return {};
}

Result<Mapped> SummaryRows::map(std::string_view vocabulary, std::string_view code) {
  Mapped mapped = TRY(load_->concepts().find(vocabulary, code));
  if (!mapped.known() && vocabulary == "CIM10") mapped = TRY(load_->concepts().find("ICD10", code));
  if (!mapped.known()) load_->concepts().count_unmapped(vocabulary, code, 1);
  return mapped;
}

Status SummaryRows::detail(const SummaryPlace& place, std::string_view unit,
                           std::string_view admitted, std::string_view discharged) {
  RowFields row(*details_);
  row.number("visit_detail_id", place.detail)
      .number("person_id", place.person)
      .number("visit_detail_concept_id", place.visit_concept)
      .number("visit_detail_start_date", place.day)
      .number("visit_detail_end_date", place.end_day)
      .number("visit_detail_type_concept_id", kInpatientClaim)
      .words("visit_detail_source_value", unit)
      .words("admitted_from_source_value", admitted)
      .words("discharged_to_source_value", discharged)
      .number("visit_occurrence_id", place.visit);
  if (place.care_site != 0) row.number("care_site_id", place.care_site);
  return row.end(place.from);
}

Status SummaryRows::condition(std::string_view code, std::string_view role,
                              const SummaryPlace& place) {
  code = formats::trim(code);
  if (code.empty()) return {};
  const Mapped mapped = TRY(map("CIM10", code));
  RowFields row(*conditions_);
  row.number("condition_occurrence_id", TRY(load_->next_id(conditions_->table())))
      .number("person_id", place.person)
      .number("condition_concept_id", mapped.standard)
      .number("condition_start_date", place.day)
      .number("condition_end_date", place.end_day)
      .number("condition_type_concept_id", kInpatientClaim)
      .number("condition_status_concept_id",
              role == "DP" || role == "MMP" ? kPrimaryDiagnosis : kSecondaryDiagnosis)
      .number("visit_occurrence_id", place.visit)
      .words("condition_source_value", code)
      .number("condition_source_concept_id", mapped.source)
      .words("condition_status_source_value", role);
  if (place.detail != 0) row.number("visit_detail_id", place.detail);
  return row.end(place.from);
}

Status SummaryRows::conditions(const formats::Record& record, std::string_view block,
                               std::string_view role, const SummaryPlace& place) {
  const BlockView codes(record, block);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    TRY(condition(codes.text(i, "code"), role, place));
  }
  return {};
}

Result<std::int64_t> SummaryRows::act(const SummaryAct& act, const SummaryPlace& place) {
  const Mapped mapped = TRY(map(act.vocabulary, act.code));
  const std::int64_t id = TRY(load_->next_id(acts_->table()));
  RowFields row(*acts_);
  row.number("procedure_occurrence_id", id)
      .number("person_id", place.person)
      .number("procedure_concept_id", mapped.standard)
      .number("procedure_date", act.day.value_or(place.day))
      .number("procedure_type_concept_id", kInpatientClaim)
      .number("visit_occurrence_id", place.visit)
      .words("procedure_source_value", act.code)
      .number("procedure_source_concept_id", mapped.source)
      .words("modifier_source_value", act.modifiers)
      .words("eds_phase", act.phase)
      .words("eds_activity", act.activity)
      .words("eds_pmsi_extension", act.extension)
      .words("eds_documentary_extension", act.documentary_extension)
      .words("eds_exceptional_reimbursement", act.exceptional_reimbursement)
      .words("eds_unplanned_association", act.unplanned_association);
  if (act.count.has_value()) row.number("quantity", *act.count);
  if (place.detail != 0) row.number("visit_detail_id", place.detail);
  TRY(row.end(place.from));
  return id;
}

Status SummaryRows::ccam(const formats::Record& record, std::string_view block,
                         const SummaryPlace& place) {
  const BlockView acts(record, block);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    SummaryAct one;
    one.vocabulary = "CCAM";
    one.code = acts.text(i, "code");
    one.day = acts.day(i, "date");
    one.count = number_of(acts.text(i, "count"));
    one.phase = acts.text(i, "phase");
    one.activity = acts.text(i, "activity");
    one.extension = acts.text(i, "extension");
    one.documentary_extension = acts.text(i, "documentary_extension");
    TRY(act(one, place));
  }
  return {};
}

Result<std::int64_t> SummaryRows::fact(std::string_view what, std::string_view qualifier,
                                       std::string_view value, std::optional<double> number,
                                       const SummaryPlace& place, std::int64_t event) {
  if (formats::trim(value).empty()) return 0;
  const std::int64_t id = TRY(load_->next_id(observations_->table()));
  RowFields row(*observations_);
  row.number("observation_id", id)
      .number("person_id", place.person)
      .number("observation_concept_id", 0)
      .number("observation_date", place.day)
      .number("observation_type_concept_id", kInpatientClaim)
      .number("visit_occurrence_id", place.visit)
      .words("observation_source_value", what)
      .words("qualifier_source_value", qualifier)
      .words("value_source_value", value);
  if (number.has_value()) row.real("value_as_number", *number);
  if (place.detail != 0) row.number("visit_detail_id", place.detail);
  if (event != 0) row.number("observation_event_id", event);
  TRY(row.end(place.from));
  return id;
}

Status SummaryRows::field_fact(const formats::Field& field, std::string_view name,
                               std::string_view text, std::string_view qualifier,
                               const SummaryPlace& place, std::int64_t event) {
  const std::string_view value = formats::trim(text);
  if (!says_something(field, value)) return {};
  std::optional<double> number;
  if (field.type == formats::FieldType::Number) {
    const std::optional<std::int64_t> digits = number_of(value);
    if (digits.has_value()) number = static_cast<double>(*digits);
    if (number.has_value() && field.name.ends_with("_cents")) number = *number / 100.0;
  }
  TRY(fact(name, qualifier, value, number, place, event));
  return {};
}

Status SummaryRows::facts(const formats::Record& record, std::span<const std::string_view> told,
                          std::string_view qualifier, const SummaryPlace& place,
                          std::int64_t event) {
  const std::span<const formats::Field> fields = record.layout().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].privacy != formats::Privacy::Plain || is_one_of(fields[i].name, told)) continue;
    TRY(field_fact(fields[i], fields[i].name, record.field(i), qualifier, place, event));
  }
  return {};
}

Status SummaryRows::block_facts(const formats::Record& record, std::string_view block,
                                std::size_t index, std::span<const std::string_view> told,
                                std::string_view qualifier, const SummaryPlace& place,
                                std::int64_t event) {
  const std::optional<std::size_t> at = record.layout().find_block(block);
  if (!at.has_value()) return {};
  const std::span<const formats::Field> fields = record.layout().blocks[*at].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (is_one_of(fields[i].name, told)) continue;
    const std::string name = std::string(block) + "." + std::string(fields[i].name);
    TRY(field_fact(fields[i], name, record.block_field(*at, index, i), qualifier, place, event));
  }
  return {};
}

}  // namespace eds::ingest::pmsi
