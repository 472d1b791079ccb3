// Lines of each PMSI summary, as tests feed them: invented stays, written by the layout's fields.
// Included by tests only.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "format/pmsi/write.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/warehouse_for_test.h"

namespace eds::ingest::pmsi::for_test {

namespace formats = eds::pmsi;
using formats::Kind;

// One record, field by field.
class Line {
 public:
  Line(Kind kind, const char* version) : draft_(*formats::layout(kind, version)) {}
  Line& set(const char* field, const std::string& value) {
    INFO(field);
    REQUIRE(draft_.set(field, value).ok());
    return *this;
  }
  Line& block(const char* name, std::initializer_list<std::pair<const char*, const char*>> fields) {
    const std::size_t index = std::move(draft_.add_block(name)).value();
    for (const auto& [field, value] : fields) {
      INFO(field);
      REQUIRE(draft_.set_in_block(name, index, field, value).ok());
    }
    return *this;
  }
  std::string text() const { return std::move(draft_.line()).value() + "\r\n"; }

 private:
  formats::Draft draft_;
};

inline LoadReport feed(WarehouseForTest& test, std::unique_ptr<FormatReader> reader,
                       const std::string& name, const std::string& bytes) {
  Request request;
  request.paths = {test.file(name, bytes)};
  return test.feed(*reader, request);
}

// Two RUM, three diagnoses associated, two acts; discharged in February 2024 after six nights.
inline std::string rsa_line(const char* version = "228", const char* index = "0000000001") {
  Line line(Kind::Rsa, version);
  line.set("finess", "990000001").set("rsa_version", version).set("rsa_index", index);
  line.set("classification", "11").set("cmd", "05").set("type", "K").set("number", "06");
  line.set("severity", "1").set("return_code", "000");
  line.set("age_years", "071").set("sex", "2").set("entry_mode", "8").set("provenance", "5");
  line.set("exit_month", "02").set("exit_year", "2024").set("exit_mode", "8");
  line.set("length_days", "0006").set("geographic_code", "75012").set("ghs", "1628");
  line.set("dp_rum", "01").set("dp", "I210");
  line.set("rea_count", "002");
  line.block("rum", {{"unit_finess", "990000002"},
                     {"dp", "I210"},
                     {"dr", ""},
                     {"igs2", "031"},
                     {"da_count", "02"},
                     {"act_count", "001"},
                     {"length_days", "0002"},
                     {"authorisation", "01A"}});
  line.block("rum", {{"dp", "I500"},
                     {"dr", "C509"},
                     {"da_count", "01"},
                     {"act_count", "001"},
                     {"length_days", "0004"}});
  line.block("da", {{"code", "I10"}}).block("da", {{"code", "E119"}});
  line.block("da", {{"code", "J449"}});
  line.block("act", {{"delay_days", "001"},
                     {"code", "DDAF007"},
                     {"extension", "04"},
                     {"phase", "0"},
                     {"activity", "1"},
                     {"documentary_extension", "B"},
                     {"modifiers", "7"},
                     {"count", "01"}});
  line.block("act", {{"code", "DEQP003"}, {"phase", "0"}, {"activity", "4"}, {"count", "02"}});
  return line.text();
}

inline std::string ano_line(const std::string& link, const char* index, const char* exit = "022024",
                            const char* entry_day = "", const char* exit_day = "") {
  Line line(Kind::Ano, "014");
  line.set("link_index", link).set("finess", "990000001").set("vid_hosp_version", "014");
  line.set("filler_1", exit).set("rsa_index", index);
  if (*entry_day != '\0') line.set("stay_start_date", entry_day).set("stay_end_date", exit_day);
  return line.text();
}

inline const std::string kLink(32, 'a');

inline Line rhs(const char* version, const char* week, const char* unit) {
  const bool grouped = std::string_view(version).substr(1, 1) == "1";
  Line line(grouped ? Kind::RhsGrouped : Kind::RhsUngrouped, version);
  if (grouped) {
    line.set("grouped_version", version).set("gme_cm", "04").set("gme_code", "03");
    line.set("gme_severity", "1").set("grouper_return", "000");
  }
  line.set("finess", "990000001").set("rhs_version", grouped ? "M0C" : version);
  line.set("smr_stay_number", "S000001").set("stay_number", "NAS0001");
  line.set("stay_start_date", "28122023").set("stay_end_date", "10012024");
  line.set("birth_date", "14071948").set("sex", "1").set("residence", "75012");
  line.set("hospitalisation_type", "1").set("entry_date", "28122023").set("entry_mode", "8");
  line.set("exit_date", "10012024").set("exit_mode", "8").set("week", week).set("unit", unit);
  line.set("week_days", "11111").set("weekend_days", "11").set("authorisation", "50");
  line.set("mmp", "I639").set("ae", "I10").set("dependence_moving", "3");
  return line;
}

inline Line rps(const char* start, const char* end) {
  Line line(Kind::Rps, "P12");
  line.set("finess", "990000001").set("unit_finess", "990000002").set("version", "P12");
  line.set("ipp", "IPP0077").set("birth_date", "14071948").set("sex", "2");
  line.set("residence", "75012").set("activity_form", "01").set("stay_number", "NAS0002");
  line.set("stay_start_date", "01032024").set("entry_mode", "8").set("provenance", "5");
  line.set("unit", "1301").set("legal_mode", "1").set("sequence_start_date", start);
  line.set("sequence_end_date", end).set("day_count", "010").set("dp", "F200");
  return line;
}

inline Line raa(const char* day, const char* nature) {
  Line line(Kind::Raa, "P14");
  line.set("finess", "990000001").set("unit_finess", "990000002").set("version", "P14");
  line.set("ipp", "IPP0077").set("birth_date", "14071948").set("sex", "2");
  line.set("residence", "75012").set("activity_form", "30").set("unit", "1302");
  line.set("legal_mode", "1").set("act_date", day).set("act_nature", nature);
  line.set("act_place", "L01").set("act_modality", "1").set("caregiver_category", "M");
  line.set("caregiver_count", "1").set("dp", "F329");
  return line;
}

inline Line rpss(const char* version, const char* number, const char* start, const char* end) {
  const bool grouped = std::string_view(version).substr(1, 1) == "1";
  Line line(grouped ? Kind::RpssGrouped : Kind::RpssUngrouped, version);
  line.set("version", version).set("finess", "990000001").set("unit_finess", "990000002");
  line.set("ipp", "IPP0088");
  line.set(version[2] == 'F' ? "stay_number" : "entry_number", "123456");
  line.set("birth_date", "14071948").set("sex", "1").set("residence", "75012");
  line.set("stay_start_date", "01052024").set("entry_mode", "8").set("sequence_number", "1");
  line.set("sequence_start_date", "01052024").set("mpp", "09").set("mpa", "13");
  line.set("karnofsky", "000").set("subsequence_number", number);
  line.set("subsequence_start_date", start).set("subsequence_end_date", end).set("dp", "C349");
  return line;
}

inline Line rsf(Kind kind, const char* type) {
  Line line(kind, type);
  line.set("type", type).set("finess", "990000001");
  line.set(kind == Kind::Rsf ? "rss_number" : "entry_number", kind == Kind::Rsf ? "RSS1" : "777");
  line.set("insured_nir", "1480778006084").set("insured_nir_key", "93");
  line.set("invoice_number", "000000042");
  return line;
}

inline Line rsf_a(Kind kind) {
  Line line = rsf(kind, "A");
  line.set("sex", "1").set("birth_date", "14071948").set("residence", "75012").set("ipp", "IPP9");
  line.set("entry_date", "03012026").set("exit_date", "07012026");
  line.set("hospital_base_cents", "00200000").set("hospital_amo_cents", "00160000");
  line.set("fee_total_cents", "00050050").set("fee_amo_cents", "00035000");
  line.set("hospital_total_cents", "00210000").set("insurance_nature", "10");
  return line;
}

}  // namespace eds::ingest::pmsi::for_test
