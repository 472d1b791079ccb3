// Periods: from when to when facts of a person stand in the lake, when some of them went.
//
// A load that only adds facts widens observation_period by what it saw. A load that supersedes rows
// of the lake (a record fed again, or cancelled) may have taken away the first or the last fact:
// the persons of those rows are "bereft", and their period is worked out again from all that is
// left. Facts are the rows of the clinical tables and of our own that have a person, a date and a
// source; stays speak by their claims. Threads: one thread at a time, that of the Load.
#pragma once

#include <string>

#include "base/result.h"
#include "lake/loader.h"

namespace eds::ingest {

/// Makes the table ingest_bereft(person_id) of connection(): whose rows in the lake have a record
/// key of the relation ingest_latest(eds_record_key, ...), and whose period is derived (that of an
/// OMOP file is the file's affair).
Status find_bereft(lake::Loader& loader);

/// SELECT person_id, first_date, last_date of the facts of bereft persons that stay in the lake.
Result<std::string> facts_left_sql(lake::Loader& loader);

}  // namespace eds::ingest
