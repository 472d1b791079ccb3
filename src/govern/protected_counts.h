// ProtectedCounts: how many persons, for people without a data right. The single door: whoever
// counts for them shows what answer() gave and nothing else.
//
// An answer is a band: fewer than the threshold, then tens ("120-130"). It is made of the number of
// persons and of noise that is drawn, by a keyed hash, from the set of persons itself: the same set
// has the same answer for ever, whatever words asked for it. A set that is nearly one that was
// counted before (fewer than some threshold to twice the threshold persons apart; which, only the
// key says) gets the answer of the nearest, so that the difference of two counts tells nothing of a
// few persons. Who asks for nearly the same too often is refused for a month.
//
// Invariants: the answer to a set once counted never changes. An answer is in the book, durably,
// before it is given. Zero and "a few" are the same answer unless the policy says otherwise. The
// book holds numbers and keyed sums, no person. What cannot be read or written is refused.
// Threads: one at a time. Processes may share the file.
// Bytes on disk: docs/internals/formats/counts_db.md.
// Source: requirement ids CNT-1, CNT-3, CNT-4, CNT-5 (docs/concepts/protected-counts.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/keys.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

enum class ShowZero : std::uint8_t { No, Yes };

struct CountPolicy {
  std::int64_t threshold = 10;        ///< 5 to 20
  std::int64_t noise_max = 10;        ///< added or taken at most; Leaf's figure
  std::int64_t near_repeats_max = 7;  ///< of one asker in 30 days; i2b2's figure
  std::int64_t asked_a_day_max = 500;
  /// Yes tells an empty set from a few persons, as Cohort360 does: a question that only one person
  /// fits then says whether he has what is asked.
  ShowZero zero = ShowZero::No;
};

/// A band of counts: low <= count < high, about.
struct ProtectedCount {
  std::int64_t low = 0;
  std::int64_t high = 0;
  friend bool operator==(const ProtectedCount&, const ProtectedCount&) = default;
  /// "0", "<10", "120-130"
  std::string text() const;
};

class ProtectedCounts {
 public:
  /// `path`: the book, made when absent (":memory:" for one that is not kept). Code::Usage for a
  /// threshold out of bounds.
  static Result<std::unique_ptr<ProtectedCounts>> open(Env& env, const KeyRing& keys,
                                                       const Path& path, const CountPolicy& policy);

  /// `persons` in order, each once. Code::Refused when `asker` asked too much.
  Result<ProtectedCount> answer(std::string_view asker, std::span<const std::int64_t> persons);

 private:
  // Sums of keyed hashes of the persons, by another part of the hash. Two sets that differ by d
  // persons differ in at most d sums: "near" is never missed. 128 x 8 B = 1 KiB an answer.
  static constexpr std::size_t kSumCount = 128;
  using Sketch = std::array<std::uint64_t, kSumCount>;

  struct Answer {
    std::int64_t number = 0;
    std::int64_t size = 0;         ///< of the set
    std::int64_t origin_size = 0;  ///< of the set that the answer was first drawn for
    std::uint64_t seed = 0;        ///< keyed: where "near" ends
    ProtectedCount shown;
    Sketch sketch{};
  };
  struct Counted {
    std::string digest;
    std::uint64_t seed = 0;
    Sketch sketch{};
  };
  enum class Kind : std::uint8_t { Fresh = 0, Near = 1 };

  ProtectedCounts(Env& env, Key key, std::unique_ptr<sqlite::Database> book,
                  const CountPolicy& policy)
      : env_(&env), key_(std::move(key)), book_(std::move(book)), policy_(policy) {}
  Status settle_format();
  Counted counted(std::span<const std::int64_t> persons) const;
  ProtectedCount draw(std::int64_t size, std::uint64_t seed) const;
  Result<std::optional<ProtectedCount>> known(const std::string& digest);
  Status read_book();
  const Answer* nearest(const Counted& set, std::int64_t size) const;
  Status check_budget(std::string_view asker, Kind kind);
  Status write(std::string_view asker, Kind kind, const Counted& set, const Answer& answer);

  Env* env_;
  Key key_;
  std::unique_ptr<sqlite::Database> book_;
  CountPolicy policy_;
  std::multimap<std::int64_t, Answer> answers_;  ///< by size, as far as the book was read
  std::int64_t read_up_to_ = 0;
};

}  // namespace eds::govern
