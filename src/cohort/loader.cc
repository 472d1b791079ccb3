#include "cohort/loader.h"

#include <algorithm>
#include <unordered_map>

#include "cohort/table_shape.h"

namespace eds::cohort {
namespace {

// Reads some columns of a table into vectors.
class ColumnReader {
 public:
  explicit ColumnReader(const RowBlock& block) : block_(&block) {}
  const std::vector<std::int64_t>& integers(std::size_t column) {
    block_->read_integers(column, integers_);
    return integers_;
  }
  const std::vector<std::int64_t>& moments(std::size_t column) {
    block_->read_moments(column, integers_);
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

}  // namespace

Result<RawEvents> read_events(TableSource& source, Domain domain,
                              const std::bitset<kFieldCount>& fields, bool with_moments) {
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
  const bool has_moments = with_moments && !shape.moment.empty();
  const std::size_t moment = has_moments ? wanted.add(shape.moment) : id;
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
    if (has_moments) append(table.moment, reader.moments(moment));
    if (has_supply) append(supplies, reader.integers(supply));
    for (const auto& [field, column] : extra) append_field(field, column, block, table);
  }));
  default_ends(raw.columns, supplies, shape);
  return raw;
}

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

namespace {

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
          const auto found =
              std::lower_bound(store.person_ids.begin(), store.person_ids.end(), columns[0][row]);
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
      raw = TRY(read_events(source, domain, needs.fields[index], needs.moments[index]));
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
