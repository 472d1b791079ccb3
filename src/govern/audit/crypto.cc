#include "govern/audit/crypto.h"

#include <algorithm>
#include <cstring>

#include <sodium.h>

namespace eds::audit {
namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string_view bytes_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Hash sha256(std::string_view first, std::string_view second) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, raw(first), first.size());
  crypto_hash_sha256_update(&state, raw(second), second.size());
  Hash hash{};
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

struct Sha256::State {
  crypto_hash_sha256_state state;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->state);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  crypto_hash_sha256_update(&state_->state, raw(bytes), bytes.size());
}

Hash Sha256::finish() {
  Hash hash{};
  crypto_hash_sha256_final(&state_->state, hash.data());
  return hash;
}

Mac keyed_mac(const govern::Key& key, std::string_view first, std::string_view second) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.bytes().data(), govern::kKeyBytes, sizeof(Mac));
  crypto_generichash_update(&state, raw(first), first.size());
  crypto_generichash_update(&state, raw(second), second.size());
  Mac mac{};
  crypto_generichash_final(&state, mac.data(), mac.size());
  return mac;
}

bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Signer::Signer(const govern::Key& seed) {
  static_assert(crypto_sign_SEEDBYTES == govern::kKeyBytes);
  sodium_mlock(secret_.data(), secret_.size());
  crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.bytes().data());
}

Signer::~Signer() {
  sodium_munlock(secret_.data(), secret_.size());  // Wipes it too.
}

Signature Signer::sign(std::string_view message) const {
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, raw(message), message.size(), secret_.data());
  return signature;
}

bool verify_signature(const PublicKey& key, std::string_view message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), raw(message), message.size(), key.data()) ==
         0;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int done = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                  text.data(), text.size(), nullptr, &length, &end);
  if (done != 0 || length * 2 != text.size()) return std::nullopt;
  return bytes;
}

std::string base64_of(std::string_view bytes) {
  const std::size_t length =
      sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  std::string text(length, '\0');
  sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.resize(std::strlen(text.c_str()));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int done =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, &end, sodium_base64_VARIANT_ORIGINAL);
  if (done != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(length);
  // One spelling only: what encodes otherwise was not written by us.
  if (base64_of(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<Hash> hash_of_bytes(std::string_view bytes) {
  Hash hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data()));
  return hash;
}

}  // namespace eds::audit
