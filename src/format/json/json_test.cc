#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "format/json/json_reader.h"
#include "format/json/json_writer.h"

namespace eds::json {
namespace {

TEST_CASE("a document is written with commas, colons and escapes where RFC 8259 wants them") {
  Writer writer;
  writer.begin_object().member("name", "Hémo \"A\"\n\x01\\").member("n", std::int64_t{-7});
  writer.key("list").begin_array().integer(1).null().boolean(true).begin_array().end_array();
  writer.end_array().member("big", std::uint64_t{18446744073709551615ULL});
  writer.key("empty").begin_object().end_object().end_object();
  CHECK(writer.complete());
  CHECK(writer.take() ==
        "{\"name\":\"Hémo \\\"A\\\"\\n\\u0001\\\\\",\"n\":-7,\"list\":[1,null,true,[]],"
        "\"big\":18446744073709551615,\"empty\":{}}");
}

TEST_CASE("a long answer can be taken in pieces") {
  Writer writer;
  std::string all;
  writer.begin_array();
  for (int i = 0; i < 3; ++i) {
    writer.integer(i);
    all += writer.take();
  }
  CHECK_FALSE(writer.complete());
  writer.end_array();
  CHECK(all + writer.take() == "[0,1,2]");
}

TEST_CASE("numbers are shortest, and what is not a number is null") {
  Writer writer;
  writer.begin_array().number(0.1).number(1e300).number(-0.0).number(NAN).number(INFINITY);
  writer.number(263822175920192552960.0);
  writer.integer(std::numeric_limits<std::int64_t>::min()).end_array();
  CHECK(writer.take() == "[0.1,1e+300,-0,null,null,2.6382217592019255e+20,-9223372036854775808]");
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD") {
  CHECK(quoted("a\xE9z") == "\"a\xEF\xBF\xBDz\"");
  CHECK(quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(quoted("\xC3") == "\"\xEF\xBF\xBD\"");
  CHECK(quoted(std::string_view("\0", 1)) == "\"\\u0000\"");
}

TEST_CASE("a document is read by name and by type") {
  auto parsed = Document::parse(
      "\xEF\xBB\xBF{\"s\":\"\\u00e9\",\"i\":9007199254740993,\"d\":1.5,\"b\":true,\"z\":null,"
      "\"u\":18446744073709551615,\"a\":[1,\"x\",[]],\"o\":{\"k\":2}}");
  REQUIRE(parsed.ok());
  const Document document = std::move(*parsed);
  const Value root = document.root();
  CHECK(root.type() == Type::Object);
  CHECK(root.size() == 8);
  CHECK(*root.at("s")->string() == "é");
  CHECK(*root.at("i")->integer() == 9007199254740993);
  CHECK(*root.at("d")->number() == 1.5);
  CHECK(*root.at("i")->number() == doctest::Approx(9007199254740992.0));
  CHECK(*root.at("b")->boolean());
  CHECK(root.at("z")->is_null());
  CHECK(root.at("u")->type() == Type::Unsigned);
  CHECK(root.at("absent").error().code == Code::NotFound);
  CHECK(root.at("s")->integer().error().code == Code::Malformed);
  CHECK(root.at("s")->at("x").error().code == Code::Malformed);
  CHECK(root.integer_or("i", 0) == 9007199254740993);
  CHECK(root.integer_or("s", 3) == 3);
  CHECK(root.string_or("s", "") == "é");
  CHECK(root.boolean_or("b", false));
  CHECK(root.number_or("absent", 2.5) == 2.5);
  int count = 0;
  for (const Value value : root.at("a")->elements()) {
    ++count;
    if (count == 2) CHECK(*value.string() == "x");
  }
  CHECK(count == 3);
  std::string names;
  for (const auto& [name, value] : root.members()) names += name;
  CHECK(names == "sidbzuao");
  CHECK(Value().is_null());
  for (const Value value : Value().elements()) FAIL(value.is_null());
}

TEST_CASE("what RFC 8259 forbids is refused without an exception") {
  for (const char* text :
       {"", " ", "{", "[1,]", "{\"a\":}", "{'a':1}", "01", "1e999", "nul", "\"a", "\"\x01\"",
        "\"\xFF\"", "[1] x", "{\"a\" 1}", "\"\\ud800\"", "NaN", "+1", "99999999999999999999"}) {
    CAPTURE(text);
    const auto parsed = Document::parse(text);
    CHECK_FALSE(parsed.ok());
  }
  CHECK(Document::parse("7").ok());
}

TEST_CASE("nesting is bounded by name") {
  const std::string deep = std::string(kDepthMax + 10, '[') + std::string(kDepthMax + 10, ']');
  const auto parsed = Document::parse(deep);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Code::Limit);
  CHECK(parsed.error().message.find("kDepthMax") != std::string::npos);
  CHECK(Document::parse(std::string(400, '[') + std::string(400, ']')).ok());
}

void write_random(Writer& writer, std::mt19937_64& random, int depth) {
  switch (random() % (depth > 4 ? 5 : 7)) {
    case 0: writer.null(); return;
    case 1: writer.boolean(random() % 2 == 0); return;
    case 2: writer.integer(static_cast<std::int64_t>(random())); return;
    case 3: {
      const std::uint64_t bits = random();
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      writer.number(value);
      return;
    }
    case 4: {
      std::string text(random() % 20, '\0');
      for (char& c : text) c = static_cast<char>(random());
      writer.string(text);
      return;
    }
    case 5:
      writer.begin_array();
      for (auto left = random() % 5; left > 0; --left) write_random(writer, random, depth + 1);
      writer.end_array();
      return;
    default:
      writer.begin_object();
      for (auto left = random() % 5; left > 0; --left) {
        writer.key(std::to_string(random() % 9));
        write_random(writer, random, depth + 1);
      }
      writer.end_object();
  }
}

void copy(Writer& writer, Value value) {
  switch (value.type()) {
    case Type::Null: writer.null(); break;
    case Type::Boolean: writer.boolean(*value.boolean()); break;
    case Type::Integer: writer.integer(*value.integer()); break;
    case Type::Unsigned: FAIL("no unsigned was written"); break;
    case Type::Number: writer.number(*value.number()); break;
    case Type::String: writer.string(*value.string()); break;
    case Type::Array:
      writer.begin_array();
      for (const Value element : value.elements()) copy(writer, element);
      writer.end_array();
      break;
    case Type::Object:
      writer.begin_object();
      for (const auto& [name, member] : value.members()) {
        writer.key(name);
        copy(writer, member);
      }
      writer.end_object();
      break;
  }
}

// A double without fraction is written "12", which reads back as an integer whose text is the same:
// so texts are compared.
TEST_CASE("what the writer writes, the reader reads, and writing it again changes nothing") {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20000; ++round) {
    Writer writer;
    write_random(writer, random, 0);
    const std::string text = writer.take();
    const auto parsed = Document::parse(text);
    CAPTURE(text);
    REQUIRE(parsed.ok());
    Writer again;
    copy(again, parsed->root());
    REQUIRE(again.take() == text);
  }
}

TEST_CASE("cut and changed documents never do more than fail") {
  std::mt19937_64 random(10);
  for (int round = 0; round < 20000; ++round) {
    Writer writer;
    write_random(writer, random, 0);
    std::string text = writer.take();
    if (text.empty()) continue;
    if (round % 2 == 0) text.resize(random() % text.size());
    for (auto left = random() % 3; left > 0 && !text.empty(); --left) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    (void)Document::parse(text);
  }
}

}  // namespace
}  // namespace eds::json
