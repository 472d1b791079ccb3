// Jwk, KeySet: the keys that sign and check tokens, as JSON Web Keys write them.
//
// Invariants: a Jwk is sound: RSA of 2048 to 8192 bits with an odd exponent above 1 and not of the
// ROCA family, points on their curve, HMAC keys as long as their hash. What names an algorithm is
// used with no other. A KeySet holds no two keys of one id, and never secrets beside public keys
// (that mix is how "HS256 with the public key as secret" attacks begin).
// Threads: immutable after parse; use from any thread.
// Source: RFC 7517, RFC 7518, RFC 8037 (Ed25519). Secret members never appear in errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json/json_reader.h"

namespace eds::jose {

/// RFC 7518 section 3.1. "none" is not in the list: there is no way to say it.
enum class Algorithm : std::uint8_t {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  EdDSA,
};
std::string_view algorithm_name(Algorithm algorithm);
std::optional<Algorithm> algorithm_of(std::string_view name);
bool is_symmetric(Algorithm algorithm);

class KeyMaterial;

/// 64 keys: large providers publish under ten.
inline constexpr std::size_t kKeysMax = 64;
inline constexpr std::size_t kKeySetBytesMax = 256 * 1024;

class Jwk {
 public:
  /// Code::Malformed or Code::Refused says which rule the key breaks.
  static Result<Jwk> parse(const json::Value& value);
  static Result<Jwk> parse(std::string_view json);
  /// A fresh Ed25519 key pair with this id.
  static Result<Jwk> generate_ed25519(std::string_view id);

  const std::string& id() const { return id_; }
  bool is_symmetric() const;
  bool has_private_part() const;
  /// Whether this key may check signatures of `algorithm`: type, size, use, key_ops and alg agree.
  bool verifies(Algorithm algorithm) const;

  /// Code::Refused when the signature is not the key's, or when verifies() says no.
  Status verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;
  /// Code::Refused without a private part, or for an algorithm that is not the key's.
  Result<std::string> sign(Algorithm algorithm, std::string_view message) const;

  /// The public half as JSON, for publishing (Ed25519 only, else Code::Usage).
  Result<std::string> public_json() const;
  /// The whole key as JSON (Ed25519 only, else Code::Usage). Only for sealed storage.
  Result<std::string> private_json() const;

 private:
  Jwk() = default;

  std::string id_;
  std::optional<Algorithm> algorithm_;  ///< the only one, when the key says so
  bool may_verify_ = true;
  bool may_sign_ = true;
  std::shared_ptr<const KeyMaterial> material_;
};

class KeySet {
 public:
  /// {"keys": [...]} or one bare key. Keys we cannot use (foreign types, unsound) are left out and
  /// described in unusable(); two keys of one id, or secrets beside public keys, are Code::Refused.
  static Result<KeySet> parse(std::string_view json);
  static KeySet of(Jwk key);

  const std::vector<Jwk>& keys() const { return keys_; }
  const std::vector<std::string>& unusable() const { return unusable_; }
  const Jwk* find(std::string_view id) const;

 private:
  std::vector<Jwk> keys_;
  std::vector<std::string> unusable_;
};

}  // namespace eds::jose
