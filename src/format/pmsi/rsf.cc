#include "format/pmsi/rsf.h"

#include "format/pmsi/identifiers.h"

namespace eds::pmsi {
namespace {

constexpr Kind kFamilies[] = {Kind::Rsf, Kind::RsfEntry, Kind::RsfAce};

bool nir_agrees(const Parsed& parsed) {
  const std::string_view nir = parsed.record.identifying("insured_nir").reveal(Reason::Check);
  const std::string_view key = parsed.record.identifying("insured_nir_key").reveal(Reason::Check);
  const NirState state = check_nir(nir, key);
  return state == NirState::Valid || state == NirState::Temporary;
}

// The candidates of one kind of fit: to the byte, or with spaces behind.
struct Candidates {
  Parsed found[2];
  std::size_t count = 0;

  void add(const Parsed& parsed) {
    if (count < 2) found[count++] = parsed;
  }
};

}  // namespace

Parsed RsfReader::parse(std::string_view line) {
  Parsed failed;
  failed.field = "type";
  failed.finding = line.empty() ? FindingCode::EmptyLine : FindingCode::UnknownVersion;
  if (line.empty()) return failed;
  Candidates exact, padded;
  for (const Kind kind : kFamilies) {
    for (const Layout& layout : layouts(kind)) {
      if (layout.version != line.substr(0, 1)) continue;
      const Parsed parsed = parse_as(layout, line);
      if (!parsed.whole) {
        failed.finding = *parsed.finding;
        failed.field = {};
      } else {
        (parsed.finding.has_value() ? padded : exact).add(parsed);
      }
    }
  }
  const Candidates& fits = exact.count > 0 ? exact : padded;
  if (fits.count == 0) return failed;
  if (fits.count == 1) {
    family_ = fits.found[0].record.layout().kind;
    return fits.found[0];
  }
  for (const Parsed& parsed : fits.found) {
    if (parsed.record.layout().kind == family_) return parsed;
  }
  const bool first = nir_agrees(fits.found[0]);
  if (first != nir_agrees(fits.found[1])) return fits.found[first ? 0 : 1];
  failed.finding = FindingCode::CodeUnknown;
  failed.field = "type";
  return failed;
}

}  // namespace eds::pmsi
