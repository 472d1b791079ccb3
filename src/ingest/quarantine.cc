#include "ingest/quarantine.h"

namespace eds::ingest {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS context(
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS reject(
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, file_name TEXT NOT NULL,
  format TEXT NOT NULL, content_hash TEXT NOT NULL, context_id INTEGER NOT NULL,
  line INTEGER NOT NULL, byte_offset INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL,
  reason TEXT NOT NULL, raw BLOB NOT NULL, corrected BLOB, state INTEGER NOT NULL DEFAULT 0,
  loaded_by INTEGER, time_us INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS reject_place
  ON reject(content_hash, file_name, line, byte_offset);
CREATE INDEX IF NOT EXISTS reject_state ON reject(state, format, field, code);
PRAGMA user_version = 1;
)sql";

constexpr const char* kColumns =
    "id, source_id, file_name, format, line, byte_offset, field, code, reason, state, "
    "corrected IS NOT NULL, time_us, content_hash";

RejectRow row_of(const sqlite::Statement& query) {
  RejectRow row;
  row.id = query.int_at(0);
  row.source_id = query.int_at(1);
  row.file_name = query.text_at(2);
  row.format = query.text_at(3);
  row.line = static_cast<std::uint64_t>(query.int_at(4));
  row.byte_offset = static_cast<std::uint64_t>(query.int_at(5));
  row.field = query.text_at(6);
  row.code = query.text_at(7);
  row.reason = query.text_at(8);
  row.state = static_cast<RejectState>(query.int_at(9));
  row.corrected = query.int_at(10) != 0;
  row.time_us = query.int_at(11);
  return row;
}

// The sealed bytes only open in the place they were sealed for.
std::string raw_place(std::string_view content_hash, std::uint64_t line, std::uint64_t offset) {
  return "reject/" + std::string(content_hash) + "/" + std::to_string(line) + "/" +
         std::to_string(offset);
}

std::string context_place(std::int64_t source_id) {
  return "reject-context/" + std::to_string(source_id);
}

// SQLite takes a text without address for NULL.
std::string_view said(std::string_view text) {
  return text.data() == nullptr ? "" : text;
}

}  // namespace

std::string_view reject_state_name(RejectState state) {
  switch (state) {
    case RejectState::Open: return "open";
    case RejectState::Loaded: return "loaded";
    case RejectState::Replaced: return "replaced";
    case RejectState::Dismissed: return "dismissed";
  }
  return "open";
}

Result<std::unique_ptr<Quarantine>> Quarantine::open(Env& env, govern::Vault& vault,
                                                     const Path& directory) {
  TRY(env.make_directories(directory));
  const Path place = join(directory, "quarantine.db");
  std::unique_ptr<sqlite::Database> database = TRY(sqlite::Database::open(place));
  TRY(database->execute(kTables));
  TRY(env.set_mode(place, 0600));
  return std::unique_ptr<Quarantine>(new Quarantine(env, vault, std::move(database)));
}

Status Quarantine::begin() {
  if (transaction_.has_value()) return {};
  transaction_.emplace(TRY(sqlite::Transaction::begin(*database_)));
  return {};
}

Status Quarantine::commit() {
  if (!transaction_.has_value()) return {};
  const Status done = transaction_->commit();
  transaction_.reset();
  context_source_ = 0;
  return done;
}

void Quarantine::rollback() {
  transaction_.reset();
  context_source_ = 0;
}

Result<std::int64_t> Quarantine::context_id(const Source& source) {
  if (context_source_ == source.source_id && context_source_ != 0) return context_id_;
  const std::string sealed = TRY(vault_->seal(source.context, context_place(source.source_id)));
  sqlite::Statement insert =
      TRY(database_->prepare("INSERT INTO context(source_id, sealed) VALUES(?, ?)"));
  insert.bind(source.source_id).bind(sqlite::Blob{sealed});
  TRY(insert.run());
  context_source_ = source.source_id;
  context_id_ = database_->last_insert_id();
  return context_id_;
}

Status Quarantine::add(const Source& source, const Reject& reject) {
  TRY(begin());
  const std::int64_t context = TRY(context_id(source));
  const std::string sealed = TRY(
      vault_->seal(reject.raw, raw_place(source.content_hash, reject.line, reject.byte_offset)));
  sqlite::Statement insert = TRY(database_->prepare(
      "INSERT INTO reject(source_id, file_name, format, content_hash, context_id, line, "
      "byte_offset, field, code, reason, raw, time_us) VALUES(?,?,?,?,?,?,?,?,?,?,?,?) "
      "ON CONFLICT(content_hash, file_name, line, byte_offset) DO UPDATE SET "
      "field = excluded.field, code = excluded.code, reason = excluded.reason"));
  insert.bind(source.source_id).bind(source.file_name).bind(source.format);
  insert.bind(source.content_hash).bind(context);
  insert.bind(static_cast<std::int64_t>(reject.line));
  insert.bind(static_cast<std::int64_t>(reject.byte_offset));
  insert.bind(said(reject.field)).bind(said(reject.code)).bind(said(reject.reason));
  insert.bind(sqlite::Blob{sealed}).bind(env_->now_us());
  return insert.run();
}

Status Quarantine::set_state(std::int64_t id, RejectState state, std::int64_t source_id) {
  TRY(begin());
  sqlite::Statement update =
      TRY(database_->prepare("UPDATE reject SET state = ?, loaded_by = ? WHERE id = ?"));
  update.bind(static_cast<std::int64_t>(state)).bind(source_id).bind(id);
  return update.run();
}

Status Quarantine::set_reason(std::int64_t id, const Reject& reject) {
  TRY(begin());
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE reject SET field = ?, code = ?, reason = ?, time_us = ? WHERE id = ?"));
  update.bind(said(reject.field)).bind(said(reject.code)).bind(said(reject.reason));
  update.bind(env_->now_us()).bind(id);
  return update.run();
}

Result<std::vector<RejectRow>> Quarantine::list(const RejectFilter& filter) {
  std::string sql = std::string("SELECT ") + kColumns + " FROM reject WHERE id > ?";
  if (filter.state.has_value()) {
    sql += " AND state = " + std::to_string(static_cast<int>(*filter.state));
  }
  if (filter.source_id != 0) sql += " AND source_id = " + std::to_string(filter.source_id);
  if (!filter.ids.empty()) {
    sql += " AND id IN (";
    for (std::size_t i = 0; i < filter.ids.size(); ++i) {
      sql += (i == 0 ? "" : ",") + std::to_string(filter.ids[i]);
    }
    sql += ")";
  }
  sql += " AND (?2 = '' OR format = ?2) AND (?3 = '' OR field = ?3) AND (?4 = '' OR code = ?4)";
  sql += " ORDER BY id LIMIT " + std::to_string(filter.limit);
  sqlite::Statement query = TRY(database_->prepare(sql));
  query.bind(filter.after_id).bind(filter.format).bind(filter.field).bind(filter.code);
  std::vector<RejectRow> rows;
  while (TRY(query.step())) rows.push_back(row_of(query));
  return rows;
}

Result<std::vector<RejectCount>> Quarantine::counts() {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT format, field, code, state, count(*) FROM reject GROUP BY 1, 2, 3, 4 "
      "ORDER BY 5 DESC, 1, 2, 3"));
  std::vector<RejectCount> counts;
  while (TRY(query.step())) {
    counts.push_back(RejectCount{query.text_at(0), query.text_at(1), query.text_at(2),
                                 static_cast<RejectState>(query.int_at(3)), query.int_at(4)});
  }
  return counts;
}

Result<RejectBytes> Quarantine::unsealed(const RejectRow& row) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT coalesce(corrected, raw), content_hash, sealed, context.source_id FROM reject "
      "JOIN context ON context.id = context_id WHERE reject.id = ?"));
  if (!TRY(query.bind(row.id).step())) {
    return Error{Code::NotFound, "no such record in the quarantine: " + std::to_string(row.id)};
  }
  RejectBytes bytes;
  bytes.row = row;
  bytes.content_hash = query.text_at(1);
  bytes.raw = Identifying<std::string>(TRY(
      vault_->unseal(query.text_at(0), raw_place(bytes.content_hash, row.line, row.byte_offset))));
  bytes.context = Identifying<std::string>(
      TRY(vault_->unseal(query.text_at(2), context_place(query.int_at(3)))));
  return bytes;
}

Result<std::vector<RejectBytes>> Quarantine::open_records(const RejectFilter& filter) {
  RejectFilter open = filter;
  open.state = RejectState::Open;
  std::vector<RejectBytes> records;
  for (const RejectRow& row : TRY(list(open))) records.push_back(TRY(unsealed(row)));
  return records;
}

namespace {

Result<RejectRow> find_row(Quarantine& quarantine, std::int64_t id) {
  RejectFilter filter;
  filter.ids = {id};
  filter.state = std::nullopt;
  std::vector<RejectRow> rows = TRY(quarantine.list(filter));
  if (rows.empty()) {
    return Error{Code::NotFound, "no such record in the quarantine: " + std::to_string(id)};
  }
  return rows.front();
}

Status leave_trace(govern::Audit& audit, const std::string& actor, const char* action,
                   std::int64_t id, const std::string& purpose) {
  govern::AuditEvent event;
  event.actor = actor;
  event.action = action;
  event.object = "reject " + std::to_string(id);
  event.reason = purpose;
  event.row_count = 1;
  return audit.append(event);
}

}  // namespace

Result<RejectBytes> Quarantine::show(std::int64_t id, govern::Audit& audit,
                                     const std::string& actor, const std::string& purpose) {
  const RejectRow row = TRY(find_row(*this, id));
  TRY(leave_trace(audit, actor, "quarantine-show", id, purpose));
  return unsealed(row);
}

Status Quarantine::correct(std::int64_t id, const Identifying<std::string>& bytes,
                           govern::Audit& audit, const std::string& actor) {
  const RejectRow row = TRY(find_row(*this, id));
  if (row.state != RejectState::Open) {
    return Error{Code::Conflict, "only an open record can be corrected; this one is " +
                                     std::string(reject_state_name(row.state))};
  }
  TRY(leave_trace(audit, actor, "quarantine-correct", id, ""));
  const std::string hash = TRY(unsealed(row)).content_hash;
  const std::string sealed =
      TRY(vault_->seal(bytes.reveal(Reason::Seal), raw_place(hash, row.line, row.byte_offset)));
  sqlite::Statement update =
      TRY(database_->prepare("UPDATE reject SET corrected = ? WHERE id = ?"));
  update.bind(sqlite::Blob{sealed}).bind(id);
  return update.run();
}

Status Quarantine::dismiss(std::int64_t id, govern::Audit& audit, const std::string& actor,
                           const std::string& purpose) {
  TRY(find_row(*this, id));
  TRY(leave_trace(audit, actor, "quarantine-dismiss", id, purpose));
  sqlite::Statement update = TRY(database_->prepare("UPDATE reject SET state = ? WHERE id = ?"));
  update.bind(static_cast<std::int64_t>(RejectState::Dismissed)).bind(id);
  return update.run();
}

}  // namespace eds::ingest
