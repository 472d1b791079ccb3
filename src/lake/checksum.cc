#include "lake/checksum.h"

#include <bit>
#include <cstdio>
#include <cstring>
#include <vector>

namespace eds::lake {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

// One read of a part: large enough for the disk, small beside everything else.
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

template <class Word>
std::uint64_t word_at(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint64_t mixed(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

}  // namespace

void Checksum::stripe(const char* bytes) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    lanes_[lane] = mixed(lanes_[lane], word_at<std::uint64_t>(bytes + 8 * lane));
  }
}

void Checksum::add(std::string_view bytes) {
  byte_count_ += bytes.size();
  if (waiting_bytes_ > 0) {
    const std::size_t taken = std::min(bytes.size(), waiting_.size() - waiting_bytes_);
    std::memcpy(waiting_.data() + waiting_bytes_, bytes.data(), taken);
    waiting_bytes_ += taken;
    bytes.remove_prefix(taken);
    if (waiting_bytes_ < waiting_.size()) return;
    stripe(waiting_.data());
    waiting_bytes_ = 0;
  }
  for (; bytes.size() >= waiting_.size(); bytes.remove_prefix(waiting_.size())) {
    stripe(bytes.data());
  }
  if (!bytes.empty()) std::memcpy(waiting_.data(), bytes.data(), bytes.size());
  waiting_bytes_ = bytes.size();
}

std::uint64_t Checksum::value() const {
  std::uint64_t hash = kPrime5;
  if (byte_count_ >= waiting_.size()) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (std::uint64_t lane : lanes_) hash = (hash ^ mixed(0, lane)) * kPrime1 + kPrime4;
  }
  hash += byte_count_;
  std::size_t at = 0;
  for (; at + 8 <= waiting_bytes_; at += 8) {
    hash ^= mixed(0, word_at<std::uint64_t>(waiting_.data() + at));
    hash = std::rotl(hash, 27) * kPrime1 + kPrime4;
  }
  if (at + 4 <= waiting_bytes_) {
    hash ^= word_at<std::uint32_t>(waiting_.data() + at) * kPrime1;
    hash = std::rotl(hash, 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at < waiting_bytes_; ++at) {
    hash ^= static_cast<unsigned char>(waiting_[at]) * kPrime5;
    hash = std::rotl(hash, 11) * kPrime1;
  }
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

std::uint64_t checksum_of(std::string_view bytes) {
  Checksum checksum;
  checksum.add(bytes);
  return checksum.value();
}

std::string checksum_text(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "xxh64:%016llx", static_cast<unsigned long long>(value));
  return text;
}

Result<std::string> file_checksum(Env& env, const Path& path) {
  const std::unique_ptr<ReadableFile> file = TRY(env.open(path));
  std::vector<char> buffer(kReadBytes);
  Checksum checksum;
  std::uint64_t offset = 0;
  while (const std::size_t count = TRY(file->read_at(offset, buffer))) {
    checksum.add({buffer.data(), count});
    offset += count;
  }
  return checksum_text(checksum.value());
}

}  // namespace eds::lake
