// TableShape: where each kind of event keeps its parts in the CDM.
//
// Invariants: an empty name means that the table has no such part. Threads: immutable.
// Source: OMOP CDM 5.4; effective_drug_dose and dose_unit_concept_id: CDM 5.0.
#pragma once

#include <span>
#include <string_view>

#include "cohort/domain.h"

namespace eds::cohort {

struct FieldColumn {
  Field field;
  std::string_view column;
};

// Where a kind of event keeps its parts. An empty name: it has none.
struct TableShape {
  std::string_view table;
  std::string_view id;
  std::string_view start;
  std::string_view end;
  bool ends_a_day_later = false;  ///< when it has no end of its own
  std::string_view concept_id;
  std::string_view source_concept_id;
  std::string_view visit;
  std::span<const FieldColumn> fields;
  std::string_view moment = {};  ///< date and time of the start
};

const TableShape& shape_of(Domain domain);

}  // namespace eds::cohort
