// The part of RightsStore that reads everything into a RightsState.
#include <algorithm>
#include <set>

#include "govern/rights_store.h"

namespace eds::govern {
namespace {

template <class Visit>
Status each(sqlite::Database& database, std::string_view sql, Visit visit) {
  sqlite::Statement rows = TRY(database.prepare(sql));
  while (TRY(rows.step())) visit(rows);
  return {};
}

Status corrupt(std::string_view what) {
  return Error{Code::Corrupt,
               "the rights store holds a value out of its range: " + std::string(what)};
}

Status load_accesses(sqlite::Database& database, RightsState& state) {
  bool is_sound = true;
  TRY(each(database,
           "SELECT access_id, user_id, role_id, perimeter_id, start_us, end_us, revoked_us, "
           "review_due_us, ground, break_glass, source, reason, granted_by FROM access ORDER BY 1",
           [&](sqlite::Statement& row) {
             Access access;
             access.id = row.int_at(0);
             access.user = row.int_at(1);
             access.role = row.int_at(2);
             access.perimeter = row.int_at(3);
             access.start_us = row.int_at(4);
             access.end_us = row.int_at(5);
             access.revoked_us = row.int_at(6);
             access.review_due_us = row.int_at(7);
             is_sound = is_sound && (row.int_at(8) == 0 || row.int_at(8) == 1);
             access.ground = static_cast<Ground>(row.int_at(8));
             access.is_break_glass = row.int_at(9) != 0;
             access.source = row.text_at(10);
             access.reason = row.text_at(11);
             access.granted_by = row.int_at(12);
             state.accesses.push_back(std::move(access));
           }));
  return is_sound ? Status() : corrupt("access.ground");
}

Status load_tree(sqlite::Database& database, RightsState& state) {
  TRY(each(database,
           "WITH RECURSIVE tree(id, depth) AS (SELECT 1, 0 UNION ALL SELECT perimeter_id, depth + "
           "1 FROM perimeter JOIN tree ON parent_id = tree.id WHERE depth < 100) "
           "SELECT perimeter_id, parent_id, code, name, kind, care_site_id FROM perimeter JOIN "
           "tree ON id = perimeter_id ORDER BY depth, perimeter_id",
           [&](sqlite::Statement& row) {
             Perimeter perimeter;
             perimeter.id = row.int_at(0);
             perimeter.parent = row.int_at(1);
             perimeter.code = row.text_at(2);
             perimeter.name = row.text_at(3);
             perimeter.kind = static_cast<PerimeterKind>(row.int_at(4));
             perimeter.care_site_id = row.int_at(5);
             state.perimeters.push_back(std::move(perimeter));
           }));
  std::int64_t count = 0;
  TRY(each(database, "SELECT count(*) FROM perimeter",
           [&](sqlite::Statement& row) { count = row.int_at(0); }));
  // A node that the root does not reach stands in a loop or below nothing.
  return count == static_cast<std::int64_t>(state.perimeters.size()) ? Status()
                                                                     : corrupt("perimeter tree");
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= text.size() && !text.empty()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Permit permit_of(sqlite::Statement& row) {
  Permit permit;
  permit.id = row.int_at(0);
  permit.project = row.text_at(1);
  permit.purpose = static_cast<UsePurpose>(row.int_at(2));
  permit.study_type = static_cast<int>(row.int_at(3));
  permit.state = static_cast<PermitState>(row.int_at(4));
  permit.opinion_reference = row.text_at(5);
  permit.opinion_us = row.int_at(6);
  permit.start_us = row.int_at(7);
  permit.end_us = row.int_at(8);
  permit.is_nominative = row.int_at(9) != 0;
  return permit;
}

Status load_permits(sqlite::Database& database, RightsState& state) {
  TRY(each(database,
           "SELECT permit_id, project, purpose, study_type, state, opinion_reference, opinion_us, "
           "start_us, end_us, nominative FROM permit ORDER BY 1",
           [&](sqlite::Statement& row) { state.permits.push_back(permit_of(row)); }));
  const auto with_permit = [&](std::int64_t id, const auto& visit) {
    for (Permit& permit : state.permits) {
      if (permit.id == id) visit(permit);
    }
  };
  TRY(each(database, "SELECT permit_id, user_id FROM permit_user ORDER BY 1, 2",
           [&](sqlite::Statement& row) {
             with_permit(row.int_at(0),
                         [&](Permit& permit) { permit.users.push_back(row.int_at(1)); });
           }));
  TRY(each(database, "SELECT permit_id, perimeter_id FROM permit_perimeter ORDER BY 1, 2",
           [&](sqlite::Statement& row) {
             with_permit(row.int_at(0),
                         [&](Permit& permit) { permit.perimeters.push_back(row.int_at(1)); });
           }));
  TRY(each(database,
           "SELECT permit_id, table_name, columns, justification FROM permit_table ORDER BY 1, 2",
           [&](sqlite::Statement& row) {
             with_permit(row.int_at(0), [&](Permit& permit) {
               permit.tables.push_back({row.text_at(1), split(row.text_at(2)), row.text_at(3)});
             });
           }));
  for (const Permit& permit : state.permits) TRY(check_permit(permit));
  return {};
}

}  // namespace

Result<RightsState> RightsStore::load() {
  sqlite::Database& database = *database_;
  RightsState state;
  TRY(each(database, "SELECT key, CAST(value AS INTEGER) FROM meta", [&](sqlite::Statement& row) {
    if (row.text_at(0) == "epoch") state.epoch = row.int_at(1);
    if (row.text_at(0) == "clock_us") state.clock_us = row.int_at(1);
  }));
  TRY(each(
      database, "SELECT user_id, name, subject, disabled_us FROM user ORDER BY 1",
      [&](sqlite::Statement& row) {
        state.users.push_back({row.int_at(0), row.text_at(1), row.text_at(2), row.int_at(3) != 0});
      }));
  TRY(each(
      database, "SELECT role_id, name, rights FROM role ORDER BY 1", [&](sqlite::Statement& row) {
        state.roles.push_back(
            {row.int_at(0), row.text_at(1), RightSet(static_cast<std::uint32_t>(row.int_at(2)))});
      }));
  for (const Role& role : state.roles) {
    if (role.rights.bits() >> kRightCount != 0) TRY(corrupt("role.rights"));
  }
  TRY(load_tree(database, state));
  TRY(load_accesses(database, state));
  TRY(each(database,
           "SELECT person_id, project, since_us FROM opposition WHERE lifted_us = 0 ORDER BY 1, 2",
           [&](sqlite::Statement& row) {
             state.oppositions.push_back({row.int_at(0), row.text_at(1), row.int_at(2)});
           }));
  TRY(each(database, "SELECT person_id, labels FROM person_label WHERE labels <> 0 ORDER BY 1",
           [&](sqlite::Statement& row) {
             state.labels.push_back({row.int_at(0), static_cast<LabelMask>(row.int_at(1))});
           }));
  TRY(load_permits(database, state));
  return state;
}

}  // namespace eds::govern
