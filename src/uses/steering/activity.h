// The activity of units: stays, persons and length of stay by unit and month, with the totals of
// units, months and years, and what of it may be shown to people without a data right.
//
// Invariants: a count of fewer than the threshold persons is hidden, and with it whatever would
// give it back (govern/count_tables.h), year by year. A stay counts in the month it began in.
// Threads: one at a time. Memory: one cell for each unit and month. Source: CNT-2; CNIL EDS
// 2021-118, 3.1.1 (steering).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eds::steering {

/// One line of the aggregate store. A hidden line says which, and no number.
struct ActivityLine {
  std::int64_t year = 0;
  std::optional<std::int64_t> month;  ///< nothing: the whole year
  std::string unit_code;              ///< care_site_source_value; empty: all units
  std::string unit_name;
  bool is_hidden = false;
  std::int64_t stays = 0;
  std::int64_t persons = 0;
  double mean_days = 0;  ///< of the stays that ended; one decimal
};

/// Reads visit_detail and care_site through `session`, which may be one for counts alone.
Result<std::vector<ActivityLine>> read_activity(engine::Session& session, std::int64_t threshold);

/// A JSON array; hidden numbers are null.
std::string activity_json(const std::vector<ActivityLine>& lines);

}  // namespace eds::steering
