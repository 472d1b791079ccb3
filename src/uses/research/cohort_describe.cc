#include "uses/research/cohort_describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "uses/research/concept_browser.h"
#include "uses/research/survival.h"

namespace eds::research {
namespace {

using engine::Expr;

constexpr std::int64_t kBandYears = 5;

// The cohort's persons, found by id; rows of one person mostly stand together.
class Members {
 public:
  explicit Members(const std::vector<CohortPeriod>& rows) {
    for (std::size_t at = 0; at < rows.size();) {
      const std::size_t begin = at;
      while (at < rows.size() && rows[at].person == rows[begin].person) ++at;
      ids_.push_back(rows[begin].person);
      periods_.push_back(std::span(rows).subspan(begin, at - begin));
    }
  }
  std::size_t count() const { return ids_.size(); }
  const std::vector<std::int64_t>& ids() const { return ids_; }
  std::int32_t entry(std::size_t member) const { return periods_[member].front().start; }
  /// count() when the person is not one.
  std::size_t find(std::int64_t person) {
    if (last_ < ids_.size() && ids_[last_] == person) return last_;
    const auto found = std::lower_bound(ids_.begin(), ids_.end(), person);
    if (found == ids_.end() || *found != person) return count();
    last_ = static_cast<std::size_t>(found - ids_.begin());
    return last_;
  }
  bool is_within(std::size_t member, std::int64_t day) const {
    return std::any_of(
        periods_[member].begin(), periods_[member].end(),
        [&](const CohortPeriod& period) { return period.start <= day && day <= period.end; });
  }

 private:
  std::vector<std::int64_t> ids_;
  std::vector<std::span<const CohortPeriod>> periods_;
  std::size_t last_ = 0;
};

class Description {
 public:
  Description(engine::Session& session, const std::vector<CohortPeriod>& rows)
      : session_(&session), members_(rows) {}

  Result<std::string> write(const CohortVersion& version, std::size_t row_count) {
    out_.begin_object();
    out_.member("name", version.name).member("version", version.version);
    out_.member("release", version.release);
    out_.member("persons", static_cast<std::int64_t>(members_.count()));
    out_.member("periods", static_cast<std::int64_t>(row_count));
    TRY(write_pyramid());
    TRY(write_top("conditions", "condition_occurrence", "condition_concept_id",
                  "condition_start_date"));
    TRY(write_top("drugs", "drug_exposure", "drug_concept_id", "drug_exposure_start_date"));
    TRY(write_top("procedures", "procedure_occurrence", "procedure_concept_id", "procedure_date"));
    TRY(write_labs());
    TRY(write_stays());
    TRY(write_survival());
    out_.end_object();
    return out_.take();
  }

 private:
  using Visit = std::function<void(std::size_t member, const duck::Chunk&, std::size_t row)>;

  /// Calls `visit` for each row of a member; the first column is person_id.
  Status each(std::string_view table, std::vector<std::string_view> columns, const Visit& visit) {
    engine::Select select;
    select.table = table;
    columns.insert(columns.begin(), "person_id");
    for (std::string_view column : columns) {
      select.items.push_back({Expr::column(column), std::string(column)});
    }
    engine::Answer answer = TRY(session_->query(select));
    while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
      for (std::size_t row = 0; row < chunk->row_count(); ++row) {
        if (chunk->is_null(0, row)) continue;
        const std::size_t member = members_.find(chunk->int_at(0, row));
        if (member < members_.count()) visit(member, *chunk, row);
      }
    }
    return {};
  }

  /// The same for rows dated within a period; the second column is the date.
  Status each_within(std::string_view table, std::vector<std::string_view> columns,
                     const Visit& visit) {
    return each(table, std::move(columns),
                [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
                  if (chunk.is_null(1, row)) return;
                  if (members_.is_within(member, chunk.int_at(1, row))) visit(member, chunk, row);
                });
  }

  Status write_pyramid() {
    // (band, gender) -> persons; band -1: the year of birth is not known.
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
    std::vector<bool> seen(members_.count(), false);
    TRY(each("person", {"year_of_birth", "gender_concept_id"},
             [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
               if (seen[member]) return;
               seen[member] = true;
               std::int64_t band = -1;
               if (!chunk.is_null(1, row)) {
                 const std::int64_t age =
                     date_from_days(members_.entry(member)).year - chunk.int_at(1, row);
                 band = std::max<std::int64_t>(age, 0) / kBandYears * kBandYears;
               }
               ++counts[{band, chunk.is_null(2, row) ? 0 : chunk.int_at(2, row)}];
             }));
    const std::map<std::int64_t, std::string> names = TRY(names_of_second(counts));
    out_.key("pyramid").begin_array();
    for (const auto& [key, count] : counts) {
      out_.begin_object();
      if (key.first < 0) {
        out_.key("age_from").null().key("age_to").null();
      } else {
        out_.member("age_from", key.first).member("age_to", key.first + kBandYears - 1);
      }
      out_.member("gender_concept_id", key.second).member("gender", name_in(names, key.second));
      out_.member("persons", count).end_object();
    }
    out_.end_array();
    out_.member("not_in_person",
                static_cast<std::int64_t>(std::count(seen.begin(), seen.end(), false)));
    return {};
  }

  template <class Map>
  Result<std::map<std::int64_t, std::string>> names_of_second(const Map& counts) {
    std::vector<std::int64_t> ids;
    for (const auto& [key, count] : counts) ids.push_back(key.second);
    return names_of(ids);
  }
  Result<std::map<std::int64_t, std::string>> names_of(const std::vector<std::int64_t>& ids) {
    std::map<std::int64_t, std::string> names;
    for (ConceptRow& row : TRY(concepts_of_ids(*session_, ids))) {
      names[row.id] = std::move(row.name);
    }
    return names;
  }
  static std::string name_in(const std::map<std::int64_t, std::string>& names, std::int64_t id) {
    const auto found = names.find(id);
    return found == names.end() ? std::string() : found->second;
  }

  struct Used {
    std::int64_t records = 0;
    std::vector<bool> persons;
    std::int64_t person_count = 0;
    void add(std::size_t member, std::size_t member_count) {
      ++records;
      if (persons.empty()) persons.resize(member_count, false);
      if (!persons[member]) ++person_count;
      persons[member] = true;
    }
  };
  /// By persons, then records, then key.
  template <class Key>
  static std::vector<Key> top_of(const std::map<Key, Used>& used) {
    std::vector<Key> keys;
    for (const auto& [key, count] : used) keys.push_back(key);
    std::stable_sort(keys.begin(), keys.end(), [&](const Key& left, const Key& right) {
      const Used& a = used.at(left);
      const Used& b = used.at(right);
      return std::pair(a.person_count, a.records) > std::pair(b.person_count, b.records);
    });
    if (keys.size() > kTopCount) keys.resize(kTopCount);
    return keys;
  }

  Status write_top(std::string_view name, std::string_view table, std::string_view field,
                   std::string_view date) {
    std::map<std::int64_t, Used> used;
    TRY(each_within(table, {date, field},
                    [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
                      if (chunk.is_null(2, row)) return;
                      used[chunk.int_at(2, row)].add(member, members_.count());
                    }));
    const std::vector<std::int64_t> top = top_of(used);
    const std::map<std::int64_t, std::string> names = TRY(names_of(top));
    out_.key(name).begin_array();
    for (std::int64_t id : top) {
      out_.begin_object().member("concept_id", id).member("name", name_in(names, id));
      out_.member("persons", used[id].person_count).member("records", used[id].records);
      out_.end_object();
    }
    out_.end_array();
    return {};
  }

  /// Quantiles as the linear interpolation between order statistics (type 7 of Hyndman and Fan).
  void write_distribution(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    const auto quantile = [&](double share) {
      const double place = share * static_cast<double>(values.size() - 1);
      const auto below = static_cast<std::size_t>(place);
      const std::size_t above = std::min(below + 1, values.size() - 1);
      return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
    };
    double sum = 0;
    for (double value : values) sum += value;
    out_.member("mean", sum / static_cast<double>(values.size()));
    out_.member("min", values.front()).member("p5", quantile(0.05)).member("p25", quantile(0.25));
    out_.member("median", quantile(0.5)).member("p75", quantile(0.75));
    out_.member("p95", quantile(0.95)).member("max", values.back());
  }

  struct Values {
    std::vector<double> kept;
    std::int64_t stride = 1;
    std::int64_t seen = 0;
    void add(double value) {
      if (seen++ % stride != 0) return;
      kept.push_back(value);
      if (kept.size() < kValuesKept) return;
      for (std::size_t at = 0; at * 2 < kept.size(); ++at) kept[at] = kept[at * 2];
      kept.resize(kept.size() / 2);
      stride *= 2;
    }
  };

  Status write_labs() {
    using Key = std::pair<std::int64_t, std::int64_t>;  // concept, unit
    std::map<Key, Used> used;
    const auto key_at = [](const duck::Chunk& chunk, std::size_t row) {
      return Key{chunk.is_null(2, row) ? 0 : chunk.int_at(2, row),
                 chunk.is_null(3, row) ? 0 : chunk.int_at(3, row)};
    };
    const std::vector<std::string_view> columns = {"measurement_date", "measurement_concept_id",
                                                   "unit_concept_id", "value_as_number"};
    TRY(each_within("measurement", columns,
                    [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
                      if (chunk.is_null(4, row)) return;
                      used[key_at(chunk, row)].add(member, members_.count());
                    }));
    const std::vector<Key> top = top_of(used);
    std::map<Key, Values> values;
    std::vector<std::int64_t> ids;
    for (const Key& key : top) {
      values[key];
      ids.push_back(key.first);
      ids.push_back(key.second);
    }
    if (!top.empty()) {
      TRY(each_within("measurement", columns,
                      [&](std::size_t, const duck::Chunk& chunk, std::size_t row) {
                        if (chunk.is_null(4, row)) return;
                        const auto found = values.find(key_at(chunk, row));
                        if (found != values.end()) found->second.add(chunk.float_at(4, row));
                      }));
    }
    const std::map<std::int64_t, std::string> names = TRY(names_of(ids));
    out_.key("labs").begin_array();
    for (const Key& key : top) {
      out_.begin_object().member("concept_id", key.first).member("name", name_in(names, key.first));
      out_.member("unit_concept_id", key.second).member("unit", name_in(names, key.second));
      out_.member("persons", used[key].person_count).member("records", used[key].records);
      out_.member("sampled", values[key].stride > 1);
      write_distribution(values[key].kept);
      out_.end_object();
    }
    out_.end_array();
    return {};
  }

  Status write_stays() {
    struct Kind {
      Used used;
      std::vector<double> days;
    };
    std::map<std::int64_t, Kind> kinds;
    TRY(each_within("visit_occurrence", {"visit_start_date", "visit_concept_id", "visit_end_date"},
                    [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
                      Kind& kind = kinds[chunk.is_null(2, row) ? 0 : chunk.int_at(2, row)];
                      kind.used.add(member, members_.count());
                      if (chunk.is_null(3, row) || kind.days.size() >= kValuesKept) return;
                      kind.days.push_back(
                          static_cast<double>(chunk.int_at(3, row) - chunk.int_at(1, row)));
                    }));
    std::vector<std::int64_t> ids;
    for (const auto& [id, kind] : kinds) ids.push_back(id);
    const std::map<std::int64_t, std::string> names = TRY(names_of(ids));
    out_.key("stays").begin_array();
    for (auto& [id, kind] : kinds) {
      out_.begin_object().member("visit_concept_id", id).member("name", name_in(names, id));
      out_.member("persons", kind.used.person_count).member("stays", kind.used.records);
      if (!kind.days.empty()) {
        out_.key("days").begin_object();
        write_distribution(kind.days);
        out_.end_object();
      }
      out_.end_object();
    }
    out_.end_array();
    return {};
  }

  Status write_survival() {
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> until(members_.count(), -1);
    std::vector<std::int64_t> deaths(members_.count(), kNever);
    TRY(each("observation_period", {"observation_period_start_date", "observation_period_end_date"},
             [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
               if (chunk.is_null(1, row) || chunk.is_null(2, row)) return;
               const std::int32_t entry = members_.entry(member);
               if (chunk.int_at(1, row) > entry || chunk.int_at(2, row) < entry) return;
               until[member] = std::max(until[member], chunk.int_at(2, row) - entry);
             }));
    TRY(each("death", {"death_date"},
             [&](std::size_t member, const duck::Chunk& chunk, std::size_t row) {
               if (chunk.is_null(1, row)) return;
               deaths[member] =
                   std::min(deaths[member], chunk.int_at(1, row) - members_.entry(member));
             }));
    std::vector<FollowUp> follow_ups;
    std::int64_t dead_before = 0;
    std::int64_t unobserved = 0;
    for (std::size_t member = 0; member < members_.count(); ++member) {
      if (deaths[member] < 0) {
        ++dead_before;
      } else if (until[member] < 0) {
        ++unobserved;
      } else {
        const bool has_event = deaths[member] <= until[member];
        follow_ups.push_back({has_event ? deaths[member] : until[member], has_event});
      }
    }
    const std::size_t followed = follow_ups.size();
    const std::vector<SurvivalStep> steps = kaplan_meier(std::move(follow_ups));
    out_.key("survival").begin_object();
    out_.member("persons", static_cast<std::int64_t>(followed));
    out_.member("dead_before_entry", dead_before).member("not_observed", unobserved);
    const std::optional<std::int64_t> median = median_days(steps);
    out_.key("median_days");
    median ? out_.integer(*median) : out_.null();
    out_.key("steps").begin_array();
    for (const SurvivalStep& step : steps) {
      out_.begin_object().member("days", step.days).member("at_risk", step.at_risk);
      out_.member("deaths", step.events).member("survival", step.survival);
      if (step.low) out_.member("low", *step.low).member("high", *step.high);
      out_.end_object();
    }
    out_.end_array().end_object();
    return {};
  }

  engine::Session* session_;
  Members members_;
  json::Writer out_;
};

}  // namespace

Result<std::string> describe_cohort(engine::Session& session, const CohortVersion& version,
                                    const std::vector<CohortPeriod>& rows) {
  return Description(session, rows).write(version, rows.size());
}

}  // namespace eds::research
