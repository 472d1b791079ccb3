#include "format/jose/digest.h"

#include <openssl/evp.h>

#include <array>

#include "format/jose/base64url.h"
#include "format/jose/jws.h"
#include "format/jose/key_material.h"

namespace eds::jose {
namespace {

Result<std::string> digest_of(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int out_bytes = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &out_bytes, kind, nullptr) != 1) {
    return Error{Code::Internal, "OpenSSL could not compute a digest"};
  }
  return std::string(reinterpret_cast<const char*>(out.data()), out_bytes);
}

}  // namespace

Result<std::string> sha256(std::string_view bytes) {
  return digest_of(EVP_sha256(), bytes);
}

Result<std::string> access_token_hash(Algorithm algorithm, std::string_view access_token) {
  // Ed25519 hashes with SHA-512 inside, and at_hash follows it.
  const EVP_MD* const hash = algorithm == Algorithm::EdDSA ? EVP_sha512() : hash_of(algorithm);
  const std::string whole = TRY(digest_of(hash, access_token));
  return base64url_encode(std::string_view(whole).substr(0, whole.size() / 2));
}

Result<std::string> key_id_of(std::string_view compact) {
  if (compact.size() > kTokenBytesMax) return Error{Code::Limit, "token is too long"};
  const std::size_t dot = compact.find('.');
  if (dot == std::string_view::npos) return Error{Code::Malformed, "token has no three parts"};
  const std::string header = TRY(base64url_decode(compact.substr(0, dot)));
  const json::Document document = TRY(json::Document::parse(header));
  return std::string(document.root().string_or("kid", ""));
}

std::string base64_encode(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  for (char& letter : text) {
    if (letter == '-') letter = '+';
    if (letter == '_') letter = '/';
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace eds::jose
