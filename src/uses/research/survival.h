// Kaplan-Meier: the share of a group still without an event, over time.
//
// Invariants: who is censored at t is at risk at t (events come first). The bounds are those of the
// complementary log-log transform of Greenwood's variance, 95 %, as R's survfit(conf.type =
// "log-log") and Python's lifelines give them; none while nobody had the event, or once nobody is
// left. Threads: a pure function.
// Sources: Kaplan and Meier (1958); Kalbfleisch and Prentice, The Statistical Analysis of Failure
// Time Data, 1.4.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace eds::research {

struct FollowUp {
  std::int64_t days = 0;
  bool has_event = false;  ///< false: censored
};

struct SurvivalStep {
  std::int64_t days = 0;
  std::int64_t at_risk = 0;
  std::int64_t events = 0;
  double survival = 1;
  std::optional<double> low, high;
};

/// A step for each day with an event.
std::vector<SurvivalStep> kaplan_meier(std::vector<FollowUp> follow_ups);

/// The first day on which at most half are left.
std::optional<std::int64_t> median_days(const std::vector<SurvivalStep>& steps);

}  // namespace eds::research
