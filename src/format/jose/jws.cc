#include "format/jose/jws.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "format/jose/base64url.h"
#include "format/json/json_writer.h"

namespace eds::jose {
namespace {

struct Parts {
  std::string_view header, payload, signature;
  std::string_view signed_text;  ///< header and payload with the dot between
};

Result<Parts> split(std::string_view compact) {
  if (compact.size() > kTokenBytesMax) return Error{Code::Limit, "token is too long"};
  const std::size_t first = compact.find('.');
  if (first == std::string_view::npos) return Error{Code::Malformed, "token has no three parts"};
  const std::size_t second = compact.find('.', first + 1);
  if (second == std::string_view::npos) return Error{Code::Malformed, "token has no three parts"};
  if (compact.find('.', second + 1) != std::string_view::npos)
    return Error{Code::Malformed, "token has more than three parts"};
  return Parts{compact.substr(0, first), compact.substr(first + 1, second - first - 1),
               compact.substr(second + 1), compact.substr(0, second)};
}

struct Header {
  Algorithm algorithm;
  std::optional<std::string> key_id;
  std::string type;
};

Status refuse_repeated_names(const json::Value& object) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : object.members())
    if (!seen.insert(name).second) return Error{Code::Malformed, "token says a thing twice"};
  return {};
}

Result<Header> parse_header(std::string_view text) {
  const json::Document document = TRY(json::Document::parse(text));
  const json::Value root = document.root();
  if (root.type() != json::Type::Object) return Error{Code::Malformed, "token header is no object"};
  TRY(refuse_repeated_names(root));
  if (root.find("crit")) return Error{Code::Refused, "token needs an extension we do not know"};
  if (root.find("b64")) return Error{Code::Refused, "token has an unencoded payload"};
  const std::optional<Algorithm> algorithm = algorithm_of(TRY(TRY(root.at("alg")).string()));
  if (!algorithm) return Error{Code::Refused, "token names no algorithm we know"};
  Header header{*algorithm, std::nullopt, std::string(root.string_or("typ", ""))};
  if (const auto id = root.find("kid")) header.key_id = std::string(TRY(id->string()));
  return header;
}

Status verify_by(const KeySet& keys, const Header& header, std::string_view message,
                 std::string_view signature) {
  if (header.key_id) {
    const Jwk* const key = keys.find(*header.key_id);
    if (key == nullptr) return Error{Code::Refused, "token names a key that is not the issuer's"};
    return key->verify(header.algorithm, message, signature);
  }
  for (const Jwk& key : keys.keys())
    if (key.verifies(header.algorithm) && key.verify(header.algorithm, message, signature).ok())
      return {};
  return Error{Code::Refused, "no key of the issuer signed this token"};
}

bool same_type(std::string_view found, std::string_view wanted) {
  constexpr std::string_view prefix = "application/";
  if (found.starts_with(prefix)) found.remove_prefix(prefix.size());
  return lower_ascii(found) == lower_ascii(wanted);
}

bool names_audience(const json::Value& claims, std::string_view wanted) {
  const auto found = claims.find("aud");
  if (!found) return false;
  if (found->type() == json::Type::String) return found->string().value() == wanted;
  for (const json::Value one : found->elements())
    if (one.type() == json::Type::String && one.string().value() == wanted) return true;
  return false;
}

/// NumericDate (RFC 7519 section 2): seconds, with or without a fraction.
Result<std::optional<std::int64_t>> date_claim(const json::Value& claims, std::string_view name) {
  const auto found = claims.find(name);
  if (!found) return std::optional<std::int64_t>{};
  const double seconds = TRY(found->number());
  if (!(seconds >= 0 && seconds < 1e11)) return Error{Code::Malformed, "token has an absurd date"};
  return std::optional<std::int64_t>(static_cast<std::int64_t>(seconds));
}

Status check_dates(const json::Value& claims, const JwtExpectation& expected, VerifiedJwt& jwt) {
  const auto expires = TRY(date_claim(claims, "exp"));
  const auto begins = TRY(date_claim(claims, "nbf"));
  const auto issued = TRY(date_claim(claims, "iat"));
  if (!expires) return Error{Code::Refused, "token never expires"};
  if (expected.now_s >= *expires + expected.leeway_s)
    return Error{Code::Refused, "token has expired"};
  if (begins && expected.now_s + expected.leeway_s < *begins)
    return Error{Code::Refused, "token is not valid yet"};
  if (issued && expected.now_s + expected.leeway_s < *issued)
    return Error{Code::Refused, "token comes from the future"};
  if (issued && *expires - *issued > expected.lifetime_s_max)
    return Error{Code::Refused, "token lives longer than allowed"};
  jwt.expires_s = *expires;
  jwt.issued_s = issued.value_or(0);
  return {};
}

}  // namespace

Result<VerifiedJws> verify_jws(std::string_view compact, const KeySet& keys,
                               std::span<const Algorithm> allowed) {
  const Parts parts = TRY(split(compact));
  const Header header = TRY(parse_header(TRY(base64url_decode(parts.header))));
  if (std::find(allowed.begin(), allowed.end(), header.algorithm) == allowed.end())
    return Error{Code::Refused, "token is signed by an algorithm not allowed here"};
  const std::string signature = TRY(base64url_decode(parts.signature));
  std::string payload = TRY(base64url_decode(parts.payload));
  TRY(verify_by(keys, header, parts.signed_text, signature));
  return VerifiedJws{header.algorithm, header.key_id.value_or(""), header.type, std::move(payload)};
}

Result<std::string> sign_jws(const Jwk& key, Algorithm algorithm, std::string_view type,
                             std::string_view payload) {
  json::Writer header;
  header.begin_object().member("alg", algorithm_name(algorithm));
  if (!key.id().empty()) header.member("kid", std::string_view(key.id()));
  if (!type.empty()) header.member("typ", type);
  header.end_object();
  std::string text = base64url_encode(header.take()) + "." + base64url_encode(payload);
  const std::string signature = TRY(key.sign(algorithm, text));
  return text + "." + base64url_encode(signature);
}

Result<VerifiedJwt> verify_jwt(std::string_view compact, const KeySet& keys,
                               const JwtExpectation& expected) {
  VerifiedJws jws = TRY(verify_jws(compact, keys, expected.algorithms));
  json::Document document = TRY(json::Document::parse(jws.payload));
  const json::Value claims = document.root();
  if (claims.type() != json::Type::Object) return Error{Code::Malformed, "token has no claims"};
  TRY(refuse_repeated_names(claims));
  if (!expected.type.empty() && !same_type(jws.type, expected.type))
    return Error{Code::Refused, "token is of another kind"};
  if (expected.issuer.empty() || claims.string_or("iss", "") != expected.issuer)
    return Error{Code::Refused, "token comes from another issuer"};
  if (expected.audience.empty() || !names_audience(claims, expected.audience))
    return Error{Code::Refused, "token is for somebody else"};
  if (!expected.nonce.empty() && claims.string_or("nonce", "") != expected.nonce)
    return Error{Code::Refused, "token answers another request"};
  VerifiedJwt jwt{std::move(jws),
                  std::move(document),
                  std::string(claims.string_or("sub", "")),
                  std::string(claims.string_or("jti", "")),
                  0,
                  0};
  TRY(check_dates(jwt.claims.root(), expected, jwt));
  if (jwt.subject.empty()) return Error{Code::Refused, "token names nobody"};
  return jwt;
}

}  // namespace eds::jose
