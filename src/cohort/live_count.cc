#include "cohort/live_count.h"

#include <algorithm>
#include <cmath>

namespace eds::cohort {
namespace {

constexpr Person kRanges = 64;
constexpr Person kShare = 30;
/// Fewer persons are counted at once as fast as a sample of them.
constexpr Person kPersonsMin = 100'000;
/// Two-sided 99 % point of Student's t with 63 degrees of freedom.
constexpr double kStudent = 2.656;

std::vector<LiveStep> steps_of(const Plan& plan, const Attrition& attrition) {
  std::vector<LiveStep> steps;
  for (std::size_t at = 0; at < plan.members.size(); ++at) {
    for (LiveStep& step : steps_of(plan.members[at], attrition.members[at])) {
      step.name = "member " + std::to_string(at + 1) + ": " + step.name;
      steps.push_back(std::move(step));
    }
  }
  const auto add = [&](std::string name, std::int64_t persons) {
    steps.push_back({std::move(name), static_cast<double>(persons), 0});
  };
  if (plan.operation != SetOperation::None) {
    add("cohort", attrition.cohort_persons);
    return steps;
  }
  add("entry events", attrition.entry_persons);
  add("qualified events", attrition.qualified_persons);
  for (std::size_t rule = 0; rule < plan.rules.size(); ++rule) {
    const bool any = rule < attrition.best.by_rule.size();
    add("rule " + std::to_string(rule + 1) + ": " + plan.rules[rule].name,
        any ? attrition.best.by_rule[rule] : 0);
  }
  add("included events", attrition.included_persons);
  add("cohort", attrition.cohort_persons);
  return steps;
}

}  // namespace

Result<std::vector<LiveStep>> exact_counts(const Batch& batch, const Work& work) {
  std::vector<LiveStep> steps;
  Batch counting = batch;
  counting.wanted = Wanted::Count;
  TRY(evaluate_batch(counting, std::span(&work, 1), [&](std::size_t, Outcome&& outcome) {
    steps = steps_of(*work.plan, outcome.attrition);
    return Status();
  }));
  return steps;
}

Result<std::vector<LiveStep>> approximate_counts(const Batch& batch, const Work& work) {
  const Person count = batch.base->persons().count();
  if (count < kPersonsMin) return exact_counts(batch, work);
  const Person size = count / kShare / kRanges;
  const Person stride = count / kRanges;
  std::vector<std::vector<double>> found;  // by step, then by range
  std::vector<LiveStep> steps;
  for (Person range = 0; range < kRanges; ++range) {
    Batch one = batch;
    one.persons = PersonRange{range * stride, range * stride + size};
    one.thread_count = 1;  // A range is one block of work.
    const std::vector<LiveStep> counted = TRY(exact_counts(one, work));
    if (steps.empty()) steps = counted;
    found.resize(counted.size());
    for (std::size_t step = 0; step < counted.size(); ++step) {
      found[step].push_back(counted[step].persons);
    }
  }
  const double share = static_cast<double>(size) * kRanges / count;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    double sum = 0;
    double squares = 0;
    for (double persons : found[step]) sum += persons;
    const double mean = sum / kRanges;
    for (double persons : found[step]) squares += (persons - mean) * (persons - mean);
    // Nothing found anywhere says no more than "few": one more person a sample is allowed for.
    const double variance = std::max(squares / (kRanges - 1), 1.0 / kRanges);
    steps[step].persons = sum / share;
    steps[step].error = kStudent * std::sqrt(variance * kRanges * (1 - share)) / share;
  }
  return steps;
}

}  // namespace eds::cohort
