// Quarantine: records that their source wrote wrongly, kept until somebody corrects or dismisses
// them.
//
// Invariants: the raw bytes of a record and what is needed to read it again are sealed; what is in
// clear (file base name, line, field, code, reason) names nobody. A batch of rejects is durable
// when commit() returned. The same record of the same file is one row, however often it is
// rejected: the last reason stands. A load marks what it loaded; nothing is ever deleted. Threads:
// one thread at a time; processes may share the file. Bytes on disk: SQLite, table reject below;
// sealing as in govern/vault.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/identifying.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/vault.h"
#include "sqlite/sqlite.h"

namespace eds::ingest {

enum class RejectState : std::uint8_t { Open, Loaded, Replaced, Dismissed };
std::string_view reject_state_name(RejectState state);

/// A record on its way into the quarantine. `reason` never quotes the record.
struct Reject {
  std::uint64_t line = 0;  ///< 1-based; 0: the file as a whole
  std::uint64_t byte_offset = 0;
  std::string_view field;
  std::string_view code;    ///< closed word: "date-malformed"
  std::string_view reason;  ///< one English sentence
  std::string_view raw;     ///< the record's bytes, as they stand in the file
};

/// What the quarantine says of a record without unsealing it.
struct RejectRow {
  std::int64_t id = 0;
  std::int64_t source_id = 0;
  std::string file_name;
  std::string format;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::string field;
  std::string code;
  std::string reason;
  RejectState state = RejectState::Open;
  bool corrected = false;
  std::int64_t time_us = 0;
};

struct RejectFilter {
  std::vector<std::int64_t> ids;    ///< empty: all
  std::string format, field, code;  ///< empty: any
  std::int64_t source_id = 0;       ///< 0: any
  std::optional<RejectState> state = RejectState::Open;
  std::int64_t after_id = 0;  ///< for paging
  std::int64_t limit = 100'000;
};

struct RejectCount {
  std::string format, field, code;
  RejectState state = RejectState::Open;
  std::int64_t count = 0;
};

/// A record unsealed for a retry.
struct RejectBytes {
  RejectRow row;
  Identifying<std::string> raw;      ///< corrected bytes when there are some
  Identifying<std::string> context;  ///< FileContext::encode()
  std::string content_hash;          ///< of the file that held it first
};

class Quarantine {
 public:
  /// Opens W/quarantine/quarantine.db (made when absent). `vault` must outlive it.
  static Result<std::unique_ptr<Quarantine>> open(Env& env, govern::Vault& vault,
                                                  const Path& directory);

  /// Files of one load; begun by the first add(), durable after commit().
  struct Source {
    std::int64_t source_id = 0;
    std::string_view file_name;
    std::string_view format;
    std::string_view content_hash;
    std::string_view context;  ///< FileContext::encode()
  };
  Status add(const Source& source, const Reject& reject);
  Status set_state(std::int64_t id, RejectState state, std::int64_t source_id);
  /// A retry failed again: the record stays open, with its new reason.
  Status set_reason(std::int64_t id, const Reject& reject);
  Status commit();
  void rollback();

  Result<std::vector<RejectRow>> list(const RejectFilter& filter);
  Result<std::vector<RejectCount>> counts();
  /// The raw bytes: an audit event is durable before they are unsealed.
  Result<RejectBytes> show(std::int64_t id, govern::Audit& audit, const std::string& actor,
                           const std::string& purpose);
  /// The bytes that retry shall read instead of the rejected ones.
  Status correct(std::int64_t id, const Identifying<std::string>& bytes, govern::Audit& audit,
                 const std::string& actor);
  Status dismiss(std::int64_t id, govern::Audit& audit, const std::string& actor,
                 const std::string& purpose);
  /// Open records that match, unsealed, in the order of file and line.
  Result<std::vector<RejectBytes>> open_records(const RejectFilter& filter);

 private:
  Quarantine(Env& env, govern::Vault& vault, std::unique_ptr<sqlite::Database> database)
      : env_(&env), vault_(&vault), database_(std::move(database)) {}
  Status begin();
  Result<std::int64_t> context_id(const Source& source);
  Result<RejectBytes> unsealed(const RejectRow& row);

  Env* env_;
  govern::Vault* vault_;
  std::unique_ptr<sqlite::Database> database_;
  std::optional<sqlite::Transaction> transaction_;
  std::int64_t context_source_ = 0;  ///< the source whose context_id_ is the last used
  std::int64_t context_id_ = 0;
};

}  // namespace eds::ingest
