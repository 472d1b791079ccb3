#include "cohort/combine.h"

#include <algorithm>

namespace eds::cohort {
namespace {

using Rows = std::vector<CohortRow>;

// Periods of one person that share a day become one.
Rows merged(Rows rows) {
  std::sort(rows.begin(), rows.end(), [](const CohortRow& a, const CohortRow& b) {
    return a.person != b.person ? a.person < b.person : a.start < b.start;
  });
  Rows whole;
  for (const CohortRow& row : rows) {
    const bool touches =
        !whole.empty() && whole.back().person == row.person && row.start <= whole.back().end;
    if (touches) {
      whole.back().end = std::max(whole.back().end, row.end);
    } else {
      whole.push_back(row);
    }
  }
  return whole;
}

// Those of `rows` whose person `others` have (or have not).
Rows by_person(const Rows& rows, const Rows& others, bool have) {
  Rows kept;
  std::size_t at = 0;
  for (const CohortRow& row : rows) {
    while (at < others.size() && others[at].person < row.person) ++at;
    const bool has = at < others.size() && others[at].person == row.person;
    if (has == have) kept.push_back(row);
  }
  return kept;
}

bool is_over(const CohortRow& other, const CohortRow& row) {
  return other.person < row.person || (other.person == row.person && other.end < row.start);
}

// The days of `rows` that lie in a period of `others`. Both are merged.
Rows days_inside(const Rows& rows, const Rows& others) {
  Rows kept;
  std::size_t first = 0;
  for (const CohortRow& row : rows) {
    while (first < others.size() && is_over(others[first], row)) ++first;
    for (std::size_t at = first;
         at < others.size() && others[at].person == row.person && others[at].start <= row.end;
         ++at) {
      kept.push_back(
          {row.person, std::max(row.start, others[at].start), std::min(row.end, others[at].end)});
    }
  }
  return kept;
}

// The days of `rows` that lie in no period of `others`. Both are merged.
Rows days_outside(const Rows& rows, const Rows& others) {
  Rows kept;
  std::size_t first = 0;
  for (const CohortRow& row : rows) {
    while (first < others.size() && is_over(others[first], row)) ++first;
    Day start = row.start;
    for (std::size_t at = first;
         at < others.size() && others[at].person == row.person && others[at].start <= row.end;
         ++at) {
      if (others[at].start > start) kept.push_back({row.person, start, others[at].start - 1});
      start = std::max(start, others[at].end + 1);
    }
    if (start <= row.end) kept.push_back({row.person, start, row.end});
  }
  return kept;
}

}  // namespace

std::vector<CohortRow> combine(SetOperation operation, SetUnit by,
                               std::span<const std::vector<CohortRow>> members) {
  if (members.empty()) return {};
  if (operation == SetOperation::Union) {
    Rows all;
    for (const Rows& rows : members) all.insert(all.end(), rows.begin(), rows.end());
    return merged(std::move(all));
  }
  const bool keeps = operation == SetOperation::Intersection;
  Rows whole = merged(members.front());
  for (const Rows& rows : members.subspan(1)) {
    const Rows other = merged(rows);
    if (by == SetUnit::Person) {
      whole = by_person(whole, other, keeps);
    } else {
      whole = keeps ? days_inside(whole, other) : days_outside(whole, other);
    }
  }
  return whole;
}

}  // namespace eds::cohort
