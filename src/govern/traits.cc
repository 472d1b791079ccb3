#include "govern/traits.h"

#include "govern/limits.h"

namespace eds::govern {
namespace {
constexpr char kVersion = 1;
}  // namespace

std::array<Identifying<std::string>*, kTraitFieldCount> fields_of(Traits& t) {
  return {&t.birth_name,  &t.used_name,    &t.first_names, &t.birth_date,
          &t.birth_place, &t.address_line, &t.postcode,    &t.city,
          &t.phone,       &t.email,        &t.nir};
}

std::array<const Identifying<std::string>*, kTraitFieldCount> fields_of(const Traits& t) {
  return {&t.birth_name,  &t.used_name,    &t.first_names, &t.birth_date,
          &t.birth_place, &t.address_line, &t.postcode,    &t.city,
          &t.phone,       &t.email,        &t.nir};
}

Result<std::string> encode_traits(const Traits& traits) {
  std::string bytes(1, kVersion);
  char number = 0;
  for (const Identifying<std::string>* field : fields_of(traits)) {
    ++number;
    const std::string& text = field->reveal(Reason::Seal);
    if (text.empty()) continue;
    if (text.size() > kTraitBytesMax) return Error{Code::Limit, "trait exceeds kTraitBytesMax"};
    bytes += number;
    bytes += static_cast<char>(text.size() & 0xFF);
    bytes += static_cast<char>(text.size() >> 8);
    bytes += text;
  }
  return bytes;
}

Result<Traits> decode_traits(std::string_view bytes) {
  const Error broken{Code::Corrupt, "traits are not in their stored form"};
  if (bytes.empty() || bytes[0] != kVersion) return broken;
  bytes.remove_prefix(1);
  Traits traits;
  while (!bytes.empty()) {
    if (bytes.size() < 3) return broken;
    const std::size_t number = static_cast<unsigned char>(bytes[0]);
    const std::size_t length = static_cast<unsigned char>(bytes[1]) +
                               std::size_t{256} * static_cast<unsigned char>(bytes[2]);
    bytes.remove_prefix(3);
    if (number == 0 || number > kTraitFieldCount || length > bytes.size()) return broken;
    *fields_of(traits)[number - 1] = Identifying<std::string>(std::string(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
  return traits;
}

Traits overlay(const Traits& older, const Traits& newer) {
  Traits both = older;
  const auto into = fields_of(both);
  const auto from = fields_of(newer);
  for (std::size_t at = 0; at < kTraitFieldCount; ++at) {
    if (!from[at]->empty()) *into[at] = *from[at];
  }
  return both;
}

}  // namespace eds::govern
