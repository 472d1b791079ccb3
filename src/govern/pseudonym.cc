#include "govern/pseudonym.h"

#include <sodium.h>

#include <array>
#include <span>
#include <utility>

#include "govern/sealing.h"

namespace eds::govern {
namespace {

// What an HMAC is asked for; tables count from kFirstTable. Part of the format: never renumbered.
constexpr std::uint32_t kPerson = 1;
constexpr std::uint32_t kShift = 2;
constexpr std::uint32_t kFirstTable = 256;

/// The first eight bytes, as a number in [0, count).
std::uint64_t scaled(std::span<const std::uint8_t> code, std::uint64_t count) {
  std::uint64_t word = 0;
  for (const std::uint8_t byte : code.first(8)) word = (word << 8U) | byte;
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(word) * count) >> 64U);
}

}  // namespace

Pseudonymiser::Pseudonymiser(Key project_key, DateShift shift)
    : key_(std::move(project_key)), shift_(shift) {}

Pseudonymiser::Digest Pseudonymiser::digest(std::uint32_t kind, std::int64_t id) const {
  // Message: kind (4 bytes) and id (8 bytes), big-endian.
  std::array<std::uint8_t, 12> message{};
  for (std::size_t i = 0; i < 4; ++i) message[i] = static_cast<std::uint8_t>(kind >> (24 - 8 * i));
  const auto bits = static_cast<std::uint64_t>(id);
  for (std::size_t i = 0; i < 8; ++i)
    message[4 + i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  Digest code{};
  static_assert(code.size() == crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256(code.data(), message.data(), message.size(), key_.bytes().data());
  return code;
}

std::int64_t Pseudonymiser::person(std::int64_t person_id) const {
  const std::uint64_t range = (std::uint64_t{1} << 53U) - 1;
  return static_cast<std::int64_t>(1 + scaled(digest(kPerson, person_id), range));
}

std::int64_t Pseudonymiser::event(std::uint32_t kind, std::int64_t id) const {
  const std::uint64_t range = (std::uint64_t{1} << 63U) - 1;
  return static_cast<std::int64_t>(1 + scaled(digest(kFirstTable + kind, id), range));
}

std::string Pseudonymiser::person_text(std::int64_t person_id) const {
  const Digest code = digest(kPerson, person_id);
  return hex_of(std::span(code).first(16));
}

std::int32_t Pseudonymiser::shift_days(std::int64_t person_id) const {
  const std::int32_t step = shift_.whole_weeks ? 7 : 1;
  const std::int32_t steps = shift_.days_max / step;
  if (steps == 0) return 0;
  const auto drawn = static_cast<std::int32_t>(
      scaled(digest(kShift, person_id), static_cast<std::uint64_t>(steps) * 2));
  // 0 .. 2*steps-1 become -steps .. -1 and 1 .. steps.
  return step * (drawn < steps ? drawn - steps : drawn - steps + 1);
}

}  // namespace eds::govern
