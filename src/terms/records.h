// Records: a table of named fields, streamed, whether the file is CSV, TSV or a JSON array of flat
// objects (the shape in which public French terminologies circulate), plain or compressed.
//
// Invariants: values are UTF-8 and trimmed, whatever the file's encoding; memory is bounded by one
// record; a record that cannot be read is counted with its line and skipped.
// Threads: one thread.
// Source: RFC 4180 and RFC 8259. The JSON is read here and not by format/json because a document of
// 300,000 records would be held whole there; nested values are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "format/csv/csv_reader.h"
#include "format/csv/input.h"

namespace eds::terms {

inline constexpr std::size_t kRecordBytesMax = 1U << 20;  ///< the longest LOINC row has 20 kB
inline constexpr std::size_t kFieldsMax = 256;
inline constexpr std::size_t kBadRecordsKept = 100;

struct BadRecord {
  std::uint64_t line = 0;  ///< of the file, or the record's number in a JSON array
  std::string reason;
};

class Records {
 public:
  /// `names` are the columns of a file without header: used when the first row looks like data.
  static Result<Records> open(Env& env, const Path& path,
                              std::span<const std::string_view> names = {});
  static Result<Records> over(std::string_view bytes, std::span<const std::string_view> names = {});

  /// Moves to the next record; false at the end. Only the file can make it fail.
  Result<bool> next();
  /// The field of that name, ASCII case ignored; empty when absent or null.
  std::string_view operator[](std::string_view name) const;
  bool has(std::string_view name) const;
  std::uint64_t record_count() const { return record_count_; }
  std::uint64_t bad_count() const { return bad_count_; }
  const std::vector<BadRecord>& bad() const { return bad_; }

 private:
  using Field = std::pair<std::string, std::string>;
  Records() = default;
  static Result<Records> from(std::unique_ptr<csv::ByteSource> source,
                              std::span<const std::string_view> names);
  Result<bool> next_csv();
  Result<bool> next_json();
  Status fill();
  void refuse(std::uint64_t line, std::string reason);

  std::unique_ptr<csv::ByteSource> source_;
  std::optional<csv::Reader> reader_;
  bool eight_bit_cp850_ = false;
  std::string buffer_;  ///< JSON bytes not yet given out
  std::size_t at_ = 0;
  bool at_end_ = false;
  std::vector<Field> fields_;
  std::uint64_t record_count_ = 0;
  std::uint64_t bad_count_ = 0;
  std::vector<BadRecord> bad_;
};

/// One flat JSON object at the front of `text`: its members, values as text (numbers and booleans
/// as written, null as nothing), and the bytes it takes. Nothing when it is not complete, or not
/// flat.
struct FlatObject {
  std::vector<std::pair<std::string, std::string>> members;
  std::size_t size = 0;
};
Result<FlatObject> parse_flat_object(std::string_view text);

}  // namespace eds::terms
