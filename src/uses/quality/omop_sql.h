// The same check as one SQL statement: what the scan is compared with, and what the dashboard
// shows.
//
// Invariants: one row of two numbers, violated rows and denominator; it runs on DuckDB and
// PostgreSQL over tables named as in the CDM. Threads: a pure function.
// Source: OHDSI DataQualityDashboard 2.8.4, whose definitions these are in our words.
#pragma once

#include <string>

#include "uses/quality/omop_checks.h"

namespace eds::quality {

std::string omop_sql(const OmopCheck& check);

/// The source value that stands beside a concept field, where the reference counts a missing
/// concept as unmapped when that value is there; empty elsewhere. Both in lower case.
std::string source_value_beside(std::string_view table, std::string_view field);

}  // namespace eds::quality
