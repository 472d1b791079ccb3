// Sealer: short secret values at rest: XChaCha20-Poly1305-IETF under one derived key.
//
// Invariants: what seal() returns opens only with the same key and the same context; the context says
// where the value stands (table, row), so that a sealed value moved to another row does not open. A
// nonce is 16 random bytes drawn when the Sealer is made and a 64-bit counter: none ever comes twice.
// The length is hidden up to a multiple of 16 bytes.
// Threads: seal() and unseal() may be called from any thread.
// Bytes: version (1), nonce (24), ciphertext of the padded value, tag (16).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/keys.h"

namespace eds::govern {

class Sealer {
 public:
  Sealer(Env& env, Key key);

  std::string seal(std::string_view plain, std::string_view context) const;
  /// Code::Corrupt when any bit differs, when the key is another, or when the context is another.
  Result<std::string> unseal(std::string_view sealed, std::string_view context) const;

 private:
  Key key_;
  std::array<std::uint8_t, 16> nonce_prefix_;
  mutable std::atomic<std::uint64_t> nonce_counter_{0};
};

}  // namespace eds::govern
