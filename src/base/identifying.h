// Identifying<T>: a value that names a person, or helps to: IPP, NDA, NIR/INS, names, addresses,
// birth dates as a source wrote them, free text.
//
// Invariants: such a value can be compared, hashed, moved and stored, but it has no formatter and
// no conversion to T; `fmt::print("{}", ipp)` and `log << ipp` do not compile. The only ways out
// are `reveal(Reason)`, which the caller must justify with one of the closed list of reasons, and
// which is easy to find by reading: grep for `reveal(`. Threads: a plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <utility>

namespace eds {

/// Why a value that names a person is taken out of its wrapper. A closed list: each use is
/// reviewed.
enum class Reason : std::uint8_t {
  Seal,   ///< to encrypt it, or to compute a keyed hash of it, for the identity zone
  Match,  ///< to compare it with another record of the same person
  Mask,   ///< to find it in a text and take it out of that text
  Check,  ///< to verify its control key or shape; only the verdict leaves
  Write,  ///< to write it back in the source format it came from (synthetic data, round trips)
  Care,   ///< to show it to a caregiver; the caller has left an audit event
};

template <class T>
class Identifying {
 public:
  Identifying() = default;
  explicit Identifying(T value) : value_(std::move(value)) {}

  /// The naked value. Whoever calls this must not log it, put it in an Error or in the lake.
  const T& reveal(Reason) const { return value_; }
  bool empty() const requires requires(const T& t) { t.empty(); }
  { return value_.empty(); }

  friend bool operator==(const Identifying&, const Identifying&) = default;
  friend auto operator<=>(const Identifying&, const Identifying&) = default;

 private:
  T value_{};
};

}  // namespace eds

template <class T>
struct std::hash<eds::Identifying<T>> {
  std::size_t operator()(const eds::Identifying<T>& value) const {
    return std::hash<T>{}(value.reveal(eds::Reason::Match));
  }
};
