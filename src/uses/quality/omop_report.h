// The Data Quality Dashboard's checks on one release: one scan a table, then status by threshold.
//
// Invariants: every check of the list has one finding, in the list's order. A check whose table,
// field or concept has no rows is not applicable, by the reference's rules (R/evaluateThresholds.R,
// R/calculateNotApplicableStatus.R of DataQualityDashboard 2.8.4).
// Threads: one thread, one Session. Reference: docs/reference/check.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "engine/session.h"
#include "uses/quality/omop_checks.h"

namespace eds::quality {

enum class CheckStatus : std::uint8_t { Passed, Failed, NotApplicable, Error };
/// "pass", "fail", "not applicable", "error"
std::string_view status_name(CheckStatus status);

struct OmopFinding {
  const OmopCheck* check = nullptr;
  std::int64_t violated = 0;
  std::int64_t denominator = 0;
  CheckStatus status = CheckStatus::Passed;
  std::string reason;  ///< of Not applicable and Error
  double fraction() const {
    return denominator == 0 ? 0 : static_cast<double>(violated) / static_cast<double>(denominator);
  }
};

struct OmopReport {
  std::vector<OmopFinding> findings;  ///< of `checks` as they were given, which they point into
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  /// The first row of CDM_SOURCE, as name and value; empty when there is none.
  std::vector<std::pair<std::string, std::string>> source;
};

/// `checks` must outlive the report.
Result<OmopReport> run_omop_checks(Env& env, engine::Session& session,
                                   const std::vector<lake::TableVersion>& tables,
                                   const std::vector<OmopCheck>& checks);

/// The report in the form of DQD's result file, which its viewer opens.
std::string dashboard_json(const OmopReport& report);

}  // namespace eds::quality
