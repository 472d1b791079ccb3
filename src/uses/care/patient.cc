#include "uses/care/patient.h"

#include "base/calendar.h"
#include "uses/care/person_rows.h"

namespace eds::care {
namespace {

// OMOP standard concepts of the Meas Value Operator domain.
std::string operator_sign(std::int64_t concept_id) {
  switch (concept_id) {
    case 4171756: return "<";
    case 4171754: return "<=";
    case 4172704: return ">";
    case 4171755: return ">=";
    default: return {};
  }
}

Status read_person(engine::Session& session, std::int64_t id, Patient& patient) {
  bool found = false;
  TRY(each_row(session, "person",
               {"gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth",
                "eds_source_id", "eds_source_position"},
               "person_id", id, [&](const PersonRow& row) {
                 found = true;
                 patient.person.id = id;
                 patient.person.gender_concept_id = row.number(0);
                 const Date birth{static_cast<std::int32_t>(row.number(1)),
                                  row.has(2) ? static_cast<std::int32_t>(row.number(2)) : 1,
                                  row.has(3) ? static_cast<std::int32_t>(row.number(3)) : 1};
                 if (row.has(1)) patient.person.birth = checked_days(birth);
                 patient.person.origin = row.origin(4);
               }));
  if (!found) {
    return Error{Code::NotFound, "no such person in this release: " + std::to_string(id)};
  }
  return each_row(session, "death", {"death_date"}, "death_date", id,
                  [&](const PersonRow& row) { patient.person.death = row.day_or_none(0); });
}

Status read_visits(engine::Session& session, std::int64_t id, Patient& patient) {
  std::map<std::int64_t, std::size_t> place;
  TRY(each_row(session, "visit_occurrence",
               {"visit_occurrence_id", "visit_concept_id", "visit_start_date", "visit_end_date",
                "admitted_from_source_value", "discharged_to_source_value", "eds_source_id",
                "eds_source_position"},
               "visit_start_date", id, [&](const PersonRow& row) {
                 Visit visit;
                 visit.id = row.number(0);
                 visit.concept_id = row.number(1);
                 visit.start = row.day(2);
                 visit.end = row.day_or_none(3);
                 visit.entry_mode = row.text(4);
                 visit.exit_mode = row.text(5);
                 visit.origin = row.origin(6);
                 place[visit.id] = patient.visits.size();
                 patient.visits.push_back(std::move(visit));
               }));
  TRY(each_row(
      session, "visit_detail",
      {"visit_detail_id", "visit_occurrence_id", "care_site_id", "visit_detail_source_value",
       "visit_detail_start_date", "visit_detail_end_date", "eds_source_id", "eds_source_position"},
      "visit_detail_start_date", id, [&](const PersonRow& row) {
        const auto visit = place.find(row.number(1));
        if (visit == place.end()) return;
        patient.visits[visit->second].movements.push_back(
            Movement{row.number(0), row.number(1), row.number(2), row.text(3), row.day(4),
                     row.day_or_none(5), row.origin(6)});
      }));
  TRY(each_row(session, "eds_pmsi_rum", {"visit_occurrence_id", "ghm"}, "entry_date", id,
               [&](const PersonRow& row) {
                 const auto visit = place.find(row.number(0));
                 if (visit != place.end() && row.has(1)) {
                   patient.visits[visit->second].ghm = row.text(1);
                 }
               }));
  return each_row(
      session, "eds_conflict", {"visit_occurrence_id", "field", "kept_value", "other_value"},
      "field", id, [&](const PersonRow& row) {
        Conflict conflict{row.text(1), row.text(2), row.text(3)};
        const auto visit = place.find(row.number(0));
        // One that concerns no stay, or a stay that is gone, is the person's.
        (visit == place.end() ? patient.person.conflicts : patient.visits[visit->second].conflicts)
            .push_back(std::move(conflict));
      });
}

Status read_conditions(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(
      session, "condition_occurrence",
      {"condition_occurrence_id", "condition_concept_id", "visit_occurrence_id", "visit_detail_id",
       "condition_start_date", "condition_end_date", "condition_source_value",
       "condition_status_source_value", "eds_source_id", "eds_source_position"},
      "condition_start_date", id, [&](const PersonRow& row) {
        patient.conditions.push_back(Condition{row.number(0), row.number(1), row.number(2),
                                               row.number(3), row.day(4), row.day_or_none(5),
                                               row.text(6), row.text(7), row.origin(8)});
      });
}

Status read_procedures(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(session, "procedure_occurrence",
                  {"procedure_occurrence_id", "procedure_concept_id", "visit_occurrence_id",
                   "procedure_date", "procedure_source_value", "eds_phase", "eds_activity",
                   "quantity", "eds_source_id", "eds_source_position"},
                  "procedure_date", id, [&](const PersonRow& row) {
                    patient.procedures.push_back(Procedure{
                        row.number(0), row.number(1), row.number(2), row.day(3), row.text(4),
                        row.text(5), row.text(6), row.has(7) ? row.number(7) : 1, row.origin(8)});
                  });
}

Status read_measurements(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(
      session, "measurement",
      {"measurement_id", "measurement_concept_id", "measurement_date", "measurement_datetime",
       "measurement_source_value", "unit_source_value", "value_as_number", "operator_concept_id",
       "range_low", "range_high", "value_source_value", "eds_flag", "eds_source_id",
       "eds_source_position", "measurement_source_concept_id"},
      "measurement_date", id, [&](const PersonRow& row) {
        const std::int64_t midnight = row.number(2) * kMicrosecondsPerDay;
        patient.measurements.push_back(Measurement{
            row.number(0), row.number(1), row.number(14), row.has(3) ? row.number(3) : midnight,
            row.text(4), row.text(5), row.real(6), operator_sign(row.number(7)), row.real(8),
            row.real(9), row.text(10), row.text(11), row.origin(12)});
      });
}

Status read_drugs(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(
      session, "drug_exposure",
      {"drug_exposure_id", "drug_concept_id", "visit_occurrence_id", "drug_exposure_start_date",
       "drug_exposure_end_date", "drug_source_value", "quantity", "route_source_value",
       "eds_source_id", "eds_source_position", "drug_source_concept_id"},
      "drug_exposure_start_date", id, [&](const PersonRow& row) {
        patient.drugs.push_back(Drug{row.number(0), row.number(1), row.number(10), row.number(2),
                                     row.day(3), row.day_or_none(4), row.text(5), row.real(6),
                                     row.text(7), row.origin(8)});
      });
}

Status read_observations(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(session, "observation",
                  {"observation_id", "observation_concept_id", "visit_occurrence_id",
                   "observation_date", "observation_source_value", "value_as_string",
                   "value_source_value", "eds_source_id", "eds_source_position"},
                  "observation_date", id, [&](const PersonRow& row) {
                    patient.observations.push_back(Observation{
                        row.number(0), row.number(1), row.number(2), row.day(3), row.text(4),
                        row.has(5) ? row.text(5) : row.text(6), row.origin(7)});
                  });
}

Status read_notes(engine::Session& session, std::int64_t id, Patient& patient) {
  return each_row(session, "note",
                  {"note_id", "visit_occurrence_id", "note_date", "note_title", "note_text",
                   "eds_source_id", "eds_source_position"},
                  "note_date", id, [&](const PersonRow& row) {
                    patient.notes.push_back(Note{row.number(0), row.number(1), row.day(2),
                                                 row.text(3), row.text(4), row.origin(5)});
                  });
}

}  // namespace

Result<Patient> read_patient(engine::Session& session, std::int64_t person_id) {
  Patient patient;
  TRY(read_person(session, person_id, patient));
  TRY(read_visits(session, person_id, patient));
  TRY(read_conditions(session, person_id, patient));
  TRY(read_procedures(session, person_id, patient));
  TRY(read_measurements(session, person_id, patient));
  TRY(read_drugs(session, person_id, patient));
  TRY(read_observations(session, person_id, patient));
  TRY(read_notes(session, person_id, patient));
  return patient;
}

}  // namespace eds::care
