#include "cohort/index_release.h"

#include <algorithm>
#include <map>

#include "cohort/table_shape.h"
#include "model/table.h"

namespace eds::cohort {
namespace {

bool asks(const Needs& needs, Field field) {
  return std::any_of(needs.fields.begin(), needs.fields.end(),
                     [&](const auto& fields) { return fields[index_of(field)]; });
}

// Columns of the scope's mask that a kind of event is read from, whatever is asked.
std::vector<std::string_view> base_columns(const TableShape& shape) {
  std::vector<std::string_view> columns = {"person_id", shape.id, shape.start};
  for (std::string_view column :
       {shape.end, shape.concept_id, shape.source_concept_id, shape.visit}) {
    if (!column.empty()) columns.push_back(column);
  }
  return columns;
}

}  // namespace

Result<IndexOffer> IndexOffer::of(lake::Warehouse& warehouse, const engine::Scan& scan) {
  if (scan.scope().level() < govern::Level::Pseudonymised) {
    return Error{Code::Refused, "this scope allows protected counts only"};
  }
  IndexOffer offer;
  if (!scan.scope().is_owner()) {
    offer.mask_ = std::make_shared<const govern::ColumnMask>(scan.scope().columns());
  }
  Env& env = warehouse.env();
  const std::int64_t release = scan.release().id;
  offer.has_persons_ = env.exists(TRY(persons_file(warehouse, release)).path);
  if (!offer.has_persons_) return offer;
  for (Domain domain : indexed_domains()) {
    const std::vector<SegmentFile> files = TRY(segment_files(warehouse, release, domain));
    offer.ready_[index_of(domain)] = std::all_of(
        files.begin(), files.end(), [&](const SegmentFile& file) { return env.exists(file.path); });
  }
  return offer;
}

bool IndexOffer::shows(std::string_view table_name, std::string_view column) const {
  if (mask_ == nullptr) return true;
  const model::Table& table = model::table(table_name);
  return mask_->shows_table(table) && mask_->shows(table, table.column(column));
}

// What the scope hides reads as missing in the lake: such a question goes there.
std::optional<std::string_view> IndexOffer::hidden(Domain domain, const Needs& needs) const {
  constexpr std::string_view kHidden = "the scope hides a column of it";
  const TableShape& shape = shape_of(domain);
  for (std::string_view column : base_columns(shape)) {
    if (!shows(shape.table, column)) return kHidden;
  }
  if (domain == Domain::DrugExposure && !shows(shape.table, "days_supply")) return kHidden;
  for (const FieldColumn& field : shape.fields) {
    if (!needs.fields[index_of(domain)][index_of(field.field)]) continue;
    if (field.field >= kFirstText) return "it holds no texts";
    const bool is_old = field.field == Field::EffectiveDose || field.field == Field::DoseUnit;
    if (is_old || !shows(shape.table, field.column)) return kHidden;
  }
  return std::nullopt;
}

std::optional<std::string_view> IndexOffer::refusal(const Needs& needs) const {
  if (needs.moments.any()) return "it holds no times of day";
  if (!has_persons_) return "it is not built for this release";
  const bool asks_visits = asks(needs, Field::VisitConcept);
  for (std::size_t at = 0; at < kDomainCount; ++at) {
    const auto domain = static_cast<Domain>(at);
    const bool is_visit = domain == Domain::VisitOccurrence && asks_visits;
    const bool is_period = domain == Domain::ObservationPeriod;
    if (!needs.domains[at] && !is_visit && !is_period) continue;
    if (shape_of(domain).table.empty()) return "no table holds such events";
    if (!ready_[at] && !is_period) return "a part of its table is not indexed yet";
    if (const auto reason = hidden(domain, needs)) return reason;
  }
  for (std::string_view column :
       {"year_of_birth", "gender_concept_id", "race_concept_id", "ethnicity_concept_id"}) {
    if (needs.traits && !shows("person", column)) return "the scope hides a column of persons";
  }
  return std::nullopt;
}

Result<std::unique_ptr<IndexRelease>> IndexRelease::open(lake::Warehouse& warehouse,
                                                         const engine::Scan& scan,
                                                         const Needs& needs, TableSource& source) {
  std::unique_ptr<IndexRelease> index(new IndexRelease());
  const std::int64_t release = scan.release().id;
  const PersonsFile persons = TRY(persons_file(warehouse, release));
  for (std::size_t at = 0; at < kDomainCount; ++at) {
    const auto domain = static_cast<Domain>(at);
    const bool is_visit = domain == Domain::VisitOccurrence && asks(needs, Field::VisitConcept);
    if (needs.domains[at] || is_visit) TRY(index->open_table(warehouse, release, domain));
  }
  index->file_ = TRY(IndexPersons::open(persons.path, persons.origin));
  index->persons_ = index->file_->table();
  if (index->persons_.count() >= kUnknownPerson) {
    return Error{Code::Limit, "more persons than the cohort index can number"};
  }
  if (!scan.scope().is_owner()) index->confine(scan.scope().persons());
  TRY(index->open_links(needs, source));
  return index;
}

Status IndexRelease::open_table(lake::Warehouse& warehouse, std::int64_t release_id,
                                Domain domain) {
  for (const SegmentFile& file : TRY(segment_files(warehouse, release_id, domain))) {
    auto part = std::make_unique<Part>();
    part->segment = TRY(IndexSegment::open(file.path, file.origin, domain));
    part->path = file.path;
    part->person_min = file.part.person_min;
    part->person_max = file.part.person_max;
    parts_[index_of(domain)].push_back(std::move(part));
  }
  return {};
}

// Keeps the persons of the scope alone: the others are then nobody.
void IndexRelease::confine(const govern::PersonSet& scope) {
  const PersonTable all = persons_;
  govern::PersonSet::Cursor cursor(scope);
  period_begin_.push_back(0);
  for (Person person = 0; person < all.count(); ++person) {
    if (!cursor.contains(all.ids[person])) continue;
    ids_.push_back(all.ids[person]);
    for (Row row = all.period_begin[person]; row < all.period_begin[person + 1]; ++row) {
      period_start_.push_back(all.period_start[row]);
      period_end_.push_back(all.period_end[row]);
    }
    period_begin_.push_back(static_cast<Row>(period_start_.size()));
    kind_.push_back(all.kind[person]);
    year_.push_back(all.year_of_birth[person]);
  }
  persons_.ids = ids_;
  persons_.period_begin = period_begin_;
  persons_.period_start = period_start_;
  persons_.period_end = period_end_;
  persons_.kind = kind_;
  persons_.year_of_birth = year_;
}

Status IndexRelease::open_links(const Needs& needs, TableSource& source) {
  if (asks(needs, Field::Specialty)) {
    specialties_ = TRY(read_lookup(source, "provider", "provider_id", "specialty_concept_id"));
  }
  if (asks(needs, Field::PlaceOfService)) {
    places_ = TRY(read_lookup(source, "care_site", "care_site_id", "place_of_service_concept_id"));
  }
  return {};
}

const Status& IndexRelease::bind(Part& part) const {
  std::call_once(part.once, [&] {
    Result<std::vector<std::int64_t>> ids = part.segment->person_ids();
    if (!ids.ok()) {
      part.failure = ids.error();
      return;
    }
    const std::span<const std::int64_t> known = persons_.ids;
    part.numbers.reserve(ids->size());
    auto next =
        ids->empty() ? known.begin() : std::lower_bound(known.begin(), known.end(), ids->front());
    for (std::int64_t id : *ids) {
      while (next != known.end() && *next < id) ++next;
      const auto number = static_cast<Person>(next - known.begin());
      const bool is_known = next != known.end() && *next == id;
      part.numbers.push_back(is_known ? number : number | kUnknownPerson);
    }
  });
  return part.failure;
}

std::vector<std::pair<std::int64_t, std::uint64_t>> IndexRelease::concept_counts(
    Domain domain) const {
  std::map<std::int64_t, std::uint64_t> counts;
  for (const auto& part : parts_[index_of(domain)]) {
    for (const IndexSegment::List& list : part->segment->lists()) {
      if (list.concept_id > 0) counts[list.concept_id] += list.row_count;
    }
  }
  return {counts.begin(), counts.end()};
}

Status IndexRelease::remove_damaged(Env& env) const {
  for (const auto& parts : parts_) {
    for (const auto& part : parts) {
      if (part->is_damaged) TRY(env.remove(part->path));
    }
  }
  return {};
}

void IndexRelease::let_go() const {
  for (const auto& parts : parts_) {
    for (const auto& part : parts) part->segment->let_go();
  }
}

}  // namespace eds::cohort
