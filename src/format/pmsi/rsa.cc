#include "format/pmsi/rsa.h"

#include <algorithm>
#include <vector>

namespace eds::pmsi {
namespace {

struct Slice {
  std::uint16_t start = 0;
  std::uint16_t length = 0;
};

Slice slice(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return {static_cast<std::uint16_t>(field.start - 1), field.length};
  }
  return {};
}

// Where the fields of an RSA, of its RUM blocks and of its act blocks stand in one version.
struct Slices {
  Slice age_years, age_days, sex, entry_mode, provenance, exit_month, exit_year, exit_mode;
  Slice destination, length_days, geographic_code, weight_g, session_count, ghs, dp, dr;
  Slice rum_finess, rum_dp, rum_dr, rum_das, rum_acts, rum_length, rum_authorisation;
  Slice delay, code, extension, phase, activity, documentary_extension, modifiers, count;
  std::size_t rum_block, da_block, act_block;

  explicit Slices(const Layout& layout) {
    const std::span<const Field> fixed = layout.fields;
    age_years = slice(fixed, "age_years");
    age_days = slice(fixed, "age_days");
    sex = slice(fixed, "sex");
    entry_mode = slice(fixed, "entry_mode");
    provenance = slice(fixed, "provenance");
    exit_month = slice(fixed, "exit_month");
    exit_year = slice(fixed, "exit_year");
    exit_mode = slice(fixed, "exit_mode");
    destination = slice(fixed, "destination");
    length_days = slice(fixed, "length_days");
    geographic_code = slice(fixed, "geographic_code");
    weight_g = slice(fixed, "weight_g");
    session_count = slice(fixed, "session_count");
    ghs = slice(fixed, "ghs");
    dp = slice(fixed, "dp");
    dr = slice(fixed, "dr");
    rum_block = *layout.find_block("rum");
    const std::span<const Field> rum = layout.blocks[rum_block].fields;
    rum_finess = slice(rum, "unit_finess");
    rum_dp = slice(rum, "dp");
    rum_dr = slice(rum, "dr");
    rum_das = slice(rum, "da_count");
    rum_acts = slice(rum, "act_count");
    rum_length = slice(rum, "length_days");
    rum_authorisation = slice(rum, "authorisation");
    da_block = *layout.find_block("da");
    act_block = *layout.find_block("act");
    const std::span<const Field> act = layout.blocks[act_block].fields;
    delay = slice(act, "delay_days");
    code = slice(act, "code");
    extension = slice(act, "extension");
    phase = slice(act, "phase");
    activity = slice(act, "activity");
    documentary_extension = slice(act, "documentary_extension");
    modifiers = slice(act, "modifiers");
    count = slice(act, "count");
  }
};

const Slices& slices_of(const Layout& layout) {
  static const std::vector<Slices> all(layouts(Kind::Rsa).begin(), layouts(Kind::Rsa).end());
  return all[static_cast<std::size_t>(&layout - layouts(Kind::Rsa).data())];
}

std::string_view part(std::string_view bytes, Slice slice) {
  return bytes.substr(slice.start, slice.length);
}

}  // namespace

Rsa read_rsa(const Record& record) {
  ENSURE(record.layout().kind == Kind::Rsa);
  const Slices& s = slices_of(record.layout());
  const std::string_view line = record.bytes(Reason::Match);
  Rsa rsa;
  rsa.record = record;
  rsa.finess = trim(line.substr(0, 9));
  rsa.version = line.substr(9, 3);
  rsa.index = trim(line.substr(12, 10));
  // Positions 31-36 and 42-47 hold the five parts of a GHM side by side, in every version.
  rsa.ghm_read = trim(line.substr(30, 6));
  rsa.ghm = trim(line.substr(41, 6));
  rsa.return_code = line.substr(47, 3);
  rsa.age_years = parse_number(part(line, s.age_years));
  rsa.age_days = parse_number(part(line, s.age_days));
  rsa.sex = line[s.sex.start];
  rsa.entry_mode = line[s.entry_mode.start];
  rsa.provenance = line[s.provenance.start];
  rsa.exit_month = parse_number(part(line, s.exit_month));
  rsa.exit_year = parse_number(part(line, s.exit_year));
  rsa.exit_mode = line[s.exit_mode.start];
  rsa.destination = line[s.destination.start];
  rsa.length_days = parse_number(part(line, s.length_days));
  rsa.geographic_code = trim(part(line, s.geographic_code));
  rsa.weight_g = parse_number(part(line, s.weight_g));
  rsa.session_count = parse_number(part(line, s.session_count));
  rsa.ghs = trim(part(line, s.ghs));
  rsa.dp = trim(part(line, s.dp));
  rsa.dr = trim(part(line, s.dr));
  const auto da_count = static_cast<std::uint32_t>(record.block_count(s.da_block));
  rsa.das = CodeList(line.data() + record.block_offset(s.da_block), da_count, 6);
  rsa.rum_count = static_cast<std::uint32_t>(record.block_count(s.rum_block));
  rsa.act_count = static_cast<std::uint32_t>(record.block_count(s.act_block));
  return rsa;
}

RsaAct Rsa::act(std::size_t act_index) const {
  const Slices& s = slices_of(record.layout());
  const std::string_view bytes = record.block(s.act_block, act_index);
  RsaAct act;
  act.delay_days = parse_number(part(bytes, s.delay));
  act.code = trim(part(bytes, s.code));
  act.extension = trim(part(bytes, s.extension));
  act.phase = bytes[s.phase.start];
  act.activity = bytes[s.activity.start];
  act.documentary_extension = bytes[s.documentary_extension.start];
  act.modifiers = trim(part(bytes, s.modifiers));
  act.count = parse_number(part(bytes, s.count));
  return act;
}

RsaRum Rsa::rum(std::size_t rum_index) const {
  const Slices& s = slices_of(record.layout());
  RsaRum rum;
  for (std::size_t i = 0; i <= rum_index; ++i) {
    const std::string_view bytes = record.block(s.rum_block, i);
    rum.first_da += rum.da_count;
    rum.first_act += rum.act_count;
    rum.da_count = parse_number(part(bytes, s.rum_das)).value;
    rum.act_count = parse_number(part(bytes, s.rum_acts)).value;
  }
  // The counts of the RUM may lie; what they promise never goes past what the RSA has.
  const auto clamp = [](std::uint32_t& first, std::uint32_t& count, std::uint32_t total) {
    first = std::min(first, total);
    count = std::min(count, total - first);
  };
  clamp(rum.first_da, rum.da_count, static_cast<std::uint32_t>(das.size()));
  clamp(rum.first_act, rum.act_count, act_count);
  const std::string_view bytes = record.block(s.rum_block, rum_index);
  rum.unit_finess = trim(part(bytes, s.rum_finess));
  rum.dp = trim(part(bytes, s.rum_dp));
  rum.dr = trim(part(bytes, s.rum_dr));
  rum.length_days = parse_number(part(bytes, s.rum_length));
  rum.authorisation = trim(part(bytes, s.rum_authorisation));
  return rum;
}

}  // namespace eds::pmsi
