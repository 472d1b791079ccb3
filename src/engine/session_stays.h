// LakeStays: who had a stay where, read from a release for the Governor.
//
// Invariants: the universe is the release's `person` table; stays are those of `visit_detail` (the
// unit) and of `visit_occurrence` (what the stay as a whole names).
// Threads: one at a time. What it returns is immutable and kept for the next scope.
#pragma once

#include <memory>

#include "base/result.h"
#include "govern/scope.h"
#include "lake/warehouse.h"

namespace eds::engine {

class LakeStays final : public govern::StaySource {
 public:
  LakeStays(lake::Warehouse& warehouse, lake::Release release)
      : warehouse_(&warehouse), release_(std::move(release)) {}
  Result<std::shared_ptr<const govern::StayIndex>> stays() override;

 private:
  lake::Warehouse* warehouse_;
  lake::Release release_;
  std::shared_ptr<const govern::StayIndex> index_;
};

/// The release's care sites, to be placed in the tree of perimeters.
Result<std::vector<govern::CareSite>> care_sites_of(lake::Warehouse& warehouse,
                                                    const lake::Release& release);

}  // namespace eds::engine
