// Checksum: XXH64 of a file's bytes. It finds rot and torn copies, not malice: nobody who may write
// the warehouse is kept from forging it (the audit log has keyed hashes for that).
//
// Threads: a Checksum belongs to one thread.
// Source: xxHash fast digest algorithm, version 0.1.1, "XXH64 algorithm description", seed 0.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"

namespace eds::lake {

class Checksum {
 public:
  void add(std::string_view bytes);
  std::uint64_t value() const;

 private:
  void stripe(const char* bytes);
  std::array<std::uint64_t, 4> lanes_ = {0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0,
                                         0x61C8864E7A143579};
  std::array<char, 32> waiting_{};
  std::size_t waiting_bytes_ = 0;
  std::uint64_t byte_count_ = 0;
};

/// Of bytes that are all there.
std::uint64_t checksum_of(std::string_view bytes);
/// "xxh64:<16 hex digits>", as the catalogue keeps it.
std::string checksum_text(std::uint64_t value);
/// The checksum of a whole file.
Result<std::string> file_checksum(Env& env, const Path& path);

}  // namespace eds::lake
