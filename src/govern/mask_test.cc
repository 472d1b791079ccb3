#include "govern/mask.h"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <random>

#include "govern/directory_for_test.h"

namespace eds::govern {
namespace {

Identifying<std::string> secret(std::string text) {
  return Identifying<std::string>(std::move(text));
}

Traits petit() {
  Traits traits;
  traits.birth_name = secret("LE GOFF");
  traits.used_name = secret("PETIT");
  traits.first_names = secret("Marie-Hélène, Rose");
  traits.birth_date = secret("1961-04-03");
  traits.address_line = secret("12 bis, av. du Général-Leclerc");
  traits.postcode = secret("29200");
  traits.city = secret("Brest Cedex 2");
  traits.phone = secret("0612345678;+44 20 7946 0018");
  traits.nir = secret("2790351215189");
  return traits;
}

std::vector<Identifier> numbers() {
  return {{IdentifierKind::Ipp, "750712184", secret("8001234567")},
          {IdentifierKind::Nda, "750712184", secret("AB12345678")},
          {IdentifierKind::Rss, "750712184", secret("000123456")},
          {IdentifierKind::External, "omop", secret("998877")}};
}

std::string masked(std::string_view text) {
  static const TextMask mask = TextMask::for_person({petit()}, numbers()).value();
  return mask.apply(text).text;
}

struct Case {
  const char* text;
  const char* expected;
};

void check_all(std::initializer_list<Case> cases) {
  for (const Case& each : cases) CHECK(masked(each.text) == std::string(each.expected));
}

TEST_CASE("names are masked in every spelling") {
  check_all({
      {"Mme PETIT est venue.", "Mme [NOM] est venue."},
      {"M. PETIT", "M. [NOM]"},
      {"MME LE GOFF", "MME [NOM]"},
      {"Mme Le Goff-Petit", "Mme [NOM]-[NOM]"},
      {"le-goff", "[NOM]"},
      {"Legoff", "[NOM]"},
      {"Mme Goff", "Mme [NOM]"},
      {"Marie-Hélène", "[PRENOM]"},
      {"MARIE HELENE", "[PRENOM]"},
      {"marie hélène", "[PRENOM]"},
      {"Marie-He\u0301le\u0300ne", "[PRENOM]"},
      {"MARIEHELENE", "[PRENOM]"},
      {"Helene", "[PRENOM]"},
      {"Marie\nHélène Le\nGoff", "[PRENOM] [NOM]"},
      {"Marie\u2011Hélène Le\u00A0Goff", "[PRENOM] [NOM]"},
      {"L\u2019état de Rose", "L\u2019état de [PRENOM]"},
      {"(PETIT)", "([NOM])"},
      {"PETIT", "[NOM]"},
      {"PETIT_Rose", "[NOM]_[PRENOM]"},
      {"mme petit", "mme [NOM]"},
      {"Nom : petit", "Nom : [NOM]"},
      {"marie rose petit", "[PRENOM] [PRENOM] [NOM]"},
      {"M. H. PETIT", "M. [PRENOM] [NOM]"},
      {"M.-H. PETIT", "[PRENOM] [NOM]"},
      {"Rose P. va bien", "[PRENOM] [NOM] va bien"},
      {"Mme P. va bien", "Mme [NOM]. va bien"},
  });
}

TEST_CASE("words that only resemble the names stay") {
  check_all({
      {"un petit-déjeuner, un petit repas", "un petit-déjeuner, un petit repas"},
      {"une rose rouge", "une rose rouge"},
      {"petite, petits, PETITE", "petite, petits, PETITE"},
      {"appétit", "appétit"},
      {"Le patient, le malade, LE PATIENT", "Le patient, le malade, LE PATIENT"},
      {"Roseline et Rosemarie", "Roseline et Rosemarie"},
      {"goffrer", "goffrer"},
      {"Mme D. va bien", "Mme D. va bien"},
      {"J. DUPONT", "J. DUPONT"},
      {"", ""},
      {"\xFF\xC3\xE2\x80 brisé", "\xFF\xC3\xE2\x80 brisé"},
  });
}

TEST_CASE("in doubt a capitalised word is masked") {
  check_all({{"Petit repas", "[NOM] repas"}, {"Rose des sables", "[PRENOM] des sables"}});
}

TEST_CASE("names of two letters need capitals throughout, or a civility") {
  Traits traits;
  traits.birth_name = secret("LE");
  traits.first_names = secret("Ng");
  const TextMask mask = TextMask::for_person({traits}, {}).value();
  CHECK(mask.apply("Le patient prend 12 ng de LE").text == "Le patient prend 12 ng de [NOM]");
  CHECK(mask.apply("M. Le Ng").text == "M. [NOM] [PRENOM]");
  CHECK(mask.apply("mme le").text == "mme [NOM]");
}

TEST_CASE("names of other scripts and alphabets are masked") {
  Traits traits;
  traits.birth_name = secret("NGUYỄN");
  traits.used_name = secret("Łukaszewski");
  traits.first_names = secret("Διονύσης Œdipe");
  const TextMask mask = TextMask::for_person({traits}, {}).value();
  CHECK(mask.apply("Nguyen, nguyễn, LUKASZEWSKI, łukaszewski").text ==
        "[NOM], [NOM], [NOM], [NOM]");
  CHECK(mask.apply("Oedipe, Διονύσης").text == "[PRENOM], [PRENOM]");
  CHECK(mask.apply("Διονύσης, Oedipe").text == "[PRENOM]");
}

TEST_CASE("the birth date is masked in every French form, other dates stay") {
  check_all({
      {"né le 03/04/1961.", "né le [DATE_NAISSANCE]."},
      {"03-04-61", "[DATE_NAISSANCE]"},
      {"3.4.1961", "[DATE_NAISSANCE]"},
      {"03 04 1961", "[DATE_NAISSANCE]"},
      {"3 avril 1961", "[DATE_NAISSANCE]"},
      {"03 AVR. 61", "[DATE_NAISSANCE]"},
      {"1961-04-03T00:00", "[DATE_NAISSANCE]T00:00"},
      {"19610403", "[DATE_NAISSANCE]"},
      {"03041961", "[DATE_NAISSANCE]"},
      {"(03/04/1961)", "([DATE_NAISSANCE])"},
      {"04/03/1961", "04/03/1961"},
      {"03/04/1962", "03/04/1962"},
      {"03/04/19611", "03/04/19611"},
      {"103/04/1961", "103/04/1961"},
      {"3 mai 1961", "3 mai 1961"},
      {"en 1961", "en 1961"},
  });
  Traits first;
  first.birth_date = secret("01081950");
  const TextMask mask = TextMask::for_person({first}, {}).value();
  CHECK(mask.apply("le 1er août 1950, 1ER AOUT 1950").text ==
        "le [DATE_NAISSANCE], [DATE_NAISSANCE]");
}

TEST_CASE("numbers of the person are masked, with or without gaps") {
  check_all({
      {"IPP 8001234567", "IPP [IPP]"},  {"IPP:8001234567,", "IPP:[IPP],"},
      {"IPP8001234567", "IPP[IPP]"},    {"80 01 23 45 67", "[IPP]"},
      {"8 0 0 1 2 3 4 5 6 7", "[IPP]"}, {"NDA AB12345678", "NDA [NDA]"},
      {"ab 12 345 678", "[NDA]"},       {"RSS 000123456 ou 123456", "RSS [NDA] ou [NDA]"},
      {"998877", "[NUMERO]"},           {"2 79 03 51 215 189 89", "[SECU]"},
      {"279035121518989", "[SECU]"},    {"2790351215189", "[SECU]"},
      {"06.12.34.56.78", "[TEL]"},      {"06 123 456 78", "[TEL]"},
      {"+44 20 7946 0018", "+[TEL]"},   {"80012345678", "80012345678"},
      {"18001234567", "18001234567"},   {"9988770", "9988770"},
      {"99 88 77", "99 88 77"},         {"2790351215188", "2790351215188"},
  });
}

TEST_CASE("what shows by itself is masked for anyone") {
  const TextMask anyone = TextMask::for_anyone();
  const auto mask = [&](std::string_view text) { return anyone.apply(text).text; };
  CHECK(mask("Tél : 01 44 12 13 14, 0144121314, 01.44.12.13.14, 01-44-12-13-14") ==
        "Tél : [TEL], [TEL], [TEL], [TEL]");
  CHECK(mask("+33 6 12 34 56 78 ou +33 (0)6 12 34 56 78 ou 0033612345678") ==
        "[TEL] ou [TEL] ou [TEL]");
  CHECK(mask("jean.dupont+test@chu-brest.fr, x_1@y.org.") == "[MAIL], [MAIL].");
  // Keys of the published test numbers (identity test cases of the reference).
  CHECK(mask("NIR 148077599901241") == "NIR [SECU]");
  CHECK(mask("1 85 12 2A 999 001 25") == "[SECU]");
  CHECK(mask("2 85 12 2b 999 999 71") == "[SECU]");
}

TEST_CASE("what does not show by itself stays") {
  const TextMask anyone = TextMask::for_anyone();
  for (const char* text :
       {"le 05/12/2020 08h30", "le 05/12/2020 08:30", "05 12 2020 08 30 10", "1 480775999012 42",
        "148077599901242", "RPPS 10101010101", "FINESS 750712184", "a@b", "@service", "x @ y.fr",
        "01 44 12 13", "TA 12/8, 37.2, 01 44 12 13 145", "version 1.2.3.4", "+33 6 12", "0033"}) {
    CHECK(anyone.apply(text).text == text);
    CHECK(anyone.apply(text).total() == 0);
  }
}

TEST_CASE("address, postcode and city are masked") {
  check_all({
      {"12 bis avenue du Général Leclerc", "[ADRESSE]"},
      {"12 bis, av du gal leclerc\n29200 BREST", "[ADRESSE]\n[ADRESSE]"},
      {"habite avenue du général leclerc", "habite [ADRESSE]"},
      {"né à Brest", "né à [ADRESSE]"},
      {"29200", "[ADRESSE]"},
      {"292001", "292001"},
      {"avenue du Maréchal Leclerc", "avenue du Maréchal Leclerc"},
  });
}

TEST_CASE("kinds are counted") {
  const TextMask mask = TextMask::for_person({petit()}, numbers()).value();
  const MaskedText done = mask.apply("Mme PETIT Rose, 03/04/1961, IPP 8001234567, a.b@c.fr");
  CHECK(done.count(Tag::Name) == 1);
  CHECK(done.count(Tag::FirstName) == 1);
  CHECK(done.count(Tag::BirthDate) == 1);
  CHECK(done.count(Tag::Ipp) == 1);
  CHECK(done.count(Tag::Email) == 1);
  CHECK(done.total() == 5);
}

TEST_CASE("long numbers of somebody else are asked about") {
  const TextMask anyone = TextMask::for_anyone();
  std::vector<std::string> asked;
  const KnownNumber known = [&](std::string_view digits) -> std::optional<Tag> {
    asked.emplace_back(digits);
    if (digits == "8007654321") return Tag::Ipp;
    return std::nullopt;
  };
  CHECK(anyone.apply("voir 8007654321, 8007654322, 123456, 12", known).text ==
        "voir [IPP], 8007654322, 123456, 12");
  CHECK(asked == std::vector<std::string>{"8007654321", "8007654322"});
}

/// Whether `masked_text` without its tags is made of pieces of `text`, in order.
bool pieces_stand_in(const std::string& masked_text, const std::string& text) {
  std::size_t from = 0;
  std::string piece;
  for (std::size_t at = 0; at <= masked_text.size();) {
    std::size_t tag_bytes = 0;
    for (std::size_t tag = 0; tag < kTagCount; ++tag) {
      const std::string_view name = tag_text(static_cast<Tag>(tag));
      if (std::string_view(masked_text).substr(at).starts_with(name)) tag_bytes = name.size();
    }
    if (tag_bytes == 0 && at < masked_text.size()) {
      piece += masked_text[at++];
      continue;
    }
    const std::size_t found = text.find(piece, from);
    if (found == std::string::npos) return false;
    from = found + piece.size();
    piece.clear();
    at += tag_bytes == 0 ? 1 : tag_bytes;
  }
  return true;
}

TEST_CASE("any bytes at all are read to their end, and only matches change") {
  std::mt19937_64 random(61);
  const TextMask mask = TextMask::for_person({petit()}, numbers()).value();
  const std::string seeds[] = {"Mme Le Goff",  "12 bis av. du Général-Leclerc",
                               "+33 (0)6",     "é@b.fr",
                               "8001234567",   "2 79 03 51",
                               "\u2019\u202F", "3 avril 1961",
                               "M.-H. "};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    while (text.size() < 60) {
      if (random() % 2 == 0) {
        text += seeds[random() % std::size(seeds)];
      } else {
        text += static_cast<char>(random());
      }
      if (random() % 4 == 0) text.resize(random() % (text.size() + 1));
      if (random() % 8 == 0) break;
    }
    const MaskedText done = mask.apply(text);
    if (done.total() == 0) REQUIRE(done.text == text);
    REQUIRE(pieces_stand_in(done.text, text));
  }
}

/// The strings of one JSON line of the templates: enough of JSON for a file we know.
std::string json_string_after(const std::string& line, std::size_t& at, const std::string& key) {
  at = line.find("\"" + key + "\": \"", at);
  if (at == std::string::npos) return "";
  at += key.size() + 5;
  std::string value;
  for (; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] != '\\') {
      value += line[at];
      continue;
    }
    at += 1;
    value += line[at] == 'n' ? '\n' : line[at] == 't' ? '\t' : line[at];
  }
  return value;
}

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0xC3;
}

bool holds_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word_byte(text[at - 1]);
    const std::size_t end = at + word.size();
    if (starts && (end == text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

TEST_CASE("in texts annotated by others, no name or number of the person is left") {
  std::ifstream in(EDS_SOURCE_DIR "/../shared/data/french/deid/templates.jsonl");
  if (!in) {
    MESSAGE("skipped: french/deid/templates.jsonl not present");
    return;
  }
  std::string line;
  int total = 0;
  int left = 0;
  while (std::getline(in, line)) {
    std::size_t at = 0;
    const std::string text = json_string_after(line, at, "text");
    std::vector<Traits> history;
    std::vector<Identifier> identifiers;
    std::vector<std::string> expected;
    while (true) {
      const std::string label = json_string_after(line, at, "label");
      if (at == std::string::npos) break;
      const std::string entity = json_string_after(line, at, "text");
      Traits traits;
      if (label == "NOM") traits.birth_name = secret(entity);
      if (label == "PRENOM") traits.first_names = secret(entity);
      if (label == "TEL") traits.phone = secret(entity);
      if (label == "SECU") traits.nir = secret(entity);
      if (label == "IPP") identifiers.push_back({IdentifierKind::Ipp, "x", secret(entity)});
      if (label == "NDA") identifiers.push_back({IdentifierKind::Nda, "x", secret(entity)});
      if (traits.empty() && label != "IPP" && label != "NDA" && label != "MAIL") continue;
      history.push_back(traits);
      expected.push_back(entity);
    }
    const std::string done = TextMask::for_person(history, identifiers).value().apply(text).text;
    for (const std::string& entity : expected) {
      // An initial alone names nobody, and is masked beside a name only.
      if (entity.size() < 2 || (entity.size() == 2 && entity[1] == '.')) continue;
      total += 1;
      if (!holds_word(done, entity)) continue;
      left += 1;
      MESSAGE("left: " << entity);
    }
  }
  MESSAGE("annotated: " << total << ", left: " << left);
  // Known misses: a letter O for a zero, an e-mail address with blanks, a telephone of four digits.
  CHECK(total > 800);
  CHECK(left <= 3);
}

/// The least of three timings of one pass, in seconds.
double seconds_to_mask(const TextMask& mask, std::string_view text) {
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 3; ++round) {
    const auto start = std::chrono::steady_clock::now();
    CHECK(mask.apply(text).total() > 0);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    least = std::min(least, spent.count());
  }
  return least;
}

TEST_CASE("masking costs in proportion to the text") {
  std::string text;
  while (text.size() < 4'000'000) {
    text +=
        "Mme Rose PETIT, née le 03/04/1961 (IPP 8001234567), consulte pour une douleur de "
        "l'épaule droite évoluant depuis le 12/05/2023. Le petit déjeuner est pris à 8 h 30. "
        "Biologie : hémoglobine 12,4 g/dL, plaquettes 245 000 /mm3, créatinine 78 µmol/L. "
        "Pas de fièvre ; l'auscultation cardio-pulmonaire est sans particularité.\n";
  }
  const TextMask mask = TextMask::for_person({petit()}, numbers()).value();
  const double whole = seconds_to_mask(mask, text);
  const double sixteenth =
      seconds_to_mask(mask, std::string_view(text).substr(0, text.size() / 16));
  MESSAGE("masking: " << static_cast<double>(text.size()) / 1e6 / whole << " MB/s");
  // Linear is 16, quadratic 256; a loaded machine blurs it.
  CHECK(whole / sixteenth < 96);
}

}  // namespace
}  // namespace eds::govern
