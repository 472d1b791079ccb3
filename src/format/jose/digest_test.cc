#include "format/jose/digest.h"

#include <doctest/doctest.h>

#include "format/jose/base64url.h"

namespace eds::jose {

TEST_CASE("a code challenge is the one of RFC 7636, appendix B") {
  const std::string hash = sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").value();
  CHECK(base64url_encode(hash) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

// The first is OpenID Connect Core 1.0's example A.3; the others are Python's hashlib on the same.
TEST_CASE("an access token's hash follows the algorithm of the identity token") {
  const std::string token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
  CHECK(access_token_hash(Algorithm::RS256, token).value() == "77QmUPtjPfzWtF2AnpK9RQ");
  CHECK(access_token_hash(Algorithm::ES384, token).value() == "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs");
  CHECK(access_token_hash(Algorithm::EdDSA, token).value() ==
        "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM");
}

TEST_CASE("the key's name is read without believing the token, and junk has none") {
  const std::string named = base64url_encode("{\"alg\":\"RS256\",\"kid\":\"one\"}");
  CHECK(key_id_of(named + ".x.y").value() == "one");
  CHECK(key_id_of(base64url_encode("{\"alg\":\"RS256\"}") + ".x.y").value().empty());
  CHECK(key_id_of(base64url_encode("{\"kid\":7}") + ".x.y").value().empty());
  for (const char* junk : {"", "x", "x.y.z", "..", "e30"}) CHECK_FALSE(key_id_of(junk).ok());
  CHECK(key_id_of("e30.x.y").value().empty());
  CHECK(key_id_of(std::string(40'000, 'a')).error().code == Code::Limit);
}

// RFC 4648, section 10, and the two letters that base64url spells otherwise.
TEST_CASE("base64 is padded and has its own alphabet") {
  CHECK(base64_encode("").empty());
  CHECK(base64_encode("f") == "Zg==");
  CHECK(base64_encode("fo") == "Zm8=");
  CHECK(base64_encode("foobar") == "Zm9vYmFy");
  CHECK(base64_encode("\xfb\xff") == "+/8=");
}

}  // namespace eds::jose
