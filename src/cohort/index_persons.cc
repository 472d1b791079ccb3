#include "cohort/index_persons.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "cohort/index_bytes.h"
#include "lake/checksum.h"

namespace eds::cohort {
namespace {

constexpr std::string_view kMagic = "EDSCIP01";
// Magic, size of the file, size and checksum of the directory, checksum of the arrays.
constexpr std::size_t kHeadBytes = 40;
constexpr std::size_t kKindsMax = 65'535;

Error corrupt(std::string_view what) {
  return {Code::Corrupt,
          "the persons of the cohort index are damaged, build it again: " + std::string(what)};
}

std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

// Arrays begin at multiples of 8.
template <class Values>
void put(std::string& into, const Values& values) {
  into.append(reinterpret_cast<const char*>(values.data()),
              values.size() * sizeof(values.data()[0]));
  into.resize(padded(into.size()));
}

}  // namespace

Result<std::string> write_persons(std::string_view origin, const Store& store) {
  const EventTable& periods = store.table(Domain::ObservationPeriod);
  using Kind = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
  std::map<Kind, std::uint16_t> numbers;
  std::vector<Kind> kinds;
  std::vector<std::uint16_t> kind;
  std::vector<std::int16_t> years;
  for (const Traits& traits : store.traits) {
    // A year that is none stands in the kind.
    const bool is_year = traits.year_of_birth > -10'000 && traits.year_of_birth < 10'000;
    const Kind key{is_year ? 0 : traits.year_of_birth, traits.gender, traits.race,
                   traits.ethnicity};
    const auto [found, is_new] = numbers.try_emplace(key, static_cast<std::uint16_t>(kinds.size()));
    if (is_new) kinds.push_back(key);
    if (kinds.size() > kKindsMax) {
      return Error{Code::Limit, "persons are of more kinds than the cohort index has numbers"};
    }
    kind.push_back(found->second);
    years.push_back(is_year ? static_cast<std::int16_t>(traits.year_of_birth) : kNoYear);
  }
  IndexWriter directory;
  directory.text(origin);
  directory.number(std::uint64_t{store.person_ids.size()});
  directory.number(std::uint64_t{periods.start.size()});
  directory.number(std::uint64_t{kinds.size()});
  for (const auto& [year, gender, race, ethnicity] : kinds) {
    for (std::int64_t value : {year, gender, race, ethnicity}) directory.number(value);
  }
  directory.bytes().resize(padded(directory.bytes().size()));
  std::string arrays;
  put(arrays, store.person_ids);
  put(arrays, std::span(periods.person_begin));
  put(arrays, periods.start);
  put(arrays, periods.end);
  put(arrays, kind);
  put(arrays, years);
  IndexWriter head;
  head.bytes() = kMagic;
  head.number(std::uint64_t{kHeadBytes + directory.bytes().size() + arrays.size()});
  head.number(std::uint64_t{directory.bytes().size()});
  head.number(lake::checksum_of(directory.bytes()));
  head.number(lake::checksum_of(arrays));
  return head.bytes() + directory.bytes() + arrays;
}

Result<std::unique_ptr<IndexPersons>> IndexPersons::open(const Path& path,
                                                         std::string_view origin) {
  std::unique_ptr<IndexPersons> persons(new IndexPersons());
  persons->file_ = TRY(MappedFile::open(path));
  persons->bytes_ = persons->file_.bytes();
  TRY(persons->parse(origin));
  return persons;
}

Result<std::unique_ptr<IndexPersons>> IndexPersons::of_bytes(std::string_view bytes,
                                                             std::string_view origin) {
  std::unique_ptr<IndexPersons> persons(new IndexPersons());
  persons->bytes_ = bytes;
  TRY(persons->parse(origin));
  return persons;
}

template <class Value>
std::span<const Value> IndexPersons::take(std::size_t& offset, std::size_t count) const {
  const std::size_t size = padded(count * sizeof(Value));
  if (count > bytes_.size() || size > bytes_.size() - std::min(offset, bytes_.size())) {
    offset = bytes_.size() + 1;
    return {};
  }
  const auto* values = reinterpret_cast<const Value*>(bytes_.data() + offset);
  offset += size;
  return {values, count};
}

Status IndexPersons::parse(std::string_view origin) {
  if (bytes_.size() < kHeadBytes || bytes_.substr(0, kMagic.size()) != kMagic) {
    return corrupt("it is none, or of another version");
  }
  IndexCursor head(bytes_.substr(kMagic.size(), kHeadBytes - kMagic.size()));
  if (head.number() != bytes_.size()) return corrupt("its size");
  const std::uint64_t directory_bytes = head.number();
  if (directory_bytes > bytes_.size() - kHeadBytes || directory_bytes % 8 != 0) {
    return corrupt("its directory");
  }
  const std::string_view written = bytes_.substr(kHeadBytes, directory_bytes);
  if (head.number() != lake::checksum_of(written)) return corrupt("its directory");
  const std::uint64_t checksum = head.number();
  IndexCursor directory(written);
  if (directory.text() != origin) return corrupt("it is of other parts");
  const std::uint64_t person_count = directory.number();
  const std::uint64_t period_count = directory.number();
  kinds_.resize(directory.count(4 * 8));
  for (Traits& kind : kinds_) {
    kind.year_of_birth = directory.signed_number();
    kind.gender = directory.signed_number();
    kind.race = directory.signed_number();
    kind.ethnicity = directory.signed_number();
  }
  std::size_t offset = kHeadBytes + directory_bytes;
  if (lake::checksum_of(bytes_.substr(offset)) != checksum) return corrupt("its arrays");
  table_.ids = take<std::int64_t>(offset, person_count);
  table_.period_begin = take<Row>(offset, person_count + 1);
  table_.period_start = take<Day>(offset, period_count);
  table_.period_end = take<Day>(offset, period_count);
  table_.kind = take<std::uint16_t>(offset, person_count);
  table_.year_of_birth = take<std::int16_t>(offset, person_count);
  table_.traits = kinds_;
  if (offset != bytes_.size() || table_.period_begin.empty() ||
      !std::is_sorted(table_.ids.begin(), table_.ids.end()) ||
      !std::is_sorted(table_.period_begin.begin(), table_.period_begin.end()) ||
      table_.period_begin.front() != 0 || table_.period_begin.back() != period_count ||
      std::any_of(table_.kind.begin(), table_.kind.end(),
                  [&](std::uint16_t kind) { return kind >= kinds_.size(); })) {
    return corrupt("its arrays");
  }
  return {};
}

}  // namespace eds::cohort
