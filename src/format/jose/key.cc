#include "format/jose/key.h"

#include <array>
#include <set>
#include <utility>

#include "format/jose/base64url.h"
#include "format/jose/key_material.h"
#include "format/json/json_writer.h"

namespace eds::jose {
namespace {

constexpr std::array<std::string_view, 13> kNames = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                                     "RS512", "PS256", "PS384", "PS512", "ES256",
                                                     "ES384", "ES512", "EdDSA"};

Result<std::string> bytes_member(const json::Value& key, std::string_view name) {
  return base64url_decode(TRY(TRY(key.at(name)).string()));
}
Result<std::string> optional_bytes(const json::Value& key, std::string_view name) {
  if (!key.find(name)) return std::string();
  return bytes_member(key, name);
}

Result<std::shared_ptr<const KeyMaterial>> rsa_of(const json::Value& key) {
  if (key.find("oth")) return Error{Code::Refused, "RSA key has more than two primes"};
  RsaNumbers numbers;
  numbers.n = TRY(bytes_member(key, "n"));
  numbers.e = TRY(bytes_member(key, "e"));
  numbers.d = TRY(optional_bytes(key, "d"));
  numbers.p = TRY(optional_bytes(key, "p"));
  numbers.q = TRY(optional_bytes(key, "q"));
  numbers.dp = TRY(optional_bytes(key, "dp"));
  numbers.dq = TRY(optional_bytes(key, "dq"));
  numbers.qi = TRY(optional_bytes(key, "qi"));
  return KeyMaterial::rsa(numbers);
}

Result<std::shared_ptr<const KeyMaterial>> material_of(const json::Value& key) {
  const std::string_view type = TRY(TRY(key.at("kty")).string());
  const std::string_view curve = key.string_or("crv", "");
  if (type == "oct") return KeyMaterial::symmetric(TRY(bytes_member(key, "k")));
  if (type == "RSA") return rsa_of(key);
  const std::string d = TRY(optional_bytes(key, "d"));
  if (type == "OKP" && curve == "Ed25519")
    return KeyMaterial::ed25519(TRY(bytes_member(key, "x")), d);
  if (type != "EC") return Error{Code::Refused, "key is of a type we do not use"};
  const std::string x = TRY(bytes_member(key, "x"));
  const std::string y = TRY(bytes_member(key, "y"));
  if (curve == "P-256") return KeyMaterial::elliptic(KeyKind::P256, x, y, d);
  if (curve == "P-384") return KeyMaterial::elliptic(KeyKind::P384, x, y, d);
  if (curve == "P-521") return KeyMaterial::elliptic(KeyKind::P521, x, y, d);
  return Error{Code::Refused, "key is on a curve we do not use"};
}

/// RFC 7518: which key an algorithm needs, and for HMAC how long it must be (section 3.2).
bool fits(const KeyMaterial& material, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::HS256:
      return material.kind() == KeyKind::Symmetric && material.bit_count() >= 256;
    case Algorithm::HS384:
      return material.kind() == KeyKind::Symmetric && material.bit_count() >= 384;
    case Algorithm::HS512:
      return material.kind() == KeyKind::Symmetric && material.bit_count() >= 512;
    case Algorithm::ES256: return material.kind() == KeyKind::P256;
    case Algorithm::ES384: return material.kind() == KeyKind::P384;
    case Algorithm::ES512: return material.kind() == KeyKind::P521;
    case Algorithm::EdDSA: return material.kind() == KeyKind::Ed25519;
    default: return material.kind() == KeyKind::Rsa;
  }
}

bool lists(const json::Value& operations, std::string_view wanted) {
  for (const json::Value one : operations.elements())
    if (one.type() == json::Type::String && one.string().value() == wanted) return true;
  return false;
}

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  return kNames[static_cast<std::size_t>(algorithm)];
}

std::optional<Algorithm> algorithm_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Algorithm>(i);
  return std::nullopt;
}

bool is_symmetric(Algorithm algorithm) {
  return algorithm <= Algorithm::HS512;
}

Result<Jwk> Jwk::parse(const json::Value& value) {
  if (value.type() != json::Type::Object) return Error{Code::Malformed, "key is no object"};
  Jwk key;
  key.id_ = std::string(value.string_or("kid", ""));
  key.material_ = TRY(material_of(value));
  if (const auto use = value.find("use"); use && TRY(use->string()) != "sig")
    return Error{Code::Refused, "key is not for signatures"};
  if (const auto operations = value.find("key_ops")) {
    key.may_verify_ = lists(*operations, "verify");
    key.may_sign_ = lists(*operations, "sign");
  }
  if (const auto name = value.find("alg")) {
    std::string_view text = TRY(name->string());
    if (text == "ES521") text = "ES512";  // A slip that is in use: the curve's name for the hash's.
    key.algorithm_ = algorithm_of(text);
    if (!key.algorithm_) return Error{Code::Refused, "key is for an algorithm we do not use"};
    if (!fits(*key.material_, *key.algorithm_))
      return Error{Code::Refused, "key does not fit the algorithm it names"};
  }
  return key;
}

Result<Jwk> Jwk::parse(std::string_view json) {
  if (json.size() > kKeySetBytesMax) return Error{Code::Limit, "key is too long"};
  const json::Document document = TRY(json::Document::parse(json));
  return parse(document.root());
}

Result<Jwk> Jwk::generate_ed25519(std::string_view id) {
  Jwk key;
  key.id_ = std::string(id);
  key.algorithm_ = Algorithm::EdDSA;
  key.material_ = TRY(KeyMaterial::generate_ed25519());
  return key;
}

bool Jwk::is_symmetric() const {
  return material_->kind() == KeyKind::Symmetric;
}
bool Jwk::has_private_part() const {
  return material_->has_private_part();
}

bool Jwk::verifies(Algorithm algorithm) const {
  return may_verify_ && (!algorithm_ || *algorithm_ == algorithm) && fits(*material_, algorithm);
}

Status Jwk::verify(Algorithm algorithm, std::string_view message,
                   std::string_view signature) const {
  if (!verifies(algorithm)) return Error{Code::Refused, "key is not for this algorithm"};
  return material_->verify(algorithm, message, signature);
}

Result<std::string> Jwk::sign(Algorithm algorithm, std::string_view message) const {
  if (!may_sign_ || (algorithm_ && *algorithm_ != algorithm) || !fits(*material_, algorithm))
    return Error{Code::Refused, "key is not for this algorithm"};
  if (!material_->has_private_part()) return Error{Code::Refused, "key has no private half"};
  return material_->sign(algorithm, message);
}

Result<std::string> Jwk::public_json() const {
  const std::string x = TRY(material_->raw_public());
  json::Writer writer;
  writer.begin_object().member("kty", "OKP").member("crv", "Ed25519").member("alg", "EdDSA");
  writer.member("use", "sig").member("kid", std::string_view(id_));
  writer.member("x", std::string_view(base64url_encode(x))).end_object();
  return writer.take();
}

Result<std::string> Jwk::private_json() const {
  const std::string x = TRY(material_->raw_public());
  const std::string d = TRY(material_->raw_private());
  json::Writer writer;
  writer.begin_object().member("kty", "OKP").member("crv", "Ed25519").member("alg", "EdDSA");
  writer.member("use", "sig").member("kid", std::string_view(id_));
  writer.member("x", std::string_view(base64url_encode(x)));
  writer.member("d", std::string_view(base64url_encode(d))).end_object();
  return writer.take();
}

Result<KeySet> KeySet::parse(std::string_view json) {
  if (json.size() > kKeySetBytesMax) return Error{Code::Limit, "key set is too long"};
  const json::Document document = TRY(json::Document::parse(json));
  const json::Value root = document.root();
  const auto list = root.find("keys");
  if (!list) return KeySet::of(TRY(Jwk::parse(root)));
  if (list->size() > kKeysMax) return Error{Code::Limit, "key set has too many keys"};
  KeySet set;
  std::set<std::string> ids;
  bool any_secret = false;
  bool any_public = false;
  for (const json::Value one : list->elements()) {
    const std::string id(one.string_or("kid", ""));
    if (!id.empty() && !ids.insert(id).second)
      return Error{Code::Refused, "key set has two keys of one id"};
    (one.string_or("kty", "") == "oct" ? any_secret : any_public) = true;
    Result<Jwk> key = Jwk::parse(one);
    if (key.ok())
      set.keys_.push_back(std::move(key).value());
    else
      set.unusable_.push_back(key.error().message);
  }
  if (any_secret && any_public)
    return Error{Code::Refused, "key set has secrets beside public keys"};
  return set;
}

KeySet KeySet::of(Jwk key) {
  KeySet set;
  set.keys_.push_back(std::move(key));
  return set;
}

const Jwk* KeySet::find(std::string_view id) const {
  for (const Jwk& key : keys_)
    if (key.id() == id) return &key;
  return nullptr;
}

}  // namespace eds::jose
