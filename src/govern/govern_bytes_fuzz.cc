// Bytes that come back from disk altered are refused, never believed, never a crash: sealed values,
// traits, identifiers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "govern/identifier.h"
#include "govern/keys.h"
#include "govern/sealing.h"
#include "govern/traits.h"

namespace {

using namespace eds::govern;

KeyRing ring() {
  const std::string path = (std::filesystem::temp_directory_path() / "eds_govern_fuzz_").string() +
                           std::to_string(eds::Env::posix().random_u64());
  KeyRing made = KeyRing::create(eds::Env::posix(), path).value();
  std::filesystem::remove_all(path);
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const KeyRing keys = ring();
  static const Sealer sealer(eds::Env::posix(), keys.derive(Purpose::LandingRecord));
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (sealer.unseal(bytes, "").ok()) std::abort();
  if (sealer.unseal(sealer.seal(bytes, bytes), bytes).value() != bytes) std::abort();
  const auto traits = decode_traits(bytes);
  if (traits.ok()) {
    const auto again = encode_traits(*traits);
    if (again.ok() && decode_traits(*again).value() != *traits) std::abort();
  }
  for (int kind = 1; kind <= 7; ++kind) {
    Identifier identifier{static_cast<IdentifierKind>(kind), "x",
                          eds::Identifying<std::string>(bytes)};
    const auto normal = normalised(identifier);
    if (!normal.ok()) continue;
    identifier.value = eds::Identifying<std::string>(*normal);
    // A normal form is its own normal form.
    if (normalised(identifier).value() != *normal) std::abort();
  }
  return 0;
}
