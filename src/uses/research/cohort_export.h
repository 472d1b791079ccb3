// A saved cohort for other programs: rows of OMOP's COHORT and COHORT_DEFINITION, a FHIR R4 Group,
// or plain CSV.
//
// Invariants: rows stream out; a person with several periods is a member once a period.
// Threads: pure functions. Sources: OMOP CDM 5.4; HL7 FHIR R4 (4.0.1), Group; RFC 4180.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "uses/research/cohort_book.h"

namespace eds::research {

using WriteText = std::function<Status(std::string_view)>;

/// cohort_definition_id, subject_id, cohort_start_date, cohort_end_date.
Status write_cohort_csv(const CohortVersion& version, const std::vector<CohortPeriod>& rows,
                        const WriteText& write);
/// One row of COHORT_DEFINITION, with its header; the definition is its syntax, the subject is
/// concept 56, a person.
Status write_definition_csv(const CohortVersion& version, const WriteText& write);
Status write_fhir_group(const CohortVersion& version, const std::vector<CohortPeriod>& rows,
                        const WriteText& write);

}  // namespace eds::research
