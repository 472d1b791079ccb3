// LocalConcepts: concept ids for the codes of the synthetic hospital, for warehouses without
// Athena.
//
// Invariants: ids are above 2,000,000,000, which OMOP leaves to the sites; each code has one, and
// one ancestor above it: the CIM-10 category (3 characters), the ATC group (4 characters), the CCAM
// chapter (1 character), the laboratory's panel. The numbers are those of the lists of medicine.h:
// they name nothing outside one warehouse. Threads: immutable.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/rows.h"

namespace eds::synth {

enum class Concepts : std::uint8_t {
  None,   ///< 0 in every clinical row, as sources without a vocabulary are read
  Local,  ///< those of this file, and the rows of CONCEPT and CONCEPT_ANCESTOR that explain them
};

std::int64_t diagnosis_concept(std::size_t diagnosis);
std::int64_t act_concept(std::size_t act);
std::int64_t analyte_concept(std::size_t analyte);
std::int64_t drug_concept(std::size_t drug);
/// "Tobacco smoking status", the one observation there is.
inline constexpr std::int64_t kTobaccoConcept = 2'000'060'000;

Status write_concepts(model::RowWriter& rows);
Status write_concept_ancestors(model::RowWriter& rows);

}  // namespace eds::synth
