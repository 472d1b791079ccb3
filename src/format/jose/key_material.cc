#include "format/jose/key_material.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

namespace eds::jose {
namespace {

using Material = std::shared_ptr<const KeyMaterial>;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using Bn = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyCtx = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using MdCtx = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* bytes_of(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

Error internal(std::string_view what) {
  ERR_clear_error();
  return Error{Code::Internal, "OpenSSL could not do: " + std::string(what)};
}
Error refused() {
  ERR_clear_error();
  return Error{Code::Refused, "signature does not fit"};
}

bool is_pss(Algorithm algorithm) {
  return algorithm >= Algorithm::PS256 && algorithm <= Algorithm::PS512;
}
bool is_elliptic(Algorithm algorithm) {
  return algorithm >= Algorithm::ES256 && algorithm <= Algorithm::ES512;
}

Bn number(std::string_view big_endian) {
  return Bn(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

class SymmetricMaterial final : public KeyMaterial {
 public:
  explicit SymmetricMaterial(std::string secret) : secret_(std::move(secret)) {}
  ~SymmetricMaterial() override { OPENSSL_cleanse(secret_.data(), secret_.size()); }

  KeyKind kind() const override { return KeyKind::Symmetric; }
  bool has_private_part() const override { return true; }
  std::size_t bit_count() const override { return secret_.size() * 8; }

  Status verify(Algorithm algorithm, std::string_view message,
                std::string_view signature) const override {
    const std::string right = TRY(sign(algorithm, message));
    if (right.size() != signature.size() ||
        CRYPTO_memcmp(right.data(), signature.data(), right.size()) != 0)
      return refused();
    return {};
  }
  Result<std::string> sign(Algorithm algorithm, std::string_view message) const override {
    std::string code(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    if (HMAC(hash_of(algorithm), secret_.data(), static_cast<int>(secret_.size()),
             bytes_of(message), message.size(), bytes_of(code), &size) == nullptr)
      return internal("HMAC");
    code.resize(size);
    return code;
  }
  Result<std::string> raw_public() const override {
    return Error{Code::Usage, "a symmetric key has no public half"};
  }
  Result<std::string> raw_private() const override { return raw_public(); }

 private:
  std::string secret_;
};

class AsymmetricMaterial final : public KeyMaterial {
 public:
  AsymmetricMaterial(KeyKind kind, Pkey key, bool has_private)
      : kind_(kind), key_(std::move(key)), has_private_(has_private) {}

  KeyKind kind() const override { return kind_; }
  bool has_private_part() const override { return has_private_; }
  std::size_t bit_count() const override {
    return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get()));
  }
  Status verify(Algorithm algorithm, std::string_view message,
                std::string_view signature) const override;
  Result<std::string> sign(Algorithm algorithm, std::string_view message) const override;
  Result<std::string> raw_public() const override;
  Result<std::string> raw_private() const override;

 private:
  Status configure(EVP_PKEY_CTX* context, Algorithm algorithm) const;
  std::size_t coordinate_bytes() const { return (bit_count() + 7) / 8; }
  Result<std::string> der_of(std::string_view joined) const;
  Result<std::string> joined_of(std::string_view der) const;

  KeyKind kind_;
  Pkey key_;
  bool has_private_;
};

Status AsymmetricMaterial::configure(EVP_PKEY_CTX* context, Algorithm algorithm) const {
  if (!is_pss(algorithm)) return {};
  // RFC 7518 section 3.5: the salt is as long as the hash, MGF1 over the same hash.
  if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash_of(algorithm)) <= 0)
    return internal("set PSS");
  return {};
}

/// RFC 7518 section 3.4 joins R and S at full length; OpenSSL wants them in DER.
Result<std::string> AsymmetricMaterial::der_of(std::string_view joined) const {
  const std::size_t half = coordinate_bytes();
  if (joined.size() != 2 * half) return refused();
  EcSignature pair(ECDSA_SIG_new());
  Bn r = number(joined.substr(0, half));
  Bn s = number(joined.substr(half));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return internal("ECDSA_SIG");
  (void)r.release();
  (void)s.release();
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return internal("i2d_ECDSA_SIG");
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

Result<std::string> AsymmetricMaterial::joined_of(std::string_view der) const {
  const std::uint8_t* at = bytes_of(der);
  const EcSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!pair) return internal("d2i_ECDSA_SIG");
  const int half = static_cast<int>(coordinate_bytes());
  std::string joined(static_cast<std::size_t>(half) * 2, '\0');
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes_of(joined), half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes_of(joined) + half, half) != half)
    return internal("BN_bn2binpad");
  return joined;
}

Status AsymmetricMaterial::verify(Algorithm algorithm, std::string_view message,
                                  std::string_view signature) const {
  std::string der;
  if (is_elliptic(algorithm)) {
    der = TRY(der_of(signature));
    signature = der;
  } else if (signature.size() != (kind_ == KeyKind::Rsa ? coordinate_bytes() : std::size_t{64})) {
    return refused();
  }
  const MdCtx context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  if (!context ||
      EVP_DigestVerifyInit(context.get(), &inner, hash_of(algorithm), nullptr, key_.get()) != 1)
    return internal("EVP_DigestVerifyInit");
  TRY(configure(inner, algorithm));
  if (EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                       message.size()) != 1)
    return refused();
  return {};
}

Result<std::string> AsymmetricMaterial::sign(Algorithm algorithm, std::string_view message) const {
  const MdCtx context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  if (!context ||
      EVP_DigestSignInit(context.get(), &inner, hash_of(algorithm), nullptr, key_.get()) != 1)
    return internal("EVP_DigestSignInit");
  TRY(configure(inner, algorithm));
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) != 1)
    return internal("EVP_DigestSign");
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message),
                     message.size()) != 1)
    return internal("EVP_DigestSign");
  signature.resize(size);
  if (is_elliptic(algorithm)) return joined_of(signature);
  return signature;
}

Result<std::string> AsymmetricMaterial::raw_public() const {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  if (kind_ != KeyKind::Ed25519 ||
      EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(bytes), &size) != 1)
    return Error{Code::Usage, "only Ed25519 keys have a raw public half"};
  return bytes;
}

Result<std::string> AsymmetricMaterial::raw_private() const {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  if (kind_ != KeyKind::Ed25519 || !has_private_ ||
      EVP_PKEY_get_raw_private_key(key_.get(), bytes_of(bytes), &size) != 1)
    return Error{Code::Usage, "only Ed25519 keys have a raw private half"};
  return bytes;
}

Result<Pkey> from_params(const char* type, OSSL_PARAM_BLD* builder, bool with_private) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyCtx context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, with_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        params.get()) != 1) {
    ERR_clear_error();
    return Error{Code::Malformed, "key has numbers that make no key"};
  }
  return Pkey(made);
}

/// Keys of Infineon's RSALib have a modulus that is a power of 65537 modulo every small prime
/// (Nemec and others, CCS 2017). A sound key passes for one with probability under 2^-27.
bool is_roca(const BIGNUM* modulus) {
  constexpr std::array<unsigned, 38> primes = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  for (const unsigned prime : primes) {
    const auto rest = static_cast<unsigned>(BN_mod_word(modulus, prime));
    unsigned power = 1;
    bool found = false;
    do {
      found = found || power == rest;
      power = power * (65537U % prime) % prime;
    } while (power != 1 && !found);
    if (!found) return false;
  }
  return true;
}

const char* curve_name(KeyKind curve) {
  switch (curve) {
    case KeyKind::P256: return "P-256";
    case KeyKind::P384: return "P-384";
    default: return "P-521";
  }
}

std::size_t curve_bytes(KeyKind curve) {
  switch (curve) {
    case KeyKind::P256: return 32;
    case KeyKind::P384: return 48;
    default: return 66;
  }
}

}  // namespace

const EVP_MD* hash_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::HS256:
    case Algorithm::RS256:
    case Algorithm::PS256:
    case Algorithm::ES256: return EVP_sha256();
    case Algorithm::HS384:
    case Algorithm::RS384:
    case Algorithm::PS384:
    case Algorithm::ES384: return EVP_sha384();
    case Algorithm::HS512:
    case Algorithm::RS512:
    case Algorithm::PS512:
    case Algorithm::ES512: return EVP_sha512();
    case Algorithm::EdDSA: return nullptr;
  }
  return nullptr;
}

Result<Material> KeyMaterial::symmetric(std::string secret) {
  return Material(std::make_shared<SymmetricMaterial>(std::move(secret)));
}

Result<Material> KeyMaterial::rsa(const RsaNumbers& numbers) {
  const Bn n = number(numbers.n);
  const Bn e = number(numbers.e);
  const int bits = BN_num_bits(n.get());
  if (bits < 2048 || bits > 8192) return Error{Code::Refused, "RSA key is of 2048 to 8192 bits"};
  if (BN_is_word(e.get(), 1) || !BN_is_odd(e.get()) || BN_num_bits(e.get()) > 64)
    return Error{Code::Refused, "RSA exponent is unsound"};
  if (is_roca(n.get())) return Error{Code::Refused, "RSA key is of the ROCA family"};
  const std::array<std::pair<const char*, const std::string*>, 6> secret = {{
      {OSSL_PKEY_PARAM_RSA_D, &numbers.d},
      {OSSL_PKEY_PARAM_RSA_FACTOR1, &numbers.p},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, &numbers.q},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1, &numbers.dp},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, &numbers.dq},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &numbers.qi},
  }};
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  std::vector<Bn> kept;  // The builder borrows the numbers until they are turned into a key.
  for (const auto& [name, bytes] : secret) {
    if (bytes->empty()) continue;
    kept.push_back(number(*bytes));
    OSSL_PARAM_BLD_push_BN(builder.get(), name, kept.back().get());
  }
  const bool with_private = !numbers.d.empty();
  Pkey key = TRY(from_params("RSA", builder.get(), with_private));
  return Material(std::make_shared<AsymmetricMaterial>(KeyKind::Rsa, std::move(key), with_private));
}

Result<Material> KeyMaterial::elliptic(KeyKind curve, std::string_view x, std::string_view y,
                                       std::string_view d) {
  const std::size_t size = curve_bytes(curve);
  if (x.size() != size || y.size() != size || (!d.empty() && d.size() != size))
    return Error{Code::Malformed, "key has coordinates of a wrong length"};
  const std::string point = "\x04" + std::string(x) + std::string(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_name(curve), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  const Bn secret = number(d);
  if (!d.empty()) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  Pkey key = TRY(from_params("EC", builder.get(), !d.empty()));
  const PkeyCtx check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || EVP_PKEY_public_check(check.get()) != 1) {
    ERR_clear_error();
    return Error{Code::Refused, "key is no point of its curve"};
  }
  return Material(std::make_shared<AsymmetricMaterial>(curve, std::move(key), !d.empty()));
}

Result<Material> KeyMaterial::ed25519(std::string_view x, std::string_view d) {
  if (x.size() != 32 || (!d.empty() && d.size() != 32))
    return Error{Code::Malformed, "Ed25519 key has a wrong length"};
  Pkey key(d.empty() ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), 32)
                     : EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(d), 32));
  if (!key) return internal("Ed25519 key");
  auto made = std::make_shared<AsymmetricMaterial>(KeyKind::Ed25519, std::move(key), !d.empty());
  if (TRY(made->raw_public()) != x)
    return Error{Code::Refused, "public half of the key is not that of its private half"};
  return Material(std::move(made));
}

Result<Material> KeyMaterial::generate_ed25519() {
  Pkey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return internal("generate Ed25519");
  return Material(std::make_shared<AsymmetricMaterial>(KeyKind::Ed25519, std::move(key), true));
}

}  // namespace eds::jose
