// write_files: the synthetic hospital as the files a hospital really exports, with their dirt and,
// beside them, the truth.
//
// What is written under `directory` (docs/guides/synthetic-hospital.md draws it in full):
//   identities/patients.csv                            pmsi/<finess>/rss_<year>.txt, vidhosp_...
//   labs/labs_a_<year>.csv labs_a.toml, labs_b_...      reports/reports_<year>.csv, texts/,
//   index.csv terms/*.csv                                        truth.jsonl truth_counts.json
//
// Invariants: the same options give the same bytes. Memory does not depend on the number of
// patients: patients are made one by one and every file is written front to back.
// Threads: one call, one thread.
#pragma once

#include <cstdint>
#include <functional>

#include "base/env.h"
#include "base/result.h"

namespace eds::synth {

enum class Include : std::uint8_t { No, Yes };

struct FilesOptions {
  Path directory;
  std::uint64_t seed = 1;
  std::uint64_t patient_count = 1000;
  double dirt = 0.0;  ///< share of records made dirty, 0 to 0.5
  Include reports = Include::Yes;
};

struct FilesSummary {
  std::uint64_t patient_count = 0;
  std::uint64_t file_count = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rum_count = 0;
  std::uint64_t lab_count = 0;
  std::uint64_t report_count = 0;
  std::uint64_t planted_count = 0;  ///< lines of truth.jsonl
};

/// Called now and then with the patients done; returning false cancels (Code::Cancelled).
using FilesProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Creates the directory; refuses one that already holds a truth_counts.json (Code::Conflict).
Result<FilesSummary> write_files(Env& env, const FilesOptions& options,
                                 const FilesProgress& progress = {});

}  // namespace eds::synth
