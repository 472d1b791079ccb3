// Pseudonymiser: the ids and dates of one project's data store.
//
// Invariants: all of it is a function of the project's key, so two projects share no id, a second
// run gives the same bytes, and when the key is destroyed nothing leads back. A person's dates all
// move by the same whole number of days, so every interval is exact; the shift is never zero.
// Threads: immutable; any thread.
// Source: requirements PSE-2, PSE-5 and PSE-10 (docs/concepts/data-stores.md); HMAC-SHA-256 is RFC
// 2104 with SHA-256; reduction to a range is by multiplication, whose bias is under 2^-50.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "govern/keys.h"

namespace eds::govern {

/// Which days a project's dates may move by.
struct DateShift {
  std::int32_t days_max = 365;  ///< moved by -days_max to days_max, never 0; 0: not moved at all
  bool whole_weeks = false;     ///< only by multiples of 7, for studies of weekdays
};

class Pseudonymiser {
 public:
  Pseudonymiser(Key project_key, DateShift shift);

  /// The person's id in the project, in [1, 2^53). Two persons of 19 million meet with a chance of
  /// 2 %; who builds a data store checks (the remedy is a new key).
  std::int64_t person(std::int64_t person_id) const;
  /// The id of a visit, an event, a note..., in [1, 2^63): `kind` keeps the id spaces of tables
  /// apart.
  std::int64_t event(std::uint32_t kind, std::int64_t id) const;
  /// 32 hexadecimal digits: Trunc128(HMAC-SHA-256(key, id)), for person_source_value.
  std::string person_text(std::int64_t person_id) const;
  /// Days to add to every date of the person.
  std::int32_t shift_days(std::int64_t person_id) const;

 private:
  using Digest = std::array<std::uint8_t, 32>;
  Digest digest(std::uint32_t kind, std::int64_t id) const;

  Key key_;
  DateShift shift_;
};

}  // namespace eds::govern
