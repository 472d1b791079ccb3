// Model rows as Arrow: a RowSink that a RowWriter can fill, one batch every kBatchRows rows.
//
// Invariants: the columns are the table's, in its order; the stream is valid after finish() only.
// Threads: one thread at a time.
#pragma once

#include <vector>

#include "base/result.h"
#include "format/arrow/stream_writer.h"
#include "model/rows.h"
#include "model/table.h"

namespace eds::arrow {

/// The Arrow columns of a model table.
std::vector<Field> fields_of(const model::Table& table);

/// Appends the chunk's rows to the batch being built; the writer's fields are fields_of(table).
void append_rows(StreamWriter& writer, const model::RowChunk& chunk);

class ModelWriter final : public model::RowSink {
 public:
  /// `sink` must outlive the writer.
  ModelWriter(const model::Table& table, ByteSink& sink, Container container = Container::Stream)
      : writer_(fields_of(table), sink, container) {}

  Status begin() { return writer_.begin(); }
  Status take(const model::RowChunk& chunk) override;
  /// Writes what is left and ends the stream. Call after the RowWriter's flush().
  Status finish();

 private:
  StreamWriter writer_;
};

}  // namespace eds::arrow
