// Who of a scope a project is about: its cohort or its query, evaluated under that scope.
//
// Invariants: a column that the permit does not name is not read: a definition that needs one is
// refused by the column's name, never answered as if the column were empty.
// Threads: one at a time. Source: requirement ESP-2.
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/session.h"
#include "govern/permit.h"
#include "govern/scope_persons.h"

namespace eds::research {

/// The persons, all of them when the population is everybody. `scan` must be a principal's.
Result<govern::PersonSet> population_of(engine::Engine& engine, lake::Warehouse& core,
                                        const engine::Scan& scan, const engine::Budget& budget,
                                        const govern::Population& population);

/// Code::Malformed or Code::Usage when the definition cannot be read or planned.
Status check_population(const govern::Population& population);

}  // namespace eds::research
