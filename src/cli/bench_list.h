// The benches that live beside the code they measure (x_bench.cc).
#pragma once

#include "base/env.h"
#include "base/result.h"
#include "cli/commands.h"

namespace eds::cli {

/// Runs the named bench; without a name, lists them.
Result<Exit> run_listed_bench(const BenchOptions& options);

/// A laboratory's CSV into a new warehouse under `directory`; 10 M rows at scale 1.
Status bench_labs(const Path& directory, double scale);

/// The data store of 100,000 patients with all their laboratory results at scale 1.
Status bench_mart(const Path& scratch, double scale);

/// Durable audit events a second, and what a door costs; 200,000 events at scale 1.
Status bench_audit(const Path& scratch, double scale);

/// What a scope costs, on the warehouse given, else on a synthetic one of 50,000 patients at
/// scale 1. The warehouse given is only read.
Status bench_policy(const Path& warehouse, const Path& scratch, double scale);

/// The OHDSI Phenotype Library on GiBleed and on its replica; files go to `scratch`.
Status bench_circe(const Path& scratch);
/// On the warehouse of bench aphp.
Status bench_cohort(const Path& warehouse, const Path& scratch);

/// The Data Quality Dashboard's checks on GiBleed, in one scan a table and one query a check.
Status bench_omop_check(const Path& scratch);

}  // namespace eds::cli
