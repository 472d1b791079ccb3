// ByteSource: the bytes of an input, front to back, whether the file is plain, gzip or in a zip.
//
// Invariants: memory is bounded whatever the file; what expands beyond InputLimits fails with
// Code::Limit and the bound's name; a damaged or cut compressed file fails with Code::Malformed
// once its sound bytes were given.
// Threads: a source belongs to one thread; different sources may be read at once.
// Sources: RFC 1952 (gzip, several members in a row are one file), PKWARE APPNOTE (zip).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "format/csv/limits.h"

namespace eds::csv {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `into.size()` bytes, in order; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

/// `bytes`, which must outlive the source.
std::unique_ptr<ByteSource> memory_source(std::string_view bytes);

/// The file at `path`: gzip and zip are recognised by their first bytes, whatever the name. A zip
/// must hold exactly one file, otherwise Code::Usage names open_zip_member's need.
Result<std::unique_ptr<ByteSource>> open_input(Env& env, const Path& path,
                                               const InputLimits& limits = {});

struct ZipMember {
  std::string name;
  std::uint64_t bytes = 0;  ///< expanded, as the directory claims
  std::uint64_t compressed_bytes = 0;
};

/// The files (not folders) of a zip, in its order.
Result<std::vector<ZipMember>> list_zip(Env& env, const Path& path, const InputLimits& limits = {});

/// One file of a zip, by its exact name.
Result<std::unique_ptr<ByteSource>> open_zip_member(Env& env, const Path& path,
                                                    std::string_view member,
                                                    const InputLimits& limits = {});

/// All of a source, when it holds at most `bytes_max` bytes (otherwise Code::Limit).
Result<std::string> read_all(ByteSource& source, std::uint64_t bytes_max);

/// A set of tables delivered together: a directory of files, or one zip; each file may be gzipped.
class Bundle {
 public:
  static Result<Bundle> open(Env& env, const Path& path, const InputLimits& limits = {});

  /// The table's file: `table` is compared with the file's name without folders and without .csv,
  /// .tsv, .txt and .gz, ASCII case ignored. Code::NotFound when no file has that name.
  Result<std::unique_ptr<ByteSource>> open_table(std::string_view table) const;
  bool has_table(std::string_view table) const;
  /// Lower-case table names, sorted.
  std::vector<std::string> tables() const;

 private:
  struct Entry {
    std::string table;
    std::string name;
  };
  const Entry* find(std::string_view table) const;

  Env* env_ = nullptr;
  Path path_;
  InputLimits limits_;
  bool is_zip_ = false;
  std::vector<Entry> entries_;
};

}  // namespace eds::csv
