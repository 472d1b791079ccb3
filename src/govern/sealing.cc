#include "govern/sealing.h"

#include <cstring>
#include <utility>

#include <sodium.h>

namespace eds::govern {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kPadBytes = 16;
static_assert(kNonceBytes == 24 && kTagBytes == 16);

const unsigned char* raw(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace

Sealer::Sealer(Env& env, Key key) : env_(env), key_(std::move(key)) {}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
  // ISO 7816-4 padding: 0x80, then zeros to the next multiple of 16; always at least one byte.
  const std::size_t padded_bytes = (plain.size() / kPadBytes + 1) * kPadBytes;
  std::string sealed(1 + kNonceBytes + padded_bytes + kTagBytes, '\0');
  sealed[0] = kVersion;
  env_.random_bytes({raw(sealed.data() + 1), kNonceBytes});

  char* const body = sealed.data() + 1 + kNonceBytes;
  if (!plain.empty()) std::memcpy(body, plain.data(), plain.size());
  body[plain.size()] = static_cast<char>(0x80);
  ENSURE(crypto_aead_xchacha20poly1305_ietf_encrypt(
             raw(body), nullptr, raw(body), padded_bytes, raw(context.data()), context.size(),
             nullptr, raw(sealed.data() + 1), key_.bytes().data()) == 0);
  return sealed;
}

Result<std::string> Sealer::unseal(std::string_view sealed, std::string_view context) const {
  const Error refused{Code::Corrupt, "sealed value does not open: damaged, moved, or another key"};
  if (sealed.size() < 1 + kNonceBytes + kPadBytes + kTagBytes || sealed[0] != kVersion) {
    return refused;
  }
  std::string plain(sealed.size() - 1 - kNonceBytes - kTagBytes, '\0');
  const char* const body = sealed.data() + 1 + kNonceBytes;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(plain.data()), nullptr, nullptr, raw(body), plain.size() + kTagBytes,
          raw(context.data()), context.size(), raw(sealed.data() + 1), key_.bytes().data()) != 0) {
    return refused;
  }
  std::size_t plain_bytes = 0;
  if (sodium_unpad(&plain_bytes, raw(plain.data()), plain.size(), kPadBytes) != 0) return refused;
  plain.resize(plain_bytes);
  return plain;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace eds::govern
