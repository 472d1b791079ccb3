// FormatReader: one source format: bytes of one file -> rows, claims, identities and rejects.
//
// Invariants: a bad record is rejected into the load and never stops it; read() fails only with
// what no record is to blame for (disk, damaged compression, cancelled, an unusable mapping).
// Rejected raw bytes, fed again behind the same context, are read by the same code: this is how
// retry works. Threads: a reader belongs to one load at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/input.h"
#include "ingest/request.h"

namespace eds::ingest {

class Load;

/// What a record's raw bytes need beside them to be read again. Kept sealed with each reject.
struct FileContext {
  std::string header;   ///< the header line, for files that have one
  std::string mapping;  ///< the mapping file's text
  std::string member;   ///< which table or index of a delivery: "measurement"

  std::string encode() const;
  static Result<FileContext> decode(std::string_view bytes);
};

/// A file being fed. Only Load makes one.
struct FeedFile {
  std::int64_t source_id = 0;
  std::string name;  ///< base name, or member name
  FileContext context;
  /// For a retry: the original line of each line of the bytes (after the header), else empty.
  std::vector<std::uint64_t> original_lines;
  /// Number of the first line that original_lines speaks of.
  std::uint64_t first_mapped_line = 1;
  FileReport report;
  std::string feed_key;

  /// The line as the source first had it.
  std::uint64_t original_line(std::uint64_t line) const {
    const std::uint64_t index = line - first_mapped_line;
    return line >= first_mapped_line && index < original_lines.size() ? original_lines[index]
                                                                      : line;
  }
};

/// One file of a request: how to open its bytes.
struct Piece {
  Path path;           ///< the file, or the zip
  std::string member;  ///< of a zip; empty: the file itself
  std::string table;   ///< what the reader wants to know it as
};

class FormatReader {
 public:
  virtual ~FormatReader() = default;
  virtual FormatInfo info() const = 0;
  /// The files of a request, in the order in which they must be read.
  virtual Result<std::vector<Piece>> pieces(Env& env, const Path& path);
  /// Reads the whole source into the load.
  virtual Status read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) = 0;
};

}  // namespace eds::ingest
