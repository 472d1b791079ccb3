// MappedCsv: the frame of a reader whose source is a CSV described by a mapping file: opens it,
// finds columns, decodes rows, rejects what is no row, tells progress.
//
// Threads: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "format/csv/csv_reader.h"
#include "ingest/csv_mapping.h"
#include "ingest/format_reader.h"
#include "ingest/load.h"

namespace eds::ingest {

class MappedCsv : public FormatReader {
 public:
  Status read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) final;

 protected:
  /// Finds the columns and what else of the mapping is needed.
  virtual Status prepare(const csv::Reader& reader) = 0;
  virtual Status take(const csv::Row& row) = 0;
  virtual Status finish() { return {}; }

  Status reject(const csv::Row& row, std::string_view field, std::string_view code,
                std::string_view reason);
  /// The field, trimmed, as UTF-8; empty when the mapping has no such column.
  std::string text_of(const csv::Row& row, std::size_t column);
  /// [identity] authority, or the request's.
  Result<std::string> authority() const;
  Provenance provenance(const csv::Row& row, std::int64_t record_key) const;

  Load* load_ = nullptr;
  FeedFile* file_ = nullptr;
  CsvMapping mapping_;
  std::optional<text::DatePattern> pattern_;
  std::optional<text::LineDecoder> decoder_;
};

}  // namespace eds::ingest
