#include "format/pmsi/write.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "base/env.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/rum.h"
#include "format/pmsi/vid_hosp.h"

namespace eds::pmsi {
namespace {

using Random = std::mt19937_64;

std::string random_value(Random& random, const Field& field) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::size_t size = random() % (field.length + 1U);
  std::string value;
  if (field.type == FieldType::Date) {
    if (size == 0 || field.length != 8) return "";
    const std::array<char, 8> date = format_date(static_cast<Day>(random() % 20000));
    return {date.data(), date.size()};
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t pool = field.type == FieldType::Number ? 10 : kLetters.size();
    const std::string_view from = field.type == FieldType::Number ? "0123456789" : kLetters;
    value += from[random() % pool];
  }
  return value;
}

// What the field holds once `value` is written: the rule of the ATIH's "Cadrage/Remplissage".
std::string padded(const Field& field, const std::string& value) {
  const std::string padding(field.length - value.size(),
                            field.type == FieldType::Number && !value.empty() ? '0' : ' ');
  return field.type == FieldType::Number ? padding + value : value + padding;
}

bool is_count(const Layout& layout, std::size_t index) {
  for (const BlockLayout& block : layout.blocks) {
    if (block.count_in == kCountFixed && block.count_field == index) return true;
  }
  return false;
}

// Fields of the fixed part that a caller may set: all but the counts and the version.
bool is_free(const Layout& layout, std::size_t index) {
  const std::string probe(layout.fixed_bytes, ' ');
  const std::string_view version = version_of(layout.kind, probe);
  const bool holds_version =
      !version.empty() && layout.fields[index].start - 1 == version.data() - probe.data();
  return !holds_version && !is_count(layout, index);
}

void round_trip(const Layout& layout, Random& random) {
  Draft draft(layout);
  std::vector<std::string> expected(layout.fields.size());
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    if (!is_free(layout, i)) continue;
    const std::string value = random_value(random, layout.fields[i]);
    REQUIRE(draft.set(i, value).ok());
    expected[i] = padded(layout.fields[i], value);
  }
  std::vector<std::size_t> counts(layout.blocks.size(), 1);
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const BlockLayout& block = layout.blocks[i];
    if (block.count_in == kCountOnce) continue;
    // Two blocks may share one count, as the DMT and their return codes do.
    const bool shared = i > 0 && layout.blocks[i - 1].count_field == block.count_field &&
                        layout.blocks[i - 1].count_in == block.count_in;
    counts[i] = shared ? counts[i - 1] : random() % 4;
    for (std::size_t j = 0; j < counts[i]; ++j) {
      const Result<std::size_t> index = draft.add_block(block.name);
      REQUIRE(index.ok());
      for (const Field& field : block.fields) {
        const std::string value = random_value(random, field);
        REQUIRE(draft.set_in_block(block.name, *index, field.name, value).ok());
      }
    }
  }
  const Result<std::string> line = draft.line();
  REQUIRE(line.ok());
  const Parsed parsed = parse(layout.kind, *line);
  REQUIRE(parsed.whole);
  CHECK_FALSE(parsed.finding.has_value());
  REQUIRE(&parsed.record.layout() == &layout);
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    if (is_free(layout, i)) {
      CHECK(parsed.record.identifying(i).reveal(Reason::Check) == expected[i]);
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) CHECK(parsed.record.block_count(i) == counts[i]);
  const Result<std::string> again = Draft::copy_of(parsed.record).line();
  REQUIRE(again.ok());
  CHECK(*again == *line);
}

TEST_CASE("random records of every kind and version come back field by field and byte by byte") {
  for (std::size_t k = 0; k < kKindCount; ++k) {
    for (const Layout& layout : layouts(static_cast<Kind>(k))) {
      INFO(std::string(kind_name(layout.kind)), " ", std::string(layout.version));
      Random random(20260301 + k);
      for (int i = 0; i < 30; ++i) round_trip(layout, random);
    }
  }
}

TEST_CASE("the synthetic files come back byte by byte, line ends included") {
  const std::string folder = std::string(EDS_SOURCE_DIR) + "/../shared/data/french/pmsi/synthetic/";
  for (const std::string name : {"rss_022_ungrouped.txt", "rss_122_grouped.txt", "hosp_pmsi.txt",
                                 "um.txt", "fichcomp_02_dmi.txt", "fichcomp_06_les.txt"}) {
    if (!Env::posix().exists(folder + name)) {
      MESSAGE("skipped: " << name << " not present");
      continue;
    }
    const Result<std::string> text = Env::posix().read_all(folder + name, 1 << 20);
    REQUIRE(text.ok());
    const Result<Detected> detected = detect(*text);
    REQUIRE(detected.ok());
    std::string written;
    LineScanner lines(*text);
    while (const std::optional<Line> line = lines.next()) {
      const Parsed parsed = parse(detected->kind, line->bytes);
      REQUIRE(parsed.whole);
      const Result<std::string> bytes = Draft::copy_of(parsed.record).line();
      REQUIRE(bytes.ok());
      written += *bytes + (line->end == LineEnd::CrLf ? "\r\n" : "\n");
    }
    CHECK(written == *text);
  }
}

RumDraft sample_rum() {
  RumDraft rum;
  rum.finess = "990000001";
  rum.rss_number = "SYN0001";
  rum.stay_number = "900000001";
  rum.rum_number = "001";
  rum.birth_date = day_of(1948, 7, 14);
  rum.sex = '1';
  rum.unit = "1001";
  rum.entry = day_of(2026, 1, 3);
  rum.entry_mode = '8';
  rum.exit = day_of(2026, 1, 7);
  rum.exit_mode = '6';
  rum.destination = '1';
  rum.residence = "75012";
  rum.dp = "I210";
  rum.coding_confirmed = ' ';
  rum.das = {"I10", "E119", "E785", "Z955"};
  rum.dads = {"Z720"};
  ActDraft act;
  act.date = day_of(2026, 1, 3);
  act.code = "DDAF007";
  rum.acts = {act, act};
  rum.acts[1].activity = '4';
  rum.ghm = "05K061";
  return rum;
}

// The first line of the synthetic file, which was written by hand after the ATIH sheet, but for its
// sessions ("00") and the field at 163 ("2", no conversion), which a RumDraft does not have.
TEST_CASE("a RUM is written where the sheet of version 022 says") {
  std::string out;
  REQUIRE(append_rum(out, sample_rum(), "022").ok());
  CHECK(out ==
        "990000001022SYN0001             900000001           001       1407194811001  "
        "030120268 070120266175012              000401002I210                         "
        "                       "
        "I10     E119    E785    Z955    Z720    "
        "03012026DDAF007   01       0103012026DDAF007   04       01\r\n");
}

TEST_CASE("a RUM comes back the same in every version, grouped and ungrouped") {
  const RumDraft draft = sample_rum();
  for (const Kind kind : {Kind::RssUngrouped, Kind::RssGrouped}) {
    for (const Layout& layout : layouts(kind)) {
      INFO(std::string(layout.version));
      std::string line;
      REQUIRE(append_rum(line, draft, layout.version, "").ok());
      const Parsed parsed = parse_rss(line);
      REQUIRE(parsed.whole);
      const Rum rum = read_rum(parsed.record);
      CHECK(rum.grouped == (kind == Kind::RssGrouped));
      if (rum.grouped) CHECK(rum.ghm == "05K061");
      CHECK(rum.rum_version.substr(1) == layout.version.substr(1));
      CHECK(rum.rss_number.reveal(Reason::Check) == "SYN0001");
      CHECK(rum.birth_date.reveal(Reason::Check).day == *draft.birth_date);
      CHECK(rum.entry.day == *draft.entry);
      CHECK(rum.exit.day == *draft.exit);
      CHECK(rum.dp == "I210");
      REQUIRE(rum.das.size() == 4);
      CHECK(rum.das[3] == "Z955");
      REQUIRE(rum.acts.size() == 2);
      CHECK(rum.acts[1].code == "DDAF007");
      CHECK(rum.acts[1].activity == '4');
      CHECK(rum.acts[1].count.value == 1);
      CHECK(rum.acts[0].date.day == *draft.entry);
    }
  }
}

TEST_CASE("a VID-HOSP comes back the same in every version") {
  VidHospDraft draft;
  draft.insured_nir = "2790351215189";
  draft.insured_nir_key = "89";
  draft.ins = "279035121518989";
  draft.ipp = "8000000001";
  draft.stay_number = "900000001";
  draft.finess = "750712184";
  draft.birth_date = day_of(1979, 3, 1);
  draft.sex = '2';
  draft.entry = day_of(2026, 1, 3);
  draft.exit = day_of(2026, 1, 12);
  for (const Layout& layout : layouts(Kind::VidHosp)) {
    INFO(std::string(layout.version));
    std::string line;
    REQUIRE(append_vid_hosp(line, draft, layout.version, "").ok());
    const Parsed parsed = parse(Kind::VidHosp, line);
    REQUIRE(parsed.whole);
    const VidHosp v = read_vid_hosp(parsed.record);
    CHECK(v.version == layout.version);
    CHECK(v.insured_nir.reveal(Reason::Check) == "2790351215189");
    CHECK(v.insured_nir_key.reveal(Reason::Check) == "89");
    CHECK(v.stay_number.reveal(Reason::Check) == "900000001");
    CHECK(v.birth_date.reveal(Reason::Check).day == day_of(1979, 3, 1));
    CHECK(v.entry.day == day_of(2026, 1, 3));
    CHECK(v.exit.day == day_of(2026, 1, 12));
    CHECK(v.ipp.empty() == (layout.version < "V013"));
    CHECK(v.ins.empty() == (layout.version < "V014"));
  }
}

TEST_CASE("a value that does not fit is refused, never cut") {
  Draft draft(*layout(Kind::RssUngrouped, "022"));
  CHECK_FALSE(draft.set("dp", "I21012345").ok());
  CHECK_FALSE(draft.set("weight_g", "12345").ok());
  CHECK_FALSE(draft.set("weight_g", "12a").ok());
  CHECK_FALSE(draft.set("dp", "I1\n0").ok());
  CHECK_FALSE(draft.set("no_such_field", "1").ok());
  CHECK_FALSE(draft.set("tumour_count", "1").ok());  // version 023 only
  CHECK_FALSE(draft.add_block("dmt").ok());
  CHECK_FALSE(draft.set_in_block("da", 0, "code", "I10").ok());
  std::string out;
  CHECK_FALSE(append_rum(out, sample_rum(), "024").ok());
  RumDraft many = sample_rum();
  many.das.assign(100, "I10");  // nDA has two digits
  CHECK_FALSE(append_rum(out, many, "022").ok());
  many.das.resize(99);
  CHECK(append_rum(out, many, "022").ok());
}

TEST_CASE("a refusal names the field and never the value") {
  Draft draft(*layout(Kind::VidHosp, "V015"));
  const Status refused = draft.set("insured_nir", "27903512151890000");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message == "value longer than its field: insured_nir");
}

TEST_CASE("records cut or changed at random are read or refused, and never read past their end") {
  std::string seed_line;
  REQUIRE(append_rum(seed_line, sample_rum(), "122", "").ok());
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string line = seed_line.substr(0, random() % (seed_line.size() + 1));
    for (int j = 0; j < 3 && !line.empty(); ++j) {
      line[random() % line.size()] = static_cast<char>(random());
    }
    const std::string exact = line;  // its own allocation: a sanitizer sees a read past its end
    const Parsed parsed = parse_rss(exact);
    if (!parsed.whole) {
      CHECK(parsed.finding.has_value());
      continue;
    }
    const Result<std::string> again = Draft::copy_of(parsed.record).line();
    REQUIRE(again.ok());
    CHECK(*again == parsed.record.bytes(Reason::Check));
  }
}

}  // namespace
}  // namespace eds::pmsi
