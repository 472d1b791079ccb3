#include "cohort/loader.h"

#include <algorithm>
#include <unordered_map>

namespace eds::cohort {
namespace {

struct FieldColumn {
  Field field;
  std::string_view column;
};

// Where a kind of event keeps its parts. An empty name: it has none.
struct TableShape {
  std::string_view table;
  std::string_view id;
  std::string_view start;
  std::string_view end;
  bool ends_a_day_later = false;  ///< when it has no end of its own
  std::string_view concept_id;
  std::string_view source_concept_id;
  std::string_view visit;
  std::vector<FieldColumn> fields;
};

const TableShape& shape_of(Domain domain) {
  static const std::array<TableShape, kDomainCount> kShapes = {{
      {"condition_occurrence", "condition_occurrence_id", "condition_start_date",
       "condition_end_date", true, "condition_concept_id", "condition_source_concept_id",
       "visit_occurrence_id",
       {{Field::Type, "condition_type_concept_id"},
        {Field::StopReason, "stop_reason"},
        {Field::Status, "condition_status_concept_id"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"drug_exposure", "drug_exposure_id", "drug_exposure_start_date", "drug_exposure_end_date",
       true, "drug_concept_id", "drug_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "drug_type_concept_id"},
        {Field::StopReason, "stop_reason"},
        {Field::Refills, "refills"},
        {Field::Quantity, "quantity"},
        {Field::DaysSupply, "days_supply"},
        {Field::Route, "route_concept_id"},
        {Field::LotNumber, "lot_number"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"procedure_occurrence", "procedure_occurrence_id", "procedure_date", "", true,
       "procedure_concept_id", "procedure_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "procedure_type_concept_id"},
        {Field::Modifier, "modifier_concept_id"},
        {Field::Quantity, "quantity"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"device_exposure", "device_exposure_id", "device_exposure_start_date",
       "device_exposure_end_date", true, "device_concept_id", "device_source_concept_id",
       "visit_occurrence_id",
       {{Field::Type, "device_type_concept_id"},
        {Field::UniqueDeviceId, "unique_device_id"},
        {Field::Quantity, "quantity"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"measurement", "measurement_id", "measurement_date", "", true, "measurement_concept_id",
       "measurement_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "measurement_type_concept_id"},
        {Field::Operator, "operator_concept_id"},
        {Field::ValueNumber, "value_as_number"},
        {Field::ValueConcept, "value_as_concept_id"},
        {Field::Unit, "unit_concept_id"},
        {Field::RangeLow, "range_low"},
        {Field::RangeHigh, "range_high"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"observation", "observation_id", "observation_date", "", true, "observation_concept_id",
       "observation_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "observation_type_concept_id"},
        {Field::ValueNumber, "value_as_number"},
        {Field::ValueText, "value_as_string"},
        {Field::ValueConcept, "value_as_concept_id"},
        {Field::Qualifier, "qualifier_concept_id"},
        {Field::Unit, "unit_concept_id"},
        {Field::Specialty, "provider_id"},
        {Field::VisitConcept, "visit_occurrence_id"}}},
      {"specimen", "specimen_id", "specimen_date", "", true, "specimen_concept_id", "", "",
       {{Field::Type, "specimen_type_concept_id"},
        {Field::Quantity, "quantity"},
        {Field::Unit, "unit_concept_id"},
        {Field::AnatomicSite, "anatomic_site_concept_id"},
        {Field::DiseaseStatus, "disease_status_concept_id"},
        {Field::SourceId, "specimen_source_id"}}},
      {"visit_occurrence", "visit_occurrence_id", "visit_start_date", "visit_end_date", false,
       "visit_concept_id", "visit_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "visit_type_concept_id"},
        {Field::Specialty, "provider_id"},
        {Field::PlaceOfService, "care_site_id"}}},
      {"visit_detail", "visit_detail_id", "visit_detail_start_date", "visit_detail_end_date",
       false, "visit_detail_concept_id", "visit_detail_source_concept_id", "visit_occurrence_id",
       {{Field::Type, "visit_detail_type_concept_id"},
        {Field::Specialty, "provider_id"},
        {Field::PlaceOfService, "care_site_id"}}},
      {"death", "person_id", "death_date", "", true, "cause_concept_id",
       "cause_source_concept_id", "", {{Field::Type, "death_type_concept_id"}}},
      {"condition_era", "condition_era_id", "condition_era_start_date", "condition_era_end_date",
       false, "condition_concept_id", "", "",
       {{Field::Occurrences, "condition_occurrence_count"}}},
      {"drug_era", "drug_era_id", "drug_era_start_date", "drug_era_end_date", false,
       "drug_concept_id", "", "",
       {{Field::Occurrences, "drug_exposure_count"}, {Field::GapDays, "gap_days"}}},
      {"dose_era", "dose_era_id", "dose_era_start_date", "dose_era_end_date", false,
       "drug_concept_id", "", "",
       {{Field::Unit, "unit_concept_id"}, {Field::DoseValue, "dose_value"}}},
      {"observation_period", "observation_period_id", "observation_period_start_date",
       "observation_period_end_date", false, "period_type_concept_id", "", "",
       {{Field::Type, "period_type_concept_id"}}},
      {"payer_plan_period", "payer_plan_period_id", "payer_plan_period_start_date",
       "payer_plan_period_end_date", false, "payer_concept_id", "", "",
       {{Field::Payer, "payer_concept_id"},
        {Field::Plan, "plan_concept_id"},
        {Field::Sponsor, "sponsor_concept_id"},
        {Field::StopReasonConcept, "stop_reason_concept_id"},
        {Field::PayerSource, "payer_source_concept_id"},
        {Field::PlanSource, "plan_source_concept_id"},
        {Field::SponsorSource, "sponsor_source_concept_id"},
        {Field::StopReasonSource, "stop_reason_source_concept_id"}}},
      {"", "", "", "", false, "", "", "", {}},
  }};
  return kShapes[index_of(domain)];
}

// Reads some columns of a table into vectors.
class ColumnReader {
 public:
  explicit ColumnReader(const RowBlock& block) : block_(&block) {}
  const std::vector<std::int64_t>& integers(std::size_t column) {
    block_->read_integers(column, integers_);
    return integers_;
  }
  const std::vector<double>& decimals(std::size_t column) {
    block_->read_decimals(column, decimals_);
    return decimals_;
  }

 private:
  const RowBlock* block_;
  std::vector<std::int64_t> integers_;
  std::vector<double> decimals_;
};

template <class Value>
void append(std::vector<Value>& to, const std::vector<Value>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_days(std::vector<Day>& to, const std::vector<std::int64_t>& from) {
  for (std::int64_t day : from) to.push_back(day == kMissing ? kNoDay : static_cast<Day>(day));
}

// The columns asked of one table, in order, each once.
class Wanted {
 public:
  std::size_t add(std::string_view name) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
    names_.push_back(name);
    return names_.size() - 1;
  }
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  std::vector<std::string_view> names_;
};

void append_field(Field field, std::size_t column, const RowBlock& block, EventTable& into) {
  ColumnReader reader(block);
  if (field < kFirstDecimal) {
    append(into.integers[index_of(field)], reader.integers(column));
  } else if (field < kFirstText) {
    append(into.decimals[index_of(field)], reader.decimals(column));
  } else {
    block.read_texts(column, into.texts[index_of(field)]);
  }
}

// An exposure without an end lasts its days of supply, when it says them.
void default_ends(EventTable& table, const std::vector<std::int64_t>& supplies,
                  const TableShape& shape) {
  if (!shape.ends_a_day_later) return;
  for (std::size_t row = 0; row < table.start.size(); ++row) {
    if (table.end[row] != kNoDay || table.start[row] == kNoDay) continue;
    const bool has_supply = !supplies.empty() && supplies[row] != kMissing;
    table.end[row] = table.start[row] + (has_supply ? static_cast<Day>(supplies[row]) : 1);
  }
}

Result<RawEvents> read_events(TableSource& source, Domain domain,
                              const std::bitset<kFieldCount>& fields) {
  const TableShape& shape = shape_of(domain);
  Wanted wanted;
  const std::size_t person = wanted.add("person_id");
  const std::size_t id = wanted.add(shape.id);
  const std::size_t start = wanted.add(shape.start);
  const std::size_t end = shape.end.empty() ? start : wanted.add(shape.end);
  const std::size_t concept_id = wanted.add(shape.concept_id);
  const std::size_t source_id =
      shape.source_concept_id.empty() ? concept_id : wanted.add(shape.source_concept_id);
  const std::size_t visit = shape.visit.empty() ? id : wanted.add(shape.visit);
  const bool has_supply = domain == Domain::DrugExposure;
  const std::size_t supply = has_supply ? wanted.add("days_supply") : id;
  std::vector<std::pair<Field, std::size_t>> extra;
  for (const FieldColumn& field : shape.fields) {
    if (fields[index_of(field.field)]) extra.emplace_back(field.field, wanted.add(field.column));
  }
  RawEvents raw;
  std::vector<std::int64_t> supplies;
  TRY(source.read(shape.table, wanted.names(), [&](const RowBlock& block) {
    ColumnReader reader(block);
    EventTable& table = raw.columns;
    append(raw.person_id, reader.integers(person));
    append(table.id, reader.integers(id));
    append_days(table.start, reader.integers(start));
    if (shape.end.empty()) {
      table.end.resize(table.start.size(), kNoDay);
    } else {
      append_days(table.end, reader.integers(end));
    }
    append(table.concept_id, reader.integers(concept_id));
    if (!shape.source_concept_id.empty()) {
      append(table.source_concept_id, reader.integers(source_id));
    }
    if (!shape.visit.empty()) append(table.visit, reader.integers(visit));
    if (has_supply) append(supplies, reader.integers(supply));
    for (const auto& [field, column] : extra) append_field(field, column, block, table);
  }));
  default_ends(raw.columns, supplies, shape);
  return raw;
}

using Lookup = std::unordered_map<std::int64_t, std::int64_t>;

Result<Lookup> read_lookup(TableSource& source, std::string_view table, std::string_view key,
                           std::string_view value) {
  Lookup lookup;
  TRY(source.read(table, {key, value}, [&](const RowBlock& block) {
    std::vector<std::int64_t> keys;
    std::vector<std::int64_t> values;
    block.read_integers(0, keys);
    block.read_integers(1, values);
    for (std::size_t row = 0; row < keys.size(); ++row) lookup.try_emplace(keys[row], values[row]);
  }));
  return lookup;
}

// Replaces the keys in a column by what `lookup` says of them.
void translate(std::vector<std::int64_t>& column, const Lookup& lookup, std::int64_t otherwise) {
  for (std::int64_t& value : column) {
    const auto found = lookup.find(value);
    value = found == lookup.end() ? otherwise : found->second;
  }
}

// Reads what lies behind provider_id, care_site_id and visit_occurrence_id, once.
class Links {
 public:
  explicit Links(TableSource& source) : source_(&source) {}

  Status resolve(RawEvents& raw) {
    EventTable& table = raw.columns;
    std::vector<std::int64_t>& specialty = table.integers[index_of(Field::Specialty)];
    if (!specialty.empty()) {
      if (!has_providers_) {
        providers_ = TRY(read_lookup(*source_, "provider", "provider_id", "specialty_concept_id"));
        has_providers_ = true;
      }
      translate(specialty, providers_, kMissing);
    }
    std::vector<std::int64_t>& place = table.integers[index_of(Field::PlaceOfService)];
    if (!place.empty()) {
      if (!has_sites_) {
        sites_ =
            TRY(read_lookup(*source_, "care_site", "care_site_id", "place_of_service_concept_id"));
        has_sites_ = true;
      }
      translate(place, sites_, kNoRow);
    }
    return resolve_visits(raw);
  }

 private:
  // The visit must be the same person's.
  Status resolve_visits(RawEvents& raw) {
    std::vector<std::int64_t>& visit = raw.columns.integers[index_of(Field::VisitConcept)];
    if (visit.empty()) return {};
    if (!has_visits_) {
      visits_ =
          TRY(read_lookup(*source_, "visit_occurrence", "visit_occurrence_id", "visit_concept_id"));
      owners_ = TRY(read_lookup(*source_, "visit_occurrence", "visit_occurrence_id", "person_id"));
      has_visits_ = true;
    }
    for (std::size_t row = 0; row < visit.size(); ++row) {
      const auto owner = owners_.find(visit[row]);
      const bool is_own = owner != owners_.end() && owner->second == raw.person_id[row];
      visit[row] = is_own ? visits_.at(visit[row]) : kNoRow;
    }
    return {};
  }

  TableSource* source_;
  Lookup providers_;
  Lookup sites_;
  Lookup visits_;
  Lookup owners_;
  bool has_providers_ = false;
  bool has_sites_ = false;
  bool has_visits_ = false;
};

Status load_traits(TableSource& source, Store& store) {
  return source.read(
      "person",
      {"person_id", "year_of_birth", "gender_concept_id", "race_concept_id",
       "ethnicity_concept_id"},
      [&](const RowBlock& block) {
        std::array<std::vector<std::int64_t>, 5> columns;
        for (std::size_t index = 0; index < 5; ++index) block.read_integers(index, columns[index]);
        for (std::size_t row = 0; row < columns[0].size(); ++row) {
          const auto found = std::lower_bound(store.person_ids.begin(), store.person_ids.end(),
                                              columns[0][row]);
          if (found == store.person_ids.end() || *found != columns[0][row]) continue;
          store.traits[static_cast<std::size_t>(found - store.person_ids.begin())] = {
              columns[1][row], columns[2][row], columns[3][row], columns[4][row]};
        }
      });
}

}  // namespace

Result<Store> load_store(TableSource& source, const Needs& needs) {
  Store store;
  constexpr Domain kPeriod = Domain::ObservationPeriod;
  RawEvents periods = TRY(read_events(source, kPeriod, needs.fields[index_of(kPeriod)]));
  store.person_ids = periods.person_id;
  std::sort(store.person_ids.begin(), store.person_ids.end());
  store.person_ids.erase(std::unique(store.person_ids.begin(), store.person_ids.end()),
                         store.person_ids.end());
  seal_events(std::move(periods), store.person_ids, store.tables[index_of(kPeriod)]);
  store.traits.resize(store.person_ids.size());
  if (needs.traits) TRY(load_traits(source, store));
  Links links(source);
  for (std::size_t index = 0; index < kDomainCount; ++index) {
    const Domain domain = static_cast<Domain>(index);
    if (domain == kPeriod || domain == Domain::LocationRegion) continue;
    RawEvents raw;
    if (needs.domains[index]) {
      raw = TRY(read_events(source, domain, needs.fields[index]));
      TRY(links.resolve(raw));
    }
    seal_events(std::move(raw), store.person_ids, store.tables[index]);
  }
  return store;
}

Result<Vocabulary> load_vocabulary(TableSource& source) {
  Vocabulary vocabulary;
  TRY(source.read("concept", {"concept_id", "invalid_reason"}, [&](const RowBlock& block) {
    std::vector<std::int64_t> ids;
    TextColumn reasons;
    block.read_integers(0, ids);
    block.read_texts(1, reasons);
    for (Row row = 0; row < ids.size(); ++row) {
      vocabulary.add_concept(ids[row], reasons.is_missing(row));
    }
  }));
  TRY(source.read("concept_ancestor", {"ancestor_concept_id", "descendant_concept_id"},
                  [&](const RowBlock& block) {
                    std::vector<std::int64_t> ancestors;
                    std::vector<std::int64_t> descendants;
                    block.read_integers(0, ancestors);
                    block.read_integers(1, descendants);
                    for (Row row = 0; row < ancestors.size(); ++row) {
                      vocabulary.add_ancestor(ancestors[row], descendants[row]);
                    }
                  }));
  TRY(source.read("concept_relationship",
                  {"concept_id_1", "concept_id_2", "relationship_id", "invalid_reason"},
                  [&](const RowBlock& block) {
                    std::vector<std::int64_t> from;
                    std::vector<std::int64_t> to;
                    TextColumn kinds;
                    TextColumn reasons;
                    block.read_integers(0, from);
                    block.read_integers(1, to);
                    block.read_texts(2, kinds);
                    block.read_texts(3, reasons);
                    for (Row row = 0; row < from.size(); ++row) {
                      const bool is_mapping = !kinds.is_missing(row) && kinds.at(row) == "Maps to";
                      if (is_mapping && reasons.is_missing(row)) {
                        vocabulary.add_mapping(from[row], to[row]);
                      }
                    }
                  }));
  vocabulary.seal();
  return vocabulary;
}

}  // namespace eds::cohort
