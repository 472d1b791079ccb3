// LineFile: a FormatReader whose records are lines at fixed positions.
//
// Invariants: memory is bounded by kBlockBytes and the longest legal line. A line that is too long
// or holds a NUL is rejected with its position. Threads: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "format/pmsi/finding.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/record.h"
#include "ingest/format_reader.h"
#include "ingest/load.h"
#include "model/rows.h"

namespace eds::ingest::pmsi {

/// Read at once: 40,000 RUM of 200 bytes.
inline constexpr std::size_t kBlockBytes = std::size_t{8} << 20;

class LineFile : public FormatReader {
 public:
  Status read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) final;

 protected:
  /// Before the first line.
  virtual Status begin(Load& load, FeedFile& file);
  virtual Status take(Load& load, FeedFile& file, const eds::pmsi::Line& line) = 0;
  virtual Status finish(Load& load, FeedFile& file);

  /// Rejects the line with its first error; the others are part of the reason.
  static Status reject(Load& load, FeedFile& file, const eds::pmsi::Line& line,
                       std::span<const eds::pmsi::Finding> findings);
  static Status reject(Load& load, FeedFile& file, const eds::pmsi::Line& line,
                       std::string_view field, std::string_view code, std::string_view reason);
  static void warn(Load& load, FeedFile& file, std::span<const eds::pmsi::Finding> findings);
  /// Sets a text as valid UTF-8; a blank one is NULL.
  static void put(model::RowWriter& row, std::size_t column, std::string_view value);
  static void put(model::RowWriter& row, std::size_t column, char value);

 private:
  Status take_block(Load& load, FeedFile& file, std::string_view block, eds::pmsi::Tail tail,
                    eds::pmsi::LineScanner::Start& start, std::size_t& consumed);
};

/// The authority that IPP, NDA and RSS numbers are unique under.
std::string_view authority_of(const Load& load, std::string_view finess);

}  // namespace eds::ingest::pmsi
