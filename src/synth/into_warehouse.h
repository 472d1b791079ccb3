// The synthetic hospital straight into a warehouse: one release, written as parts of patient
// ranges.
//
// Invariants: rows are generated in the lake's physical order, so nothing is sorted or staged:
// memory does not depend on the number of patients. Two workers write different parts at once.
// Nothing is visible before the release; a run that fails or is cancelled leaves files that no
// release names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/catalogue.h"
#include "lake/warehouse.h"
#include "synth/local_concepts.h"

namespace eds::synth {

struct IntoOptions {
  std::uint64_t seed = 1;
  std::uint64_t patient_count = 1000;
  int workers = 2;
  std::string actor;
  Concepts concepts = Concepts::None;
  bool reports = false;  ///< letters cost a hundred times a lab row
};

struct IntoProgress {
  std::uint64_t part_count = 0;
  std::uint64_t parts_done = 0;
  std::int64_t rows_done = 0;
};

/// Fills `warehouse` and returns its release. `on_part` is told of each finished part and returns
/// false to cancel.
Result<lake::Release> fill_warehouse(lake::Warehouse& warehouse, const IntoOptions& options,
                                     const std::function<bool(const IntoProgress&)>& on_part);

}  // namespace eds::synth
