#include "synth/tables.h"

#include <array>
#include <string>

#include "model/table.h"
#include "synth/labs.h"
#include "synth/local_concepts.h"
#include "synth/reports.h"

namespace eds::synth {
namespace {

using model::RowWriter;

// OMOP type concepts: where a row comes from.
constexpr std::int64_t kFromEhr = 32817;
constexpr std::int64_t kFromLab = 32856;
constexpr std::int64_t kFromAdministration = 32818;
constexpr std::int64_t kFromNote = 32831;
// OMOP visit, gender, condition status, operator and language concepts.
constexpr std::int64_t kInpatient = 9201;
constexpr std::int64_t kOutpatient = 9202;
constexpr std::int64_t kEmergencyRoom = 9203;
constexpr std::int64_t kMale = 8507;
constexpr std::int64_t kFemale = 8532;
constexpr std::int64_t kPrimary = 32902;
constexpr std::int64_t kSecondary = 32908;
constexpr std::int64_t kLess = 4171756;
constexpr std::int64_t kFrench = 4180190;
constexpr std::int64_t kUtf8 = 32678;

std::int64_t visit_id(const Patient& patient, std::size_t stay) {
  return static_cast<std::int64_t>(patient.index * kStaysMax + stay + 1);
}
std::int64_t detail_id(const Patient& patient, std::size_t rum) {
  return static_cast<std::int64_t>(patient.index * kRumsMax + rum + 1);
}
std::int64_t visit_concept(StayKind kind) {
  if (kind == StayKind::Emergency) return kEmergencyRoom;
  return kind == StayKind::Outpatient ? kOutpatient : kInpatient;
}
std::string_view one(const char& c) {
  return {&c, 1};
}

/// What the writers of one range share.
struct Job {
  const Population& population;
  std::uint64_t first;
  std::uint64_t last;
  Concepts concepts;

  std::int64_t or_none(std::int64_t concept_id) const {
    return concepts == Concepts::Local ? concept_id : 0;
  }
};

/// Makes each patient of the range and hands it to `write`, with its person_id.
template <class Write>
Status for_each_patient(const Job& job, std::uint32_t parts, Write&& write) {
  Patient patient;
  for (std::uint64_t index = job.first; index < job.last; ++index) {
    job.population.generate(index, parts, patient);
    TRY(write(static_cast<const Patient&>(patient), job.population.person_id(index)));
  }
  return {};
}

Status write_person(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("person_id"), gender = t.column("gender_concept_id"),
                    year = t.column("year_of_birth"), month = t.column("month_of_birth"),
                    day = t.column("day_of_birth"), birth = t.column("birth_datetime"),
                    race = t.column("race_concept_id"),
                    ethnicity = t.column("ethnicity_concept_id"), site = t.column("care_site_id"),
                    source = t.column("gender_source_value");
  return for_each_patient(
      job, kPersonOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        const Date date = date_from_days(patient.birth_day);
        const bool male = patient.sex == Sex::Male;
        rows.set(id, person).set(gender, male ? kMale : kFemale);
        rows.set(year, date.year).set(month, date.month).set(day, date.day);
        rows.set(birth, patient.birth_day * kMicrosecondsPerDay);
        rows.set(race, 0).set(ethnicity, 0).set(site, patient.home_hospital + 1);
        rows.set_text(source, male ? "1" : "2");
        return rows.end_row();
      });
}

Status write_observation_period(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("observation_period_id"), who = t.column("person_id"),
                    start = t.column("observation_period_start_date"),
                    end = t.column("observation_period_end_date"),
                    type = t.column("period_type_concept_id");
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        if (patient.stays.empty()) return Status();
        rows.set(id, static_cast<std::int64_t>(patient.index + 1)).set(who, person);
        rows.set(start, patient.stays.front().entry_day())
            .set(end, patient.stays.back().exit_day());
        rows.set(type, kFromEhr);
        return rows.end_row();
      });
}

Status write_visits(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("visit_occurrence_id"), who = t.column("person_id"),
                    what = t.column("visit_concept_id"), from = t.column("visit_start_date"),
                    from_time = t.column("visit_start_datetime"), to = t.column("visit_end_date"),
                    to_time = t.column("visit_end_datetime"),
                    type = t.column("visit_type_concept_id"), site = t.column("care_site_id"),
                    admitted = t.column("admitted_from_source_value"),
                    discharged = t.column("discharged_to_source_value"),
                    before = t.column("preceding_visit_occurrence_id");
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        for (std::size_t s = 0; s < patient.stays.size(); ++s) {
          const Stay& stay = patient.stays[s];
          rows.set(id, visit_id(patient, s)).set(who, person).set(what, visit_concept(stay.kind));
          rows.set(from, stay.entry_day()).set(from_time, stay.entry_us);
          rows.set(to, stay.exit_day()).set(to_time, stay.exit_us).set(type, kFromEhr);
          rows.set(site, stay.hospital + 1);
          if (has_rss(stay.kind)) {
            rows.set_text(admitted, one(stay.entry_mode)).set_text(discharged, one(stay.exit_mode));
          }
          if (s > 0) rows.set(before, visit_id(patient, s - 1));
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_details(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("visit_detail_id"), who = t.column("person_id"),
                    what = t.column("visit_detail_concept_id"),
                    from = t.column("visit_detail_start_date"),
                    from_time = t.column("visit_detail_start_datetime"),
                    to = t.column("visit_detail_end_date"),
                    to_time = t.column("visit_detail_end_datetime"),
                    type = t.column("visit_detail_type_concept_id"),
                    site = t.column("care_site_id"), unit = t.column("visit_detail_source_value"),
                    visit = t.column("visit_occurrence_id"),
                    before = t.column("preceding_visit_detail_id"),
                    admitted = t.column("admitted_from_source_value"),
                    discharged = t.column("discharged_to_source_value");
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        for (std::size_t r = 0; r < patient.rums.size(); ++r) {
          const Movement& rum = patient.rums[r];
          rows.set(id, detail_id(patient, r)).set(who, person).set(what, kInpatient);
          rows.set(from, day_of(rum.entry_us)).set(from_time, rum.entry_us);
          rows.set(to, day_of(rum.exit_us)).set(to_time, rum.exit_us).set(type, kFromEhr);
          rows.set(site, 100 + rum.unit).set_text(unit, unit_code(rum.unit));
          rows.set(visit, visit_id(patient, rum.stay));
          if (r > 0 && patient.rums[r - 1].stay == rum.stay)
            rows.set(before, detail_id(patient, r - 1));
          rows.set_text(admitted, one(rum.entry_mode)).set_text(discharged, one(rum.exit_mode));
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_conditions(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("condition_occurrence_id"), who = t.column("person_id"),
                    what = t.column("condition_concept_id"),
                    from = t.column("condition_start_date"),
                    from_time = t.column("condition_start_datetime"),
                    to = t.column("condition_end_date"),
                    type = t.column("condition_type_concept_id"),
                    status = t.column("condition_status_concept_id"),
                    visit = t.column("visit_occurrence_id"), detail = t.column("visit_detail_id"),
                    code = t.column("condition_source_value"),
                    kind = t.column("condition_status_source_value");
  constexpr std::string_view kKinds[] = {"DP", "DR", "DA", "DAD"};
  const std::span<const Diagnosis> all = diagnoses();
  return for_each_patient(
      job, kWithDiagnoses, [&](const Patient& patient, std::int64_t person) -> Status {
        std::int64_t next = static_cast<std::int64_t>(patient.index * kDiagnosesMax);
        for (const CodedDiagnosis& coded : patient.diagnoses) {
          const Movement& rum = patient.rums[coded.rum];
          rows.set(id, ++next)
              .set(who, person)
              .set(what, job.or_none(diagnosis_concept(coded.diagnosis)));
          rows.set(from, day_of(rum.entry_us))
              .set(from_time, rum.entry_us)
              .set(to, day_of(rum.exit_us));
          rows.set(type, kFromEhr);
          rows.set(status, coded.kind == DiagnosisKind::Principal ? kPrimary : kSecondary);
          rows.set(visit, visit_id(patient, rum.stay)).set(detail, detail_id(patient, coded.rum));
          rows.set_text(code, all[coded.diagnosis].code);
          rows.set_text(kind, kKinds[static_cast<std::size_t>(coded.kind)]);
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_procedures(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("procedure_occurrence_id"), who = t.column("person_id"),
                    what = t.column("procedure_concept_id"), date = t.column("procedure_date"),
                    time = t.column("procedure_datetime"),
                    type = t.column("procedure_type_concept_id"), quantity = t.column("quantity"),
                    visit = t.column("visit_occurrence_id"), detail = t.column("visit_detail_id"),
                    code = t.column("procedure_source_value"), phase = t.column("eds_phase"),
                    activity = t.column("eds_activity");
  const std::span<const Act> all = acts();
  return for_each_patient(
      job, kWithActs, [&](const Patient& patient, std::int64_t person) -> Status {
        std::int64_t next = static_cast<std::int64_t>(patient.index * kActsMax);
        for (const CodedAct& act : patient.acts) {
          rows.set(id, ++next).set(who, person).set(what, job.or_none(act_concept(act.act)));
          rows.set(date, day_of(act.time_us)).set(time, act.time_us).set(type, kFromEhr);
          rows.set(quantity, act.count).set(visit, visit_id(patient, act.stay));
          if (act.rum != CodedAct::kNoRum) rows.set(detail, detail_id(patient, act.rum));
          rows.set_text(code, all[act.act].code);
          rows.set_text(phase, one(act.phase)).set_text(activity, one(act.activity));
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_measurements(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("measurement_id"), who = t.column("person_id"),
                    what = t.column("measurement_concept_id"), date = t.column("measurement_date"),
                    time = t.column("measurement_datetime"),
                    type = t.column("measurement_type_concept_id"),
                    op = t.column("operator_concept_id"), number = t.column("value_as_number"),
                    low = t.column("range_low"), high = t.column("range_high"),
                    visit = t.column("visit_occurrence_id"), detail = t.column("visit_detail_id"),
                    code = t.column("measurement_source_value"),
                    unit = t.column("unit_source_value"), text = t.column("value_source_value"),
                    flag = t.column("eds_flag");
  const std::span<const Analyte> all = analytes();
  LabMaker labs;
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        Status status;
        const auto sex = static_cast<std::size_t>(patient.sex);
        const auto base = static_cast<std::int64_t>(patient.index * kLabsMax) + 1;
        labs.visit(patient, [&](const LabResult& lab) {
          const Analyte& analyte = all[lab.analyte];
          rows.set(id, base + lab.rank)
              .set(who, person)
              .set(what, job.or_none(analyte_concept(lab.analyte)));
          rows.set(date, day_of(lab.time_us)).set(time, lab.time_us).set(type, kFromLab);
          rows.set(visit, visit_id(patient, lab.stay));
          if (lab.rum != CodedAct::kNoRum) rows.set(detail, detail_id(patient, lab.rum));
          rows.set_text(code, analyte.loinc);
          if (analyte.spread == Spread::Words) {
            rows.set_text(text, lab_word(lab.word));
          } else {
            rows.set_float(number, lab.value).set_text(unit, analyte.unit);
            if (lab.censored) rows.set(op, kLess);
            if (analyte.low[sex] <= analyte.high[sex]) {
              rows.set_float(low, static_cast<double>(analyte.low[sex]));
              rows.set_float(high, static_cast<double>(analyte.high[sex]));
            }
            if (lab.flag != ' ') rows.set_text(flag, one(lab.flag));
          }
          status = rows.end_row();
          return status.ok();
        });
        return status;
      });
}

Status write_drugs(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("drug_exposure_id"), who = t.column("person_id"),
                    what = t.column("drug_concept_id"), from = t.column("drug_exposure_start_date"),
                    from_time = t.column("drug_exposure_start_datetime"),
                    to = t.column("drug_exposure_end_date"),
                    to_time = t.column("drug_exposure_end_datetime"),
                    type = t.column("drug_type_concept_id"), quantity = t.column("quantity"),
                    visit = t.column("visit_occurrence_id"), code = t.column("drug_source_value"),
                    unit = t.column("dose_unit_source_value");
  const std::span<const Drug> all = drugs();
  return for_each_patient(
      job, kWithDrugs, [&](const Patient& patient, std::int64_t person) -> Status {
        std::int64_t next = static_cast<std::int64_t>(patient.index * kDrugsMax);
        for (const GivenDrug& given : patient.drugs) {
          const Drug& drug = all[given.drug];
          const std::int64_t days = day_of(given.end_us) - day_of(given.start_us) + 1;
          rows.set(id, ++next).set(who, person).set(what, job.or_none(drug_concept(given.drug)));
          rows.set(from, day_of(given.start_us)).set(from_time, given.start_us);
          rows.set(to, day_of(given.end_us))
              .set(to_time, given.end_us)
              .set(type, kFromAdministration);
          rows.set_float(quantity, static_cast<double>(drug.dose) * static_cast<double>(days));
          rows.set(visit, visit_id(patient, given.stay));
          rows.set_text(code, drug.atc).set_text(unit, drug.dose_unit);
          TRY(rows.end_row());
        }
        return Status();
      });
}

/// Tobacco, asked once, at the first full stay of an adult. LOINC 72166-2, "Tobacco smoking
/// status".
Status write_observations(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("observation_id"), who = t.column("person_id"),
                    what = t.column("observation_concept_id"), date = t.column("observation_date"),
                    type = t.column("observation_type_concept_id"),
                    text = t.column("value_as_string"), visit = t.column("visit_occurrence_id"),
                    code = t.column("observation_source_value");
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        for (std::size_t s = 0; s < patient.stays.size(); ++s) {
          const Stay& stay = patient.stays[s];
          if (stay.kind != StayKind::Full || patient.age_on(stay.entry_day()) < 16) continue;
          rows.set(id, static_cast<std::int64_t>(patient.index + 1))
              .set(who, person)
              .set(what, job.or_none(kTobaccoConcept));
          rows.set(date, stay.entry_day()).set(type, kFromEhr).set(visit, visit_id(patient, s));
          rows.set_text(code, "72166-2");
          rows.set_text(
              text, patient.has(static_cast<std::uint8_t>(Had::Smoking)) ? "Fumeur" : "Non-fumeur");
          return rows.end_row();
        }
        return Status();
      });
}

Status write_deaths(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t who = t.column("person_id"), date = t.column("death_date"),
                    time = t.column("death_datetime"), type = t.column("death_type_concept_id"),
                    cause = t.column("cause_concept_id"), code = t.column("cause_source_value");
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        if (!patient.dead()) return Status();
        rows.set(who, person).set(date, patient.death_day).set(type, kFromEhr).set(cause, 0);
        if (!patient.stays.empty() && patient.stays.back().died) {
          const Stay& stay = patient.stays.back();
          rows.set(time, stay.exit_us);
          rows.set_text(code, diagnoses()[episodes()[stay.episode].principal].code);
        }
        return rows.end_row();
      });
}

Status write_notes(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("note_id"), who = t.column("person_id"),
                    date = t.column("note_date"), time = t.column("note_datetime"),
                    type = t.column("note_type_concept_id"),
                    kind = t.column("note_class_concept_id"), title = t.column("note_title"),
                    text = t.column("note_text"), encoding = t.column("encoding_concept_id"),
                    language = t.column("language_concept_id"),
                    visit = t.column("visit_occurrence_id"), source = t.column("note_source_value");
  ReportWriter reports;
  return for_each_patient(
      job, kEverything, [&](const Patient& patient, std::int64_t person) -> Status {
        const Identity identity = make_identity(job.population, patient);
        for (std::size_t s = 0; s < patient.stays.size(); ++s) {
          if (!has_report(patient, s)) continue;
          const Report& report = reports.write(patient, s, identity);
          rows.set(id, visit_id(patient, s)).set(who, person).set(date, day_of(report.time_us));
          rows.set(time, report.time_us).set(type, kFromNote).set(kind, 0);
          rows.set_text(title, report.title).set_text(text, report.text);
          rows.set(encoding, kUtf8).set(language, kFrench).set(visit, visit_id(patient, s));
          rows.set_text(source, report.type);
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_rums(const Job& job, RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t detail = t.column("visit_detail_id"), visit = t.column("visit_occurrence_id"),
                    who = t.column("person_id"), finess = t.column("finess"),
                    unit = t.column("unit_code"), entry = t.column("entry_date"),
                    entry_mode = t.column("entry_mode"), provenance = t.column("provenance"),
                    exit = t.column("exit_date"), exit_mode = t.column("exit_mode"),
                    destination = t.column("destination"), weight = t.column("newborn_weight_g"),
                    weeks = t.column("gestational_age_weeks"), sessions = t.column("session_count"),
                    igs2 = t.column("igs2"), dp = t.column("principal_diagnosis"),
                    dr = t.column("related_diagnosis");
  const auto text = [&rows](std::size_t column, const char& c) {
    if (c != ' ') rows.set_text(column, one(c));
  };
  return for_each_patient(
      job, kStaysOnly, [&](const Patient& patient, std::int64_t person) -> Status {
        for (std::size_t r = 0; r < patient.rums.size(); ++r) {
          const Movement& rum = patient.rums[r];
          const Stay& stay = patient.stays[rum.stay];
          const Episode& episode = episodes()[stay.episode];
          rows.set(detail, detail_id(patient, r))
              .set(visit, visit_id(patient, rum.stay))
              .set(who, person);
          rows.set_text(finess, hospitals()[stay.hospital].finess)
              .set_text(unit, unit_code(rum.unit));
          rows.set(entry, day_of(rum.entry_us)).set(exit, day_of(rum.exit_us));
          text(entry_mode, rum.entry_mode), text(provenance, rum.provenance);
          text(exit_mode, rum.exit_mode), text(destination, rum.destination);
          if (stay.entry_mode == 'N')
            rows.set(weight, patient.birth_weight_g).set(weeks, patient.gestation_weeks);
          if (rum.session_count > 0) rows.set(sessions, rum.session_count);
          if (rum.igs2 > 0) rows.set(igs2, rum.igs2);
          rows.set_text(dp, diagnoses()[episode.principal].code);
          if (episode.related != kNoDiagnosis) rows.set_text(dr, diagnoses()[episode.related].code);
          TRY(rows.end_row());
        }
        return Status();
      });
}

Status write_care_sites(const Job& job, RowWriter& rows) {
  if (job.first != 0 || job.last == 0) return {};
  const model::Table& t = rows.table();
  const std::size_t id = t.column("care_site_id"), name = t.column("care_site_name"),
                    source = t.column("care_site_source_value");
  for (std::size_t h = 0; h < kHospitals; ++h) {
    const Hospital& hospital = hospitals()[h];
    rows.set(id, static_cast<std::int64_t>(h + 1)).set_text(name, hospital.name);
    rows.set_text(source, hospital.finess);
    TRY(rows.end_row());
  }
  for (std::uint16_t unit = 0; unit < kUnits; ++unit) {
    rows.set(id, 100 + unit).set_text(name, unit_kinds()[unit_type(unit)].name);
    rows.set_text(source, unit_code(unit));
    TRY(rows.end_row());
  }
  return {};
}

// Concepts belong to nobody: their rows come with patient 0.
Status write_vocabulary(const Job& job, RowWriter& rows) {
  const bool has_rows = job.concepts == Concepts::Local && job.first == 0 && job.last != 0;
  return has_rows ? write_concepts(rows) : Status();
}
Status write_hierarchy(const Job& job, RowWriter& rows) {
  const bool has_rows = job.concepts == Concepts::Local && job.first == 0 && job.last != 0;
  return has_rows ? write_concept_ancestors(rows) : Status();
}

struct Entry {
  std::string_view table;
  Status (*write)(const Job& job, RowWriter& rows);
};
constexpr Entry kEntries[] = {
    {"concept", write_vocabulary},
    {"concept_ancestor", write_hierarchy},
    {"care_site", write_care_sites},
    {"person", write_person},
    {"observation_period", write_observation_period},
    {"visit_occurrence", write_visits},
    {"visit_detail", write_details},
    {"condition_occurrence", write_conditions},
    {"procedure_occurrence", write_procedures},
    {"drug_exposure", write_drugs},
    {"measurement", write_measurements},
    {"observation", write_observations},
    {"death", write_deaths},
    {"eds_pmsi_rum", write_rums},
    {"note", write_notes},
};

}  // namespace

TableGenerator::TableGenerator(std::uint64_t seed, std::uint64_t patient_count, Concepts concepts)
    : population_(seed, patient_count), concepts_(concepts) {}

std::span<const std::string_view> TableGenerator::table_names() {
  static const auto names = [] {
    std::array<std::string_view, std::size(kEntries)> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = kEntries[i].table;
    return all;
  }();
  return names;
}

Status TableGenerator::write(std::string_view table_name, std::uint64_t first, std::uint64_t last,
                             model::RowSink& sink) const {
  for (const Entry& entry : kEntries) {
    if (entry.table != table_name) continue;
    RowWriter rows(model::table(table_name), sink);
    TRY(entry.write({population_, first, last, concepts_}, rows));
    return rows.flush();
  }
  return Error{Code::NotFound,
               "the synthetic hospital has no such table: " + std::string(table_name)};
}

}  // namespace eds::synth
