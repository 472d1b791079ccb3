// ScopedReader: a warehouse open on its latest release, and what each caller may read of it.
//
// Invariants: an engine session belongs to one principal, one sign-in, one ground and one release;
// before each use its scope is asked whether it still holds, and it is made again when not. Who has
// stays where is read once a release, and shared.
// Threads: a Lease belongs to one thread; the pool may be used from any number.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "engine/session.h"
#include "govern/scope.h"
#include "lake/warehouse.h"
#include "uses/care/labels.h"

namespace eds::serve {

/// Scopes that one reader keeps open; the one used longest ago goes first.
inline constexpr std::size_t kOpenScopesMax = 16;

/// What one caller reads, ready.
struct Reading {
  engine::Scan scan;
  std::unique_ptr<engine::Session> session;
  care::Labels labels;
  std::uint64_t last_use = 0;
};

class ReaderPool {
 public:
  ReaderPool(Env& env, Path warehouse, govern::Governor& governor, engine::Budget budget);
  ~ReaderPool();

  struct Reader {
    std::unique_ptr<lake::Warehouse> warehouse;
    lake::Release release;
    std::map<std::string, Reading> readings;
  };
  /// A reader taken out of the pool until destroyed, on the latest release.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Reader> reader)
        : pool_(&pool), reader_(std::move(reader)) {}
    Lease(Lease&& other) noexcept = default;
    ~Lease();
    const lake::Release& release() const { return reader_->release; }
    /// Code::Refused when the request is not allowed; audited either way when a scope is made.
    Result<Reading*> reading(const govern::Request& request);
    /// The scope alone, for what is not read through the engine.
    Result<govern::Scope> scope(const govern::Request& request);

   private:
    ReaderPool* pool_;
    std::unique_ptr<Reader> reader_;
  };
  Result<Lease> lease();

 private:
  class SharedStays;
  Result<std::unique_ptr<Reader>> take();
  Result<std::shared_ptr<const govern::StayIndex>> stays_of(lake::Warehouse& warehouse,
                                                            const lake::Release& release);

  Env* env_;
  Path warehouse_;
  govern::Governor* governor_;
  engine::Budget budget_;
  std::unique_ptr<engine::Engine> engine_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_;
  std::uint64_t uses_ = 0;
  std::mutex stays_mutex_;
  std::int64_t stays_release_ = 0;
  std::shared_ptr<const govern::StayIndex> stays_;
};

}  // namespace eds::serve
