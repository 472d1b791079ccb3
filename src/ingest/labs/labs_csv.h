// Laboratory results from a CSV of any layout, described by a mapping file (ingest/csv_mapping.h):
//
//   [columns] ipp nda time code label value unit range_low range_high flag specimen record_id
//   [code]    vocabulary="LOINC"   or   vocabulary="LOCAL_A" and [loinc] "HB"="718-7"
//   [unit]    "g/100ml"="g/dL"         local spelling -> UCUM
//   [convert] "718-7"="g/L"            LOINC -> canonical unit
//   [identity] authority="750712184" unknown_ipp="create" or "reject"
//
// Invariants: value_as_number is in the canonical unit when [convert] names one that the unit can
// be turned into, otherwise in the unit received; value_source_value and unit_source_value are
// always as received. A text result has no number. With a record_id column, a result fed again
// replaces itself. Specimen numbers and labels stay out of the lake: laboratories print names in
// them.
#pragma once

#include <memory>

#include "ingest/format_reader.h"

namespace eds::ingest::labs {

std::unique_ptr<FormatReader> labs_csv_reader();

}  // namespace eds::ingest::labs
