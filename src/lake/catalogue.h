// Catalogue: which files make which table in which release. The arbiter of every commit.
//
// Invariants: a release is one SQLite transaction over all its tables, durable when commit()
// returns: never half of it. A table's version goes up by one with each release that touches it,
// and its Delta commit text is kept here, so that the _delta_log files are a projection that can be
// made again (lake/delta_log.h). A data file belongs to versions [added, removed). A vacuumed file
// is one that no kept release names: its row stays, its bytes may be gone, and the releases that
// named it can no longer be asked for. Threads: one thread at a time; processes may share the
// catalogue (SQLite arbitrates). Bytes on disk: docs/internals/formats/catalogue.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "format/delta/delta.h"
#include "sqlite/sqlite.h"

namespace eds::lake {

/// A data file of a table, as the catalogue knows it.
struct DataFile {
  std::string path;  ///< relative to the table's folder
  std::int64_t row_count = 0;
  std::int64_t byte_count = 0;
  /// Smallest and largest person_id in the file; 0 and -1 when the table has none.
  std::int64_t person_min = 0;
  std::int64_t person_max = -1;
  /// How many columns of the table the file has: tables only grow at their end.
  std::int64_t column_count = 0;
  std::string stats_json;
  std::string checksum;  ///< lake/checksum.h; "" for files of catalogues of version 1
};

struct Release {
  std::int64_t id = 0;
  std::string name;  ///< "r12"
  std::int64_t created_us = 0;
  std::string actor;
  std::string note;
  std::vector<std::string> tags;
  std::int64_t vacuumed_us = 0;  ///< when files of it were given up; 0: it can be read
};

struct TableVersion {
  std::string table;
  std::int64_t version = 0;
  std::int64_t row_count = 0;
  std::int64_t byte_count = 0;
  std::int64_t file_count = 0;
};

/// What one release does to one table.
struct TableChange {
  std::string table;
  std::string operation = "WRITE";
  std::vector<DataFile> added;
  std::vector<std::string> removed;  ///< paths
  bool data_change = true;           ///< false: rows only moved
  /// The table's columns when this change creates the table or adds columns.
  std::optional<std::vector<delta::Field>> fields;
};

/// A fed file, by the hash of its bytes: the memory that makes feeding twice change nothing.
struct Feed {
  std::string content_hash;
  std::int64_t source_id = 0;
  std::string format;
};

struct NewRelease {
  std::string actor;
  std::string note;
  std::vector<TableChange> changes;
  std::vector<Feed> feeds;
  /// The release that the changes were worked out on, 0 for an empty warehouse. Nothing: they hold
  /// whatever the other releases did, as long as the removed files are still there.
  std::optional<std::int64_t> base = std::nullopt;
  std::map<std::string, std::int64_t> marks = {};
};

class Catalogue {
 public:
  static Result<std::unique_ptr<Catalogue>> open(Env& env, const Path& path);

  /// Publishes a release. Code::Conflict when a file to be removed is gone already, when a feed was
  /// fed by somebody else meanwhile, or when the base is no longer the latest release: then nothing
  /// happened.
  Result<Release> commit(const NewRelease& wanted);

  /// The number of the latest release, 0 in an empty warehouse.
  Result<std::int64_t> latest_id();
  Result<Release> latest();  ///< NotFound in an empty warehouse
  /// By name ("r12"), number, or tag; "latest". NotFound also when its files were vacuumed.
  Result<Release> release(std::string_view name_or_tag);
  Result<std::vector<Release>> releases();
  Status tag(std::int64_t release_id, std::string_view tag);

  /// The table's version in that release, or nothing when it has no rows yet.
  Result<std::optional<std::int64_t>> version_at(std::string_view table, std::int64_t release_id);
  /// Files of the table in that release, by person_min then path.
  Result<std::vector<DataFile>> files(std::string_view table, std::int64_t release_id);
  /// Only those that may hold the person.
  Result<std::vector<DataFile>> files_of_person(std::string_view table, std::int64_t release_id,
                                                std::int64_t person_id);
  /// Every table that has a version in that release.
  Result<std::vector<TableVersion>> tables(std::int64_t release_id);
  /// The table's columns, as last declared.
  Result<std::vector<delta::Field>> fields(std::string_view table);
  /// What the Delta log says of the table in that version: with the columns it had then.
  Result<delta::Metadata> metadata(std::string_view table, std::int64_t version);
  Result<std::string> commit_text(std::string_view table, std::int64_t version);
  /// Versions of all tables newer than what was last marked as written to the Delta logs.
  Result<std::vector<std::pair<std::string, std::int64_t>>> unprojected();
  Status mark_projected(const std::vector<std::pair<std::string, std::int64_t>>& versions);
  /// Says that no Delta log was written, as after a restore: the next open() makes them again.
  Status forget_projections();
  Result<std::vector<DataFile>> files_at_version(std::string_view table, std::int64_t version);

  /// The first of `count` fresh numbers of a sequence, starting at 1. Never given twice; gaps after
  /// a crash are harmless.
  Result<std::int64_t> reserve(std::string_view sequence, std::int64_t count);
  /// What the last release that set this mark said; 0 when none did.
  Result<std::int64_t> mark(std::string_view name);
  Result<std::optional<Feed>> feed(std::string_view content_hash);

  /// Whether some release ever named that file.
  Result<bool> knows(std::string_view table, const std::string& path);
  /// Every table that ever had a version.
  Result<std::vector<std::string>> table_names();
  /// Files of the table that some readable release names, by path.
  Result<std::vector<DataFile>> kept_files(std::string_view table);
  /// Files of the table that were vacuumed, by path.
  Result<std::vector<std::string>> vacuumed_paths(std::string_view table);
  /// Gives up every file that neither a tagged release, nor the last `keep_releases` (at least one)
  /// name, and marks the releases that named them. Returns how many files.
  Result<std::int64_t> expire(std::int64_t keep_releases);

  /// Writes a consistent copy to a path that must not exist, while others go on.
  Status copy_to(const Path& path);
  /// What SQLite finds wrong with the file; empty when nothing.
  Result<std::vector<std::string>> integrity_findings();

 private:
  Catalogue(Env& env, std::unique_ptr<sqlite::Database> database)
      : env_(&env), database_(std::move(database)) {}
  Status settle_format();
  Status apply(const TableChange& change, const Release& release);
  Result<std::string> text_of(const TableChange& change, const Release& release,
                              std::int64_t version);
  Status settle_fields(const TableChange& change, std::int64_t version);
  Status check_base(const NewRelease& wanted);
  Status insert_feeds(const std::vector<Feed>& feeds, std::int64_t release_id);
  Result<std::vector<delta::Field>> fields_at(std::string_view table, std::int64_t version);
  Result<std::vector<Release>> releases_where(const std::string& clause);
  Result<std::vector<std::string>> texts(std::string_view sql, std::string_view table);
  Result<std::int64_t> byte_count_of(std::string_view table, const std::string& path);

  Env* env_;
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace eds::lake
