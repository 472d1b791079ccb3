// The checks that look at each row: one closure a check, over a block of rows.
#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/calendar.h"
#include "uses/quality/omop_scan.h"
#include "uses/quality/omop_sql.h"

namespace eds::quality {
namespace {

constexpr std::int64_t kDaysAfterDeath = 60;
constexpr std::int64_t kDaysAroundVisit = 7;

double number_in(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "19500101", "today+1", "year+1" or a number.
double bound_in(std::string_view text, Reading reading, std::int32_t today) {
  if (text == "today+1") return today + 1;
  if (text == "year+1") return date_from_days(today).year + 1;
  const double number = number_in(text);
  if (reading != Reading::Day) return number;
  const auto date = static_cast<std::int32_t>(number);
  return days_from_date({date / 10'000, date / 100 % 100, date % 100});
}

// A hash of 64 bits stands for a text: among 10 M distinct values of one column, two share one with
// a probability of 3 in a million.
std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

void TableScan::prepare_key(std::size_t column, Counts& counts) {
  struct Seen {
    IdSet once;
    IdSet twice;
  };
  auto seen = std::make_shared<Seen>();
  takes_.push_back([column, &counts, seen](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row)) continue;
      const std::int64_t id = block.whole(column, row);
      if (seen->once.insert(id)) continue;
      counts.violated += seen->twice.insert(id) ? 2 : 1;
    }
  });
}

void TableScan::prepare_reference(const OmopCheck& check, std::size_t column, Counts& counts) {
  if (block_.reading(column) == Reading::Text) {
    const std::unordered_set<std::string>* known = keys_->texts(check.bound);
    if (known == nullptr) return;
    takes_.push_back([column, &counts, known](const Block& block) {
      for (std::size_t row = 0; row < block.row_count(); ++row) {
        if (block.missing(column, row)) continue;
        counts.violated += known->count(std::string(block.text(column, row))) == 0 ? 1 : 0;
      }
    });
    return;
  }
  const IdSet* known = keys_->ids(check.bound);
  if (known == nullptr) return;
  takes_.push_back([column, &counts, known](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row)) continue;
      counts.violated += known->contains(block.whole(column, row)) ? 0 : 1;
    }
  });
}

void TableScan::prepare_mapped(std::size_t column, std::string_view field, Counts& counts) {
  const std::string name = source_value_beside(table_->name, field);
  const std::size_t source = name.empty() ? model::kNoColumn : block_.column(name);
  if (source == model::kNoColumn) return;
  takes_.push_back([column, source, &counts](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      counts.violated += block.missing(column, row) && !block.missing(source, row) ? 1 : 0;
    }
  });
}

void TableScan::prepare_values(const OmopCheck& check, std::size_t column, Counts& counts) {
  const std::size_t mapped = block_.column(check.bound);
  if (mapped == model::kNoColumn || block_.reading(column) != Reading::Text) return;
  struct Seen {
    std::unordered_set<std::uint64_t> values;
    std::unordered_set<std::uint64_t> unmapped;
    bool missing = false;
    bool missing_unmapped = false;
  };
  auto seen = std::make_shared<Seen>();
  takes_.push_back([column, mapped, seen](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      const bool is_unmapped = !block.missing(mapped, row) && block.whole(mapped, row) == 0;
      if (block.missing(column, row)) {
        seen->missing = true;
        seen->missing_unmapped = seen->missing_unmapped || is_unmapped;
        continue;
      }
      const std::uint64_t hash = hash_of(block.text(column, row));
      seen->values.insert(hash);
      if (is_unmapped) seen->unmapped.insert(hash);
    }
  });
  // A missing value counts as one more value, on both sides.
  ends_.push_back([seen, &counts] {
    counts.violated =
        static_cast<std::int64_t>(seen->unmapped.size()) + (seen->missing_unmapped ? 1 : 0);
    counts.denominator = static_cast<std::int64_t>(seen->values.size()) + (seen->missing ? 1 : 0);
  });
}

void TableScan::prepare_bound(const OmopCheck& check, std::size_t column, Counts& counts) {
  const Reading reading = block_.reading(column);
  if (reading == Reading::PresenceOnly || reading == Reading::Text) return;
  const double bound = bound_in(check.bound, reading, today_);
  const bool is_low = check.kind == CheckKind::Low;
  takes_.push_back([column, &counts, bound, is_low, reading](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row)) continue;
      const double value = reading == Reading::Number
                               ? block.number(column, row)
                               : static_cast<double>(block.whole(column, row));
      counts.violated += (is_low ? value < bound : value > bound) ? 1 : 0;
    }
  });
}

void TableScan::prepare_after(const OmopCheck& check, std::size_t column, Counts& counts) {
  const std::size_t dot = check.bound.find('.');
  if (check.kind == CheckKind::TemporalAfter && check.bound.starts_with("PERSON.") &&
      table_->name != "person") {
    takes_.push_back([this, column, &counts](const Block& block) {
      for (std::size_t row = 0; row < block.row_count(); ++row) {
        if (block.missing(column, row) || block.missing(person_column_, row)) continue;
        const PersonFacts* person = keys_->person(block.whole(person_column_, row));
        if (person == nullptr || person->birth_june == kNoDay) continue;
        counts.violated += person->birth_june > block.whole(column, row) ? 1 : 0;
      }
    });
    return;
  }
  const std::size_t other =
      block_.column(dot == std::string::npos ? std::string_view(check.bound)
                                             : std::string_view(check.bound).substr(dot + 1));
  if (other == model::kNoColumn) return;
  const bool is_after = check.kind == CheckKind::TemporalAfter;
  takes_.push_back([column, other, &counts, is_after](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row) || block.missing(other, row)) continue;
      ++counts.denominator;
      const std::int64_t day = block.whole(column, row);
      const std::int64_t other_day = block.whole(other, row);
      counts.violated += (is_after ? other_day > day : day > other_day) ? 1 : 0;
    }
  });
}

void TableScan::prepare_dates(const OmopCheck& check, std::size_t column, Counts& counts) {
  if (block_.reading(column) != Reading::Day) return;
  const CheckKind kind = check.kind;
  if (kind == CheckKind::WithinVisit) {
    const std::size_t visit = block_.column("visit_occurrence_id");
    if (visit == model::kNoColumn) return;
    takes_.push_back([this, column, visit, &counts](const Block& block) {
      for (std::size_t row = 0; row < block.row_count(); ++row) {
        if (block.missing(visit, row)) continue;
        const StayFacts* stay = keys_->stay(block.whole(visit, row));
        if (stay == nullptr) continue;
        ++counts.denominator;
        if (block.missing(column, row)) continue;
        const std::int64_t day = block.whole(column, row);
        const bool is_before = stay->start != kNoDay && day < stay->start - kDaysAroundVisit;
        const bool is_late = stay->end != kNoDay && day > stay->end + kDaysAroundVisit;
        counts.violated += is_before || is_late ? 1 : 0;
      }
    });
    return;
  }
  if (person_column_ == model::kNoColumn) return;
  takes_.push_back([this, column, kind, &counts](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(person_column_, row)) continue;
      const bool has_day = !block.missing(column, row);
      const std::int64_t day = has_day ? block.whole(column, row) : 0;
      const std::int64_t id = block.whole(person_column_, row);
      if (kind == CheckKind::AfterBirth) {
        const PersonFacts* person = has_day ? keys_->person(id) : nullptr;
        if (person == nullptr || person->birth == kNoDay) continue;
        counts.violated += day < person->birth ? 1 : 0;
        continue;
      }
      const std::span<const Death> deaths = keys_->deaths(id);
      if (deaths.empty()) continue;
      if (kind == CheckKind::DuringLife) ++counts.denominator;
      if (!has_day) continue;
      for (const Death& death : deaths) {
        if (kind == CheckKind::BeforeDeath) ++counts.denominator;
        if (death.day == kNoDay) continue;
        counts.violated += day > death.day + kDaysAfterDeath ? 1 : 0;
      }
    }
  });
}

void TableScan::prepare_overlap(Counts& counts) {
  struct Period {
    std::int64_t person, id, start, end;
  };
  const std::size_t start = block_.column("observation_period_start_date");
  const std::size_t end = block_.column("observation_period_end_date");
  const std::size_t id = block_.column("observation_period_id");
  if (start == model::kNoColumn || end == model::kNoColumn || id == model::kNoColumn) return;
  auto periods = std::make_shared<std::vector<Period>>();
  takes_.push_back([this, start, end, id, periods](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(person_column_, row)) continue;
      periods->push_back({block.whole(person_column_, row), block.whole(id, row),
                          block.whole(start, row), block.whole(end, row)});
    }
  });
  ends_.push_back([periods, &counts] {
    std::sort(periods->begin(), periods->end(),
              [](const Period& left, const Period& right) { return left.person < right.person; });
    const auto meet = [](const Period& left, const Period& right) {
      const std::int64_t days[] = {left.start, left.end, right.start, right.end};
      if (std::find(std::begin(days), std::end(days), kMissing) != std::end(days)) return false;
      if (left.id == right.id || left.id == kMissing || right.id == kMissing) return false;
      return (left.start <= right.end && left.end >= right.start) || left.end + 1 == right.start ||
             right.end + 1 == left.start;
    };
    for (auto first = periods->begin(); first != periods->end();) {
      auto last = first;
      while (last != periods->end() && last->person == first->person) ++last;
      ++counts.denominator;
      bool is_violated = false;
      for (auto left = first; left != last && !is_violated; ++left) {
        is_violated =
            std::any_of(left + 1, last, [&](const Period& right) { return meet(*left, right); });
      }
      counts.violated += is_violated ? 1 : 0;
      first = last;
    }
    *periods = {};
  });
}

}  // namespace eds::quality
