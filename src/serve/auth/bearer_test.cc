// IAM-3: which access tokens open, over keys and a clock that the test holds.
#include "serve/auth/bearer.h"

#include <doctest/doctest.h>

#include <set>

#include "base/fault_env.h"
#include "format/jose/base64url.h"
#include "govern/audit_for_test.h"
#include "govern/directory_for_test.h"

namespace eds::serve {
namespace {

constexpr const char* kIssuer = "https://sign-in.example";

struct Desk {
  govern::DirectoryForTest folder;
  FaultEnv env{folder.path(), 1};
  govern::AuditForTest audit;
  std::unique_ptr<govern::RightsStore> rights;
  jose::Jwk key = jose::Jwk::generate_ed25519("one").value();
  KeyFile keys{env, folder.at("keys.json")};
  std::unique_ptr<BearerTokens> tokens;

  Desk() {
    env.exempt("rights.db");
    rights = std::move(govern::RightsStore::open(env, audit, folder.at("rights"))).value();
    REQUIRE(rights->add_user({0, "owner"}, "anne", std::string(kIssuer) + "|42").ok());
    REQUIRE(rights->add_user({0, "owner"}, "nobody", "").ok());
    publish(key);
    tokens = std::make_unique<BearerTokens>(env, *rights, keys,
                                            BearerOptions{kIssuer, "eds", "gold eidas2"});
  }
  void publish(const jose::Jwk& each) {
    const std::string set = "{\"keys\":[" + each.public_json().value() + "]}";
    REQUIRE(env.write_durably(folder.at("keys.json"), set).ok());
  }
  std::int64_t now() { return env.now_us() / 1'000'000; }
  /// Claims of a good token, with `more` (",\"acr\":...") at its end; seconds from now.
  std::string claims(std::int64_t from = 0, std::int64_t until = 600, const std::string& more = "",
                     const std::string& subject = "42", const std::string& issuer = kIssuer,
                     const std::string& audience = "eds", const std::string& scope = "eds.read") {
    return "{\"iss\":\"" + issuer + "\",\"sub\":\"" + subject + "\",\"aud\":\"" + audience +
           "\",\"scope\":\"openid " + scope + "\",\"iat\":" + std::to_string(now() + from) +
           ",\"nbf\":" + std::to_string(now() + from) +
           ",\"exp\":" + std::to_string(now() + until) + more + "}";
  }
  std::string token(const std::string& payload, const std::string& type = "at+jwt") {
    return jose::sign_jws(key, jose::Algorithm::EdDSA, type, payload).value();
  }
  bool opens(const std::string& text) { return tokens->principal_of(text).ok(); }
};

}  // namespace

TEST_CASE("IAM-3: a token of the issuer for us is the account of its subject") {
  Desk desk;
  const govern::Principal anne = desk.tokens->principal_of(desk.token(desk.claims())).value();
  CHECK(anne.name == "anne");
  CHECK(anne.acr == 1);
  const std::string strong = desk.token(desk.claims(0, 600, ",\"acr\":\"gold\""));
  CHECK(desk.tokens->principal_of(strong).value().acr == 2);
  for (const char* acr : {"silver", "", "gold eidas2", "old"}) {
    const std::string weak =
        desk.token(desk.claims(0, 600, ",\"acr\":\"" + std::string(acr) + "\""));
    CHECK(desk.tokens->principal_of(weak).value().acr == 1);
  }
}

TEST_CASE("IAM-3: forged, expired, swapped and oversized tokens are refused in the same words") {
  Desk desk;
  const std::string good = desk.token(desk.claims());
  const std::string head = jose::base64url_encode("{\"alg\":\"none\",\"typ\":\"at+jwt\"}");
  const std::string body = jose::base64url_encode(desk.claims());
  const jose::Jwk other = jose::Jwk::generate_ed25519("one").value();
  std::string flipped = good;
  flipped[good.size() - 20] = flipped[good.size() - 20] == 'A' ? 'B' : 'A';
  const std::vector<std::string> bad = {
      "",
      "x",
      "x.y.z",
      good + "A",
      good.substr(1),
      flipped,
      head + "." + body + ".",  // no signature
      good.substr(0, good.find('.')) + "." + body + "." + good.substr(good.rfind('.') + 1) + "AA",
      jose::sign_jws(other, jose::Algorithm::EdDSA, "at+jwt", desk.claims()).value(),
      desk.token(desk.claims(-3600, -120)),  // expired
      desk.token(desk.claims(300, 600)),     // not yet
      desk.token(desk.claims(0, 7300)),      // lasts too long
      desk.token(desk.claims(), "JWT"),
      desk.token(desk.claims(), ""),  // an identity token
      desk.token(desk.claims(0, 600, "", "42", "https://other.example")),
      desk.token(desk.claims(0, 600, "", "42", kIssuer, "another")),
      desk.token(desk.claims(0, 600, "", "43")),
      desk.token(desk.claims(0, 600, "", "")),
      desk.token(desk.claims(0, 600, "", "42", kIssuer, "eds", "profile")),
      desk.token(desk.claims(0, 600, "", "42", kIssuer, "eds", "eds.readwrite")),
      desk.token(desk.claims(0, 600, ",\"x\":\"" + std::string(40'000, 'x') + "\"")),
  };
  std::set<std::string> words;
  for (const std::string& each : bad) {
    const Result<govern::Principal> found = desk.tokens->principal_of(each);
    REQUIRE_FALSE_MESSAGE(found.ok(), each.substr(0, 200));
    words.insert(std::string(code_name(found.error().code)) + found.error().message);
  }
  CHECK(words.size() == 1);
  CHECK(desk.opens(good));
}

TEST_CASE("a token ends with its time and with its account") {
  Desk desk;
  const std::string token = desk.token(desk.claims());
  CHECK(desk.opens(token));
  desk.env.jump_clock(700'000'000);
  CHECK_FALSE(desk.opens(token));
  const std::string later = desk.token(desk.claims());
  CHECK(desk.opens(later));
  REQUIRE(desk.rights->disable_user({0, "owner"}, "anne").ok());
  CHECK_FALSE(desk.opens(later));
}

TEST_CASE("IAM-3: keys rotate: the new ones count at once, the old ones no more") {
  Desk desk;
  const std::string before = desk.token(desk.claims());
  CHECK(desk.opens(before));
  desk.key = jose::Jwk::generate_ed25519("two-as-next").value();
  desk.publish(desk.key);
  CHECK_FALSE(desk.opens(before));
  CHECK(desk.opens(desk.token(desk.claims())));
  REQUIRE(desk.env.write_durably(desk.folder.at("keys.json"), "{").ok());
  CHECK_FALSE(desk.opens(desk.token(desk.claims())));
}

TEST_CASE("a key set with a secret in it is no key set") {
  Desk desk;
  REQUIRE(
      desk.env.write_durably(desk.folder.at("keys.json"), desk.key.private_json().value()).ok());
  CHECK(desk.keys.keys_for("").error().code == Code::Refused);
  CHECK_FALSE(desk.opens(desk.token(desk.claims())));
}

}  // namespace eds::serve
