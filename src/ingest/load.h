// Load: one `eds ingest` on its way from files to a release: what every reader writes into.
//
// Invariants, in the order of commit(): identities and the quarantine are durable first, then the
// stays and persons are assembled from the claims, then the lake's release is published with the
// fed files in it, then the audit says so. A load that stops before the release leaves no row; it
// may leave identifiers that no fact uses and rejects that the next feed of the file meets again.
// No value that names a person enters a row through this class but by the reader's own set_text().
// Threads: one thread at a time, but for Progress.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "govern/audit.h"
#include "govern/identity_store.h"
#include "govern/keys.h"
#include "govern/vault.h"
#include "ingest/claims.h"
#include "ingest/concepts.h"
#include "ingest/format_reader.h"
#include "ingest/quarantine.h"
#include "ingest/request.h"
#include "lake/loader.h"
#include "lake/warehouse.h"
#include "model/rows.h"

namespace eds::ingest {

/// Rejects of one file beyond which it is not a file of its format: 1 M x 300 B = 300 MB sealed.
inline constexpr std::int64_t kRejectsPerFileMax = 1'000'000;

/// Where an Int/Text row came from: set by stamp().
struct Provenance {
  std::int64_t source_id = 0;
  std::int64_t position = 0;
  std::int64_t record_key = 0;  ///< 0: none
};

class Load {
 public:
  static Result<std::unique_ptr<Load>> open(lake::Warehouse& warehouse, const Request& request,
                                            Progress* progress);
  ~Load();

  const Request& request() const { return request_; }
  Env& env() { return warehouse_->env(); }
  govern::IdentityStore& identities() { return *identities_; }
  govern::Audit& audit() { return *audit_; }
  Quarantine& quarantine() { return *quarantine_; }
  lake::Loader& loader() { return *loader_; }
  Concepts& concepts() { return *concepts_; }
  Claims& claims() { return *claims_; }

  /// Seals the file and gives it a source id; nothing when these bytes were fed in this format
  /// before: the report then says so.
  Result<std::optional<FeedFile>> begin_file(const Piece& piece, std::string_view format);
  /// The same for bytes in memory (a retry).
  Result<FeedFile> begin_bytes(std::string_view bytes, const std::string& name,
                               std::string_view format);
  /// Writes the file's eds_source row.
  Status end_file(FeedFile& file, std::string_view format);

  /// Seals bytes that come with the file (a report beside its index).
  Status keep(std::string_view bytes, const std::string& name);

  Result<model::RowWriter*> rows(std::string_view table);
  /// A fresh id of the table's own key.
  Result<std::int64_t> next_id(const model::Table& table);
  /// Makes sure that ids up to `used` are never given again.
  Status keep_ids_above(const model::Table& table, std::int64_t used);
  static void stamp(model::RowWriter& row, const Provenance& from);

  Status reject(FeedFile& file, const Reject& reject);
  void warn(FeedFile& file, std::string_view field, std::string_view reason);
  /// Whether who asked for the load no longer wants it.
  bool is_cancelled() const { return progress_ != nullptr && progress_->cancelled; }
  /// Call every few thousand records: shows progress, honours cancelling, relieves the loader.
  Status checkpoint(std::uint64_t bytes_done, std::uint64_t rows);

  /// How far the report has come: what CLI and tests see when a file could not be opened.
  LoadReport& report() { return report_; }

  /// Publishes. The report covers every file begun.
  Result<LoadReport> commit();

  /// For a retry: the open records of the file being read, by original line.
  void retry_of(std::map<std::uint64_t, std::int64_t> reject_ids_by_line);
  /// The file's records were not read: they stay open.
  void forget_retry();
  const std::string& mapping() const { return mapping_; }

 private:
  Load(lake::Warehouse& warehouse, const Request& request, Progress* progress)
      : warehouse_(&warehouse), request_(request), progress_(progress) {}
  Status open_stores();
  Status leave_trace(govern::Outcome outcome);
  Status settle_merges();
  Status settle_retries();

  struct Sequence {
    std::int64_t next = 0;
    std::int64_t end = 0;
    std::int64_t block = 1000;
  };

  lake::Warehouse* warehouse_;
  Request request_;
  Progress* progress_;
  std::optional<govern::KeyRing> keys_;
  std::unique_ptr<govern::IdentityStore> identities_;
  std::unique_ptr<govern::Vault> vault_;
  std::unique_ptr<govern::Audit> own_audit_;
  govern::Audit* audit_ = nullptr;
  std::unique_ptr<Quarantine> quarantine_;
  std::unique_ptr<lake::Loader> loader_;
  std::unique_ptr<Concepts> concepts_;
  std::unique_ptr<Claims> claims_;
  std::string mapping_;
  std::vector<Sequence> sequences_;  ///< by table id
  std::vector<lake::Feed> feeds_;
  LoadReport report_;
  std::map<std::uint64_t, std::int64_t> retried_;  ///< original line -> reject id
  std::vector<std::int64_t> settled_retries_;
  std::int64_t retry_source_ = 0;
  std::uint64_t rows_seen_ = 0;
  bool in_identities_ = false;
  bool is_open_in_audit_ = false;
};

}  // namespace eds::ingest
