// Output: the tree of files that write_files() fills front to back, and the truth about their dirt.
//
// Invariants: a file is opened once and appended to; lines are counted from 1, so that the truth
// can name them; what is buffered is bounded by kBufferBytes a file. finish() syncs and closes all.
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"

namespace eds::synth {

// 5 hospitals x 10 years x 5 files + labs and reports = 300 files x 64 kB = 20 MB.
inline constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

class OutputFile {
 public:
  OutputFile(std::string path, std::unique_ptr<WritableFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  const std::string& path() const { return path_; }  ///< below the tree's directory
  std::uint64_t bytes() const { return bytes_; }
  /// Appends `record` and `line_end`; gives the number of the record's first line.
  Result<std::uint64_t> line(std::string_view record, std::string_view line_end);
  Status finish();

 private:
  std::string path_;
  std::unique_ptr<WritableFile> file_;
  std::string buffer_;
  std::uint64_t next_line_ = 1;
  std::uint64_t bytes_ = 0;
};

class OutputTree {
 public:
  OutputTree(Env& env, Path directory) : env_(&env), directory_(std::move(directory)) {}

  /// The file at `path` below the directory, created with its folders when asked for first;
  /// `header`, when not empty, is its first line and ends with `line_end`.
  Result<OutputFile*> file(const std::string& path, std::string_view header = {},
                           std::string_view line_end = "\n");
  /// A file written at once and closed: letters as texts.
  Status write_whole(const std::string& path, std::string_view bytes);
  Status finish();

  std::uint64_t file_count() const { return file_count_; }
  std::uint64_t bytes() const;

 private:
  Status make_folder_of(const Path& path);

  Env* env_;
  Path directory_;
  std::map<std::string, std::unique_ptr<OutputFile>, std::less<>> files_;
  std::string last_folder_;
  std::uint64_t file_count_ = 0;
  std::uint64_t whole_bytes_ = 0;
};

/// What a reader should make of a planted error.
enum class Expected : std::uint8_t {
  Quarantine,  ///< the record must not be loaded
  Warning,     ///< it is loaded, and the doubt is reported
  Replaced,    ///< another record with the same key is the one that counts
  Merged,      ///< two numbers are one person
};
std::string_view expected_word(Expected expected);

struct Planted {
  const OutputFile* file = nullptr;
  std::uint64_t line = 0;
  std::string_view kind;  ///< "impossible-date", "duplicate", ...
  std::string_view field;
  Expected expected{};
  std::string detail;  ///< ASCII, no identity
};

/// truth.jsonl, and what a loader should count when it is done.
class Truth {
 public:
  static Result<Truth> open(OutputTree& tree);

  Status plant(const Planted& planted);
  void expect(std::string_view what, std::uint64_t count = 1) {
    counts_.try_emplace(std::string(what), 0).first->second += count;
  }
  std::uint64_t planted_count() const { return planted_; }
  std::uint64_t expected(std::string_view what) const;
  /// Writes truth_counts.json.
  Status finish(OutputTree& tree);

 private:
  explicit Truth(OutputFile* file) : file_(file) {}

  OutputFile* file_;
  std::uint64_t planted_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// UTF-8 in, Windows-1252 out; what it lacks becomes '?'. Our texts stay within Latin-1.
void append_windows_1252(std::string& out, std::string_view utf8);

}  // namespace eds::synth
