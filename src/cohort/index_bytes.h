// IndexBytes: numbers and texts in the order they were written, little-endian, of the heads of
// index files.
//
// Invariants: a reader never leaves its bytes; once it asked for more than there is, it has failed
// and gives zeros. Threads: plain values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace eds::cohort {

class IndexWriter {
 public:
  void number(std::uint64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    bytes_.append(bytes, sizeof value);
  }
  void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void text(std::string_view value) {
    number(std::uint64_t{value.size()});
    bytes_.append(value);
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

class IndexCursor {
 public:
  explicit IndexCursor(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (bytes_.size() < sizeof value) {
      failed_ = true;
      return 0;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::int64_t signed_number() { return static_cast<std::int64_t>(number()); }
  /// How many things of `each_bytes` follow; 0 when they cannot.
  std::size_t count(std::size_t each_bytes) {
    const std::uint64_t value = number();
    if (value > bytes_.size() / each_bytes) {
      failed_ = true;
      return 0;
    }
    return value;
  }
  std::string_view text() {
    const std::size_t size = count(1);
    const std::string_view found = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return found;
  }
  /// Nothing is left and nothing was missing.
  bool ended_well() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace eds::cohort
