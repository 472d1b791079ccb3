// TableGenerator: the synthetic hospital as OMOP rows, for a warehouse, without any file between.
//
// Each table, and each range of patients of a table, can be written alone, in any order and in
// parallel: ids are index * bound + rank (population.h). Rows come in person_id order and, within a
// person, by date, then by id. Concept ids are 0 where a vocabulary would be needed, or those of
// local_concepts.h; *_source_value holds the code (CIM-10, CCAM, LOINC, ATC).
//
// Invariants: write(t, a, c) gives exactly the rows of write(t, a, b) followed by write(t, b, c).
// Threads: write() may be called from several threads at once, each with its own sink.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "model/rows.h"
#include "synth/local_concepts.h"
#include "synth/population.h"

namespace eds::synth {

class TableGenerator {
 public:
  TableGenerator(std::uint64_t seed, std::uint64_t patient_count,
                 Concepts concepts = Concepts::None);

  /// The tables it can write, "note" last: letters cost a hundred times a lab row and are optional.
  static std::span<const std::string_view> table_names();

  const Population& population() const { return population_; }

  /// Writes the rows of patients [first, last) and flushes the last chunk. Code::NotFound for a
  /// table that it does not know; otherwise only the sink fails. "care_site" and
  /// the concepts belong to nobody: their rows come with patient 0.
  Status write(std::string_view table_name, std::uint64_t first, std::uint64_t last,
               model::RowSink& sink) const;

 private:
  Population population_;
  Concepts concepts_;
};

}  // namespace eds::synth
