// KeyMaterial: the numbers of one key, and what OpenSSL does with them.
//
// Invariants: sound once made (see key.h); private numbers are wiped with the key.
// Threads: immutable; any thread. OpenSSL's headers are included by key_material.cc
// and digest.cc alone.
// Source: RFC 7518 sections 3 and 6, RFC 8037; OpenSSL 3 EVP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/jose/key.h"

struct evp_md_st;  // OpenSSL's EVP_MD

namespace eds::jose {

/// The hash that the algorithm signs; null for EdDSA, which hashes within.
const evp_md_st* hash_of(Algorithm algorithm);

enum class KeyKind : std::uint8_t { Symmetric, Rsa, P256, P384, P521, Ed25519 };

/// Big-endian numbers of an RSA key; `d` and after are empty for a public key.
struct RsaNumbers {
  std::string n, e, d, p, q, dp, dq, qi;
};

class KeyMaterial {
 public:
  virtual ~KeyMaterial() = default;

  static Result<std::shared_ptr<const KeyMaterial>> symmetric(std::string secret);
  static Result<std::shared_ptr<const KeyMaterial>> rsa(const RsaNumbers& numbers);
  /// Coordinates of full length; `d` empty for a public key.
  static Result<std::shared_ptr<const KeyMaterial>> elliptic(KeyKind curve, std::string_view x,
                                                             std::string_view y,
                                                             std::string_view d);
  /// 32 bytes each; `d` empty for a public key.
  static Result<std::shared_ptr<const KeyMaterial>> ed25519(std::string_view x, std::string_view d);
  static Result<std::shared_ptr<const KeyMaterial>> generate_ed25519();

  virtual KeyKind kind() const = 0;
  virtual bool has_private_part() const = 0;
  virtual std::size_t bit_count() const = 0;
  virtual Status verify(Algorithm algorithm, std::string_view message,
                        std::string_view signature) const = 0;
  virtual Result<std::string> sign(Algorithm algorithm, std::string_view message) const = 0;
  /// Raw public and private halves of an Ed25519 key.
  virtual Result<std::string> raw_public() const = 0;
  virtual Result<std::string> raw_private() const = 0;
};

}  // namespace eds::jose
