// What of a provider's own word is believed, and for how long, over a web and a clock of the test.
#include "serve/auth/provider.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/passing_env_for_test.h"
#include "serve/auth/form.h"
#include "serve/auth/provider_sign_in.h"

namespace eds::serve {
namespace {

constexpr const char* kIssuer = "https://sign-in.example/realm";

class ClockedEnv final : public PassingEnv {
 public:
  std::int64_t monotonic_us() override { return clock_us; }
  std::int64_t clock_us = 1'000'000'000;
};

std::string document(const std::string& more = "", const std::string& issuer = kIssuer) {
  return "{\"issuer\":\"" + issuer +
         "\",\"authorization_endpoint\":\"https://sign-in.example/auth\",\"token_endpoint\":"
         "\"https://sign-in.example/token\",\"jwks_uri\":\"https://sign-in.example/keys\","
         "\"response_types_supported\":[\"code\"]" +
         more + "}";
}

std::string key_set(const std::vector<std::string>& ids) {
  std::string set;
  for (const std::string& id : ids) {
    set += (set.empty() ? "" : ",") + jose::Jwk::generate_ed25519(id).value().public_json().value();
  }
  return "{\"keys\":[" + set + "]}";
}

class PaperWeb final : public WebClient {
 public:
  Result<WebAnswer> ask(const WebQuestion& question) override {
    asked.push_back(question.address);
    if (is_away) return Error{Code::Unavailable, "the server cannot be reached"};
    const bool is_keys = question.address.ends_with("/keys");
    return WebAnswer{200, "application/json", is_keys ? keys : discovery};
  }
  std::size_t key_fetches() const {
    std::size_t count = 0;
    for (const std::string& each : asked) count += each.ends_with("/keys") ? 1 : 0;
    return count;
  }
  std::string discovery = document();
  std::string keys = key_set({"one"});
  bool is_away = false;
  std::vector<std::string> asked;
};

struct Desk {
  ClockedEnv env;
  PaperWeb web;
  Provider provider{env, web, kIssuer};
  bool has(std::string_view id) {
    const auto keys = provider.keys_for(id);
    return keys.ok() && (*keys)->find(id) != nullptr;
  }
  void pass(std::int64_t seconds) { env.clock_us += seconds * 1'000'000; }
};

}  // namespace

TEST_CASE("a discovery document is the issuer's own, to the letter, and leads to https alone") {
  CHECK(parse_discovery(document(), kIssuer).ok());
  for (const char* other : {"https://sign-in.example/realm/", "https://sign-in.example", "",
                            "http://sign-in.example/realm"}) {
    CHECK(parse_discovery(document(), other).error().code == Code::Refused);
  }
  for (const char* address :
       {"http://sign-in.example/auth", "ftp://a/b", "https://", "https://user@evil.example/",
        "//sign-in.example/auth", "https://a.example/\\u0001", "javascript:alert(1)"}) {
    std::string text = document();
    text.replace(text.find("https://sign-in.example/auth"), 28, address);
    CHECK_MESSAGE(!parse_discovery(text, kIssuer).ok(), address);
  }
  for (const char* lacking : {"authorization_endpoint", "token_endpoint", "jwks_uri",
                              "response_types_supported", "issuer"}) {
    std::string text = document();
    text.replace(text.find(lacking), 3, "xxx");
    CHECK_MESSAGE(!parse_discovery(text, kIssuer).ok(), lacking);
  }
  for (const char* junk : {"", "[]", "null", "{", "{\"issuer\":7}"}) {
    CHECK_FALSE(parse_discovery(junk, kIssuer).ok());
  }
}

TEST_CASE("what a provider offers decides how we speak to it, or that we do not") {
  const auto facts = [](const std::string& more) {
    return parse_discovery(document(more), kIssuer);
  };
  CHECK(facts("")->takes_basic);
  CHECK_FALSE(facts("")->names_itself);
  CHECK(facts(",\"authorization_response_iss_parameter_supported\":true")->names_itself);
  CHECK_FALSE(
      facts(",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]")->takes_basic);
  CHECK_FALSE(facts(",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]").ok());
  CHECK(facts(",\"code_challenge_methods_supported\":[\"plain\",\"S256\"]").ok());
  CHECK_FALSE(facts(",\"code_challenge_methods_supported\":[\"plain\"]").ok());
  CHECK_FALSE(facts(",\"end_session_endpoint\":\"http://sign-in.example/end\"").ok());
}

TEST_CASE("plain HTTP is for a provider of this very machine") {
  const std::string_view here = "http://localhost:9";
  CHECK(is_allowed_address("http://localhost:9/token", here));
  CHECK(is_allowed_address("http://127.0.0.1/token", here));
  CHECK(is_allowed_address("https://elsewhere.example/token", here));
  CHECK_FALSE(is_allowed_address("http://elsewhere.example/token", here));
  CHECK_FALSE(is_allowed_address("http://localhost.evil.example/", here));
  CHECK_FALSE(is_allowed_address("http://localhost:9/token", kIssuer));
  CHECK_FALSE(is_allowed_address("http://localhost@evil.example/", here));
}

TEST_CASE("IAM-3: keys are fetched once, and again after ten minutes") {
  Desk desk;
  CHECK(desk.has("one"));
  CHECK(desk.has("one"));
  CHECK(desk.web.asked.size() == 2);
  desk.web.keys = key_set({"two"});
  desk.pass(599);
  CHECK(desk.has("one"));
  desk.pass(1);
  CHECK_FALSE(desk.has("one"));
  CHECK(desk.has("two"));
}

TEST_CASE("IAM-3: a key that nobody has makes us ask three times in five minutes, not more") {
  Desk desk;
  CHECK(desk.has("one"));
  const std::size_t before = desk.web.key_fetches();
  for (int knock = 0; knock < 50; ++knock) CHECK_FALSE(desk.has("made-up"));
  CHECK(desk.web.key_fetches() == before + 3);
  CHECK(desk.has("one"));  // Who has a good token does not suffer.
  desk.pass(300);
  desk.web.keys = key_set({"one", "two"});
  CHECK(desk.has("two"));
  CHECK(desk.web.key_fetches() == before + 4);
}

TEST_CASE("keys outlive a provider that is away by an hour in all, and it is not pestered") {
  Desk desk;
  CHECK(desk.has("one"));
  desk.web.is_away = true;
  desk.pass(3599);
  CHECK(desk.has("one"));
  const std::size_t asked = desk.web.asked.size();
  for (int knock = 0; knock < 20; ++knock) CHECK(desk.has("one"));
  CHECK(desk.web.asked.size() == asked);  // Not again within ten seconds.
  desk.pass(1);
  CHECK(desk.provider.keys_for("one").error().code == Code::Unavailable);
  desk.web.is_away = false;
  desk.pass(10);
  CHECK(desk.has("one"));
}

TEST_CASE("a provider that is away at the start is found when it is back") {
  Desk desk;
  desk.web.is_away = true;
  CHECK(desk.provider.facts().error().code == Code::Unavailable);
  CHECK(desk.provider.keys_for("").error().code == Code::Unavailable);
  CHECK(desk.web.asked.size() == 1);
  desk.web.is_away = false;
  CHECK_FALSE(desk.provider.facts().ok());
  desk.pass(10);
  CHECK(desk.provider.facts().ok());
  CHECK(desk.web.asked.back() == std::string(kIssuer) + "/.well-known/openid-configuration");
}

TEST_CASE("IAM-3: a key set with a secret beside public keys, or instead, is none") {
  Desk desk;
  desk.web.keys =
      "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"one\",\"k\":\"" + std::string(43, 'A') + "\"}]}";
  CHECK_FALSE(desk.has("one"));
  desk.pass(10);
  desk.web.keys = jose::Jwk::generate_ed25519("one").value().private_json().value();
  CHECK_FALSE(desk.has("one"));
}

TEST_CASE("a form is read back as it was written, whatever it holds") {
  std::uint64_t seed = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string name = "n";
    std::string value = "v";
    for (int letter = 0; letter < round % 17; ++letter) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      (letter % 2 == 0 ? name : value) += static_cast<char>(seed >> 56U);
    }
    const auto read = parse_form(form_of({{name, value}, {"other", "1"}}));
    REQUIRE(read.ok());
    CHECK(read->at(name) == value);
  }
  CHECK(form_of({{"a b", "c&d=\xC3\xA9"}, {"gone", ""}}) == "a%20b=c%26d%3D%C3%A9");
  for (const char* bad : {"a=1&a=2", "a=%", "a=%4", "%zz=1"}) CHECK_FALSE(parse_form(bad).ok());
  CHECK(parse_form("a=b+c")->at("a") == "b c");
  CHECK(parse_form("")->empty());
}

TEST_CASE("only a page of our own is gone back to") {
  for (const char* page : {"/", "/patients", "/patients/12", "/a-b_c"})
    CHECK(own_page(page) == page);
  for (const char* page : {"", "x", "//evil.example", "/\\evil", "https://evil.example",
                           "/api/v1/me", "/a?b", "/a#b", "/a%2f", "/a b", "/a\r\nSet-Cookie: x"}) {
    CHECK_MESSAGE(own_page(page) == "/", page);
  }
  CHECK(own_page("/" + std::string(300, 'a')) == "/");
}

}  // namespace eds::serve
