// Tokens and key sets of any bytes: no crash, and nothing is ever accepted that was not signed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/jose/jws.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using eds::jose::Algorithm;
  static const eds::jose::KeySet keys =
      eds::jose::KeySet::of(eds::jose::Jwk::generate_ed25519("k").value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::array<Algorithm, 2> allowed = {Algorithm::EdDSA, Algorithm::ES256};
  if (eds::jose::verify_jws(text, keys, allowed).ok()) std::abort();
  (void)eds::jose::KeySet::parse(text);
  return 0;
}
