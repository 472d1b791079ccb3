// Request, Progress, LoadReport: what one `eds ingest` is asked, how it advances, what came of it.
//
// Invariants: nothing here names a person: files are named by their base name, rejects by position,
// field and reason. Counts of a report add up: every record of a file was loaded, rejected, or
// changed nothing.
// Threads: Progress may be read and cancelled from any thread; the others are plain values.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "lake/catalogue.h"

namespace eds::govern {
class Audit;
}

namespace eds::ingest {

/// Whether values that may name a person (person_source_value) go into the lake.
enum class SourceValues : std::uint8_t { Drop, Keep };

struct Request {
  std::string format;              ///< "labs-csv"; see formats()
  std::vector<Path> paths;         ///< files, or directories and zips where the format says so
  Path mapping;                    ///< TOML, for the formats that need one
  std::string source_name;         ///< the sending software or establishment: "glims"
  std::string authority;           ///< FINESS under which IPP and NDA hold; empty: the file says it
  std::string actor;               ///< for the audit and the release
  govern::Audit* audit = nullptr;  ///< where the load leaves its events; none: the warehouse's own
  std::string note;
  SourceValues source_values = SourceValues::Drop;
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
};

struct Progress {
  std::atomic<std::uint64_t> bytes_total{0};
  std::atomic<std::uint64_t> bytes_done{0};  ///< of the file being read, once decompressed
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> rejects{0};
  std::atomic<bool> cancelled{false};
  /// Called now and then by the loading thread, when set.
  std::function<void(const Progress&)> on_change;
};

struct FileReport {
  std::string name;
  std::int64_t source_id = 0;
  std::string content_hash;
  std::uint64_t bytes = 0;
  std::string encoding;
  bool already_fed = false;  ///< these very bytes had been fed in this format: nothing changed
  std::string failure;       ///< why reading stopped before the end of the file, or empty
  std::int64_t record_count = 0;
  std::int64_t row_count = 0;
  std::int64_t reject_count = 0;
  std::map<std::string, std::int64_t> rows_by_table;
  std::map<std::string, std::int64_t> rejects_by_reason;  ///< "field: reason"
  std::map<std::string, std::int64_t> warnings_by_reason;
};

struct LoadReport {
  std::vector<FileReport> files;
  std::optional<lake::Release> release;  ///< nothing when nothing changed
  std::map<std::string, std::int64_t> added_rows;
  std::map<std::string, std::int64_t> superseded_rows;
  std::int64_t conflict_count = 0;                     ///< rows of eds_conflict written
  std::map<std::string, std::int64_t> unmapped_codes;  ///< "vocabulary:code" without a concept

  std::int64_t reject_count() const;
  std::int64_t row_count() const;
  /// True when anything was rejected, or a file could not be read to its end: exit code 1.
  bool has_rejects() const;
  /// A few lines for a terminal.
  std::string summary() const;
};

struct FormatInfo {
  std::string_view name;
  std::string_view what;  ///< one English line
  bool needs_mapping = false;
  bool takes_directory = false;
};

}  // namespace eds::ingest
