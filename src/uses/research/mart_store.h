// Where the data stores of projects lie, how one is built, and what a reader of one is shown.
//
// A data store is a warehouse of its own in W/marts/NAME, readable in place as Delta tables. It is
// built in the session of a person whom the permit names, under the policy's BuildMart scope: there
// is no way to build one as the warehouse's owner.
//
// Invariants: the permit comes from its signed token (ProjectStore::active_permit), the population
// from the same token; a build that fails leaves the store as it was. After a build no earlier
// release of the store stays readable: who left it has left it (OPP-1). Who objected since the last
// build is in no universe of DataStoreStays, so `eds query --project` does not show them either.
// Threads: one at a time. Source: requirements GOV-6, CLO-4, ESP-1, ESP-2, PSE-2, OPP-1.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "engine/session.h"
#include "govern/project_store.h"
#include "govern/scope.h"
#include "uses/research/mart.h"

namespace eds::research {

/// What a build goes through; all of the same warehouse.
struct Doors {
  Env* env = nullptr;
  lake::Warehouse* core = nullptr;
  engine::Engine* engine = nullptr;
  govern::Audit* audit = nullptr;
  govern::RightsStore* rights = nullptr;
  govern::Governor* governor = nullptr;
  govern::ProjectStore* projects = nullptr;
  govern::ProjectKeys* keys = nullptr;
};

struct BuildWish {
  govern::Principal principal;
  std::string project;
  std::string release = "latest";
  engine::Budget budget;
  MartProgress progress;
};

struct BuiltMart {
  MartOutcome outcome;
  std::string core_release;
  std::int64_t left_count = 0;  ///< persons of the store's last release who are gone
};

/// Builds or refreshes the project's data store.
Result<BuiltMart> build_mart(const Doors& doors, const BuildWish& wish);

/// What no data store may hold, or a study of type 1 beyond its requester's own units: refused
/// before anybody judges the project.
Status check_terms(const govern::Project& project, const govern::RightsState& state,
                   std::int64_t now_us);

Path mart_directory(const lake::Warehouse& core, std::string_view project);
/// Code::NotFound when it was not built yet.
Result<std::unique_ptr<lake::Warehouse>> open_mart(Env& env, const lake::Warehouse& core,
                                                   std::string_view project);
/// Deletes the data store; done when there is none.
Status remove_mart(Env& env, const lake::Warehouse& core, std::string_view project);

/// The pseudonyms of persons who are in the store and objected since, sorted: the delta list of a
/// running project.
Result<std::vector<std::int64_t>> withdrawn(lake::Warehouse& mart, const lake::Release& release,
                                            const govern::RightsState& state,
                                            std::string_view project,
                                            const govern::Pseudonymiser& pseudonyms);

/// The universe of a data store: its persons, without the withdrawn.
class DataStoreStays final : public govern::StaySource {
 public:
  DataStoreStays(lake::Warehouse& mart, lake::Release release, std::vector<std::int64_t> withdrawn)
      : mart_(&mart), release_(std::move(release)), withdrawn_(std::move(withdrawn)) {}
  Result<std::shared_ptr<const govern::StayIndex>> stays() override;

 private:
  lake::Warehouse* mart_;
  lake::Release release_;
  std::vector<std::int64_t> withdrawn_;
};

/// A scan of the project's data store for somebody whom its permit names.
struct OpenedMart {
  std::unique_ptr<lake::Warehouse> warehouse;
  engine::Scan scan;
};
Result<OpenedMart> read_mart(const Doors& doors, const govern::Principal& principal,
                             std::string_view project, std::string_view release);

}  // namespace eds::research
