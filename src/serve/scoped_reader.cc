#include "serve/scoped_reader.h"

#include <algorithm>

#include "engine/session_stays.h"

namespace eds::serve {
namespace {

// All that a scope depends on, but the rights themselves: those are asked for at each use.
std::string key_of(const govern::Request& request) {
  const govern::Principal& who = request.principal;
  std::string key =
      std::to_string(who.user) + "|" + who.session + "|" + who.source + "|" +
      std::to_string(who.acr) + "|" + std::to_string(static_cast<int>(request.action)) + "|" +
      std::to_string(static_cast<int>(request.ground)) + "|" +
      std::to_string(static_cast<int>(request.purpose)) + "|" + std::to_string(request.permit);
  for (const govern::PerimeterId id : request.perimeters) key += "," + std::to_string(id);
  return key;
}

}  // namespace

class ReaderPool::SharedStays final : public govern::StaySource {
 public:
  SharedStays(ReaderPool& pool, Reader& reader) : pool_(&pool), reader_(&reader) {}
  Result<std::shared_ptr<const govern::StayIndex>> stays() override {
    return pool_->stays_of(*reader_->warehouse, reader_->release);
  }

 private:
  ReaderPool* pool_;
  Reader* reader_;
};

ReaderPool::ReaderPool(Env& env, Path warehouse, govern::Governor& governor, engine::Budget budget)
    : env_(&env),
      warehouse_(std::move(warehouse)),
      governor_(&governor),
      budget_(budget),
      engine_(engine::embedded_engine(budget)) {}

ReaderPool::~ReaderPool() = default;

ReaderPool::Lease::~Lease() {
  if (reader_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(pool_->mutex_);
  pool_->idle_.push_back(std::move(reader_));
}

Result<std::unique_ptr<ReaderPool::Reader>> ReaderPool::take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Reader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  std::unique_ptr<Reader> reader = std::make_unique<Reader>();
  reader->warehouse = TRY(lake::Warehouse::open(*env_, warehouse_));
  return reader;
}

Result<ReaderPool::Lease> ReaderPool::lease() {
  std::unique_ptr<Reader> reader = TRY(take());
  const lake::Release latest = TRY(reader->warehouse->catalogue().latest());
  if (latest.id != reader->release.id) {
    reader->readings.clear();
    reader->release = latest;
  }
  return Lease(*this, std::move(reader));
}

Result<std::shared_ptr<const govern::StayIndex>> ReaderPool::stays_of(
    lake::Warehouse& warehouse, const lake::Release& release) {
  const std::lock_guard<std::mutex> lock(stays_mutex_);
  if (stays_ == nullptr || stays_release_ != release.id) {
    engine::LakeStays read(warehouse, release);
    stays_ = TRY(read.stays());
    stays_release_ = release.id;
  }
  return stays_;
}

Result<govern::Scope> ReaderPool::Lease::scope(const govern::Request& request) {
  SharedStays stays(*pool_, *reader_);
  return pool_->governor_->scope(request, reader_->release.name, stays);
}

Result<Reading*> ReaderPool::Lease::reading(const govern::Request& request) {
  std::map<std::string, Reading>& readings = reader_->readings;
  const std::string key = key_of(request);
  const std::uint64_t use = [&] {
    const std::lock_guard<std::mutex> lock(pool_->mutex_);
    return ++pool_->uses_;
  }();
  auto found = readings.find(key);
  if (found != readings.end() && !found->second.scan.still_holds()) {
    readings.erase(found);
    found = readings.end();
  }
  if (found == readings.end()) {
    if (readings.size() >= kOpenScopesMax) {
      readings.erase(std::min_element(readings.begin(), readings.end(),
                                      [](const auto& one, const auto& other) {
                                        return one.second.last_use < other.second.last_use;
                                      }));
    }
    const govern::Scope scope = TRY(this->scope(request));
    govern::Governor* governor = pool_->governor_;
    engine::Scan scan =
        TRY(engine::Scan::of(reader_->release, scope, [governor](const govern::Scope& of) {
          return governor->still_holds(of);
        }));
    std::unique_ptr<engine::Session> session =
        TRY(pool_->engine_->open(*reader_->warehouse, scan, pool_->budget_));
    care::Labels labels = TRY(care::Labels::open(*session));
    found =
        readings.emplace(key, Reading{std::move(scan), std::move(session), std::move(labels), 0})
            .first;
  }
  found->second.last_use = use;
  return &found->second;
}

}  // namespace eds::serve
