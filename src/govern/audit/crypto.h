// The few primitives the audit log stands on, over libsodium (included by crypto.cc alone).
//
// Invariants: secret bytes are only ever in govern::Key; a Signer wipes its own copy. Comparison of
// authentication codes takes the same time whatever they hold.
// Threads: all may be called from any thread.
// Sources: FIPS 180-4 (SHA-256), RFC 7693 (BLAKE2b), RFC 8032 (Ed25519), RFC 4648 (base64).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "govern/keys.h"
#include "govern/sealing.h"

namespace eds::audit {

using Hash = std::array<std::uint8_t, 32>;
using Mac = std::array<std::uint8_t, 16>;
using Signature = std::array<std::uint8_t, 64>;
using PublicKey = std::array<std::uint8_t, 32>;

std::string_view bytes_of(std::span<const std::uint8_t> bytes);

/// SHA-256 of `first` followed by `second`, without joining them.
Hash sha256(std::string_view first, std::string_view second = {});
/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  Hash finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
/// BLAKE2b-128 under `key`, of `first` followed by `second`.
Mac keyed_mac(const govern::Key& key, std::string_view first, std::string_view second = {});
bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// An Ed25519 key pair made from a 32-byte seed.
class Signer {
 public:
  explicit Signer(const govern::Key& seed);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  Signature sign(std::string_view message) const;
  const PublicKey& public_key() const { return public_; }

 private:
  PublicKey public_{};
  std::array<std::uint8_t, 64> secret_{};
};
bool verify_signature(const PublicKey& key, std::string_view message, const Signature& signature);

using govern::hex_of;
std::optional<std::string> from_hex(std::string_view text);
std::string base64_of(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
/// The 32 bytes of `bytes`, or nothing when it has another length.
std::optional<Hash> hash_of_bytes(std::string_view bytes);

}  // namespace eds::audit
