#include "uses/research/counting.h"

#include <algorithm>
#include <vector>

#include "format/json/json_writer.h"
#include "uses/research/plan_run.h"

namespace eds::research {
namespace {

std::string asker_of(const engine::Scan& scan) {
  return "user:" + std::to_string(scan.scope().request().principal.user);
}

Status check_scan(const engine::Scan& scan) {
  if (!scan.scope().is_owner()) return {};
  return Error{Code::Usage, "the owner of a warehouse counts without protection"};
}

}  // namespace

bool may_read_rows(const govern::RightsState& state, govern::Request request, std::int64_t now_us) {
  request.action = govern::Action::Read;
  request.now_us = now_us;
  return govern::decide(state, request).allowed;
}

Result<govern::ProtectedCount> count_cohort(const CountingDesk& desk, const engine::Scan& scan,
                                            const cohort::Plan& plan) {
  TRY(check_scan(scan));
  const engine::Budget budget;
  const std::unique_ptr<engine::Session> session =
      TRY(desk.engine->open(*desk.warehouse, scan.for_counts(), budget));
  std::vector<std::int64_t> persons;
  TRY(run_plan(*session, ShownColumns{}, plan, budget.threads,
               [&](const cohort::PersonTable& table, cohort::Outcome&& outcome) {
                 for (const cohort::CohortRow& row : outcome.rows)
                   persons.push_back(table.ids[row.person]);
               }));
  std::sort(persons.begin(), persons.end());
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  return desk.counts->answer(asker_of(scan), persons);
}

Result<govern::ProtectedCount> count_query(const CountingDesk& desk, const engine::Scan& scan,
                                           const std::string& sql) {
  TRY(check_scan(scan));
  const std::unique_ptr<engine::Session> session =
      TRY(desk.engine->open(*desk.warehouse, scan, engine::Budget{}));
  Result<std::vector<std::int64_t>> persons = session->persons_of_user_sql(sql);
  if (persons.ok()) return desk.counts->answer(asker_of(scan), *persons);
  const bool says_nothing = persons.error().code == Code::Refused ||
                            persons.error().code == Code::Cancelled ||
                            scan.scope().level() >= govern::Level::Pseudonymised;
  if (says_nothing) return std::move(persons).error();
  // The engine's own words may hold a value.
  return Error{Code::Usage,
               "the statement does not run: it is one SELECT with a column person_id, of columns "
               "compared, grouped and aggregated"};
}

std::string count_json(const govern::ProtectedCount& count) {
  json::Writer writer;
  writer.begin_object().member("persons", std::string_view(count.text()));
  writer.member("low", count.low).member("high", count.high).end_object();
  return writer.take();
}

}  // namespace eds::research
