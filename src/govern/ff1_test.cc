// FF1 against NIST's samples and Wycheproof's vectors.
#include "govern/ff1.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "format/json/json_reader.h"

namespace eds::govern {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2)
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(text.substr(at, 2)), nullptr, 16)));
  return bytes;
}

Numerals digits(std::string_view text) {
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  Numerals numerals;
  for (const char letter : text)
    numerals.push_back(static_cast<std::uint16_t>(letters.find(letter)));
  return numerals;
}

/// A message of either shape; a character or number outside becomes 65535, which no radix allows
/// here, so that it is refused by the code under test.
Numerals message_of(const json::Value& value, std::string_view alphabet) {
  Numerals numerals;
  if (value.type() == json::Type::String) {
    const std::string_view text = value.string().value();
    for (const char letter : text) {
      const std::size_t at = alphabet.find(letter);
      numerals.push_back(at == std::string_view::npos ? 65535 : static_cast<std::uint16_t>(at));
    }
    return numerals;
  }
  for (const json::Value one : value.elements()) {
    const std::int64_t number = one.integer().value();
    numerals.push_back(number < 0 || number > 65535 ? 65535 : static_cast<std::uint16_t>(number));
  }
  return numerals;
}

void run(const std::string& name, int expected_count) {
  std::ifstream in(EDS_SOURCE_DIR "/../shared/data/security/wycheproof/" + name, std::ios::binary);
  if (!in) {
    MESSAGE("skipped: Wycheproof vectors not present");
    return;
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const json::Document document = json::Document::parse(text).value();
  int right = 0;
  for (const json::Value group : document.root().at("testGroups").value().elements()) {
    const auto radix = static_cast<std::uint32_t>(group.integer_or("radix", 0));
    const std::string_view alphabet = group.string_or("alphabet", "");
    for (const json::Value test : group.at("tests").value().elements()) {
      const Bytes key = from_hex(test.string_or("key", ""));
      const Bytes tweak = from_hex(test.string_or("tweak", ""));
      const Numerals plain = message_of(test.at("msg").value(), alphabet);
      const Numerals cipher = message_of(test.at("ct").value(), alphabet);
      const auto made = ff1_encrypt(key, tweak, radix, plain);
      if (test.string_or("result", "") != "valid") {
        right += made.ok() ? 0 : 1;
        continue;
      }
      const auto back = ff1_decrypt(key, tweak, radix, cipher);
      right += made.ok() && back.ok() && *made == cipher && *back == plain ? 1 : 0;
    }
  }
  CHECK(right == expected_count);
}

}  // namespace

TEST_CASE("FF1 gives NIST's samples") {
  // NIST FF1 samples 1 to 3 (AES-128) and 9 (AES-256).
  const Bytes key = from_hex("2B7E151628AED2A6ABF7158809CF4F3C");
  CHECK(ff1_encrypt(key, {}, 10, digits("0123456789")).value() == digits("2433477484"));
  CHECK(ff1_encrypt(key, from_hex("39383736353433323130"), 10, digits("0123456789")).value() ==
        digits("6124200773"));
  CHECK(ff1_encrypt(key, from_hex("3737373770717273373737"), 36, digits("0123456789abcdefghi"))
            .value() == digits("a9tv40mll9kdu509eum"));
  const Bytes long_key =
      from_hex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94");
  CHECK(ff1_encrypt(long_key, from_hex("3737373770717273373737"), 36, digits("0123456789abcdefghi"))
            .value() == digits("xs8a0azh2avyalyzuwd"));
}

TEST_CASE("FF1 meets every vector of Wycheproof") {
  run("aes_ff1_base10_test.json", 3845);
  run("aes_ff1_base36_test.json", 2854);
  run("aes_ff1_base62_test.json", 2474);
  run("aes_ff1_radix10_test.json", 3845);
  run("aes_ff1_radix256_test.json", 2021);
}

TEST_CASE("FF1 refuses keys, lengths, radices and numerals out of bounds") {
  const Bytes key(16, 1);
  CHECK_FALSE(ff1_encrypt(Bytes(15, 1), {}, 10, digits("0123456789")).ok());
  CHECK_FALSE(ff1_encrypt(key, {}, 1, digits("0000000000")).ok());
  CHECK_FALSE(ff1_encrypt(key, {}, 10, digits("9")).ok());
  CHECK_FALSE(ff1_encrypt(key, {}, 9, digits("99")).ok());
  CHECK_FALSE(ff1_encrypt(key, {}, 10, digits("012345678a")).ok());
  CHECK_FALSE(ff1_encrypt(key, {}, 10, Numerals(kFf1NumeralsMax + 1, 1)).ok());
}

}  // namespace eds::govern
