// Watch: surveillance of the log by rules, so that misuse is looked at by a person.
//
// Rules (ids are stable: procedures quote them):
//   S1 many      an actor opened more records in 24 hours than `looks_a_day_max`
//   S2 label     an actor opened the record of a person labelled staff, VIP or sensitive
//   S3 name      an actor bears a name of the person whose record was opened
//   S4 night     records opened at night by somebody who until then never did
//   S5 glass     a break-glass access, each one
//   S6 refusals  `refusals_max` refusals or more within ten minutes
//   S7 bulk      rows naming more persons than `bulk_persons_max` left under the ground of care
//   S8 open      an act that sent data and never said what came of it, older than an hour
//
// Invariants: a finding names its events by number, its actor, and persons by their random id. Each
// rule tells once for each actor and day (S2, S3: and person), so that a ward's list is one line.
// Threads: one. Memory: one actor's looks of 24 hours, and 16 B for each actor and day.
// Source: requirement id AUD-7; CNIL 2021-122; SNDS 7.3.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "govern/audit/line.h"

namespace eds::audit {

struct WatchLimits {
  std::int64_t looks_a_day_max = 100;
  std::int64_t refusals_max = 5;
  std::uint64_t bulk_persons_max = 1000;
  int night_from_hour = 22;
  int night_to_hour = 6;
  std::int64_t utc_offset_us = 0;   ///< of the hospital's clock
  std::int64_t known_days_min = 5;  ///< days of looks before a first night is unusual
};

struct Finding {
  std::string rule;  ///< "S1"
  std::string what;  ///< "many"
  std::string actor;
  std::int64_t time_us = 0;
  std::uint64_t sequence = 0;  ///< of the event that met the rule
  std::int64_t person = 0;     ///< 0: not about one person
  std::int64_t count = 0;
};

/// What the log does not hold, asked about an actor and a person.
struct WatchFacts {
  std::function<std::string(std::int64_t person)> labels_of;  ///< "vip", or nothing
  std::function<bool(const std::string& actor, std::int64_t person)> shares_name;
};

class Watch {
 public:
  Watch(const WatchLimits& limits, WatchFacts facts) : limits_(limits), facts_(std::move(facts)) {}

  /// Events in order of their number. Those before `from_us` teach habits and are not told.
  void add(const Entry& entry);
  std::vector<Finding> finish(std::int64_t now_us);
  void tell_from(std::int64_t from_us) { from_us_ = from_us; }

 private:
  struct Habits {
    std::deque<std::pair<std::int64_t, std::int64_t>> looks;  ///< (time, person) of 24 hours
    std::deque<std::int64_t> refusals;                        ///< of ten minutes
    std::set<std::int64_t> days;                              ///< with looks
    bool has_night = false;
  };
  void look(const Entry& entry, Habits& habits, std::int64_t person);
  void tell(const char* rule, const char* what, const Entry& entry, std::int64_t person,
            std::int64_t count);
  bool is_night(std::int64_t time_us) const;
  std::int64_t day_of(std::int64_t time_us) const;

  WatchLimits limits_;
  WatchFacts facts_;
  std::int64_t from_us_ = INT64_MIN;
  std::map<std::string, Habits> actors_;
  std::map<std::string, Entry> open_;  ///< by request and action
  std::set<std::string> told_;
  std::vector<Finding> findings_;
};

/// Whether an account's name holds a whole word of 3 letters or more of a person's names; accents,
/// case and separators do not count.
bool names_meet(std::string_view account, std::string_view names);

}  // namespace eds::audit
