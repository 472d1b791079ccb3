// Sealer: short secret values at rest: XChaCha20-Poly1305-IETF under one derived key.
//
// Invariants: what seal() returns opens only with the same key and the same context; the context
// says where the value stands (table, row), so that a sealed value moved to another row does not
// open. A nonce is 24 random bytes drawn for each value: no counter that a fork, a crash or
// a machine put back to a snapshot could repeat. The length is hidden up to a multiple of 16 bytes.
// Threads: seal() and unseal() may be called from any thread.
// Bytes: version (1), nonce (24), ciphertext of the padded value, tag (16).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/keys.h"

namespace eds::govern {

/// Two lower-case digits a byte.
std::string hex_of(std::span<const std::uint8_t> bytes);

class Sealer {
 public:
  Sealer(Env& env, Key key);

  std::string seal(std::string_view plain, std::string_view context) const;
  /// Code::Corrupt when any bit differs, when the key is another, or when the context is another.
  Result<std::string> unseal(std::string_view sealed, std::string_view context) const;

 private:
  Env& env_;
  Key key_;
};

}  // namespace eds::govern
