// The tables of identity.db, their statements, and what a transaction does to the memory beside
// them.
#include <cstring>
#include <string>

#include "govern/identity_rows.h"

namespace eds::govern {
namespace {

constexpr char kSchema[] = R"sql(
PRAGMA application_id = 1161843529;
PRAGMA user_version = 1;
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE sequence(sequence_no INTEGER PRIMARY KEY, next INTEGER NOT NULL);
INSERT INTO sequence VALUES (1, 1), (2, 1), (3, 1);
CREATE TABLE authority(authority_no INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE TABLE person(person_id INTEGER PRIMARY KEY, arrival INTEGER NOT NULL);
CREATE TABLE identifier(
  identifier_no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, authority_no INTEGER NOT NULL,
  owner INTEGER NOT NULL, lookup BLOB NOT NULL, sealed BLOB NOT NULL);
CREATE UNIQUE INDEX identifier_lookup ON identifier(lookup);
CREATE INDEX identifier_owner ON identifier(owner);
CREATE TABLE visit(visit_id INTEGER PRIMARY KEY, person_id INTEGER);
CREATE INDEX visit_person ON visit(person_id);
CREATE TABLE detail(lookup BLOB PRIMARY KEY, detail_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE trait(
  trait_no INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, source INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL, digest INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX trait_person ON trait(person_id);
CREATE TABLE merge(
  merge_no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, survivor INTEGER NOT NULL,
  absorbed INTEGER NOT NULL, doubt INTEGER NOT NULL, time_us INTEGER NOT NULL,
  undone_us INTEGER NOT NULL);
)sql";

constexpr std::int64_t kApplicationId = 1161843529;  // "EDSI"
constexpr std::int64_t kSchemaVersion = 1;
constexpr std::string_view kKeyCheck = "the keys of this identity zone";

}  // namespace

SqliteIdentityStore::SqliteIdentityStore(Env& env, const KeyRing& keys,
                                         std::unique_ptr<sqlite::Database> database)
    : env_(env),
      database_(std::move(database)),
      lookup_key_(keys.derive(Purpose::IdentityLookup)),
      digest_key_(keys.derive(Purpose::IdentityDigest)),
      record_key_(keys.derive(Purpose::RecordKey)),
      values_(env, keys.derive(Purpose::IdentityValue)),
      traits_(env, keys.derive(Purpose::IdentityTraits)) {}

Status SqliteIdentityStore::prepare() {
  // FULL: a commit that returned survives a power cut. Temporary tables never touch the disk.
  TRY(
      database_->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -262144;"
                         "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"));
  TRY(database_->execute("BEGIN IMMEDIATE"));
  const auto ready = [&]() -> Status {
    const std::int64_t application = TRY(database_->number("PRAGMA application_id")).value_or(0);
    if (application == 0) TRY(make_schema());
    const std::int64_t known = TRY(database_->number("PRAGMA application_id")).value_or(0);
    const std::int64_t version = TRY(database_->number("PRAGMA user_version")).value_or(0);
    if (known != kApplicationId || version != kSchemaVersion) {
      return Error{Code::Refused, "identity.db is not an identity store of version 1"};
    }
    return check_keys();
  };
  const Status done = ready();
  if (!done.ok()) {
    static_cast<void>(database_->execute("ROLLBACK").ok());
    return done;
  }
  TRY(database_->execute("COMMIT"));
  TRY(prepare_statements());
  const bool empty = !TRY(database_->number("SELECT 1 FROM identifier LIMIT 1")).has_value();
  const bool no_details = !TRY(database_->number("SELECT 1 FROM detail LIMIT 1")).has_value();
  TRY(refresh());
  identifiers_.set_complete(empty);
  details_.set_complete(no_details);
  return {};
}

Status SqliteIdentityStore::make_schema() {
  TRY(database_->execute(kSchema));
  sqlite::Statement insert =
      TRY(database_->prepare_own("INSERT INTO meta VALUES ('key_check', ?)"));
  const std::string sealed = values_.seal(kKeyCheck, "meta");
  return insert.with(sqlite::Blob{sealed}).run();
}

Status SqliteIdentityStore::check_keys() {
  sqlite::Statement select =
      TRY(database_->prepare_own("SELECT value FROM meta WHERE name = 'key_check'"));
  const bool there = TRY(select.step());
  if (!there || !values_.unseal(select.bytes_at(0), "meta").ok()) {
    return Error{Code::Refused, "identity.db was made with other keys"};
  }
  return {};
}

Status SqliteIdentityStore::prepare_statements() {
  struct Text {
    sqlite::Statement* into;
    const char* sql;
  };
  const Text texts[] = {
      {&find_identifier_, "SELECT owner FROM identifier WHERE lookup = ?"},
      {&insert_identifier_,
       "INSERT INTO identifier(kind, authority_no, owner, lookup, sealed) VALUES (?,?,?,?,?)"},
      {&identifiers_of_owner_,
       "SELECT kind, authority_no, lookup, sealed FROM identifier WHERE owner = ? "
       "ORDER BY identifier_no"},
      {&insert_person_, "INSERT OR IGNORE INTO person VALUES (?,?) RETURNING person_id"},
      {&select_person_, "SELECT arrival FROM person WHERE person_id = ?"},
      {&insert_visit_, "INSERT INTO visit VALUES (?,?)"},
      {&select_visit_, "SELECT person_id FROM visit WHERE visit_id = ?"},
      {&update_visit_, "UPDATE visit SET person_id = ? WHERE visit_id = ?"},
      {&visits_of_person_, "SELECT visit_id FROM visit WHERE person_id = ? ORDER BY visit_id"},
      {&find_detail_, "SELECT detail_id FROM detail WHERE lookup = ?"},
      {&insert_detail_, "INSERT INTO detail VALUES (?,?)"},
      {&insert_trait_,
       "INSERT INTO trait(person_id, source, recorded_us, digest, sealed) VALUES (?,?,?,?,?)"},
      {&last_trait_,
       "SELECT digest FROM trait WHERE person_id = ? AND source = ? ORDER BY trait_no DESC LIMIT "
       "1"},
      {&traits_of_person_,
       "SELECT trait_no, source, recorded_us, digest, sealed FROM trait WHERE person_id = ?"},
      {&take_block_, "UPDATE sequence SET next = next + ? WHERE sequence_no = ? RETURNING next"},
      {&find_authority_, "SELECT authority_no FROM authority WHERE name = ?"},
      {&insert_authority_, "INSERT INTO authority(name) VALUES (?) RETURNING authority_no"},
      {&name_authority_, "SELECT name FROM authority WHERE authority_no = ?"},
      {&insert_merge_,
       "INSERT INTO merge(kind, survivor, absorbed, doubt, time_us, undone_us) "
       "VALUES (?,?,?,?,?,0) RETURNING merge_no"},
      {&undo_merge_, "UPDATE merge SET undone_us = ? WHERE merge_no = ?"},
      {&data_version_query_, "PRAGMA data_version"},
  };
  for (const Text& text : texts) *text.into = TRY(database_->prepare_own(text.sql));
  return {};
}

// Everything in memory that another process, or a rollback, may have made untrue.
Status SqliteIdentityStore::reload() {
  identifiers_.set_complete(false);
  details_.set_complete(false);
  visit_persons_ = LookupCache();
  authorities_.clear();
  blocks_ = {};
  person_merges_.clear();
  visit_merges_.clear();
  sqlite::Statement select = TRY(database_->prepare_own(
      "SELECT kind, survivor, absorbed FROM merge WHERE undone_us = 0 ORDER BY merge_no"));
  while (TRY(select.step())) {
    MergeMap& map = select.int_at(0) == kPersonMerge ? person_merges_ : visit_merges_;
    map.add(select.int_at(1), select.int_at(2));
  }
  return {};
}

Status SqliteIdentityStore::refresh() {
  data_version_query_.reset();
  if (!TRY(data_version_query_.step())) return Error{Code::Internal, "no data version"};
  const std::int64_t version = data_version_query_.int_at(0);
  data_version_query_.reset();
  if (version == data_version_) return {};
  TRY(reload());
  data_version_ = version;
  return {};
}

Status SqliteIdentityStore::needs_transaction() const {
  if (in_transaction_) return {};
  return Error{Code::Usage, "identities change inside a transaction only: begin() first"};
}

Status SqliteIdentityStore::begin() {
  if (in_transaction_) return Error{Code::Usage, "a transaction is open already"};
  TRY(database_->execute("BEGIN IMMEDIATE"));
  in_transaction_ = true;
  const Status fresh = refresh();
  if (!fresh.ok()) {
    static_cast<void>(rollback().ok());
    return fresh;
  }
  identifiers_.begin();
  details_.begin();
  return {};
}

Status SqliteIdentityStore::commit() {
  TRY(needs_transaction());
  Status done = database_->execute("COMMIT");
  if (!done.ok()) {
    // Disk full or the like: nothing was committed, and memory must not believe it was.
    static_cast<void>(rollback().ok());
    return done;
  }
  in_transaction_ = false;
  identifiers_.end();
  details_.end();
  return {};
}

Status SqliteIdentityStore::rollback() {
  TRY(needs_transaction());
  // SQLite may have rolled back by itself (disk full); then there is nothing left to do.
  static_cast<void>(database_->execute("ROLLBACK").ok());
  in_transaction_ = false;
  const bool identifiers_complete = identifiers_.complete();
  const bool details_complete = details_.complete();
  identifiers_.forget_added();
  details_.forget_added();
  TRY(reload());
  // What was complete before the transaction is so again: the database is back where it was.
  identifiers_.set_complete(identifiers_complete);
  details_.set_complete(details_complete);
  return {};
}

Status SqliteIdentityStore::warm() {
  struct Part {
    LookupCache* cache;
    const char* count;
    const char* rows;
  };
  const Part parts[] = {
      {&identifiers_, "SELECT count(*) FROM identifier", "SELECT lookup, owner FROM identifier"},
      {&details_, "SELECT count(*) FROM detail", "SELECT lookup, detail_id FROM detail"},
  };
  for (const Part& part : parts) {
    if (part.cache->complete()) continue;
    const std::int64_t row_count = TRY(database_->number(part.count)).value_or(0);
    part.cache->reserve(static_cast<std::size_t>(row_count));
    part.cache->set_complete(true);
    sqlite::Statement select = TRY(database_->prepare_own(part.rows));
    while (TRY(select.step())) {
      LookupKey key;
      if (select.bytes_at(0).size() != sizeof key)
        return Error{Code::Corrupt, "identity.db: lookup"};
      std::memcpy(&key, select.bytes_at(0).data(), sizeof key);
      part.cache->put(key, select.int_at(1));
    }
  }
  return {};
}

Result<IdentityCounts> SqliteIdentityStore::counts() {
  IdentityCounts counts;
  counts.persons = TRY(database_->number("SELECT count(*) FROM person")).value_or(0);
  counts.identifiers = TRY(database_->number("SELECT count(*) FROM identifier")).value_or(0);
  counts.visits = TRY(database_->number("SELECT count(*) FROM visit")).value_or(0);
  counts.details = TRY(database_->number("SELECT count(*) FROM detail")).value_or(0);
  counts.traits = TRY(database_->number("SELECT count(*) FROM trait")).value_or(0);
  counts.merges = TRY(database_->number("SELECT count(*) FROM merge")).value_or(0);
  return counts;
}

Result<std::unique_ptr<IdentityStore>> IdentityStore::open(Env& env, const KeyRing& keys,
                                                           const Path& directory) {
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  const Path path = join(directory, "identity.db");
  // SQLite gives its -wal and -shm files the mode of the database.
  if (!env.exists(path)) TRY(TRY(env.append_to(path))->close());
  TRY(env.set_mode(path, 0600));
  auto store = std::make_unique<SqliteIdentityStore>(env, keys, TRY(sqlite::Database::open(path)));
  TRY(store->prepare());
  return std::unique_ptr<IdentityStore>(std::move(store));
}

}  // namespace eds::govern
