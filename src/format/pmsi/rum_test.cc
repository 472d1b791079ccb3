#include "format/pmsi/rum.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "format/pmsi/write.h"

namespace eds::pmsi {
namespace {

// A record whose every field is full of random characters, so that a reader which looks one
// byte aside is seen. Digits for numbers and dates, which must parse.
std::string full_line(const Layout& layout, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto value = [&random](const Field& field) {
    std::string text;
    for (std::size_t i = 0; i < field.length; ++i) {
      const bool digits = field.type == FieldType::Number || field.type == FieldType::Date;
      text +=
          digits ? static_cast<char>('0' + random() % 10) : static_cast<char>('A' + random() % 26);
    }
    return text;
  };
  Draft draft(layout);
  for (const Field& field : layout.fields) {
    if (field.name == "rss_version") continue;
    if (field.name == "rum_version" && layout.kind == Kind::RssUngrouped) continue;
    REQUIRE(draft.set(field.name, value(field)).ok());
  }
  for (const BlockLayout& block : layout.blocks) {
    for (int i = 0; i < 3; ++i) {
      const Result<std::size_t> index = draft.add_block(block.name);
      REQUIRE(index.ok());
      for (const Field& field : block.fields) {
        REQUIRE(draft.set_in_block(block.name, *index, field.name, value(field)).ok());
      }
    }
  }
  const Result<std::string> line = draft.line();
  REQUIRE(line.ok());
  return *line;
}

void compare_acts(const Record& record, const Rum& rum) {
  const BlockLayout& block = record.layout().blocks[2];
  REQUIRE(rum.acts.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto field = [&](std::string_view name) {
      const std::optional<std::size_t> index = block.find(name);
      return index ? record.block_field(2, i, *index) : std::string_view();
    };
    const auto character = [&](std::string_view name) {
      return field(name).empty() ? ' ' : field(name)[0];
    };
    const Act act = rum.acts[i];
    CHECK(act.date == parse_date(field("date")));
    CHECK(act.code == field("code"));
    CHECK(act.extension == field("extension"));
    CHECK(act.phase == character("phase"));
    CHECK(act.activity == character("activity"));
    CHECK(act.documentary_extension == character("documentary_extension"));
    CHECK(act.modifiers == field("modifiers"));
    CHECK(act.exceptional_reimbursement == character("exceptional_reimbursement"));
    CHECK(act.unplanned_association == character("unplanned_association"));
    CHECK(act.count.value == parse_number(field("count")).value);
    CHECK(act.dialysis_start == character("dialysis_start"));
    CHECK(act.dialysis_modality == field("dialysis_modality"));
  }
}

TEST_CASE("a Rum says what the layout says, in every version, grouped or not") {
  for (const Kind kind : {Kind::RssUngrouped, Kind::RssGrouped}) {
    for (const Layout& layout : layouts(kind)) {
      INFO(std::string(layout.version));
      const std::string line = full_line(layout, 11);
      const Parsed parsed = parse_rss(line);
      REQUIRE(parsed.whole);
      const Record& record = parsed.record;
      const Rum rum = read_rum(record);
      const auto text = [&](std::string_view name) {
        return record.identifying(name).reveal(Reason::Check);
      };
      CHECK(rum.finess == text("finess"));
      CHECK(rum.rum_version == text("rum_version"));
      CHECK(rum.rss_number.reveal(Reason::Check) == text("rss_number"));
      CHECK(rum.stay_number.reveal(Reason::Check) == text("stay_number"));
      CHECK(rum.rum_number == text("rum_number"));
      CHECK(rum.birth_date.reveal(Reason::Check) == parse_date(text("birth_date")));
      CHECK(rum.sex == text("sex")[0]);
      CHECK(rum.unit == text("unit"));
      CHECK(rum.bed_authorisation == text("bed_authorisation"));
      CHECK(rum.entry == parse_date(text("entry_date")));
      CHECK(rum.entry_mode == text("entry_mode")[0]);
      CHECK(rum.provenance == text("provenance")[0]);
      CHECK(rum.exit == parse_date(text("exit_date")));
      CHECK(rum.exit_mode == text("exit_mode")[0]);
      CHECK(rum.destination == text("destination")[0]);
      CHECK(rum.residence.reveal(Reason::Check) == text("residence"));
      CHECK(rum.weight_g.value == parse_number(text("weight_g")).value);
      CHECK(rum.gestational_age_weeks.value == parse_number(text("gestational_age_weeks")).value);
      CHECK(rum.session_count.value == parse_number(text("session_count")).value);
      CHECK(rum.dp == text("dp"));
      CHECK(rum.dr == text("dr"));
      CHECK(rum.igs2.value == parse_number(text("igs2")).value);
      CHECK(rum.coding_confirmed == text("coding_confirmed")[0]);
      if (layout.version != "115") {
        CHECK(rum.last_menses == parse_date(text("last_menses_date")));
      }
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(rum.das[i] == record.block(0, i));
        CHECK(rum.dads[i] == record.block(1, i));
      }
      compare_acts(record, rum);
      if (kind != Kind::RssGrouped) continue;
      CHECK(rum.classification == text("classification"));
      CHECK(rum.ghm == std::string(text("cmd")) + std::string(text("ghm_suffix")));
      CHECK(rum.grouper_return == text("grouper_return"));
    }
  }
}

TEST_CASE("numbers are present, blank or malformed") {
  CHECK(parse_number("0042").value == 42);
  CHECK(parse_number("  42").value == 42);
  CHECK(parse_number("0000").present());
  CHECK(parse_number("    ").state == Number::State::Blank);
  CHECK(parse_number("").state == Number::State::Blank);
  CHECK(parse_number("42  ").state == Number::State::Malformed);
  CHECK(parse_number("4A").state == Number::State::Malformed);
  CHECK(parse_number("-4").state == Number::State::Malformed);
}

}  // namespace
}  // namespace eds::pmsi
