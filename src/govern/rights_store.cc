#include "govern/rights_store.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace eds::govern {
namespace {

constexpr std::string_view kFormat = "1";

// Drawn in docs/internals/formats/rights_db.md.
constexpr const char* kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE user(user_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, subject TEXT NOT NULL,
  disabled_us INTEGER NOT NULL DEFAULT 0);
CREATE TABLE role(role_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rights INTEGER NOT NULL);
CREATE TABLE perimeter(perimeter_id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind INTEGER NOT NULL,
  care_site_id INTEGER NOT NULL);
CREATE TABLE access(access_id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
  role_id INTEGER NOT NULL, perimeter_id INTEGER NOT NULL, start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL, revoked_us INTEGER NOT NULL DEFAULT 0,
  review_due_us INTEGER NOT NULL, ground INTEGER NOT NULL, break_glass INTEGER NOT NULL,
  source TEXT NOT NULL, reason TEXT NOT NULL, granted_by INTEGER NOT NULL);
CREATE TABLE opposition(person_id INTEGER NOT NULL, project TEXT NOT NULL, channel TEXT NOT NULL,
  since_us INTEGER NOT NULL, lifted_us INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(person_id, project, since_us)) WITHOUT ROWID;
CREATE TABLE person_label(person_id INTEGER PRIMARY KEY, labels INTEGER NOT NULL);
CREATE TABLE permit(permit_id INTEGER PRIMARY KEY, project TEXT NOT NULL UNIQUE,
  purpose INTEGER NOT NULL, study_type INTEGER NOT NULL, state INTEGER NOT NULL,
  opinion_reference TEXT NOT NULL, opinion_us INTEGER NOT NULL, start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL, nominative INTEGER NOT NULL);
CREATE TABLE permit_user(permit_id INTEGER, user_id INTEGER, PRIMARY KEY(permit_id, user_id))
  WITHOUT ROWID;
CREATE TABLE permit_perimeter(permit_id INTEGER, perimeter_id INTEGER,
  PRIMARY KEY(permit_id, perimeter_id)) WITHOUT ROWID;
CREATE TABLE permit_table(permit_id INTEGER, table_name TEXT, columns TEXT NOT NULL,
  justification TEXT NOT NULL, PRIMARY KEY(permit_id, table_name)) WITHOUT ROWID;
CREATE TABLE session(session_id INTEGER PRIMARY KEY, ticket_hash TEXT NOT NULL UNIQUE,
  user_id INTEGER NOT NULL, acr INTEGER NOT NULL, source TEXT NOT NULL, start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL, closed_us INTEGER NOT NULL DEFAULT 0);
INSERT INTO meta VALUES ('format_version', '1'), ('epoch', '1'), ('clock_us', '0');
INSERT INTO perimeter VALUES (1, 0, '*', '', 0, 0);
)";

std::int64_t number_in(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<std::int64_t> meta_number(sqlite::Database& database, std::string_view key) {
  sqlite::Statement statement = TRY(database.prepare("SELECT value FROM meta WHERE key = ?"));
  if (!TRY(statement.bind(key).step())) {
    return Error{Code::Corrupt, "the rights store lacks a value: " + std::string(key)};
  }
  return number_in(statement.text_at(0));
}

Status set_meta(sqlite::Database& database, std::string_view key, std::int64_t value) {
  sqlite::Statement statement = TRY(database.prepare("UPDATE meta SET value = ? WHERE key = ?"));
  return statement.bind(std::string_view(std::to_string(value))).bind(key).run();
}

const User* user_named(const RightsState& state, std::string_view name) {
  for (const User& user : state.users) {
    if (user.name == name) return &user;
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<RightsStore>> RightsStore::open(Env& env, Audit& audit,
                                                       const Path& directory) {
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(directory, "rights.db")));
  std::unique_ptr<RightsStore> store(new RightsStore(env, audit, std::move(database)));
  TRY(store->settle_format());
  return store;
}

Status RightsStore::settle_format() {
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement made =
      TRY(database_->prepare("SELECT count(*) FROM sqlite_master WHERE name = 'meta'"));
  TRY(made.step());
  if (made.int_at(0) == 0) {
    TRY(database_->execute(kSchema));
    for (const Role& role : first_roles()) {
      sqlite::Statement insert =
          TRY(database_->prepare("INSERT INTO role(name, rights) VALUES (?, ?)"));
      TRY(insert.bind(std::string_view(role.name))
              .bind(static_cast<std::int64_t>(role.rights.bits()))
              .run());
    }
  }
  const std::int64_t format = TRY(meta_number(*database_, "format_version"));
  if (std::to_string(format) != kFormat) {
    return Error{Code::Unavailable, "the rights store is of a format this program does not know: " +
                                        std::to_string(format)};
  }
  return transaction.commit();
}

Result<std::int64_t> RightsStore::epoch() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return meta_number(*database_, "epoch");
}

Result<std::shared_ptr<const RightsState>> RightsStore::state() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_locked();
}

Result<std::shared_ptr<const RightsState>> RightsStore::state_locked() {
  const std::int64_t epoch = TRY(meta_number(*database_, "epoch"));
  const std::int64_t clock = TRY(meta_number(*database_, "clock_us"));
  if (state_ != nullptr && state_->epoch == epoch && state_->clock_us == clock) return state_;
  if (state_ != nullptr && state_->epoch == epoch) {
    RightsState later = *state_;
    later.clock_us = clock;
    state_ = std::make_shared<const RightsState>(std::move(later));
    return state_;
  }
  state_ = std::make_shared<const RightsState>(TRY(load()));
  return state_;
}

Status RightsStore::saw_time(std::int64_t now_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::int64_t clock = TRY(meta_number(*database_, "clock_us"));
  // Once a minute is enough for a tolerance of five, and spares a write for each decision.
  if (now_us < clock + 60'000'000) return {};
  return set_meta(*database_, "clock_us", now_us);
}

Status RightsStore::note(const Author& author, std::string_view action, const std::string& object,
                         Outcome outcome, const std::string& reason) {
  AuditEvent event;
  event.actor = author.name;
  event.action = action;
  event.object = object;
  event.reason = reason;
  event.outcome = outcome;
  return audit_->append(event);
}

Status RightsStore::finish(sqlite::Transaction& transaction) {
  TRY(database_->execute("UPDATE meta SET value = value + 1 WHERE key = 'epoch'"));
  return transaction.commit();
}

Result<UserId> RightsStore::add_user(const Author& author, const std::string& name,
                                     const std::string& subject) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (name.empty() || name.size() > 64) {
    return Error{Code::Usage, "an account's name has 1 to 64 characters"};
  }
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  if (user_named(*state, name) != nullptr) {
    return Error{Code::Conflict, "there is such an account already: " + name};
  }
  sqlite::Statement insert =
      TRY(database_->prepare("INSERT INTO user(name, subject) VALUES (?, ?)"));
  TRY(insert.bind(std::string_view(name)).bind(std::string_view(subject)).run());
  const UserId id = database_->last_insert_id();
  TRY(note(author, "user add", name, Outcome::Done));
  TRY(finish(transaction));
  return id;
}

Status RightsStore::disable_user(const Author& author, const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update =
      TRY(database_->prepare("UPDATE user SET disabled_us = ? WHERE name = ? AND disabled_us = 0"));
  TRY(update.bind(env_->now_us()).bind(std::string_view(name)).run());
  if (update.changes() == 0) return Error{Code::NotFound, "no such account in use: " + name};
  TRY(note(author, "user disable", name, Outcome::Done));
  return finish(transaction);
}

Result<RoleId> RightsStore::add_role(const Author& author, const std::string& name,
                                     RightSet rights) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (name.empty() || rights.empty()) return Error{Code::Usage, "a role has a name and rights"};
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement insert =
      TRY(database_->prepare("INSERT INTO role(name, rights) VALUES (?, ?)"));
  TRY(insert.bind(std::string_view(name)).bind(static_cast<std::int64_t>(rights.bits())).run());
  const RoleId id = database_->last_insert_id();
  TRY(note(author, "role add", name, Outcome::Done, right_names(rights)));
  TRY(finish(transaction));
  return id;
}

Result<PerimeterId> RightsStore::add_perimeter(const Author& author, const Perimeter& perimeter,
                                               const std::string& parent_code) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (perimeter.code.empty()) return Error{Code::Usage, "a perimeter has a code"};
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  // 0 when there is none. The statement ends with it, so that it can be asked again.
  const auto id_of = [&](const std::string& code) -> Result<PerimeterId> {
    sqlite::Statement find =
        TRY(database_->prepare("SELECT perimeter_id FROM perimeter WHERE code = ?"));
    return TRY(find.bind(std::string_view(code)).step()) ? find.int_at(0) : PerimeterId{0};
  };
  const PerimeterId parent_id = TRY(id_of(parent_code));
  if (parent_id == 0) return Error{Code::NotFound, "no such perimeter: " + parent_code};
  // A perimeter that exists is moved: the tree of a hospital changes (and so do its rights).
  sqlite::Statement put = TRY(database_->prepare(
      "INSERT INTO perimeter(parent_id, code, name, kind, care_site_id) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT(code) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, "
      "kind = excluded.kind, care_site_id = CASE WHEN excluded.care_site_id = 0 THEN "
      "perimeter.care_site_id ELSE excluded.care_site_id END"));
  TRY(put.bind(parent_id)
          .bind(std::string_view(perimeter.code))
          .bind(std::string_view(perimeter.name))
          .bind(static_cast<std::int64_t>(perimeter.kind))
          .bind(perimeter.care_site_id)
          .run());
  sqlite::Statement loop = TRY(database_->prepare(
      "WITH RECURSIVE up(id, n) AS (SELECT parent_id, 0 FROM perimeter WHERE code = ? UNION ALL "
      "SELECT parent_id, n + 1 FROM perimeter JOIN up ON perimeter_id = up.id WHERE n < 1000) "
      "SELECT max(n) FROM up"));
  TRY(loop.bind(std::string_view(perimeter.code)).step());
  if (perimeter.code == "*" || loop.int_at(0) >= 1000) {
    return Error{Code::Refused, "a perimeter cannot stand below itself: " + perimeter.code};
  }
  const PerimeterId id = TRY(id_of(perimeter.code));
  TRY(note(author, "perimeter put", perimeter.code, Outcome::Done, "below " + parent_code));
  TRY(finish(transaction));
  return id;
}

Result<std::int64_t> RightsStore::place_care_sites(const Author& author,
                                                   const std::vector<CareSite>& sites) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  std::map<std::string, PerimeterId> known;
  std::map<std::string, std::int64_t> site_of;
  for (const Perimeter& each : state->perimeters) {
    known[each.code] = each.id;
    site_of[each.code] = each.care_site_id;
  }
  std::int64_t added = 0;
  const auto put = [&](PerimeterId parent, const std::string& code, const std::string& name,
                       PerimeterKind kind, std::int64_t site) -> Status {
    if (known.count(code) != 0) {
      if (site == 0 || site_of[code] == site) return {};
      sqlite::Statement update =
          TRY(database_->prepare("UPDATE perimeter SET care_site_id = ? WHERE code = ?"));
      TRY(update.bind(site).bind(std::string_view(code)).run());
      site_of[code] = site;
      ++added;
      return {};
    }
    sqlite::Statement insert = TRY(database_->prepare(
        "INSERT INTO perimeter(parent_id, code, name, kind, care_site_id) VALUES (?, ?, ?, ?, ?)"));
    TRY(insert.bind(parent)
            .bind(std::string_view(code))
            .bind(std::string_view(name))
            .bind(static_cast<std::int64_t>(kind))
            .bind(site)
            .run());
    known[code] = database_->last_insert_id();
    site_of[code] = site;
    ++added;
    return {};
  };
  for (const CareSite& site : sites) {
    const std::size_t bar = site.code.find('|');
    PerimeterId parent = kRootPerimeter;
    if (bar != std::string::npos) {
      const std::string hospital = site.code.substr(0, bar);
      TRY(put(kRootPerimeter, hospital, "", PerimeterKind::Hospital, 0));
      parent = known[hospital];
    }
    const bool is_finess = bar == std::string::npos && site.code.size() == 9;
    TRY(put(parent, site.code.empty() ? "care-site " + std::to_string(site.id) : site.code,
            site.name, is_finess ? PerimeterKind::Hospital : PerimeterKind::Unit, site.id));
  }
  if (added == 0) return 0;
  TRY(note(author, "perimeter sync", std::to_string(added), Outcome::Done));
  TRY(finish(transaction));
  return added;
}

}  // namespace eds::govern
