#include "ingest/pmsi/rum_rows.h"

#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/row_fields.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

}  // namespace

Result<RumRows> RumRows::open(Load& load, FeedFile& file) {
  RumRows rows(load, file);
  const auto writer = [&](const char* table) -> Result<model::RowWriter*> {
    model::RowWriter* row = TRY(load.rows(table));
    rows.before_[table] = row->row_count();
    return row;
  };
  rows.details_ = TRY(writer("visit_detail"));
  rows.facts_ = TRY(writer("eds_pmsi_rum"));
  rows.conditions_ = TRY(writer("condition_occurrence"));
  rows.acts_ = TRY(writer("procedure_occurrence"));
  rows.observations_ = TRY(writer("observation"));
  return rows;
}

Status RumRows::finish() {
  for (const auto& [table, before] : before_) {
    const std::uint64_t now = TRY(load_->rows(table))->row_count();
    file_->report.rows_by_table[table] += static_cast<std::int64_t>(now - before);
  }
  return {};
}

Status RumRows::write(const formats::Rum& rum, const RumPlace& place, const Provenance& from) {
  TRY(write_detail(rum, place, from));
  TRY(write_facts(rum, place, from));
  TRY(write_condition(rum.dp, "DP", rum, place, from));
  if (!rum.dr.empty()) TRY(write_condition(rum.dr, "DR", rum, place, from));
  for (std::size_t i = 0; i < rum.das.size(); ++i) {
    TRY(write_condition(rum.das[i], "DA", rum, place, from));
  }
  for (std::size_t i = 0; i < rum.acts.size(); ++i) TRY(write_act(rum.acts[i], rum, place, from));
  return write_observations(rum, place, from);
}

Result<Mapped> RumRows::map(std::string_view vocabulary, std::string_view code) {
  Mapped mapped = TRY(load_->concepts().find(vocabulary, code));
  if (!mapped.known() && vocabulary == "CIM10") mapped = TRY(load_->concepts().find("ICD10", code));
  if (!mapped.known()) load_->concepts().count_unmapped(vocabulary, code, 1);
  return mapped;
}

Status RumRows::write_detail(const formats::Rum& rum, const RumPlace& place,
                             const Provenance& from) {
  const std::string admitted{rum.entry_mode, rum.provenance};
  const std::string discharged{rum.exit_mode, rum.destination};
  return RowFields(*details_)
      .number("visit_detail_id", place.detail)
      .number("person_id", place.person)
      .number("visit_detail_concept_id", kInpatientVisit)
      .number("visit_detail_start_date", rum.entry.day)
      .number("visit_detail_end_date", rum.exit.day)
      .number("visit_detail_type_concept_id", kInpatientClaim)
      .number("care_site_id", place.care_site)
      .words("visit_detail_source_value", rum.unit)
      .words("admitted_from_source_value", admitted)
      .words("discharged_to_source_value", discharged)
      .number("visit_occurrence_id", place.visit)
      .end(from);
}

Status RumRows::write_facts(const formats::Rum& rum, const RumPlace& place,
                            const Provenance& from) {
  RowFields row(*facts_);
  row.number("visit_detail_id", place.detail)
      .number("visit_occurrence_id", place.visit)
      .number("person_id", place.person)
      .words("format_version", rum.record.layout().version)
      .words("finess", rum.finess)
      .words("unit_code", rum.unit)
      .words("bed_authorisation", rum.bed_authorisation)
      .day("entry_date", rum.entry)
      .letter("entry_mode", rum.entry_mode)
      .letter("provenance", rum.provenance)
      .day("exit_date", rum.exit)
      .letter("exit_mode", rum.exit_mode)
      .letter("destination", rum.destination)
      .words("postal_code", rum.residence.reveal(Reason::Match))
      .count("newborn_weight_g", rum.weight_g)
      .count("gestational_age_weeks", rum.gestational_age_weeks)
      .day("last_menses_date", rum.last_menses)
      .count("session_count", rum.session_count)
      .count("igs2", rum.igs2)
      .letter("coding_confirmed", rum.coding_confirmed)
      .words("principal_diagnosis", rum.dp)
      .words("related_diagnosis", rum.dr);
  row.words("emergency_passage", rum.record.field("emergency_passage").value_or(""))
      .words("unplanned", rum.record.field("unscheduled").value_or(""));
  if (rum.grouped) {
    row.words("ghm_version", rum.classification)
        .words("ghm", rum.ghm)
        .words("grouping_return_code", rum.grouper_return);
  }
  return row.end(from);
}

Status RumRows::write_condition(std::string_view code, std::string_view status,
                                const formats::Rum& rum, const RumPlace& place,
                                const Provenance& from) {
  const Mapped mapped = TRY(map("CIM10", code));
  return RowFields(*conditions_)
      .number("condition_occurrence_id", TRY(load_->next_id(conditions_->table())))
      .number("person_id", place.person)
      .number("condition_concept_id", mapped.standard)
      .number("condition_start_date", rum.entry.day)
      .number("condition_end_date", rum.exit.day)
      .number("condition_type_concept_id", kInpatientClaim)
      .number("condition_status_concept_id",
              status == "DP" ? kPrimaryDiagnosis : kSecondaryDiagnosis)
      .number("visit_occurrence_id", place.visit)
      .number("visit_detail_id", place.detail)
      .words("condition_source_value", code)
      .number("condition_source_concept_id", mapped.source)
      .words("condition_status_source_value", status)
      .end(from);
}

Status RumRows::write_act(const formats::Act& act, const formats::Rum& rum, const RumPlace& place,
                          const Provenance& from) {
  const Mapped mapped = TRY(map("CCAM", act.code));
  // An act without a date was done during the RUM: the checker has warned.
  const std::int64_t day = act.date.present() ? act.date.day : rum.entry.day;
  return RowFields(*acts_)
      .number("procedure_occurrence_id", TRY(load_->next_id(acts_->table())))
      .number("person_id", place.person)
      .number("procedure_concept_id", mapped.standard)
      .number("procedure_date", day)
      .number("procedure_type_concept_id", kInpatientClaim)
      .count("quantity", act.count)
      .number("visit_occurrence_id", place.visit)
      .number("visit_detail_id", place.detail)
      .words("procedure_source_value", act.code)
      .number("procedure_source_concept_id", mapped.source)
      .words("modifier_source_value", act.modifiers)
      .letter("eds_phase", act.phase)
      .letter("eds_activity", act.activity)
      .words("eds_pmsi_extension", act.extension)
      .letter("eds_documentary_extension", act.documentary_extension)
      .letter("eds_exceptional_reimbursement", act.exceptional_reimbursement)
      .letter("eds_unplanned_association", act.unplanned_association)
      .end(from);
}

Status RumRows::write_observation(std::string_view what, std::string_view qualifier,
                                  std::string_view value, std::int64_t number, bool has_number,
                                  const formats::Rum& rum, const RumPlace& place,
                                  const Provenance& from) {
  Mapped mapped;
  if (qualifier == "DAD") mapped = TRY(map("CIM10", what));
  RowFields row(*observations_);
  row.number("observation_id", TRY(load_->next_id(observations_->table())))
      .number("person_id", place.person)
      .number("observation_concept_id", mapped.standard)
      .number("observation_date", rum.entry.day)
      .number("observation_type_concept_id", kInpatientClaim)
      .number("visit_occurrence_id", place.visit)
      .number("visit_detail_id", place.detail)
      .words("observation_source_value", what)
      .number("observation_source_concept_id", mapped.source)
      .words("qualifier_source_value", qualifier)
      .words("value_source_value", value);
  if (has_number) {
    observations_->set_float(observations_->table().column("value_as_number"),
                             static_cast<double>(number));
  }
  return row.end(from);
}

Status RumRows::write_observations(const formats::Rum& rum, const RumPlace& place,
                                   const Provenance& from) {
  for (std::size_t i = 0; i < rum.dads.size(); ++i) {
    TRY(write_observation(rum.dads[i], "DAD", "", 0, false, rum, place, from));
  }
  struct Fact {
    const char* name;
    const formats::Number& number;
  };
  for (const Fact& fact : {Fact{"newborn_weight_g", rum.weight_g},
                           Fact{"gestational_age_weeks", rum.gestational_age_weeks},
                           Fact{"session_count", rum.session_count}, Fact{"igs2", rum.igs2}}) {
    if (!fact.number.present()) continue;
    // Zero-filled fields of other patients: no newborn weighs nothing, no session means none.
    if (fact.number.value == 0 && &fact.number != &rum.igs2) continue;
    TRY(write_observation(fact.name, "RUM", std::to_string(fact.number.value), fact.number.value,
                          true, rum, place, from));
  }
  if (rum.grouped && !rum.ghm.empty()) {
    TRY(write_observation("ghm", "RUM", rum.ghm, 0, false, rum, place, from));
  }
  return {};
}

}  // namespace eds::ingest::pmsi
