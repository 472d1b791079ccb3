// Engine and Session: where questions are asked. A session reads one release under one scope.
//
// Invariants: rows come only through a Scan, which needs a Release and a Scope; a session never
// sees another release, another file or the identity zone. Under a principal's scope every table is
// its rows and columns alone (session_scope.h), and queries end when the scope does. A researcher's
// SQL runs with external access off, the configuration locked and the release's files as the only
// readable paths. Threads: a Session belongs to one thread, but for cancel().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "duck/duck.h"
#include "engine/statement.h"
#include "govern/scope.h"
#include "lake/catalogue.h"
#include "lake/warehouse.h"

namespace eds::engine {

/// What may be read: one release, under a scope that govern made.
class Scan {
 public:
  /// Code::Refused when the scope does not reach the release.
  /// A principal's scope comes with the question whether it still holds (Governor::still_holds),
  /// which running queries ask: without it, Code::Refused.
  static Result<Scan> of(const lake::Release& release, const govern::Scope& scope,
                         std::function<bool(const govern::Scope&)> still_holds = {});
  const lake::Release& release() const { return release_; }
  const govern::Scope& scope() const { return scope_; }
  bool still_holds() const { return scope_.is_owner() || still_holds_(scope_); }
  /// The same for code that counts persons and shows nothing but govern::ProtectedCounts' answers:
  /// only so do our own statements run under a scope of counts alone.
  Scan for_counts() const {
    Scan counting = *this;
    counting.is_for_counts_ = true;
    return counting;
  }
  bool is_for_counts() const { return is_for_counts_; }

 private:
  Scan(lake::Release release, govern::Scope scope,
       std::function<bool(const govern::Scope&)> still_holds)
      : release_(std::move(release)),
        scope_(std::move(scope)),
        still_holds_(std::move(still_holds)) {}
  lake::Release release_;
  govern::Scope scope_;
  std::function<bool(const govern::Scope&)> still_holds_;
  bool is_for_counts_ = false;
};

struct Budget {
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
  double seconds_max = 0;  ///< until the last row is read; 0: no bound
  /// Becomes true when nobody wants the answer any more. Must outlive the answer.
  const std::atomic<bool>* cancelled = nullptr;
};

/// An answer: chunks of columns, streamed. It must not outlive its Session. Code::Cancelled when
/// the budget's time is over, also in the middle of the rows.
using Answer = duck::Rows;

class Session {
 public:
  virtual ~Session() = default;
  /// Our own statement.
  virtual Result<Answer> query(const Select& select,
                               const std::vector<duck::Param>& params = {}) = 0;
  /// Our own statement on one person's rows of one table: only the parts that may hold the person
  /// are opened, and its rows alone are read. The statement's own condition comes on top.
  virtual Result<Answer> query_person(const Select& select, std::int64_t person_id) = 0;
  /// A statement of whoever asks, checked and confined. A session that ran one runs no other kind.
  /// Code::Refused under a scope of counts alone.
  virtual Result<Answer> query_user_sql(const std::string& sql) = 0;
  /// The distinct persons that such a statement's column person_id names, in order: what a
  /// protected count is made of (govern/protected_counts.h). Not to be shown. Under a scope of
  /// counts alone the statement may only compare, group and aggregate, so that no row can make it
  /// fail: whether it failed would tell of a row.
  virtual Result<std::vector<std::int64_t>> persons_of_user_sql(const std::string& sql) = 0;
  /// Ends the running statement with Code::Cancelled; from any thread.
  virtual void cancel() = 0;
};

/// Opens sessions. An Engine keeps caches between them; it may be used from any thread, as long as
/// each Warehouse is used from one.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<Session>> open(lake::Warehouse& warehouse, const Scan& scan,
                                                const Budget& budget) = 0;
};

/// DuckDB inside this process.
std::unique_ptr<Engine> embedded_engine(const Budget& budget = {});

}  // namespace eds::engine
