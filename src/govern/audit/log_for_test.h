// LogForTest: an audit log with its keys and its mirror in a directory of its own, and the
// disorders that tests make in it. Included by tests only.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "govern/audit/local.h"
#include "govern/audit/segments.h"
#include "govern/audit/verify.h"
#include "govern/directory_for_test.h"

namespace eds::audit {

/// The real machine with clocks that only the test moves.
class StillClock final : public Env {
 public:
  std::int64_t wall_us = std::int64_t{1'717'200'000} * 1'000'000;  // 2024-06-01T00:00:00Z
  std::int64_t steady_us = 1'000'000'000;

  std::int64_t now_us() override { return wall_us; }
  std::int64_t monotonic_us() override { return steady_us; }
  std::uint64_t random_u64() override { return real().random_u64(); }
  Result<std::unique_ptr<WritableFile>> create(const Path& path) override {
    return real().create(path);
  }
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    return real().append_to(path);
  }
  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override {
    return real().open(path);
  }
  Result<FileInfo> info(const Path& path) override { return real().info(path); }
  Result<std::vector<std::string>> list(const Path& path) override { return real().list(path); }
  Status make_directories(const Path& path) override { return real().make_directories(path); }
  Status rename(const Path& from, const Path& to) override { return real().rename(from, to); }
  Status link_new(const Path& from, const Path& to) override { return real().link_new(from, to); }
  Status remove(const Path& path) override { return real().remove(path); }
  Status sync_directory(const Path& path) override { return real().sync_directory(path); }
  Status remove_directory(const Path& path) override { return real().remove_directory(path); }
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override {
    return real().lock(path, wait);
  }
  Status set_mode(const Path& path, std::uint32_t mode) override {
    return real().set_mode(path, mode);
  }

 private:
  static Env& real() { return Env::posix(); }
};

inline govern::AuditEvent event_of(int number) {
  govern::AuditEvent event;
  event.actor = "dr.house";
  event.action = "query";
  event.object = "person " + std::to_string(number);
  event.release = "2024-06";
  event.reason = "care";
  event.row_count = number;
  return event;
}

struct LogForTest {
  explicit LogForTest(std::uint64_t segment_bytes_max = std::uint64_t{16} << 20) {
    options.directory = directory.at("audit");
    options.mirror = directory.at("mirror");
    options.segment_bytes_max = segment_bytes_max;
    open();
  }

  void open() { audit = audit::open(*env, keys, options).value(); }
  /// Closes the log, so that all of it is signed.
  void close() { audit.reset(); }
  void add(int count) {
    for (int number = 1; number <= count; ++number) {
      REQUIRE(audit->append(event_of(number)).ok());
    }
  }
  Verdict verdict() { return verify(*env, keys, options).value(); }
  std::optional<std::uint64_t> bad_event() {
    const Verdict found = verdict();
    if (found.sound()) return std::nullopt;
    return found.damage->sequence;
  }
  std::string segment(std::uint64_t first = 1) { return segment_path(options.directory, first); }
  std::string checkpoint() { return directory.at("audit/checkpoint"); }
  std::string mirrored() {
    const Signer signer(keys.derive(govern::Purpose::AuditCheckpoint));
    return mirror_checkpoint(options.mirror, signer.public_key());
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    REQUIRE(each_line(*env, options.directory, [&](std::string_view line) -> Status {
              all.emplace_back(line);
              return {};
            }).ok());
    return all;
  }
  void set_lines(const std::vector<std::string>& lines) {
    std::string bytes;
    for (const std::string& line : lines) bytes += line + "\n";
    govern::set_bytes_of_file(segment(), bytes);
  }

  govern::DirectoryForTest directory;
  Env* env = &Env::posix();
  govern::KeyRing keys = govern::KeyRing::create(Env::posix(), directory.at("keys")).value();
  LogOptions options;
  std::unique_ptr<govern::Audit> audit;
};

/// Every file below a directory with its bytes, to be put back.
inline std::map<std::string, std::string> picture_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[entry.path().string()] = govern::bytes_of_file(entry.path().string());
    }
  }
  return files;
}

inline void put_back(const std::string& folder, const std::map<std::string, std::string>& files) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && files.count(entry.path().string()) == 0) {
      std::filesystem::remove(entry.path());
    }
  }
  for (const auto& [path, bytes] : files) govern::set_bytes_of_file(path, bytes);
}

}  // namespace eds::audit
