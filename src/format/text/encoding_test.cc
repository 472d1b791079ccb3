#include "format/text/encoding.h"

#include <doctest/doctest.h>

#include <random>

namespace eds::text {
namespace {

TEST_CASE("encodings are told apart by their bytes") {
  CHECK(detect_encoding("Kaliemie;4,2") == Encoding::Ascii);
  CHECK(detect_encoding("Hémoglobine") == Encoding::Utf8);
  CHECK(detect_encoding("\xEF\xBB\xBF"
                        "code") == Encoding::Utf8Bom);
  CHECK(detect_encoding(std::string_view("\xFF\xFE"
                                         "c\0",
                                         4)) == Encoding::Utf16Le);
  CHECK(detect_encoding(std::string_view("\xFE\xFF\0c", 4)) == Encoding::Utf16Be);
  CHECK(detect_encoding("H\xE9moglobine, h\xF4pital, fr\xE8re") == Encoding::Latin1);
  CHECK(detect_encoding("l\x92\xE9t\xE9, c\x9Cur, 5 \x80") == Encoding::Windows1252);
  CHECK(detect_encoding("\x93 oui \x94 dit-il, r\xE9sultat") == Encoding::Windows1252);
  CHECK(detect_encoding("H\x82moglobine, h\x93pital, fr\x8Are, \x85 jeun") == Encoding::Cp850);
}

TEST_CASE("a sample that ends inside a UTF-8 character is still UTF-8") {
  CHECK(detect_encoding("Leucocytes \xC3") == Encoding::Utf8);
  CHECK_FALSE(is_utf8("Leucocytes \xC3"));
}

TEST_CASE("each encoding becomes the same UTF-8") {
  const std::string_view expected = "fièvre à 39°, cœur";
  CHECK(to_utf8("fi\xE8vre \xE0 39\xB0, c\x9Cur", Encoding::Windows1252).text == expected);
  CHECK(to_utf8("fi\xE8vre \xE0 39\xB0, c\x9Cur", Encoding::Latin1).text == expected);
  CHECK(to_utf8("\xEF\xBB\xBF"
                "fièvre à 39°, cœur",
                Encoding::Utf8Bom)
            .text == expected);
  CHECK(to_utf8("fi\x8Avre \x85 39\xF8", Encoding::Cp850).text == "fièvre à 39°");
  const Converted wide = to_utf8(std::string_view("\xFF\xFE"
                                                  "a\0\xE9\0\x3D\xD8\x00\xDE",
                                                  10),
                                 Encoding::Utf16Le);
  CHECK(wide.text == "aé\xF0\x9F\x98\x80");  // U+1F600 as a surrogate pair
  CHECK(wide.replaced == 0);
}

TEST_CASE("what has no meaning is replaced and counted") {
  const Converted lone = to_utf8("a\xC3z", Encoding::Utf8);
  CHECK(lone.text == "a\xEF\xBF\xBDz");
  CHECK(lone.replaced == 1);
  CHECK(to_utf8("\x81\x8D", Encoding::Windows1252).replaced == 2);
  CHECK(to_utf8(std::string_view("\x00\xD8", 2), Encoding::Utf16Le).replaced == 1);
}

TEST_CASE("ill-formed UTF-8 of RFC 3629 is refused") {
  CHECK_FALSE(is_utf8("\xC0\xAF"));          // overlong
  CHECK_FALSE(is_utf8("\xE0\x80\xAF"));      // overlong
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8("\xFF"));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST_CASE("a line decoder reads files whose lines differ") {
  LineDecoder decoder(Encoding::Latin1);
  CHECK(decoder.decode("Créatinine") == "Créatinine");
  CHECK(decoder.decode("Cr\xE9"
                       "atinine") == "Créatinine");
  CHECK(decoder.line_count_converted() == 1);
  CHECK(decoder.replaced() == 0);
}

TEST_CASE("folding makes French spellings one word") {
  CHECK(fold("HÉMOGLOBINE Glyquée") == "hemoglobine glyquee");
  CHECK(fold("Œdème de l’ŒIL, nævus") == "oedeme de l'oeil, naevus");
  CHECK(fold("e\xCC\x81te\xCC\x81") == "ete");  // combining acute accents
  CHECK(fold("5\xC2\xA0µmol") == "5 umol");
  CHECK(fold("ﬁbrose – Σ") == "fibrose - Σ");
  CHECK(fold("ABCDEFGHIJKLMNOPQRSTUVWXYZ[@`{") == "abcdefghijklmnopqrstuvwxyz[@`{");
}

TEST_CASE("folding remembers where each byte came from") {
  const std::string text = "L’Œil";
  const Folded folded = fold_with_origin(text);
  CHECK(folded.text == fold(text));
  REQUIRE(folded.origin.size() == folded.text.size() + 1);
  CHECK(folded.origin[0] == 0);
  CHECK(folded.origin[1] == 1);  // the apostrophe
  CHECK(folded.origin[2] == 4);  // both letters of the ligature
  CHECK(folded.origin[3] == 4);
  CHECK(folded.origin[4] == 6);
  CHECK(folded.origin.back() == text.size());
}

TEST_CASE("any bytes give valid UTF-8, and folding is stable") {
  std::mt19937_64 random(20240229);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? random() % 128 : random());
    for (const Encoding from : {Encoding::Utf8, Encoding::Windows1252, Encoding::Cp850,
                                Encoding::Utf16Le, Encoding::Utf16Be, detect_encoding(bytes)}) {
      const Converted converted = to_utf8(bytes, from);
      REQUIRE(is_utf8(converted.text));
      const std::string once = fold(converted.text);
      REQUIRE(is_utf8(once));
      REQUIRE(fold(once) == once);
      REQUIRE(fold_with_origin(converted.text).text == once);
    }
  }
}

}  // namespace
}  // namespace eds::text
