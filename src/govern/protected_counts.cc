#include "govern/protected_counts.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "govern/limits.h"
#include "govern/rights.h"

namespace eds::govern {
namespace {

// Drawn in docs/internals/formats/counts_db.md.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS answer(answer_no INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL, origin_size INTEGER NOT NULL, seed INTEGER NOT NULL, low INTEGER NOT NULL,
  high INTEGER NOT NULL, sketch BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS asked(asker TEXT NOT NULL, time_us INTEGER NOT NULL,
  kind INTEGER NOT NULL, answer_no INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS asked_by ON asked(asker, time_us);
PRAGMA user_version = 1;
)";

constexpr std::int64_t kThresholdMin = 5;
constexpr std::int64_t kThresholdMax = 20;
constexpr std::int64_t kBand = 10;
constexpr std::int64_t kNearDays = 30;
// A chain of near sets keeps its first answer until its size has moved by this many thresholds.
constexpr std::int64_t kDriftMin = 3;

std::uint64_t word_of(const unsigned char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);  // The key is of one machine: so is the byte order.
  return word;
}

std::uint64_t keyed_word(const Key& key, std::string_view label, std::string_view text) {
  crypto_generichash_state state;
  unsigned char digest[16];
  crypto_generichash_init(&state, key.bytes().data(), kKeyBytes, sizeof digest);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(label.data());
  crypto_generichash_update(&state, bytes, label.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                            text.size());
  crypto_generichash_final(&state, digest, sizeof digest);
  return word_of(digest);
}

}  // namespace

std::string ProtectedCount::text() const {
  if (high <= 1) return "0";
  if (low == 0) return "<" + std::to_string(high);
  return std::to_string(low) + "-" + std::to_string(high);
}

Result<std::unique_ptr<ProtectedCounts>> ProtectedCounts::open(Env& env, const KeyRing& keys,
                                                               const Path& path,
                                                               const CountPolicy& policy) {
  if (policy.threshold < kThresholdMin || policy.threshold > kThresholdMax)
    return Error{Code::Usage, "the threshold of protected counts is 5 to 20"};
  if (policy.noise_max < 0) return Error{Code::Usage, "noise is a number of persons"};
  std::unique_ptr<sqlite::Database> book = TRY(sqlite::Database::open(path));
  std::unique_ptr<ProtectedCounts> counts(
      new ProtectedCounts(env, keys.derive(Purpose::ProtectedCount), std::move(book), policy));
  TRY(counts->settle_format());
  return counts;
}

Status ProtectedCounts::settle_format() {
  const std::int64_t version = TRY(book_->number("PRAGMA user_version")).value_or(0);
  if (version > 1)
    return Error{Code::Unavailable, "the book of counts is of a format this program does not know"};
  return version == 1 ? Status() : book_->execute(kSchema);
}

ProtectedCounts::Counted ProtectedCounts::counted(std::span<const std::int64_t> persons) const {
  Counted set;
  unsigned char short_key[crypto_shorthash_KEYBYTES];
  const std::uint64_t words[2] = {keyed_word(key_, "person-1", ""),
                                  keyed_word(key_, "person-2", "")};
  static_assert(sizeof words == sizeof short_key);
  std::memcpy(short_key, words, sizeof short_key);
  for (const std::int64_t person : persons) {
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, reinterpret_cast<const unsigned char*>(&person), sizeof person,
                     short_key);
    const std::uint64_t word = word_of(hash);
    set.sketch[word % kSumCount] += word;
  }
  sodium_memzero(short_key, sizeof short_key);
  unsigned char digest[32];
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.bytes().data(), kKeyBytes, sizeof digest);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>("set"), 3);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(persons.data()),
                            persons.size_bytes());
  crypto_generichash_final(&state, digest, sizeof digest);
  set.digest.assign(reinterpret_cast<const char*>(digest), sizeof digest);
  set.seed = keyed_word(key_, "noise", set.digest);
  return set;
}

ProtectedCount ProtectedCounts::draw(std::int64_t size, std::uint64_t seed) const {
  if (size == 0 && policy_.zero == ShowZero::Yes) return {0, 1};
  if (size < policy_.threshold) return {0, policy_.threshold};
  // Multiplication reduces without bias that matters: 21 of 2^64.
  const auto range = static_cast<std::uint64_t>(2 * policy_.noise_max + 1);
  const auto drawn = static_cast<std::int64_t>(static_cast<unsigned __int128>(seed) * range >> 64U);
  const std::int64_t noisy = std::max(policy_.threshold, size + drawn - policy_.noise_max);
  const std::int64_t band = noisy / kBand * kBand;
  return {std::max(band, policy_.threshold), band + kBand};
}

Result<std::optional<ProtectedCount>> ProtectedCounts::known(const std::string& digest) {
  sqlite::Statement row = TRY(book_->prepare("SELECT low, high FROM answer WHERE digest = ?"));
  row.bind(sqlite::Blob{digest});
  if (!TRY(row.step())) return std::optional<ProtectedCount>();
  return std::optional<ProtectedCount>(ProtectedCount{row.int_at(0), row.int_at(1)});
}

Status ProtectedCounts::read_book() {
  sqlite::Statement row =
      TRY(book_->prepare("SELECT answer_no, size, origin_size, seed, low, high, sketch FROM answer "
                         "WHERE answer_no > ? ORDER BY answer_no"));
  row.bind(read_up_to_);
  while (TRY(row.step())) {
    Answer answer;
    answer.number = row.int_at(0);
    answer.size = row.int_at(1);
    answer.origin_size = row.int_at(2);
    answer.seed = static_cast<std::uint64_t>(row.int_at(3));
    answer.shown = {row.int_at(4), row.int_at(5)};
    const std::string_view sums = row.bytes_at(6);
    if (sums.size() != sizeof answer.sketch)
      return Error{Code::Corrupt, "the book of counts is damaged: no count is given"};
    std::memcpy(answer.sketch.data(), sums.data(), sums.size());
    read_up_to_ = answer.number;
    answers_.emplace(answer.size, answer);
  }
  if (answers_.size() > kCountAnswersMax)
    return Error{Code::Limit, "the book of counts is full (kCountAnswersMax)"};
  return {};
}

/// The nearest earlier answer whose circle holds the set; of two, the earlier.
const ProtectedCounts::Answer* ProtectedCounts::nearest(const Counted& set,
                                                        std::int64_t size) const {
  const std::int64_t widest = 2 * policy_.threshold;
  const Answer* best = nullptr;
  std::int64_t best_distance = widest;
  const auto end = answers_.upper_bound(size + widest);
  for (auto at = answers_.lower_bound(size - widest); at != end; ++at) {
    const Answer& answer = at->second;
    const auto spread = static_cast<std::uint64_t>(policy_.threshold);
    const auto radius = policy_.threshold + static_cast<std::int64_t>(answer.seed % spread);
    const auto drift =
        policy_.threshold * kDriftMin + static_cast<std::int64_t>(answer.seed / spread % spread);
    if (std::abs(size - answer.origin_size) >= drift) continue;
    std::int64_t distance = 0;
    for (std::size_t sum = 0; sum < kSumCount && distance <= best_distance; ++sum)
      if (set.sketch[sum] != answer.sketch[sum]) ++distance;
    if (distance >= radius || distance > best_distance) continue;
    if (best != nullptr && distance == best_distance && answer.number > best->number) continue;
    best = &answer;
    best_distance = distance;
  }
  return best;
}

Status ProtectedCounts::check_budget(std::string_view asker, Kind kind) {
  const std::int64_t now = env_->now_us();
  sqlite::Statement count = TRY(
      book_->prepare("SELECT count(*) FROM asked WHERE asker = ? AND time_us > ? AND kind >= ?"));
  TRY(count.bind(asker).bind(now - kDayUs).bind(std::int64_t{0}).step());
  if (count.int_at(0) >= policy_.asked_a_day_max)
    return Error{Code::Refused, "too many counts today: ask again tomorrow"};
  if (kind != Kind::Near) return {};
  count.reset();
  TRY(count.with(asker, now - kNearDays * kDayUs, std::int64_t{1}).step());
  if (count.int_at(0) >= policy_.near_repeats_max)
    return Error{Code::Refused, "too many counts of nearly the same persons in 30 days"};
  return {};
}

Status ProtectedCounts::write(std::string_view asker, Kind kind, const Counted& set,
                              const Answer& answer) {
  sqlite::Statement insert =
      TRY(book_->prepare("INSERT INTO answer(digest, size, origin_size, seed, low, high, sketch) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  TRY(insert.bind(sqlite::Blob{set.digest})
          .bind(answer.size)
          .bind(answer.origin_size)
          .bind(static_cast<std::int64_t>(answer.seed))
          .bind(answer.shown.low)
          .bind(answer.shown.high)
          .bind(sqlite::Blob{{reinterpret_cast<const char*>(set.sketch.data()), sizeof set.sketch}})
          .run());
  const std::int64_t number = book_->last_insert_id();
  sqlite::Statement asked = TRY(book_->prepare("INSERT INTO asked VALUES (?, ?, ?, ?)"));
  return asked.bind(asker)
      .bind(env_->now_us())
      .bind(static_cast<std::int64_t>(kind))
      .bind(number)
      .run();
}

Result<ProtectedCount> ProtectedCounts::answer(std::string_view asker,
                                               std::span<const std::int64_t> persons) {
  ENSURE(std::adjacent_find(persons.begin(), persons.end(), std::greater_equal<>()) ==
         persons.end());
  const Counted set = counted(persons);
  // One at a time: of two near sets asked at once, one must be the first.
  sqlite::Transaction turn = TRY(sqlite::Transaction::begin(*book_));
  if (const std::optional<ProtectedCount> before = TRY(known(set.digest))) return *before;
  TRY(read_book());
  Answer answer;
  answer.size = answer.origin_size = static_cast<std::int64_t>(persons.size());
  answer.seed = set.seed;
  answer.shown = draw(answer.size, set.seed);
  Kind kind = Kind::Fresh;
  if (const Answer* const near = nearest(set, answer.size)) {
    // Two handfuls that both read "<10" are no repeat: nothing is learnt from the second.
    const bool tells = near->shown != answer.shown || answer.size >= policy_.threshold;
    if (tells) kind = Kind::Near;
    answer.shown = near->shown;
    answer.origin_size = near->origin_size;
    answer.seed = near->seed;
  }
  TRY(check_budget(asker, kind));
  TRY(write(asker, kind, set, answer));
  TRY(turn.commit());
  return answer.shown;
}

}  // namespace eds::govern
