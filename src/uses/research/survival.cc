#include "uses/research/survival.h"

#include <algorithm>
#include <cmath>

namespace eds::research {
namespace {

// The 0.975 quantile of the normal distribution.
constexpr double kNormalQuantile = 1.959963984540054;

}  // namespace

std::vector<SurvivalStep> kaplan_meier(std::vector<FollowUp> follow_ups) {
  std::sort(follow_ups.begin(), follow_ups.end(),
            [](const FollowUp& left, const FollowUp& right) { return left.days < right.days; });
  std::vector<SurvivalStep> steps;
  double survival = 1;
  double greenwood = 0;
  for (std::size_t at = 0; at < follow_ups.size();) {
    SurvivalStep step;
    step.days = follow_ups[at].days;
    step.at_risk = static_cast<std::int64_t>(follow_ups.size() - at);
    for (; at < follow_ups.size() && follow_ups[at].days == step.days; ++at) {
      step.events += follow_ups[at].has_event ? 1 : 0;
    }
    if (step.events == 0) continue;
    const auto risk = static_cast<double>(step.at_risk);
    const auto events = static_cast<double>(step.events);
    survival *= (risk - events) / risk;
    step.survival = survival;
    if (step.events < step.at_risk) {
      greenwood += events / (risk * (risk - events));
      const double half = kNormalQuantile * std::sqrt(greenwood) / std::log(survival);
      step.low = std::pow(survival, std::exp(-half));
      step.high = std::pow(survival, std::exp(half));
    }
    steps.push_back(step);
  }
  return steps;
}

std::optional<std::int64_t> median_days(const std::vector<SurvivalStep>& steps) {
  for (const SurvivalStep& step : steps) {
    if (step.survival <= 0.5) return step.days;
  }
  return std::nullopt;
}

}  // namespace eds::research
