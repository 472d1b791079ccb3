// Writer: CSV or TSV rows into a file, or into memory.
//
// Invariants: what is written reads back, field by field, with a Reader of the same dialect; fields
// are quoted only when they must be; null() is an empty field, an empty string is "" so that the
// two differ for readers that care. Rows end as the dialect
// says (LF or CR). Without quotes, separators and row ends in a field become spaces.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "format/csv/csv_reader.h"

namespace eds::csv {

class Writer {
 public:
  /// `file` must outlive the Writer. Nothing is guaranteed in the file before finish().
  Writer(WritableFile& file, const Dialect& dialect);
  /// Into memory: see take().
  explicit Writer(const Dialect& dialect);

  Writer& field(std::string_view value);
  Writer& field(std::int64_t value);
  Writer& field(double value);  ///< shortest decimal that reads back the same; NaN is null
  Writer& null();
  /// Ends the row; writes to the file now and then.
  Status end_row();
  /// Writes what is left, between rows. The file is neither synced nor closed.
  Status finish();
  /// The rows written since the last take(), in memory mode.
  std::string take();

 private:
  void separate();

  WritableFile* file_ = nullptr;
  Dialect dialect_;
  std::string buffer_;
  std::size_t row_start_ = 0;
  bool row_begun_ = false;
};

}  // namespace eds::csv
