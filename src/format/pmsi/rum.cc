#include "format/pmsi/rum.h"

#include <array>
#include <vector>

namespace eds::pmsi {
namespace {

// Starts (from 0) of the fields of a RUM in one layout. They are looked up by name once for each
// layout, so that reading a RUM costs no search.
struct RumPlaces {
  std::uint16_t finess = 0, rum_version = 0, rss_number = 0, stay_number = 0, rum_number = 0;
  std::uint16_t birth_date = 0, sex = 0, unit = 0, bed_authorisation = 0, entry_date = 0;
  std::uint16_t entry_mode = 0, provenance = 0, exit_date = 0, exit_mode = 0, destination = 0;
  std::uint16_t residence = 0, weight_g = 0, gestational_age_weeks = 0, last_menses_date = 0;
  std::uint16_t session_count = 0, dp = 0, dr = 0, igs2 = 0, coding_confirmed = 0;
  bool has_last_menses = false;
  ActShape shape = ActShape::Bytes29;
};

std::uint16_t place(const Layout& layout, std::string_view name) {
  const std::optional<std::size_t> index = layout.find(name);
  ENSURE(index.has_value());
  return static_cast<std::uint16_t>(layout.fields[*index].start - 1);
}

RumPlaces places_in(const Layout& layout) {
  RumPlaces p;
  p.finess = place(layout, "finess");
  p.rum_version = place(layout, "rum_version");
  p.rss_number = place(layout, "rss_number");
  p.stay_number = place(layout, "stay_number");
  p.rum_number = place(layout, "rum_number");
  p.birth_date = place(layout, "birth_date");
  p.sex = place(layout, "sex");
  p.unit = place(layout, "unit");
  p.bed_authorisation = place(layout, "bed_authorisation");
  p.entry_date = place(layout, "entry_date");
  p.entry_mode = place(layout, "entry_mode");
  p.provenance = place(layout, "provenance");
  p.exit_date = place(layout, "exit_date");
  p.exit_mode = place(layout, "exit_mode");
  p.destination = place(layout, "destination");
  p.residence = place(layout, "residence");
  p.weight_g = place(layout, "weight_g");
  p.gestational_age_weeks = place(layout, "gestational_age_weeks");
  p.has_last_menses = layout.find("last_menses_date").has_value();
  if (p.has_last_menses) p.last_menses_date = place(layout, "last_menses_date");
  p.session_count = place(layout, "session_count");
  p.dp = place(layout, "dp");
  p.dr = place(layout, "dr");
  p.igs2 = place(layout, "igs2");
  p.coding_confirmed = place(layout, "coding_confirmed");
  const std::uint16_t act_bytes = layout.blocks[2].bytes;
  p.shape = act_bytes == 26   ? ActShape::Bytes26
            : act_bytes == 29 ? ActShape::Bytes29
                              : ActShape::Bytes32;
  return p;
}

struct AllPlaces {
  std::vector<RumPlaces> ungrouped, grouped;
  RumPlaces as_printed;

  AllPlaces() : as_printed(places_in(rss_023_as_printed())) {
    for (const Layout& layout : layouts(Kind::RssUngrouped)) ungrouped.push_back(places_in(layout));
    for (const Layout& layout : layouts(Kind::RssGrouped)) grouped.push_back(places_in(layout));
  }
};

const RumPlaces& places_of(const Layout& layout) {
  static const AllPlaces all;
  if (layout.kind == Kind::RssGrouped) {
    return all.grouped[static_cast<std::size_t>(&layout - layouts(Kind::RssGrouped).data())];
  }
  if (&layout == &rss_023_as_printed()) return all.as_printed;
  return all.ungrouped[static_cast<std::size_t>(&layout - layouts(Kind::RssUngrouped).data())];
}

// Where the parts of an act stand, from 0, after its date (0-7) and code (8-14). The extension came
// with version 017 and pushed the rest by three; 023 added two fields at the end.
struct ActPlaces {
  std::uint8_t bytes, extension_bytes, rest, dialysis;
};
constexpr std::array<ActPlaces, 3> kActPlaces = {{{26, 0, 15, 0}, {29, 3, 18, 0}, {32, 3, 18, 29}}};

}  // namespace

Number parse_number(std::string_view digits) {
  Number number;
  bool blank = true;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') {
      number.value = number.value * 10 + static_cast<std::uint32_t>(c - '0');
      blank = false;
    } else if (c != ' ' || !blank) {
      return {Number::State::Malformed, 0};
    }
  }
  number.state = blank ? Number::State::Blank : Number::State::Present;
  return number;
}

std::string_view CodeList::operator[](std::size_t index) const {
  return trim({first_ + index * bytes_, bytes_});
}

Act ActList::operator[](std::size_t index) const {
  const ActPlaces& places = kActPlaces[static_cast<std::size_t>(shape_)];
  const std::string_view bytes(first_ + index * places.bytes, places.bytes);
  Act act;
  act.date = parse_date(bytes.substr(0, 8));
  act.code = trim(bytes.substr(8, 7));
  act.extension = trim(bytes.substr(15, places.extension_bytes));
  const std::string_view rest = bytes.substr(places.rest);
  act.phase = rest[0];
  act.activity = rest[1];
  act.documentary_extension = rest[2];
  act.modifiers = trim(rest.substr(3, 4));
  act.exceptional_reimbursement = rest[7];
  act.unplanned_association = rest[8];
  act.count = parse_number(rest.substr(9, 2));
  if (places.dialysis != 0) {
    act.dialysis_start = bytes[places.dialysis];
    act.dialysis_modality = trim(bytes.substr(places.dialysis + 1U, 2));
  }
  return act;
}

Rum read_rum(const Record& record) {
  const RumPlaces& p = places_of(record.layout());
  // The line goes no further than this: what names a person leaves it as Identifying<T>.
  const std::string_view line = record.bytes(Reason::Match);
  const auto text = [line](std::uint16_t start, std::size_t length) {
    return trim(line.substr(start, length));
  };
  Rum rum;
  rum.record = record;
  rum.grouped = record.layout().kind == Kind::RssGrouped;
  if (rum.grouped) {
    rum.classification = text(0, 2);
    rum.ghm = text(2, 6);
    rum.grouper_return = text(12, 3);
  }
  rum.finess = text(p.finess, 9);
  rum.rum_version = text(p.rum_version, 3);
  rum.rss_number = Identifying<std::string_view>(text(p.rss_number, 20));
  rum.stay_number = Identifying<std::string_view>(text(p.stay_number, 20));
  rum.rum_number = text(p.rum_number, 10);
  rum.birth_date = Identifying<Date>(parse_date(line.substr(p.birth_date, 8)));
  rum.sex = line[p.sex];
  rum.unit = text(p.unit, 4);
  rum.bed_authorisation = text(p.bed_authorisation, 2);
  rum.entry = parse_date(line.substr(p.entry_date, 8));
  rum.entry_mode = line[p.entry_mode];
  rum.provenance = line[p.provenance];
  rum.exit = parse_date(line.substr(p.exit_date, 8));
  rum.exit_mode = line[p.exit_mode];
  rum.destination = line[p.destination];
  rum.residence = Identifying<std::string_view>(text(p.residence, 5));
  rum.weight_g = parse_number(line.substr(p.weight_g, 4));
  rum.gestational_age_weeks = parse_number(line.substr(p.gestational_age_weeks, 2));
  if (p.has_last_menses) rum.last_menses = parse_date(line.substr(p.last_menses_date, 8));
  rum.session_count = parse_number(line.substr(p.session_count, 2));
  rum.dp = text(p.dp, 8);
  rum.dr = text(p.dr, 8);
  rum.igs2 = parse_number(line.substr(p.igs2, 3));
  rum.coding_confirmed = line[p.coding_confirmed];
  rum.das = CodeList(line.data() + record.block_offset(0),
                     static_cast<std::uint32_t>(record.block_count(0)), 8);
  rum.dads = CodeList(line.data() + record.block_offset(1),
                      static_cast<std::uint32_t>(record.block_count(1)), 8);
  rum.acts = ActList(line.data() + record.block_offset(2),
                     static_cast<std::uint32_t>(record.block_count(2)), p.shape);
  return rum;
}

}  // namespace eds::pmsi
