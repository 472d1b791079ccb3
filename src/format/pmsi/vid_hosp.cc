#include "format/pmsi/vid_hosp.h"

#include <vector>

namespace eds::pmsi {
namespace {

// The part of the line that a field of one layout covers; no bytes when the version lacks the
// field.
struct Slice {
  std::uint16_t start = 0;
  std::uint16_t length = 0;
};

Slice slice(const Layout& layout, std::string_view name) {
  const std::optional<std::size_t> index = layout.find(name);
  if (!index) return {};
  const Field& field = layout.fields[*index];
  return {static_cast<std::uint16_t>(field.start - 1), field.length};
}

struct Slices {
  Slice insured_nir, insured_nir_key, nir, nir_key, ins, ipp, stay_number, mother_stay_number;
  Slice birth_date, sex, version, finess, scheme, birth_rank, hospitalisation, entry, exit;

  explicit Slices(const Layout& layout)
      : insured_nir(slice(layout, "insured_nir")),
        insured_nir_key(slice(layout, "insured_nir_key")),
        nir(slice(layout, "nir")),
        nir_key(slice(layout, "nir_key")),
        ins(slice(layout, "ins")),
        ipp(slice(layout, "ipp")),
        stay_number(slice(layout, "stay_number")),
        mother_stay_number(slice(layout, "mother_stay_number")),
        birth_date(slice(layout, "birth_date")),
        sex(slice(layout, "sex")),
        version(slice(layout, "vid_hosp_version")),
        finess(slice(layout, "finess")),
        scheme(slice(layout, "scheme")),
        birth_rank(slice(layout, "birth_rank")),
        hospitalisation(slice(layout, "hospitalisation_date")),
        entry(slice(layout, "entry_date")),
        exit(slice(layout, "exit_date")) {}
};

const Slices& slices_of(const Layout& layout) {
  static const std::vector<Slices> all(layouts(Kind::VidHosp).begin(),
                                       layouts(Kind::VidHosp).end());
  return all[static_cast<std::size_t>(&layout - layouts(Kind::VidHosp).data())];
}

}  // namespace

VidHosp read_vid_hosp(const Record& record) {
  ENSURE(record.layout().kind == Kind::VidHosp);
  const Slices& s = slices_of(record.layout());
  const std::string_view line = record.bytes(Reason::Match);
  const auto text = [line](Slice part) { return trim(line.substr(part.start, part.length)); };
  const auto secret = [text](Slice part) { return Identifying<std::string_view>(text(part)); };
  const auto date = [line](Slice part) { return parse_date(line.substr(part.start, part.length)); };
  VidHosp v;
  v.record = record;
  v.version = text(s.version);
  v.finess = text(s.finess);
  v.insured_nir = secret(s.insured_nir);
  v.insured_nir_key = secret(s.insured_nir_key);
  v.nir = secret(s.nir);
  v.nir_key = secret(s.nir_key);
  v.ins = secret(s.ins);
  v.ipp = secret(s.ipp);
  v.stay_number = secret(s.stay_number);
  v.mother_stay_number = secret(s.mother_stay_number);
  v.birth_date = Identifying<Date>(date(s.birth_date));
  v.sex = line[s.sex.start];
  v.scheme = text(s.scheme);
  v.birth_rank = parse_number(line.substr(s.birth_rank.start, s.birth_rank.length));
  v.hospitalisation = date(s.hospitalisation);
  v.entry = date(s.entry);
  v.exit = date(s.exit);
  return v;
}

HospPmsi read_hosp_pmsi(const Record& record) {
  ENSURE(record.layout().kind == Kind::HospPmsi);
  const std::string_view line = record.bytes(Reason::Match);
  return {Identifying<std::string_view>(trim(line.substr(0, 20))),
          Identifying<std::string_view>(trim(line.substr(20, 20)))};
}

}  // namespace eds::pmsi
