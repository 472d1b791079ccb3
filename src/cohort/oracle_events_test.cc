// The oracle: which events a criterion finds (sections 1 and 2 of the page).
#include "cohort/oracle_for_test.h"

#include <cmath>

namespace eds::cohort {
namespace {

using json::Value;

int day_in(Value object, std::string_view name) {
  return *day_of(std::string(object.string_or(name, "")));
}

}  // namespace

// Section 2: the end of an event whose row has none.
MaybeDay default_end(const OracleKind& kind, const OracleRow& row) {
  const std::string_view name = kind.name;
  if (!kind.end.empty() && row.end) return row.end;
  if (name == "DrugExposure") {
    const MaybeNumber supply = row.number("days_supply");
    return row.start + (supply ? static_cast<int>(*supply) : 1);
  }
  if (name == "ConditionOccurrence" || name == "DeviceExposure" || kind.end.empty()) {
    return row.start + 1;
  }
  return std::nullopt;
}

namespace {

std::optional<std::string_view> number_column(std::string_view name) {
  static const std::map<std::string_view, std::string_view> columns = {
      {"Refills", "refills"},    {"Quantity", "quantity"},    {"DaysSupply", "days_supply"},
      {"RangeLow", "range_low"}, {"RangeHigh", "range_high"}, {"ValueAsNumber", "value_as_number"},
      {"GapDays", "gap_days"},   {"DoseValue", "dose_value"}};
  const auto found = columns.find(name);
  if (found == columns.end()) return std::nullopt;
  return found->second;
}

std::string_view concept_column(std::string_view name) {
  static const std::map<std::string_view, std::string_view> columns = {
      {"ConditionStatus", "condition_status_concept_id"},
      {"RouteConcept", "route_concept_id"},
      {"Modifier", "modifier_concept_id"},
      {"Operator", "operator_concept_id"},
      {"ValueAsConcept", "value_as_concept_id"},
      {"Unit", "unit_concept_id"},
      {"Qualifier", "qualifier_concept_id"},
      {"AnatomicSite", "anatomic_site_concept_id"},
      {"DiseaseStatus", "disease_status_concept_id"},
      {"PayerConcept", "payer_concept_id"},
      {"PlanConcept", "plan_concept_id"},
      {"SponsorConcept", "sponsor_concept_id"},
      {"StopReasonConcept", "stop_reason_concept_id"},
      {"PayerSourceConcept", "payer_source_concept_id"},
      {"PlanSourceConcept", "plan_source_concept_id"},
      {"SponsorSourceConcept", "sponsor_source_concept_id"},
      {"StopReasonSourceConcept", "stop_reason_source_concept_id"}};
  const auto found = columns.find(name);
  return found == columns.end() ? std::string_view() : found->second;
}

std::optional<std::string_view> text_column(std::string_view name) {
  static const std::map<std::string_view, std::string_view> columns = {
      {"StopReason", "stop_reason"},
      {"LotNumber", "lot_number"},
      {"UniqueDeviceId", "unique_device_id"},
      {"ValueAsString", "value_as_string"},
      {"SourceId", "specimen_source_id"}};
  const auto found = columns.find(name);
  if (found == columns.end()) return std::nullopt;
  return found->second;
}

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

// A text filter whose text has neither % nor _.
bool text_holds(Value filter, const std::string& text) {
  std::string op(filter.string_or("Op", ""));
  const std::string wanted(filter.string_or("Text", ""));
  const bool is_negated = op.front() == '!';
  if (is_negated) op.erase(0, 1);
  bool found = text.find(wanted) != std::string::npos;
  if (op == "startsWith") found = starts(text, wanted);
  if (op == "endsWith") found = text.ends_with(wanted);
  return found != is_negated;
}

MaybeNumber age_at(MaybeDay day, const OracleRow* person) {
  if (!day || person == nullptr) return std::nullopt;
  const MaybeNumber born = person->number("year_of_birth");
  if (!born) return std::nullopt;
  return date_from_days(*day).year - *born;
}

MaybeNumber length_of(const OracleEvent& event) {
  if (!event.end) return std::nullopt;
  return *event.end - event.start;
}

}  // namespace

Oracle::Rows Oracle::rows_of(const TextTable& table, std::string_view id, std::string_view start,
                             std::string_view end) {
  Rows rows;
  for (const Cells& cells : table.rows) {
    OracleRow row;
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
      if (!cells[at]) continue;
      const std::string& name = table.columns[at];
      if (name == start) row.start = *day_of(*cells[at]);
      if (name == end) row.end = *day_of(*cells[at]);
      if (name == "person_id") row.person = std::stol(*cells[at]);
      if (name == id) row.id = std::stol(*cells[at]);
      row.cells[name] = *cells[at];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Oracle::Oracle(const JsonTables& tables, bool is_circe) : is_circe_(is_circe) {
  const auto rows = [&](std::string_view name, std::string_view id, std::string_view start = "",
                        std::string_view end = "") {
    const TextTable* table = tables.find("cdm." + std::string(name));
    return table == nullptr ? Rows() : rows_of(*table, id, start, end);
  };
  for (const OracleKind& kind : kOracleKinds) {
    tables_[std::string(kind.name)] = rows(kind.table, kind.id, kind.start, kind.end);
  }
  for (OracleRow& row : rows("person", "person_id")) persons_[row.id] = row;
  for (OracleRow& row : rows("visit_occurrence", "visit_occurrence_id")) visits_[row.id] = row;
  for (OracleRow& row : rows("provider", "provider_id")) providers_[row.id] = row;
  for (OracleRow& row : rows("care_site", "care_site_id")) sites_[row.id] = row;
  for (OracleRow& row : rows("concept", "concept_id")) {
    concepts_[row.id] = row.cells.count("invalid_reason") == 0;
  }
  const auto pair = [](const OracleRow& row, std::string_view first, std::string_view second) {
    return std::pair(static_cast<long>(*row.number(first)), static_cast<long>(*row.number(second)));
  };
  for (OracleRow& row : rows("concept_ancestor", "")) {
    ancestors_.push_back(pair(row, "ancestor_concept_id", "descendant_concept_id"));
  }
  for (OracleRow& row : rows("concept_relationship", "")) {
    if (row.cells.count("invalid_reason") != 0 || row.cells["relationship_id"] != "Maps to")
      continue;
    mappings_.push_back(pair(row, "concept_id_1", "concept_id_2"));
  }
}

// Section 1.
std::set<long> Oracle::members(Value items, bool excluded) const {
  std::set<long> all;
  std::set<long> to_map;
  for (Value item : items.elements()) {
    if (item.boolean_or("isExcluded", false) != excluded) continue;
    const long id = item.at("concept")->integer_or("CONCEPT_ID", 0);
    std::set<long> own;
    if (concepts_.count(id) != 0) own.insert(id);
    for (const auto& [ancestor, descendant] : ancestors_) {
      const auto found = concepts_.find(descendant);
      const bool is_valid = found != concepts_.end() && found->second;
      if (item.boolean_or("includeDescendants", false) && ancestor == id && is_valid) {
        own.insert(descendant);
      }
    }
    if (item.boolean_or("includeMapped", false)) to_map.insert(own.begin(), own.end());
    all.insert(own.begin(), own.end());
  }
  for (const auto& [from, to] : mappings_) {
    if (to_map.count(to) != 0) all.insert(from);
  }
  return all;
}

void Oracle::read_sets(Value definition) {
  sets_.clear();
  for (Value set : definition.at("ConceptSets")->elements()) {
    const Value items = *set.at("expression")->at("items");
    std::set<long> ids = members(items, false);
    for (long id : members(items, true)) ids.erase(id);
    sets_.emplace(set.integer_or("id", -1), ids);
  }
}

bool Oracle::in_set(long set, MaybeNumber value) const {
  const auto found = sets_.find(set);
  return value && found != sets_.end() && found->second.count(static_cast<long>(*value)) != 0;
}

// Page cohort-superset.md, section 6.
static MaybeNumber times_normal(Value value, const OracleRow& row) {
  const MaybeNumber measured = row.number("value_as_number");
  const MaybeNumber range = row.number("range_high");
  if (!measured) return std::nullopt;
  if (range && *range != 0) return *measured / *range;
  const std::optional<Value> otherwise = given(value, "Otherwise");
  const MaybeNumber unit = row.number("unit_concept_id");
  if (!otherwise || !unit) return std::nullopt;
  for (Value each : value.at("Unit")->elements()) {
    if (static_cast<double>(each.integer_or("CONCEPT_ID", -1)) == *unit) {
      return *measured / *otherwise->number();
    }
  }
  return std::nullopt;
}

bool Oracle::number_holds(const OracleKind& kind, std::string_view name, Value criteria,
                          Value value, const OracleEvent& event) {
  const OracleRow& row = *event.row;
  const OracleRow* who = person(row.person);
  MaybeNumber tested;
  bool is_decimal = false;
  if (name == "Age") {
    tested = age_at(kind.name == "VisitDetail" ? event.end : MaybeDay(event.start), who);
  } else if (name == "AgeAtStart") {
    tested = age_at(event.start, who);
  } else if (name == "AgeAtEnd") {
    tested = age_at(event.end, who);
  } else if (name.ends_with("Length")) {
    tested = length_of(event);
  } else if (name == "OccurrenceCount") {
    tested =
        row.number(kind.name == "DrugEra" ? "drug_exposure_count" : "condition_occurrence_count");
  } else if (name == "RangeLowRatio" || name == "RangeHighRatio") {
    const MaybeNumber range = row.number(name == "RangeLowRatio" ? "range_low" : "range_high");
    const MaybeNumber measured = row.number("value_as_number");
    if (range && measured && *range != 0) tested = *measured / *range;
    is_decimal = true;
  } else if (name == "TimesUpperNormal") {
    tested = times_normal(value, row);
    is_decimal = true;
  } else {
    tested = row.number(*number_column(name));
    is_decimal = name.starts_with("Range") || name == "ValueAsNumber" || name == "DoseValue" ||
                 (name == "Quantity" && (kind.name == "DrugExposure" || kind.name == "Specimen"));
  }
  // The reference tests the gap of a drug era with the range of its length.
  const bool is_gap = kind.name == "DrugEra" && name == "GapDays";
  const Value range = is_gap && is_circe_ ? *criteria.at("EraLength") : value;
  const auto bound = [&](std::string_view side) {
    const double said = range.number_or(side, 0);
    return is_decimal ? said : std::trunc(said);
  };
  return op_holds<double>(std::string(range.string_or("Op", "")), tested, bound("Value"),
                          bound("Extent"));
}

bool Oracle::concept_holds(const OracleKind& kind, std::string_view name, Value criteria,
                           Value value, const OracleEvent& event) {
  const bool is_selection = name.ends_with("CS");
  if (is_selection) name.remove_suffix(2);
  const OracleRow& row = *event.row;
  const bool is_visit = kind.name == "VisitOccurrence" || kind.name == "VisitDetail";
  MaybeNumber tested;
  bool is_excluded = false;
  // An empty list asks nothing, not even that PERSON knows the person.
  if (value.type() == json::Type::Array && value.size() == 0) return true;
  if (name == "Gender") {
    const OracleRow* who = person(row.person);
    if (who == nullptr) return false;
    tested = who->number("gender_concept_id");
  } else if (name == "ProviderSpecialty") {
    const MaybeNumber id = row.number("provider_id");
    if (id && providers_.count(static_cast<long>(*id)) != 0) {
      tested = providers_.at(static_cast<long>(*id)).number("specialty_concept_id");
    }
  } else if (name == "VisitType" && !is_visit) {
    const MaybeNumber id = row.number("visit_occurrence_id");
    const auto visit = id ? visits_.find(static_cast<long>(*id)) : visits_.end();
    if (visit == visits_.end() || visit->second.person != row.person) return false;
    tested = visit->second.number("visit_concept_id");
  } else if (name == "PlaceOfService") {
    const MaybeNumber id = row.number("care_site_id");
    const auto site = id ? sites_.find(static_cast<long>(*id)) : sites_.end();
    if (site == sites_.end()) return false;
    tested = site->second.number("place_of_service_concept_id");
  } else if (!concept_column(name).empty()) {
    tested = row.number(concept_column(name));
  } else {
    tested = row.number(kind.type);
    is_excluded = criteria.boolean_or(std::string(name) + "Exclude", false) && !is_selection;
  }
  if (value.type() == json::Type::Integer || value.type() == json::Type::Unsigned) {
    return in_set(*value.integer(), tested);
  }
  if (is_selection) {
    is_excluded = value.boolean_or("IsExclusion", false);
    const std::optional<Value> set = given(value, "CodesetId");
    if (!set) return tested.has_value() != is_excluded;
    const auto found = sets_.find(*set->integer());
    // "Not in" an empty set is true, for a missing value, too.
    if (is_excluded && (found == sets_.end() || found->second.empty())) return true;
    return tested && in_set(*set->integer(), tested) != is_excluded;
  }
  bool is_listed = false;
  for (Value each : value.elements()) {
    is_listed = is_listed || (tested && each.integer_or("CONCEPT_ID", 0) == *tested);
  }
  return tested && is_listed != is_excluded;
}

bool Oracle::holds(const OracleKind& kind, std::string_view name, Value criteria, Value value,
                   const OracleEvent& event) {
  if (name.ends_with("Date")) {
    const bool of_start = name.ends_with("StartDate") ||
                          (is_circe_ && kind.name == "DrugExposure" && name == "OccurrenceEndDate");
    const MaybeDay day = of_start ? MaybeDay(event.start) : event.end;
    const int high = given(value, "Extent") ? day_in(value, "Extent") : 0;
    return op_holds<int>(std::string(value.string_or("Op", "")), day, day_in(value, "Value"), high);
  }
  if (const auto column = text_column(name)) {
    const auto text = event.row->cells.find(*column);
    return text != event.row->cells.end() && text_holds(value, text->second);
  }
  if (name == "Abnormal") {
    if (!*value.boolean()) return true;
    const MaybeNumber measured = event.row->number("value_as_number");
    const MaybeNumber low = event.row->number("range_low");
    const MaybeNumber high = event.row->number("range_high");
    const MaybeNumber said = event.row->number("value_as_concept_id");
    return (measured && low && *measured < *low) || (measured && high && *measured > *high) ||
           (said && (*said == 4155142 || *said == 4155143));
  }
  if (value.type() == json::Type::Object && value.find("Op") && !name.ends_with("CS")) {
    return number_holds(kind, name, criteria, value, event);
  }
  return concept_holds(kind, name, criteria, value, event);
}

bool Oracle::attributes_hold(const OracleKind& kind, Value criteria, OracleEvent& event) {
  MaybeDay start;
  MaybeDay end;
  for (const auto& [name, value] : criteria.members()) {
    if (name == "CodesetId" || name == "First" || name == "DateAdjustment" ||
        name == "CorrelatedCriteria" || name == kind.source_key || name.ends_with("Exclude") ||
        value.is_null()) {
      continue;
    }
    if (name != "UserDefinedPeriod") {
      if (!holds(kind, name, criteria, value, event)) return false;
      continue;
    }
    if (given(value, "StartDate")) start = day_in(value, "StartDate");
    if (given(value, "EndDate")) end = day_in(value, "EndDate");
    for (const MaybeDay& each : {start, end}) {
      if (each && (!event.end || *each < event.start || *each > *event.end)) return false;
    }
  }
  if (start) event.start = *start;
  if (end) event.end = end;
  return true;
}

// Section 2, in its order.
std::vector<OracleEvent> Oracle::events(Value wrapped) {
  const auto [name, criteria] = *wrapped.members().begin();
  const OracleKind& kind = *oracle_kind(name);
  std::vector<const OracleRow*> matches;
  for (const OracleRow& row : tables_[std::string(kind.name)]) {
    const std::optional<Value> set = given(criteria, "CodesetId");
    if (set && !in_set(*set->integer(), row.number(kind.concept_id))) continue;
    const std::optional<Value> source =
        kind.source_key.empty() ? std::nullopt : given(criteria, kind.source_key);
    if (source && !in_set(*source->integer(), row.number(kind.source_concept))) continue;
    matches.push_back(&row);
  }
  std::vector<OracleEvent> found;
  for (const OracleRow* row : matches) {
    bool is_first = true;
    for (const OracleRow* other : matches) {
      const bool is_earlier =
          other->start < row->start || (other->start == row->start && other->id < row->id);
      if (other->person == row->person && is_earlier) is_first = false;
    }
    if (criteria.boolean_or("First", false) && !is_first) continue;
    OracleEvent event{row, row->start, default_end(kind, *row), row->start, std::nullopt};
    if (kind.source_key != "" && kind.name != "Death") {
      event.visit = row->number("visit_occurrence_id");
    }
    const std::optional<Value> adjustment = given(criteria, "DateAdjustment");
    if (adjustment && !(is_circe_ && kind.name == "Specimen")) {
      const auto side = [&](std::string_view with, std::string_view own) {
        const bool has_choice = kind.name != "Death";
        const std::string from = has_choice ? word(*adjustment, with, own) : std::string(own);
        return from == "start_date" ? MaybeDay(event.start) : event.end;
      };
      const MaybeDay start = side("StartWith", "start_date");
      const MaybeDay end = side("EndWith", "end_date");
      if (!start || !end) continue;
      event.start = *start + static_cast<int>(adjustment->integer_or("StartOffset", 0));
      event.end = *end + static_cast<int>(adjustment->integer_or("EndOffset", 0));
      event.sort = event.start;
      if (*event.end < event.start) continue;
    }
    if (attributes_hold(kind, criteria, event)) found.push_back(event);
  }
  const std::optional<Value> nested = given(criteria, "CorrelatedCriteria");
  const auto has = [&](std::string_view list) {
    const std::optional<Value> members = given(*nested, list);
    return members && members->size() > 0;
  };
  // An empty group asks nothing, not even an observation period.
  if (!nested || !(has("CriteriaList") || has("DemographicCriteriaList") || has("Groups") ||
                   has("Trends") || has("Sequences"))) {
    return found;
  }
  std::vector<OracleIndex> index = in_periods(found);
  const std::set<std::pair<long, long>> kept = group(*nested, index);
  std::vector<OracleEvent> remaining;
  for (const OracleEvent& event : found) {
    bool is_kept = false;
    for (const OracleIndex& each : index) {
      is_kept = is_kept || (each.person == event.row->person && each.id == event.row->id &&
                            kept.count({each.person, each.key}) != 0);
    }
    if (is_kept) remaining.push_back(event);
  }
  return remaining;
}

// Each event beside each observation period that holds its start. To the reference the row's id is
// the key of all of them; otherwise each is one of its own.
std::vector<OracleIndex> Oracle::in_periods(const std::vector<OracleEvent>& events) const {
  std::vector<OracleIndex> index;
  for (const OracleEvent& event : events) {
    for (const OracleRow& period : tables_.at("ObservationPeriod")) {
      if (period.person != event.row->person || !period.end) continue;
      if (event.start < period.start || event.start > *period.end) continue;
      const long key = is_circe_ ? event.row->id : static_cast<long>(index.size());
      index.push_back({event.row->person, key, event.start, event.end, period.start, *period.end,
                       event.visit, event.row->id, event.sort});
    }
  }
  return index;
}

bool Oracle::demographic_holds(Value criteria, const OracleIndex& index) {
  const OracleRow* who = person(index.person);
  if (who == nullptr) return false;
  for (const auto& [name, value] : criteria.members()) {
    OracleRow row;
    row.person = index.person;
    OracleEvent event{&row, index.start, index.end, index.start, std::nullopt};
    const bool is_race = name.starts_with("Race");
    if (!is_race && !name.starts_with("Ethnicity")) {
      if (!holds(kOracleKinds[0], name, criteria, value, event)) return false;
      continue;
    }
    // Tested as if it were the gender of a person with that race; by the reference's "CS" form, the
    // gender itself.
    const bool is_swapped = is_circe_ && name.ends_with("CS");
    const MaybeNumber tested = who->number(is_swapped ? "gender_concept_id"
                                           : is_race  ? "race_concept_id"
                                                      : "ethnicity_concept_id");
    OracleRow other = *who;
    other.cells.erase("gender_concept_id");
    if (tested) other.cells["gender_concept_id"] = std::to_string(static_cast<long>(*tested));
    std::swap(persons_[index.person], other);
    const bool does = holds(kOracleKinds[0], name.ends_with("CS") ? "GenderCS" : "Gender", criteria,
                            value, event);
    std::swap(persons_[index.person], other);
    who = person(index.person);
    if (!does) return false;
  }
  return true;
}

}  // namespace eds::cohort
