#include "uses/care/patient_json.h"

#include <algorithm>
#include <tuple>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "model/units.h"

namespace eds::care {
namespace {

std::string_view visit_kind(std::int64_t concept_id) {
  switch (concept_id) {
    case 9201: return "inpatient";
    case 9203: return "emergency";
    case 9202: return "outpatient";
    case 581476: return "session";
    default: return "other";
  }
}

// A care site's source value is "FINESS|unit".
std::string unit_code(const std::string& source_value) {
  const std::size_t bar = source_value.rfind('|');
  return bar == std::string::npos ? source_value : source_value.substr(bar + 1);
}

// The members every item shares.
class Items {
 public:
  Items(json::Writer& out, const Labels& labels) : out_(&out), labels_(&labels) {}

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) {
      out_->key(name).null();
    } else {
      out_->member(name, value);
    }
  }
  void id(std::string_view name, std::int64_t value) {
    if (value == 0) {
      out_->key(name).null();
    } else {
      out_->member(name, std::to_string(value));
    }
  }
  void day(std::string_view name, std::optional<Days> value) {
    if (value) {
      out_->member(name, text::format_date(*value));
    } else {
      out_->key(name).null();
    }
  }
  void number(std::string_view name, std::optional<double> value) {
    if (value) {
      out_->member(name, *value);
    } else {
      out_->key(name).null();
    }
  }
  void code(const std::string& code) {
    out_->member("code", code);
    text("label", labels_->label(code));
  }
  void origin(const Origin& origin) {
    out_->key("source");
    if (origin.source_id == 0) {
      out_->null();
      return;
    }
    const SourceFile* file = labels_->source(origin.source_id);
    out_->begin_object().member("file", file == nullptr ? "" : file->file_name.c_str());
    out_->member("position", origin.position).member("source_id", origin.source_id).end_object();
  }

 private:
  json::Writer* out_;
  const Labels* labels_;
};

void write_conflicts(json::Writer& out, const std::vector<Conflict>& conflicts) {
  out.key("conflicts").begin_array();
  for (const Conflict& conflict : conflicts) {
    out.begin_object().member("field", conflict.field).member("kept", conflict.kept);
    out.member("other", conflict.other).end_object();
  }
  out.end_array();
}

void write_person(json::Writer& out, Items& items, const Patient& patient, Days today) {
  const Person& person = patient.person;
  out.key("person").begin_object();
  items.id("person_id", person.id);
  out.member("sex", sex_letter(person.gender_concept_id));
  items.day("birth_date", person.birth);
  const Days last = person.death.value_or(today);
  if (person.birth && last >= *person.birth) {
    out.member("age_years", static_cast<std::int64_t>(age_years(*person.birth, last)));
  } else {
    out.key("age_years").null();
  }
  items.day("death_date", person.death);
  write_conflicts(out, person.conflicts);
  items.origin(person.origin);
  out.end_object();
}

void write_visits(json::Writer& out, Items& items, const Patient& patient, const Labels& labels) {
  out.key("visits").begin_array();
  for (const Visit& visit : patient.visits) {
    out.begin_object();
    items.id("id", visit.id);
    items.day("start", visit.start);
    items.day("end", visit.end);
    out.member("kind", visit_kind(visit.concept_id));
    items.text("entry_mode", visit.entry_mode);
    items.text("exit_mode", visit.exit_mode);
    items.text("ghm", visit.ghm);
    items.text("ghm_label", labels.label(visit.ghm));
    write_conflicts(out, visit.conflicts);
    out.key("movements").begin_array();
    for (const Movement& movement : visit.movements) {
      const CareSite* site = labels.care_site(movement.care_site_id);
      out.begin_object();
      items.id("id", movement.id);
      items.day("start", movement.start);
      items.day("end", movement.end);
      const std::string code = unit_code(site == nullptr ? movement.source_value : site->code);
      out.member("unit_code", code);
      const std::string_view label = labels.label(code);
      items.text("unit_name", label.empty() && site != nullptr ? site->name : label);
      items.origin(movement.origin);
      out.end_object();
    }
    out.end_array();
    items.origin(visit.origin);
    out.end_object();
  }
  out.end_array();
}

void write_codes(json::Writer& out, Items& items, const Patient& patient) {
  out.key("conditions").begin_array();
  for (const Condition& condition : patient.conditions) {
    out.begin_object();
    items.id("id", condition.id);
    items.day("date", condition.date);
    items.day("end", condition.end);
    items.code(condition.code);
    items.text("role", condition.role);
    items.id("visit_id", condition.visit_id);
    items.id("movement_id", condition.movement_id);
    items.origin(condition.origin);
    out.end_object();
  }
  out.end_array().key("procedures").begin_array();
  for (const Procedure& procedure : patient.procedures) {
    out.begin_object();
    items.id("id", procedure.id);
    items.day("date", procedure.date);
    items.code(procedure.code);
    items.text("phase", procedure.phase);
    items.text("activity", procedure.activity);
    out.member("quantity", procedure.quantity);
    items.id("visit_id", procedure.visit_id);
    items.origin(procedure.origin);
    out.end_object();
  }
  out.end_array();
}

// "H", "L", "N" or none: as the laboratory said, else from the range.
std::string_view flag_of(const Measurement& measurement) {
  const std::string& said = measurement.flag;
  if (!said.empty() && (said[0] == 'H' || said[0] == 'L' || said[0] == 'N')) {
    return std::string_view(said).substr(0, 1);
  }
  if (!measurement.value || (!measurement.range_low && !measurement.range_high)) return {};
  if (measurement.range_low && *measurement.value < *measurement.range_low) return "L";
  if (measurement.range_high && *measurement.value > *measurement.range_high) return "H";
  return "N";
}

void write_value(json::Writer& out, Items& items, const Measurement& measurement) {
  out.begin_object();
  items.id("id", measurement.id);
  out.member("time", text::format_timestamp(measurement.time_us));
  items.number("value", measurement.value);
  const bool is_text = !measurement.value && !measurement.source_value.empty();
  std::string shown = is_text ? measurement.source_value : std::string();
  if (!measurement.operator_sign.empty()) shown = measurement.source_value;
  items.text("text", shown);
  items.text("flag", flag_of(measurement));
  items.text("source_value", measurement.source_value);
  items.text("source_unit", measurement.unit);
  items.origin(measurement.origin);
  out.end_object();
}

void write_measurements(json::Writer& out, Items& items, const Patient& patient,
                        const Labels& labels) {
  std::map<std::pair<std::string, std::string>, std::vector<const Measurement*>> series;
  for (const Measurement& measurement : patient.measurements) {
    // Two laboratories' codes for one analyte are one curve, when both map to one concept.
    const std::string* code = labels.concept_code(measurement.source_concept_id);
    const Result<model::Unit> unit = model::read_unit(measurement.unit);
    series[{code == nullptr ? measurement.code : *code, unit.ok() ? unit->ucum : measurement.unit}]
        .push_back(&measurement);
  }
  out.key("measurements").begin_array();
  for (const auto& [key, values] : series) {
    out.begin_object();
    items.code(key.first);
    out.member("unit", key.second);
    items.number("range_low", values.back()->range_low);
    items.number("range_high", values.back()->range_high);
    out.key("values").begin_array();
    for (const Measurement* value : values) write_value(out, items, *value);
    out.end_array().end_object();
  }
  out.end_array();
}

// A UCD is written with 13 digits ("34008" + the code of 7 + a key) or with 7.
std::string short_ucd(const std::string& code) {
  const bool is_long = code.size() == 13 && code.starts_with("34008");
  return is_long ? code.substr(5, 7) : std::string();
}

// The name of what was given, by its own code, else by the drug it was mapped to (ATC, RxNorm).
std::string_view drug_label(const Drug& drug, const Labels& labels) {
  const std::string* source = labels.concept_code(drug.source_concept_id);
  const std::string* standard = labels.concept_code(drug.concept_id);
  std::string_view label = labels.label(drug.code);
  if (label.empty()) label = labels.label(short_ucd(drug.code));
  if (label.empty() && source != nullptr) label = labels.label(*source);
  if (label.empty() && standard != nullptr) label = labels.label(*standard);
  return label;
}

void write_rest(json::Writer& out, Items& items, const Patient& patient, const Labels& labels) {
  out.key("drugs").begin_array();
  for (const Drug& drug : patient.drugs) {
    out.begin_object();
    items.id("id", drug.id);
    items.day("start", drug.start);
    items.day("end", drug.end);
    out.member("code", drug.code);
    items.text("label", drug_label(drug, labels));
    items.number("quantity", drug.quantity);
    items.text("route", drug.route);
    items.id("visit_id", drug.visit_id);
    items.origin(drug.origin);
    out.end_object();
  }
  out.end_array().key("observations").begin_array();
  for (const Observation& observation : patient.observations) {
    out.begin_object();
    items.id("id", observation.id);
    items.day("date", observation.date);
    items.code(observation.code);
    out.member("value", observation.value);
    items.id("visit_id", observation.visit_id);
    items.origin(observation.origin);
    out.end_object();
  }
  out.end_array().key("notes").begin_array();
  for (const Note& note : patient.notes) {
    out.begin_object();
    items.id("id", note.id);
    items.day("date", note.date);
    out.member("title", note.title).member("text", note.text);
    items.id("visit_id", note.visit_id);
    items.origin(note.origin);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string_view sex_letter(std::int64_t gender_concept_id) {
  if (gender_concept_id == 8532) return "F";
  return gender_concept_id == 8507 ? "M" : "U";
}

std::vector<std::string> codes_of(const Patient& patient, const Labels& labels) {
  std::vector<std::string> codes;
  for (const Condition& condition : patient.conditions) codes.push_back(condition.code);
  for (const Procedure& procedure : patient.procedures) codes.push_back(procedure.code);
  for (const Measurement& measurement : patient.measurements) codes.push_back(measurement.code);
  for (const Drug& drug : patient.drugs) {
    codes.push_back(drug.code);
    codes.push_back(short_ucd(drug.code));
  }
  for (const Observation& observation : patient.observations) codes.push_back(observation.code);
  for (const Visit& visit : patient.visits) {
    codes.push_back(visit.ghm);
    for (const Movement& movement : visit.movements) {
      const CareSite* site = labels.care_site(movement.care_site_id);
      codes.push_back(unit_code(site == nullptr ? movement.source_value : site->code));
    }
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

Status learn_all(engine::Session& session, const Patient& patient, Labels& labels) {
  std::vector<std::int64_t> ids;
  for (const Measurement& measurement : patient.measurements) {
    ids.push_back(measurement.source_concept_id);
  }
  for (const Drug& drug : patient.drugs) {
    ids.push_back(drug.source_concept_id);
    ids.push_back(drug.concept_id);
  }
  TRY(labels.learn_concepts(session, ids));
  return labels.learn(session, codes_of(patient, labels));
}

std::string patient_json(const Patient& patient, const Labels& labels, Days today,
                         double timing_ms) {
  json::Writer out;
  Items items(out, labels);
  out.begin_object();
  write_person(out, items, patient, today);
  write_visits(out, items, patient, labels);
  write_codes(out, items, patient);
  write_measurements(out, items, patient, labels);
  write_rest(out, items, patient, labels);
  out.member("timing_ms", timing_ms).end_object();
  return out.take();
}

}  // namespace eds::care
