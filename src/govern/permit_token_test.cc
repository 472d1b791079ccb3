// Permits as tokens: what was signed comes back, and nothing else does.
#include "govern/permit_token.h"

#include <doctest/doctest.h>

#include <functional>

#include "format/jose/base64url.h"
#include "format/jose/jws.h"

namespace eds::govern {
namespace {

constexpr std::int64_t kDayUsForTest = 86'400'000'000;
constexpr std::int64_t kNow = 1'780'000'000'000'000;

Permit sound() {
  Permit permit;
  permit.project = "fractures";
  permit.purpose = UsePurpose::Research;
  permit.study_type = 3;
  permit.opinion_reference = "CSE-26-014";
  permit.opinion_us = kNow - 10 * kDayUsForTest;
  permit.users = {4, 9};
  permit.perimeters = {2};
  permit.tables = {{"person", {"year_of_birth"}, "age is the exposure"}};
  permit.start_us = kNow - kDayUsForTest;
  permit.end_us = kNow + kDayUsForTest;
  return permit;
}

const jose::Jwk& key() {
  static const jose::Jwk one = jose::Jwk::generate_ed25519("permits-1").value();
  return one;
}
jose::KeySet keys() {
  return jose::KeySet::parse(key().public_json().value()).value();
}

}  // namespace

TEST_CASE("a signed permit comes back with the same terms") {
  const std::string token = sign_permit(key(), sound()).value();
  CHECK(same_terms(verify_permit(keys(), token, kNow).value(), sound()));
}

TEST_CASE("a permit before its start, from its end on, or of another key gives nothing") {
  const std::string token = sign_permit(key(), sound()).value();
  CHECK(verify_permit(keys(), token, sound().start_us).ok());
  CHECK_FALSE(verify_permit(keys(), token, sound().start_us - 1).ok());
  CHECK_FALSE(verify_permit(keys(), token, sound().end_us).ok());
  const jose::Jwk other = jose::Jwk::generate_ed25519("permits-1").value();
  CHECK_FALSE(verify_permit(keys(), sign_permit(other, sound()).value(), kNow).ok());
}

TEST_CASE("a token altered anywhere gives nothing") {
  const std::string token = sign_permit(key(), sound()).value();
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(verify_permit(keys(), changed, kNow).ok());
  }
}

TEST_CASE("a token of another kind, signed by the right key, is no permit") {
  const std::string token = sign_permit(key(), sound()).value();
  const std::string body =
      token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  const std::string payload = jose::base64url_decode(body).value();
  const std::string other = jose::sign_jws(key(), jose::Algorithm::EdDSA, "JWT", payload).value();
  CHECK_FALSE(verify_permit(keys(), other, kNow).ok());
  CHECK(verify_permit(keys(),
                      jose::sign_jws(key(), jose::Algorithm::EdDSA, "eds-permit", payload).value(),
                      kNow)
            .ok());
}

TEST_CASE("a permit that lacks a field cannot be signed") {
  const std::vector<std::function<void(Permit&)>> breakages = {
      [](Permit& permit) { permit.project.clear(); },
      [](Permit& permit) { permit.opinion_reference.clear(); },
      [](Permit& permit) { permit.opinion_us = 0; },
      [](Permit& permit) { permit.users.clear(); },
      [](Permit& permit) { permit.perimeters.clear(); },
      [](Permit& permit) { permit.tables.clear(); },
      [](Permit& permit) { permit.tables[0].justification.clear(); },
      [](Permit& permit) { permit.tables[0].columns.clear(); },
      [](Permit& permit) { permit.study_type = 7; },
      [](Permit& permit) { permit.end_us = permit.start_us; },
      [](Permit& permit) { permit.is_nominative = true; },
  };
  for (const auto& breakage : breakages) {
    Permit permit = sound();
    breakage(permit);
    CHECK(sign_permit(key(), permit).error().code == Code::Usage);
  }
}

TEST_CASE("same_terms sees every field but id and state") {
  Permit other = sound();
  other.id = 5;
  other.state = PermitState::Active;
  CHECK(same_terms(sound(), other));
  other.tables[0].columns.emplace_back("gender_concept_id");
  CHECK_FALSE(same_terms(sound(), other));
  other = sound();
  other.users.push_back(11);
  CHECK_FALSE(same_terms(sound(), other));
}

}  // namespace eds::govern
