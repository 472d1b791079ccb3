// The part of RightsStore about persons (oppositions, labels) and permits.
#include <algorithm>

#include "govern/rights_store.h"

namespace eds::govern {

Status RightsStore::oppose(const Author& author, std::int64_t person, const std::string& project,
                           const std::string& channel) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (person <= 0) return Error{Code::Usage, "a person id is a positive number"};
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement known = TRY(database_->prepare(
      "SELECT count(*) FROM opposition WHERE person_id = ? AND project = ? AND lifted_us = 0"));
  TRY(known.bind(person).bind(std::string_view(project)).step());
  if (known.int_at(0) != 0) return Error{Code::Conflict, "this opposition is recorded already"};
  sqlite::Statement insert = TRY(database_->prepare(
      "INSERT INTO opposition(person_id, project, channel, since_us) VALUES (?, ?, ?, ?)"));
  TRY(insert.bind(person)
          .bind(std::string_view(project))
          .bind(std::string_view(channel))
          .bind(env_->now_us())
          .run());
  TRY(note(author, "opposition add", std::to_string(person), Outcome::Done,
           project.empty() ? "general" : "project " + project));
  return finish(transaction);
}

Status RightsStore::lift_opposition(const Author& author, std::int64_t person,
                                    const std::string& project) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE opposition SET lifted_us = ? WHERE person_id = ? AND project = ? AND lifted_us = 0"));
  TRY(update.bind(env_->now_us()).bind(person).bind(std::string_view(project)).run());
  if (update.changes() == 0) return Error{Code::NotFound, "no such opposition in force"};
  TRY(note(author, "opposition remove", std::to_string(person), Outcome::Done,
           project.empty() ? "general" : "project " + project));
  return finish(transaction);
}

Status RightsStore::label(const Author& author, std::int64_t person, LabelMask labels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (person <= 0) return Error{Code::Usage, "a person id is a positive number"};
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement put = TRY(database_->prepare(
      "INSERT INTO person_label VALUES (?, ?) ON CONFLICT(person_id) DO UPDATE SET labels = "
      "excluded.labels"));
  TRY(put.bind(person).bind(static_cast<std::int64_t>(labels)).run());
  TRY(note(author, "label", std::to_string(person), Outcome::Done));
  return finish(transaction);
}

Result<std::int64_t> RightsStore::put_permit(const Author& author, const Permit& permit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  TRY(check_permit(permit));
  for (const PermitColumns& table : permit.tables) {
    for (const std::string& column : table.columns) {
      if (column.find(',') != std::string::npos) {
        return Error{Code::Usage, "a column's name has no comma: " + column};
      }
    }
  }
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement put = TRY(database_->prepare(
      "INSERT INTO permit(project, purpose, study_type, state, opinion_reference, opinion_us, "
      "start_us, end_us, nominative) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(project) DO "
      "UPDATE SET purpose = excluded.purpose, study_type = excluded.study_type, state = "
      "excluded.state, opinion_reference = excluded.opinion_reference, opinion_us = "
      "excluded.opinion_us, start_us = excluded.start_us, end_us = excluded.end_us, nominative = "
      "excluded.nominative"));
  TRY(put.bind(std::string_view(permit.project))
          .bind(static_cast<std::int64_t>(permit.purpose))
          .bind(static_cast<std::int64_t>(permit.study_type))
          .bind(static_cast<std::int64_t>(permit.state))
          .bind(std::string_view(permit.opinion_reference))
          .bind(permit.opinion_us)
          .bind(permit.start_us)
          .bind(permit.end_us)
          .bind(static_cast<std::int64_t>(permit.is_nominative ? 1 : 0))
          .run());
  sqlite::Statement find =
      TRY(database_->prepare("SELECT permit_id FROM permit WHERE project = ?"));
  TRY(find.bind(std::string_view(permit.project)).step());
  const std::int64_t id = find.int_at(0);
  for (const char* sql : {"DELETE FROM permit_user WHERE permit_id = ?",
                          "DELETE FROM permit_perimeter WHERE permit_id = ?",
                          "DELETE FROM permit_table WHERE permit_id = ?"}) {
    sqlite::Statement clear = TRY(database_->prepare(sql));
    TRY(clear.bind(id).run());
  }
  for (const std::int64_t user : permit.users) {
    sqlite::Statement insert =
        TRY(database_->prepare("INSERT OR IGNORE INTO permit_user VALUES (?, ?)"));
    TRY(insert.bind(id).bind(user).run());
  }
  for (const std::int64_t perimeter : permit.perimeters) {
    sqlite::Statement insert =
        TRY(database_->prepare("INSERT OR IGNORE INTO permit_perimeter VALUES (?, ?)"));
    TRY(insert.bind(id).bind(perimeter).run());
  }
  for (const PermitColumns& table : permit.tables) {
    std::string columns;
    for (const std::string& column : table.columns)
      columns += (columns.empty() ? "" : ",") + column;
    sqlite::Statement insert =
        TRY(database_->prepare("INSERT INTO permit_table VALUES (?, ?, ?, ?)"));
    TRY(insert.bind(id)
            .bind(std::string_view(table.table))
            .bind(std::string_view(columns))
            .bind(std::string_view(table.justification))
            .run());
  }
  TRY(note(author, "permit put", permit.project, Outcome::Done,
           std::string(permit_state_name(permit.state))));
  TRY(finish(transaction));
  return id;
}

Status RightsStore::set_permit_state(const Author& author, std::int64_t permit, PermitState state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update =
      TRY(database_->prepare("UPDATE permit SET state = ? WHERE permit_id = ?"));
  TRY(update.bind(static_cast<std::int64_t>(state)).bind(permit).run());
  if (update.changes() == 0) return Error{Code::NotFound, "no such permit"};
  TRY(note(author, "permit state", std::to_string(permit), Outcome::Done,
           std::string(permit_state_name(state))));
  return finish(transaction);
}

}  // namespace eds::govern
