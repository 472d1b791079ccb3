#include "lake/catalogue.h"

#include <cstdio>
#include <limits>
#include <map>

namespace eds::lake {
namespace {

constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES('format_version', '2');
CREATE TABLE IF NOT EXISTS release(
  release_id INTEGER PRIMARY KEY, created_us INTEGER NOT NULL, actor TEXT NOT NULL,
  note TEXT NOT NULL, vacuumed_us INTEGER);
CREATE TABLE IF NOT EXISTS release_tag(
  tag TEXT PRIMARY KEY, release_id INTEGER NOT NULL REFERENCES release) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lake_table(
  table_name TEXT PRIMARY KEY, table_uuid TEXT NOT NULL, created_ms INTEGER NOT NULL,
  projected_version INTEGER NOT NULL DEFAULT -1) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS table_field(
  table_name TEXT NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL, type INTEGER NOT NULL,
  added_version INTEGER NOT NULL, PRIMARY KEY(table_name, ordinal)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS table_version(
  table_name TEXT NOT NULL, version INTEGER NOT NULL, release_id INTEGER NOT NULL,
  delta_text TEXT NOT NULL, PRIMARY KEY(table_name, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS table_version_release ON table_version(table_name, release_id);
CREATE TABLE IF NOT EXISTS data_file(
  table_name TEXT NOT NULL, path TEXT NOT NULL, added_version INTEGER NOT NULL,
  removed_version INTEGER, row_count INTEGER NOT NULL, byte_count INTEGER NOT NULL,
  person_min INTEGER NOT NULL, person_max INTEGER NOT NULL, column_count INTEGER NOT NULL,
  stats TEXT NOT NULL, checksum TEXT NOT NULL DEFAULT '', vacuumed_us INTEGER,
  PRIMARY KEY(table_name, path)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS data_file_version ON data_file(table_name, added_version);
CREATE TABLE IF NOT EXISTS sequence(name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed(
  content_hash TEXT PRIMARY KEY, source_id INTEGER NOT NULL, format TEXT NOT NULL,
  release_id INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// Version 1 knew neither checksums nor vacuum.
constexpr char kFromVersion1[] = R"sql(
ALTER TABLE release ADD COLUMN vacuumed_us INTEGER;
ALTER TABLE data_file ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE data_file ADD COLUMN vacuumed_us INTEGER;
UPDATE meta SET value = '2' WHERE key = 'format_version';
)sql";

constexpr std::string_view kFormatVersion = "2";

std::string uuid(Env& env) {
  const std::uint64_t high = (env.random_u64() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (env.random_u64() >> 2) | (std::uint64_t{1} << 63);
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-%04llx-%04llx-%04llx-%012llx",
                static_cast<unsigned long long>(high >> 32),
                static_cast<unsigned long long>((high >> 16) & 0xFFFF),
                static_cast<unsigned long long>(high & 0xFFFF),
                static_cast<unsigned long long>(low >> 48),
                static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFFULL));
  return text;
}

std::string release_name(std::int64_t id) {
  return "r" + std::to_string(id);
}

DataFile file_of(sqlite::Statement& row) {
  return DataFile{row.text_at(0), row.int_at(1), row.int_at(2),  row.int_at(3),
                  row.int_at(4),  row.int_at(5), row.text_at(6), row.text_at(7)};
}

constexpr std::string_view kFileColumns =
    "path, row_count, byte_count, person_min, person_max, column_count, stats, "
    "checksum";

}  // namespace

Result<std::unique_ptr<Catalogue>> Catalogue::open(Env& env, const Path& path) {
  std::unique_ptr<sqlite::Database> database = TRY(sqlite::Database::open(path));
  std::unique_ptr<Catalogue> catalogue(new Catalogue(env, std::move(database)));
  TRY(catalogue->settle_format());
  return catalogue;
}

Status Catalogue::settle_format() {
  // Two processes may open a new or an old catalogue at once: the one that locks first changes it.
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  TRY(database_->execute(kSchema));
  std::string version;
  {
    sqlite::Statement query =
        TRY(database_->prepare("SELECT value FROM meta WHERE key = 'format_version'"));
    TRY(query.step());
    version = query.text_at(0);
  }
  if (version == "1") TRY(database_->execute(kFromVersion1));
  if (version != "1" && version != kFormatVersion) {
    return Error{Code::Conflict, "the catalogue was written by a newer eds, in format " + version};
  }
  return transaction.commit();
}

Result<Release> Catalogue::commit(const NewRelease& wanted) {
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  TRY(check_base(wanted));
  Release release;
  release.created_us = env_->now_us();
  release.actor = wanted.actor;
  release.note = wanted.note;
  {
    sqlite::Statement insert =
        TRY(database_->prepare("INSERT INTO release(created_us, actor, note) VALUES(?, ?, ?)"));
    TRY(insert.bind(release.created_us).bind(release.actor).bind(release.note).run());
  }
  release.id = database_->last_insert_id();
  release.name = release_name(release.id);
  for (const TableChange& change : wanted.changes) TRY(apply(change, release));
  TRY(insert_feeds(wanted.feeds, release.id));
  for (const auto& [name, value] : wanted.marks) {
    sqlite::Statement set = TRY(database_->prepare("INSERT OR REPLACE INTO mark VALUES(?, ?)"));
    TRY(set.bind(name).bind(value).run());
  }
  TRY(transaction.commit());
  return release;
}

Status Catalogue::check_base(const NewRelease& wanted) {
  if (!wanted.base || TRY(latest_id()) == *wanted.base) return {};
  return Error{Code::Conflict,
               "another release was committed out of turn, by an older eds: feed again"};
}

Status Catalogue::insert_feeds(const std::vector<Feed>& feeds, std::int64_t release_id) {
  for (const Feed& feed : feeds) {
    sqlite::Statement insert = TRY(database_->prepare(
        "INSERT INTO feed(content_hash, source_id, format, release_id) VALUES(?, ?, ?, ?)"));
    insert.bind(feed.content_hash).bind(feed.source_id).bind(feed.format).bind(release_id);
    TRY(insert.run());
  }
  return {};
}

Status Catalogue::apply(const TableChange& change, const Release& release) {
  std::int64_t version = 0;
  {
    sqlite::Statement last = TRY(database_->prepare(
        "SELECT coalesce(max(version) + 1, 0) FROM table_version WHERE table_name = ?"));
    TRY(last.bind(change.table).step());
    version = last.int_at(0);
  }
  TRY(settle_fields(change, version));
  const std::string text = TRY(text_of(change, release, version));
  {
    sqlite::Statement insert = TRY(
        database_->prepare("INSERT INTO table_version(table_name, version, release_id, delta_text) "
                           "VALUES(?, ?, ?, ?)"));
    TRY(insert.bind(change.table).bind(version).bind(release.id).bind(text).run());
  }
  for (const std::string& path : change.removed) {
    sqlite::Statement remove =
        TRY(database_->prepare("UPDATE data_file SET removed_version = ? "
                               "WHERE table_name = ? AND path = ? AND removed_version IS NULL"));
    TRY(remove.bind(version).bind(change.table).bind(path).run());
    if (remove.changes() != 1) {
      return Error{Code::Conflict, "another commit replaced a file of table " + change.table +
                                       " first: feed again"};
    }
  }
  for (const DataFile& file : change.added) {
    sqlite::Statement insert = TRY(database_->prepare(
        "INSERT INTO data_file(table_name, path, added_version, row_count, byte_count, "
        "person_min, person_max, column_count, stats, checksum) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert.bind(change.table).bind(file.path).bind(version).bind(file.row_count);
    insert.bind(file.byte_count).bind(file.person_min).bind(file.person_max);
    TRY(insert.bind(file.column_count).bind(file.stats_json).bind(file.checksum).run());
  }
  return {};
}

Status Catalogue::settle_fields(const TableChange& change, std::int64_t version) {
  if (version == 0) {
    sqlite::Statement create = TRY(database_->prepare(
        "INSERT INTO lake_table(table_name, table_uuid, created_ms) VALUES(?, ?, ?)"));
    TRY(create.bind(change.table).bind(uuid(*env_)).bind(env_->now_us() / 1000).run());
  }
  if (!change.fields) return {};
  for (std::size_t ordinal = 0; ordinal < change.fields->size(); ++ordinal) {
    const delta::Field& field = (*change.fields)[ordinal];
    sqlite::Statement insert = TRY(database_->prepare(
        "INSERT INTO table_field(table_name, ordinal, name, type, added_version) "
        "VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"));
    insert.bind(change.table).bind(static_cast<std::int64_t>(ordinal)).bind(field.name);
    TRY(insert.bind(static_cast<std::int64_t>(field.type)).bind(version).run());
  }
  return {};
}

Result<std::string> Catalogue::text_of(const TableChange& change, const Release& release,
                                       std::int64_t version) {
  delta::Commit commit;
  commit.timestamp_ms = release.created_us / 1000;
  commit.operation = version == 0 ? "CREATE TABLE" : change.operation;
  commit.release = release.name;
  commit.with_protocol = version == 0;
  if (change.fields) commit.metadata = TRY(metadata(change.table, version));
  for (const DataFile& file : change.added) {
    commit.adds.push_back(delta::Add{file.path, file.byte_count, commit.timestamp_ms,
                                     file.stats_json, change.data_change});
  }
  for (const std::string& path : change.removed) {
    const std::int64_t bytes = TRY(byte_count_of(change.table, path));
    commit.removes.push_back(delta::Remove{path, commit.timestamp_ms, bytes, change.data_change});
  }
  return delta::commit_text(commit);
}

Result<std::int64_t> Catalogue::byte_count_of(std::string_view table, const std::string& path) {
  sqlite::Statement query =
      TRY(database_->prepare("SELECT byte_count FROM data_file WHERE table_name = ? AND path = ?"));
  if (TRY(query.bind(table).bind(path).step())) return query.int_at(0);
  return Error{Code::Conflict, "a file to be replaced is unknown in table " + std::string(table)};
}

Result<std::int64_t> Catalogue::latest_id() {
  sqlite::Statement query =
      TRY(database_->prepare("SELECT coalesce(max(release_id), 0) FROM release"));
  TRY(query.step());
  return query.int_at(0);
}

Result<Release> Catalogue::latest() {
  std::vector<Release> last = TRY(releases_where("ORDER BY release_id DESC LIMIT 1"));
  if (!last.empty()) return std::move(last[0]);
  return Error{Code::NotFound, "the warehouse is empty: feed it with eds ingest"};
}

Result<Release> Catalogue::release(std::string_view name_or_tag) {
  const Release last = TRY(latest());
  if (name_or_tag == "latest" || name_or_tag.empty()) return last;
  for (const Release& candidate : TRY(releases())) {
    bool is_it = candidate.name == name_or_tag || std::to_string(candidate.id) == name_or_tag;
    for (const std::string& tag : candidate.tags) is_it = is_it || tag == name_or_tag;
    if (!is_it) continue;
    if (candidate.vacuumed_us == 0) return candidate;
    return Error{Code::NotFound, "the release was vacuumed, its rows are gone: " + candidate.name};
  }
  return Error{Code::NotFound,
               "no such release (see eds release list): " + std::string(name_or_tag)};
}

Result<std::vector<Release>> Catalogue::releases() {
  return releases_where("ORDER BY release_id");
}

Result<std::vector<Release>> Catalogue::releases_where(const std::string& clause) {
  std::vector<Release> all;
  std::map<std::int64_t, std::size_t> place;
  {
    sqlite::Statement query = TRY(database_->prepare(
        "SELECT release_id, created_us, actor, note, coalesce(vacuumed_us, 0) FROM release " +
        clause));
    while (TRY(query.step())) {
      Release release;
      release.id = query.int_at(0);
      release.name = release_name(release.id);
      release.created_us = query.int_at(1);
      release.actor = query.text_at(2);
      release.note = query.text_at(3);
      release.vacuumed_us = query.int_at(4);
      place[release.id] = all.size();
      all.push_back(std::move(release));
    }
  }
  sqlite::Statement tags =
      TRY(database_->prepare("SELECT tag, release_id FROM release_tag ORDER BY tag"));
  while (TRY(tags.step())) {
    const auto found = place.find(tags.int_at(1));
    if (found != place.end()) all[found->second].tags.push_back(tags.text_at(0));
  }
  return all;
}

Status Catalogue::tag(std::int64_t release_id, std::string_view tag) {
  if (tag.empty() || tag == "latest" || (tag[0] == 'r' && tag.size() > 1 && tag[1] <= '9')) {
    return Error{Code::Usage, "a tag may not be empty, \"latest\" or look like a release name"};
  }
  sqlite::Statement insert = TRY(database_->prepare(
      "INSERT INTO release_tag(tag, release_id) "
      "SELECT ?, release_id FROM release WHERE release_id = ? AND vacuumed_us IS NULL"));
  const Status done = insert.bind(tag).bind(release_id).run();
  if (done.ok() && insert.changes() == 0) {
    return Error{Code::NotFound,
                 "no such release, or it was vacuumed: " + release_name(release_id)};
  }
  if (!done.ok() && done.error().code == Code::Conflict) {
    return Error{Code::Conflict, "the tag exists already: " + std::string(tag)};
  }
  return done;
}

Result<std::optional<std::int64_t>> Catalogue::version_at(std::string_view table,
                                                          std::int64_t release_id) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT max(version) FROM table_version WHERE table_name = ? AND release_id <= ?"));
  TRY(query.bind(table).bind(release_id).step());
  if (query.is_null(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(query.int_at(0));
}

Result<std::vector<DataFile>> Catalogue::files(std::string_view table, std::int64_t release_id) {
  const std::optional<std::int64_t> version = TRY(version_at(table, release_id));
  if (!version) return std::vector<DataFile>();
  return files_at_version(table, *version);
}

Result<std::vector<DataFile>> Catalogue::files_at_version(std::string_view table,
                                                          std::int64_t version) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT " + std::string(kFileColumns) +
      " FROM data_file WHERE table_name = ? AND added_version <= ? AND "
      "(removed_version IS NULL OR removed_version > ?) ORDER BY person_min, path"));
  query.bind(table).bind(version).bind(version);
  std::vector<DataFile> files;
  while (TRY(query.step())) files.push_back(file_of(query));
  return files;
}

Result<std::vector<DataFile>> Catalogue::files_of_person(std::string_view table,
                                                         std::int64_t release_id,
                                                         std::int64_t person_id) {
  const std::optional<std::int64_t> version = TRY(version_at(table, release_id));
  std::vector<DataFile> files;
  if (!version) return files;
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT " + std::string(kFileColumns) +
      " FROM data_file WHERE table_name = ? AND added_version <= ? AND "
      "(removed_version IS NULL OR removed_version > ?) AND person_min <= ? AND person_max >= ? "
      "ORDER BY person_min, path"));
  query.bind(table).bind(*version).bind(*version).bind(person_id).bind(person_id);
  while (TRY(query.step())) files.push_back(file_of(query));
  return files;
}

Result<std::vector<TableVersion>> Catalogue::tables(std::int64_t release_id) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT v.table_name, v.version, coalesce(sum(f.row_count), 0), "
      "coalesce(sum(f.byte_count), 0), count(f.path) FROM "
      "(SELECT table_name, max(version) AS version FROM table_version WHERE release_id <= ? "
      " GROUP BY table_name) v LEFT JOIN data_file f ON f.table_name = v.table_name AND "
      "f.added_version <= v.version AND (f.removed_version IS NULL OR "
      "f.removed_version > v.version) GROUP BY v.table_name, v.version ORDER BY v.table_name"));
  query.bind(release_id);
  std::vector<TableVersion> tables;
  while (TRY(query.step())) {
    tables.push_back(TableVersion{query.text_at(0), query.int_at(1), query.int_at(2),
                                  query.int_at(3), query.int_at(4)});
  }
  return tables;
}

Result<std::vector<delta::Field>> Catalogue::fields(std::string_view table) {
  return fields_at(table, std::numeric_limits<std::int64_t>::max());
}

Result<std::vector<delta::Field>> Catalogue::fields_at(std::string_view table,
                                                       std::int64_t version) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT name, type FROM table_field WHERE table_name = ? AND added_version <= ? "
      "ORDER BY ordinal"));
  query.bind(table).bind(version);
  std::vector<delta::Field> fields;
  while (TRY(query.step())) {
    fields.push_back(
        delta::Field{query.text_at(0), static_cast<delta::FieldType>(query.int_at(1)), true});
  }
  return fields;
}

Result<delta::Metadata> Catalogue::metadata(std::string_view table, std::int64_t version) {
  delta::Metadata metadata;
  metadata.name = std::string(table);
  metadata.fields = TRY(fields_at(table, version));
  sqlite::Statement query =
      TRY(database_->prepare("SELECT table_uuid, created_ms FROM lake_table WHERE table_name = ?"));
  if (!TRY(query.bind(table).step())) {
    return Error{Code::NotFound, "table has no rows yet: " + std::string(table)};
  }
  metadata.id = query.text_at(0);
  metadata.created_ms = query.int_at(1);
  return metadata;
}

Result<std::string> Catalogue::commit_text(std::string_view table, std::int64_t version) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT delta_text FROM table_version WHERE table_name = ? AND version = ?"));
  if (TRY(query.bind(table).bind(version).step())) return query.text_at(0);
  return Error{Code::NotFound, "no such version of table " + std::string(table)};
}

Result<std::vector<std::pair<std::string, std::int64_t>>> Catalogue::unprojected() {
  sqlite::Statement query = TRY(
      database_->prepare("SELECT v.table_name, v.version FROM lake_table t JOIN table_version v "
                         "ON v.table_name = t.table_name AND v.version > t.projected_version "
                         "ORDER BY v.table_name, v.version"));
  std::vector<std::pair<std::string, std::int64_t>> missing;
  while (TRY(query.step())) missing.emplace_back(query.text_at(0), query.int_at(1));
  return missing;
}

Status Catalogue::mark_projected(
    const std::vector<std::pair<std::string, std::int64_t>>& versions) {
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  for (const auto& [table, version] : versions) {
    sqlite::Statement update = TRY(
        database_->prepare("UPDATE lake_table SET projected_version = max(projected_version, ?) "
                           "WHERE table_name = ?"));
    TRY(update.bind(version).bind(table).run());
  }
  return transaction.commit();
}

Status Catalogue::forget_projections() {
  return database_->execute("UPDATE lake_table SET projected_version = -1");
}

Result<std::int64_t> Catalogue::reserve(std::string_view sequence, std::int64_t count) {
  sqlite::Statement update = TRY(
      database_->prepare("INSERT INTO sequence(name, next) VALUES(?1, 1 + ?2) "
                         "ON CONFLICT(name) DO UPDATE SET next = next + ?2 RETURNING next - ?2"));
  TRY(update.bind(sequence).bind(count).step());
  const std::int64_t first = update.int_at(0);
  TRY(update.run());
  return first;
}

Result<bool> Catalogue::knows(std::string_view table, const std::string& path) {
  sqlite::Statement query =
      TRY(database_->prepare("SELECT 1 FROM data_file WHERE table_name = ? AND path = ?"));
  return query.bind(table).bind(path).step();
}

Result<std::int64_t> Catalogue::mark(std::string_view name) {
  sqlite::Statement query = TRY(database_->prepare("SELECT value FROM mark WHERE name = ?"));
  if (!TRY(query.bind(name).step())) return std::int64_t{0};
  return query.int_at(0);
}

Result<std::optional<Feed>> Catalogue::feed(std::string_view content_hash) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT content_hash, source_id, format FROM feed WHERE content_hash = ?"));
  if (!TRY(query.bind(content_hash).step())) return std::optional<Feed>();
  return std::optional<Feed>(Feed{query.text_at(0), query.int_at(1), query.text_at(2)});
}

Result<std::vector<std::string>> Catalogue::texts(std::string_view sql, std::string_view table) {
  sqlite::Statement query = TRY(database_->prepare(sql));
  if (!table.empty()) query.bind(table);
  std::vector<std::string> found;
  while (TRY(query.step())) found.push_back(query.text_at(0));
  return found;
}

Result<std::vector<std::string>> Catalogue::table_names() {
  return texts("SELECT table_name FROM lake_table ORDER BY table_name", {});
}

Result<std::vector<std::string>> Catalogue::vacuumed_paths(std::string_view table) {
  return texts(
      "SELECT path FROM data_file WHERE table_name = ? AND vacuumed_us IS NOT NULL "
      "ORDER BY path",
      table);
}

Result<std::vector<DataFile>> Catalogue::kept_files(std::string_view table) {
  sqlite::Statement query = TRY(database_->prepare(
      "SELECT " + std::string(kFileColumns) +
      " FROM data_file WHERE table_name = ? AND vacuumed_us IS NULL ORDER BY path"));
  query.bind(table);
  std::vector<DataFile> files;
  while (TRY(query.step())) files.push_back(file_of(query));
  return files;
}

Result<std::int64_t> Catalogue::expire(std::int64_t keep_releases) {
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::int64_t now = env_->now_us();
  // A kept release names, of each table, the last version that is not younger than itself.
  TRY(database_->execute(
      "CREATE TEMP TABLE IF NOT EXISTS kept_version(table_name TEXT, version INTEGER, "
      "PRIMARY KEY(table_name, version)) WITHOUT ROWID; DELETE FROM kept_version;"));
  {
    sqlite::Statement keep = TRY(database_->prepare(
        "INSERT OR IGNORE INTO kept_version SELECT t.table_name, (SELECT max(v.version) "
        "FROM table_version v WHERE v.table_name = t.table_name AND v.release_id <= r.release_id) "
        "AS named FROM lake_table t, (SELECT release_id FROM release_tag UNION SELECT * FROM "
        "(SELECT release_id FROM release ORDER BY release_id DESC LIMIT ?)) r "
        "WHERE named IS NOT NULL"));
    TRY(keep.bind(std::max<std::int64_t>(keep_releases, 1)).run());
  }
  std::int64_t file_count = 0;
  {
    sqlite::Statement files = TRY(database_->prepare(
        "UPDATE data_file SET vacuumed_us = ? WHERE vacuumed_us IS NULL AND removed_version IS NOT "
        "NULL AND NOT EXISTS (SELECT 1 FROM kept_version k WHERE k.table_name = "
        "data_file.table_name AND k.version >= added_version AND k.version < removed_version)"));
    TRY(files.bind(now).run());
    file_count = files.changes();
  }
  if (file_count > 0) {
    sqlite::Statement marks = TRY(database_->prepare(
        "UPDATE release SET vacuumed_us = ?1 WHERE vacuumed_us IS NULL AND EXISTS (SELECT 1 FROM "
        "data_file f JOIN table_version a ON a.table_name = f.table_name AND "
        "a.version = f.added_version JOIN table_version z ON z.table_name = f.table_name AND "
        "z.version = f.removed_version WHERE f.vacuumed_us = ?1 AND "
        "a.release_id <= release.release_id AND release.release_id < z.release_id)"));
    TRY(marks.bind(now).run());
  }
  TRY(transaction.commit());
  return file_count;
}

Status Catalogue::copy_to(const Path& path) {
  return database_->copy_to(path);
}

Result<std::vector<std::string>> Catalogue::integrity_findings() {
  std::vector<std::string> found = TRY(texts("PRAGMA integrity_check", {}));
  if (found.size() == 1 && found[0] == "ok") found.clear();
  return found;
}

}  // namespace eds::lake
