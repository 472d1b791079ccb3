// Compares our layouts, field by field, with the ATIH's sheets and with the layouts of an
// independent reader (the "oracle"). Differences that have a reason are listed here with it; any
// other fails.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include "base/env.h"
#include "format/pmsi/layout.h"

namespace eds::pmsi {
namespace {

const std::string kFormats = std::string(EDS_SOURCE_DIR) + "/../shared/data/french/pmsi/formats/";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"' && separator == ',') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<std::vector<std::string>> read_table(const std::string& path, char separator) {
  std::vector<std::vector<std::string>> rows;
  if (!Env::posix().exists(path)) {
    MESSAGE("skipped: " << path << " not present");
    return rows;
  }
  const Result<std::string> text = Env::posix().read_all(path, 64 << 20);
  REQUIRE(text.ok());
  for (std::string& line : split(*text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    rows.push_back(split(line, separator));
  }
  return rows;
}

int number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::atoi(text.c_str());
}

const Field* field_at(std::span<const Field> fields, int start, int length) {
  for (const Field& field : fields) {
    if (field.start == start && field.length == length) return &field;
  }
  return nullptr;
}

// Whether some of our fields, laid end to end, cover exactly those positions.
bool covered(std::span<const Field> fields, int start, int length) {
  const auto begins = [&](int at) {
    return std::any_of(fields.begin(), fields.end(),
                       [at](const Field& field) { return field.start == at; });
  };
  const int end = fields.empty() ? 1 : fields.back().start + fields.back().length;
  return begins(start) && (start + length == end || begins(start + length));
}

// ---------------------------------------------------------------------------------- ATIH sheets

struct Sheet {
  const char* file;
  Kind kind;
  const char* version;
  std::size_t size_column;       // "Taille"; the start and the end follow
  std::size_t type_column;       // 0: the sheet gives no type
  int last_position = 9999;      // beyond it the sheet is wrong, for the reason said beside
  std::size_t start_column = 0;  // 0: right of the size; the end follows it
};

const Sheet kSheets[] = {
    {"atih_mco_2026_entree/rss_groupe_format_123.tsv", Kind::RssGrouped, "123", 2, 5},
    // From 179 on the ungrouped sheet overlaps: see tables_rss.cc.
    {"atih_mco_2026_entree/rss_non_groupe_format_023.tsv", Kind::RssUngrouped, "023", 2, 5, 178},
    {"atih_mco_2026_entree/vid_hosp.tsv", Kind::VidHosp, "V015", 1, 0, 468},
    {"atih_smr_2024_entree/vid_hosp.tsv", Kind::VidHosp, "V014", 1, 0, 468},
    {"atih_psy_2024_entree/vid_hosp.tsv", Kind::VidHosp, "V014", 1, 0, 468},
    {"atih_had_2024_entree/vid_hosp.tsv", Kind::VidHosp, "V014", 1, 0, 468},
    {"atih_mco_2026_entree/hosp_pmsi.tsv", Kind::HospPmsi, "", 1, 0},
    {"atih_mco_2026_entree/fichier_dinformation_des_um.tsv", Kind::UmInfo, "", 1, 4},
    {"atih_mco_2026_entree/fichcomp_les.tsv", Kind::Fichcomp, "06", 1, 4},
    {"atih_mco_2026_entree/fichcomp_med_ap_ac.tsv", Kind::Fichcomp, "09", 1, 4},
    {"atih_mco_2026_entree/fichcomp_anticancereux_intraghs.tsv", Kind::Fichcomp, "14", 1, 4},
    {"atih_mco_2026_entree/fichcomp_dmi.tsv", Kind::Fichcomp, "02", 1, 4},
    {"atih_mco_2026_entree/fichcomp_prelevements_dorganes.tsv", Kind::Fichcomp, "03", 1, 4},
    {"atih_mco_2026_entree/fichcomp_prestations_inter_etab.tsv", Kind::Fichcomp, "04", 1, 4},
    {"atih_mco_2026_entree/fichcomp_dialyse_peritoneal.tsv", Kind::Fichcomp, "07", 1, 4},
    {"atih_mco_2026_entree/fichcomp_transports.tsv", Kind::Fichcomp, "15", 1, 4},
    {"atih_mco_2023_sortie/ium.tsv", Kind::Ium, "90", 1, 0},
    {"atih_mco_2023_sortie/rsa.tsv", Kind::Rsa, "228", 2, 0, 262},
    {"atih_mco_2023_sortie/ano_es.tsv", Kind::Ano, "014", 1, 0, 677},
    {"atih_smr_2024_entree/rhs_non_groupe.tsv", Kind::RhsUngrouped, "M0C", 2, 5},
    {"atih_smr_2024_entree/rhs_groupe.tsv", Kind::RhsGrouped, "M1C", 6, 0},
    {"atih_psy_2024_entree/rps.tsv", Kind::Rps, "P12", 2, 5},
    {"atih_psy_2024_entree/raa.tsv", Kind::Raa, "P14", 1, 4},
    {"atih_had_2024_entree/rpss_non_groupe_ex_dgf.tsv", Kind::RpssUngrouped, "H0F", 2, 5},
    {"atih_had_2024_entree/rpss_non_groupe_ex_oqn.tsv", Kind::RpssUngrouped, "H0G", 2, 5},
    {"atih_had_2024_entree/rpss_groupe_ex_dgf.tsv", Kind::RpssGrouped, "H1F", 2, 5},
    {"atih_had_2024_entree/rpss_groupe_ex_oqn.tsv", Kind::RpssGrouped, "H1G", 2, 5},
    {"atih_mco_2026_entree/rsf_a_debut_de_facture.tsv", Kind::Rsf, "A", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_b_prestations_hospit.tsv", Kind::Rsf, "B", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_c_honoraire.tsv", Kind::Rsf, "C", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_h_prestations_hosp.tsv", Kind::Rsf, "H", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_i_prestation_hospit.tsv", Kind::Rsf, "I", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_l_codage_affine_actes.tsv", Kind::Rsf, "L", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_m_ccam.tsv", Kind::Rsf, "M", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_p_prestations_hospit.tsv", Kind::Rsf, "P", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_a_debut_de_facture.tsv", Kind::RsfEntry, "A", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_b_presta_hospitalieres.tsv", Kind::RsfEntry, "B", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_c_honoraires.tsv", Kind::RsfEntry, "C", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_h_medicaments.tsv", Kind::RsfEntry, "H", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_i_interruption_de_sejour.tsv", Kind::RsfEntry, "I", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_l_actes_bio.tsv", Kind::RsfEntry, "L", 1, 0},
    {"atih_smr_2024_entree/rsf_m_ccam.tsv", Kind::RsfEntry, "M", 3, 0, 9999, 1},
    {"atih_smr_2024_entree/rsf_p_protheses.tsv", Kind::RsfEntry, "P", 3, 0, 9999, 1},
    {"atih_psy_2024_entree/rsf_a_debut_de_facture.tsv", Kind::RsfEntry, "A", 3, 0, 9999, 1},
    {"atih_psy_2024_entree/rsf_b_presta_hospitalieres.tsv", Kind::RsfEntry, "B", 3, 0, 9999, 1},
    {"atih_psy_2024_entree/rsf_c_honoraire.tsv", Kind::RsfEntry, "C", 3, 0, 9999, 1},
    // PSY drugs: the second layout of type H is compared in its own test.
    {"atih_psy_2024_entree/rsf_i_interruption_de_sejour.tsv", Kind::RsfEntry, "I", 3, 0, 9999, 1},
    {"atih_psy_2024_entree/rsf_l_actes_bio.tsv", Kind::RsfEntry, "L", 1, 0},
    {"atih_psy_2024_entree/rsf_m_ccam.tsv", Kind::RsfEntry, "M", 3, 0, 9999, 1},
    {"atih_psy_2024_entree/rsf_p_protheses.tsv", Kind::RsfEntry, "P", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_a_debut_de_facture.tsv", Kind::RsfEntry, "A", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_b_presta_hospitalieres.tsv", Kind::RsfEntry, "B", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_c_honoraire.tsv", Kind::RsfEntry, "C", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_h_medicaments.tsv", Kind::RsfEntry, "H", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_i_interruption_sejour.tsv", Kind::RsfEntry, "I", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_l_actes_de_biologie.tsv", Kind::RsfEntry, "L", 1, 0},
    {"atih_had_2024_entree/rsf_m_ccam.tsv", Kind::RsfEntry, "M", 3, 0, 9999, 1},
    {"atih_had_2024_entree/rsf_p_protheses.tsv", Kind::RsfEntry, "P", 3, 0, 9999, 1},
    {"atih_mco_2026_entree/rsf_ace_a.tsv", Kind::RsfAce, "A", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_b.tsv", Kind::RsfAce, "B", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_c.tsv", Kind::RsfAce, "C", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_h.tsv", Kind::RsfAce, "H", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_l.tsv", Kind::RsfAce, "L", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_m.tsv", Kind::RsfAce, "M", 1, 0},
    {"atih_mco_2026_entree/rsf_ace_p.tsv", Kind::RsfAce, "P", 1, 0},
};

// Types where we read a field otherwise than its sheet says, and why.
const std::map<std::string, const char*> kTypeExceptions = {
    {"week", "the sheet says Date, and means week and year: six digits"},
    {"indication", "the sheet says A; HAD and SMR leave it blank"},
    {"code", "the sheets of types 02, 04 and 07 say A*, that of 03 says A"},
    {"exit_mode", "conditional in SMR and PSY: blank while the patient stays"},
    {"dependence_dressing", "A* in one sheet, A in another"},
};

FieldType type_of(const std::string& word) {
  if (word == "Date") return FieldType::Date;
  if (word == "N") return FieldType::Number;
  if (word == "A") return FieldType::Code;
  if (word == "A**") return FieldType::TextCode;
  return FieldType::Text;
}

TEST_CASE("every field of the ATIH sheets stands where the sheet says, with its type") {
  for (const Sheet& sheet : kSheets) {
    INFO(std::string(sheet.file));
    const Layout* layout = eds::pmsi::layout(sheet.kind, sheet.version);
    REQUIRE(layout != nullptr);
    std::size_t compared = 0;
    int covered_to = 0;
    for (const std::vector<std::string>& row : read_table(kFormats + sheet.file, '\t')) {
      const std::size_t at = sheet.start_column == 0 ? sheet.size_column + 1 : sheet.start_column;
      if (row.size() <= std::max(at + 1, sheet.size_column)) continue;
      const int size = number(row[sheet.size_column]);
      int start = number(row[at]);
      int end = number(row[at + 1]);
      // Two sheets: "Pays" of RSF-ACE A ends before it starts.
      if (end < start) end = start + size - 1;
      if (size == 0 || start == 0 || end == 0 || end > sheet.last_position) continue;
      if (start > layout->fixed_bytes) continue;  // the first repetition of a block
      INFO(row[0], " ", start, "-", end);
      CHECK(end - start + 1 == size);
      const Field* field = field_at(layout->fields, start, size);
      REQUIRE(field != nullptr);
      if (sheet.type_column != 0 && !kTypeExceptions.contains(std::string(field->name))) {
        CHECK(static_cast<int>(field->type) == static_cast<int>(type_of(row[sheet.type_column])));
        const std::string required(1, "OFC"[static_cast<int>(field->required)]);
        CHECK(required == row[sheet.type_column + 2]);
      }
      covered_to = std::max(covered_to, end);
      ++compared;
    }
    if (compared == 0) continue;  // the data is not there
    CHECK(covered_to == std::min<int>(layout->fixed_bytes, sheet.last_position));
  }
}

// ------------------------------------------------------------------------------------- the oracle

struct OracleTable {
  const char* domain;
  const char* table;
  const char* year;
  Kind kind;
  const char* version;
  const char* block = "";      // "" for the fixed part
  int first = 1, last = 9999;  // positions compared; what is left out is said beside
};

const OracleTable kOracle[] = {
    // 2011 shifts the stay numbers (28-67), with labels one row off; the next year does not.
    {"mco", "rum", "11", Kind::RssGrouped, "116", "", 68},
    {"mco", "rum", "12", Kind::RssGrouped, "116"},
    {"mco", "rum", "13", Kind::RssGrouped, "116"},
    {"mco", "rum", "14", Kind::RssGrouped, "116"},
    {"mco", "rum", "15", Kind::RssGrouped, "117"},
    {"mco", "rum", "16", Kind::RssGrouped, "117"},
    {"mco", "rum", "17", Kind::RssGrouped, "118"},
    {"mco", "rum", "18", Kind::RssGrouped, "118"},
    {"mco", "rum", "19", Kind::RssGrouped, "119"},
    {"mco", "rum", "20", Kind::RssGrouped, "120"},
    {"mco", "rum", "21", Kind::RssGrouped, "120"},
    {"mco", "rum", "22", Kind::RssGrouped, "121"},
    {"mco", "rum", "23", Kind::RssGrouped, "122"},
    {"mco", "rum", "24", Kind::RssGrouped, "122"},
    {"mco", "rum", "25", Kind::RssGrouped, "122"},
    {"mco", "rum", "26", Kind::RssGrouped, "123"},
    {"mco", "rum_actes", "11", Kind::RssGrouped, "115", "act"},
    {"mco", "rum_actes", "15_116", Kind::RssGrouped, "116", "act"},
    {"mco", "rum_actes", "15_117", Kind::RssGrouped, "117", "act"},
    {"mco", "rum_actes", "25", Kind::RssGrouped, "122", "act"},
    {"mco", "rum_actes", "26", Kind::RssGrouped, "123", "act"},
    {"mco", "rsa", "11", Kind::Rsa, "218"},
    {"mco", "rsa", "12", Kind::Rsa, "219"},
    {"mco", "rsa", "13", Kind::Rsa, "220"},
    {"mco", "rsa", "14", Kind::Rsa, "221"},
    {"mco", "rsa", "15", Kind::Rsa, "222"},
    {"mco", "rsa", "16", Kind::Rsa, "223"},
    {"mco", "rsa", "17", Kind::Rsa, "224"},
    {"mco", "rsa", "19", Kind::Rsa, "225"},
    {"mco", "rsa", "20", Kind::Rsa, "226"},
    {"mco", "rsa", "22", Kind::Rsa, "227"},
    {"mco", "rsa", "23", Kind::Rsa, "228"},
    {"mco", "rsa", "25", Kind::Rsa, "229"},
    {"mco", "rsa", "26", Kind::Rsa, "229"},
    {"mco", "rsa_um", "11", Kind::Rsa, "218", "rum"},
    {"mco", "rsa_um", "12", Kind::Rsa, "219", "rum"},
    {"mco", "rsa_um", "13", Kind::Rsa, "220", "rum"},
    {"mco", "rsa_um", "14", Kind::Rsa, "221", "rum"},
    {"mco", "rsa_um", "19", Kind::Rsa, "225", "rum"},
    {"mco", "rsa_um", "20", Kind::Rsa, "226", "rum"},
    {"mco", "rsa_um", "26", Kind::Rsa, "229", "rum"},
    {"mco", "rsa_actes", "14", Kind::Rsa, "221", "act"},
    {"mco", "rsa_actes", "15", Kind::Rsa, "222", "act"},
    {"mco", "rsa_actes", "26", Kind::Rsa, "229", "act"},
    {"mco", "rum_ano", "18", Kind::AnoHosp, "012"},
    {"mco", "rum_ano", "21", Kind::AnoHosp, "013"},
    {"mco", "rum_ano", "24", Kind::AnoHosp, "014"},
    {"mco", "rsa_ano", "22", Kind::Ano, "013"},
    {"mco", "rsa_ano", "23", Kind::Ano, "014"},
    {"mco", "rsa_ano", "25", Kind::Ano, "015"},
    {"mco", "rsa_ano", "26", Kind::Ano, "016"},
    {"mco", "um", "26", Kind::Ium, "90"},
    {"mco", "rum_dmi", "26", Kind::Fichcomp, "02"},
    {"mco", "ffc_in", "26", Kind::Fichcomp, "04"},
    {"mco", "rum_med", "26", Kind::Fichcomp, "06"},
    {"mco", "rum_tpt", "26", Kind::Fichcomp, "15"},
    {"mco", "tra", "xx", Kind::TraOld, ""},
    {"ssr", "rhs", "15", Kind::RhsGrouped, "M19"},
    {"ssr", "rhs", "22", Kind::RhsGrouped, "M1C"},
    {"ssr", "rhs", "25", Kind::RhsGrouped, "M1D"},
    {"ssr", "rhs_csarr", "26", Kind::RhsGrouped, "M1D", "csarr"},
    {"ssr", "rhs_csar", "26", Kind::RhsGrouped, "M1D", "csar"},
    {"ssr", "rhs_ccam", "22", Kind::RhsGrouped, "M1C", "ccam"},
    {"psy", "rps", "25", Kind::Rps, "P12"},
    {"psy", "raa", "25", Kind::Raa, "P14"},
    {"psy", "r3a", "23", Kind::R3a, "P14"},
    {"psy", "r3a", "25", Kind::R3a, "P14"},
};

// Names of the oracle whose meaning is ours to the letter: not only the positions must agree.
const std::map<std::string, std::string> kNames = {
    {"mco/rum/NORSS", "rss_number"},
    {"mco/rum/NAS", "stay_number"},
    {"mco/rum/NORUM", "rum_number"},
    {"mco/rum/DTNAIS", "birth_date"},
    {"mco/rum/SXPMSI", "sex"},
    {"mco/rum/CDURM", "unit"},
    {"mco/rum/D8EEUE", "entry_date"},
    {"mco/rum/MDEEUE", "entry_mode"},
    {"mco/rum/TYTRPR", "provenance"},
    {"mco/rum/D8SOUE", "exit_date"},
    {"mco/rum/MDSOUE", "exit_mode"},
    {"mco/rum/TYTRDS", "destination"},
    {"mco/rum/CDRESI", "residence"},
    {"mco/rum/PDNAIS", "weight_g"},
    {"mco/rum/AGEGEST", "gestational_age_weeks"},
    {"mco/rum/DDR2", "last_menses_date"},
    {"mco/rum/NBSEAN", "session_count"},
    {"mco/rum/NBDAS", "da_count"},
    {"mco/rum/NBDAD", "dad_count"},
    {"mco/rum/NBACTE", "act_count"},
    {"mco/rum/DP", "dp"},
    {"mco/rum/DR", "dr"},
    {"mco/rum/IGS", "igs2"},
    {"mco/rum/CONFCDRSS", "coding_confirmed"},
    {"mco/rum/NUMINNO", "innovation_number"},
    {"mco/rum/PC_RAAC", "raac"},
    {"mco/rum/ADNP_75_PLUS", "unscheduled"},
    {"mco/rum/CDPU", "emergency_passage"},
    {"mco/rum_actes/DTACTE", "date"},
    {"mco/rum_actes/PHASE", "phase"},
    {"mco/rum_actes/ACT", "activity"},
    {"mco/rum_actes/EXTDOC", "documentary_extension"},
    {"mco/rum_actes/MODIF", "modifiers"},
    {"mco/rum_actes/NBEXEC", "count"},
    {"mco/rum_actes/DEBDIAL", "dialysis_start"},
    {"mco/rum_actes/TYPMODAUT", "dialysis_modality"},
    {"mco/rsa/CLE_RSA", "rsa_index"},
    {"mco/rsa/NBRUM", "rum_count"},
    {"mco/rsa/AGEAN", "age_years"},
    {"mco/rsa/AGEJR", "age_days"},
    {"mco/rsa/SEXE", "sex"},
    {"mco/rsa/DUREE", "length_days"},
    {"mco/rsa/CDGEO", "geographic_code"},
    {"mco/rsa/POIDS", "weight_g"},
    {"mco/rsa/NOGHS", "ghs"},
    {"mco/rsa/DP", "dp"},
    {"mco/rsa/DR", "dr"},
    {"mco/rsa/NDAS", "da_count"},
    {"mco/rsa/NA", "act_count"},
    {"mco/rsa/NBAUTPGV", "aut_count"},
    {"mco/rsa/NB_RDTH", "rdth_count"},
    {"mco/rsa/NBSUPREA", "rea_count"},
    {"mco/rsa_um/DPUM", "dp"},
    {"mco/rsa_um/DRUM", "dr"},
    {"mco/rsa_um/NBDIAGAS", "da_count"},
    {"mco/rsa_um/NBACTE", "act_count"},
    {"mco/rsa_um/DUREESEJPART", "length_days"},
    {"mco/rsa_um/NOHOP1", "unit_finess"},
    {"mco/rsa_actes/DELAI", "delay_days"},
    {"mco/rsa_actes/CDCCAM", "code"},
    {"mco/rsa_actes/ACT", "activity"},
    {"mco/rsa_actes/DESCRI", "extension"},
    {"mco/rum_ano/NODA", "stay_number"},
    {"mco/rum_ano/IPP", "ipp"},
    {"mco/rsa_ano/CLE_RSA", "rsa_index"},
    {"ssr/rhs/MMP", "mmp"},
    {"ssr/rhs/NBDA", "da_count"},
    {"ssr/rhs/NBCSARR", "csarr_count"},
    {"ssr/rhs/NBCCAM", "ccam_count"},
    {"psy/rps/DP", "dp"},
    {"psy/rps/NBDA", "da_count"},
    {"psy/raa/DP", "dp"},
    {"psy/raa/NBDA", "da_count"},
};

// Rows of the oracle that we read otherwise, and why.
const std::map<std::string, const char*> kOracleExceptions = {
    {"mco/rsa_ano/MOISSORT", "the sheet of 2023 makes one filler of 48-53"},
    {"mco/rsa_ano/ANNEESORT", "the same"},
};

struct OracleRow {
  std::string label, name;
  int start = 0, length = 0;
};

// Our fields where the oracle's rows stand. Its last row ("ZAD", no length) is the variable part.
void compare(const OracleTable& table, const std::vector<OracleRow>& rows) {
  const Layout* layout = eds::pmsi::layout(table.kind, table.version);
  REQUIRE(layout != nullptr);
  std::span<const Field> fields = layout->fields;
  if (table.block[0] != '\0') fields = layout->blocks[*layout->find_block(table.block)].fields;
  for (const OracleRow& row : rows) {
    const std::string key = std::string(table.domain) + "/" + table.table + "/" + row.name;
    const bool outside = row.start < table.first || row.start > table.last;
    if (outside || row.length == 0 || kOracleExceptions.contains(key)) continue;
    INFO(key, " ", std::string(table.year), " at ", row.start, " for ", row.length);
    CHECK(covered(fields, row.start, row.length));
    const auto name = kNames.find(key);
    if (name == kNames.end()) continue;
    const Field* field = field_at(fields, row.start, row.length);
    REQUIRE(field != nullptr);
    CHECK(std::string(field->name) == name->second);
  }
}

TEST_CASE("positions and meanings agree with those of an independent reader, 2011 to 2026") {
  std::map<std::string, std::vector<OracleRow>> tables;
  bool first = true;
  for (const std::vector<std::string>& row : read_table(kFormats + "pmeasyr_formats.csv", ',')) {
    if (first || row.size() < 9) {
      first = false;
      continue;
    }
    std::vector<OracleRow>& rows = tables[row[6] + "/" + row[7] + "/" + row[8]];
    OracleRow next{row[0], row[5], number(row[2]), number(row[1])};
    // Some years give lengths only.
    if (next.start == 0) next.start = rows.empty() ? 1 : rows.back().start + rows.back().length;
    rows.push_back(next);
  }
  if (tables.empty()) return;
  for (const OracleTable& table : kOracle) {
    const std::string key = std::string(table.domain) + "/" + table.table + "/" + table.year;
    INFO(key);
    REQUIRE(tables.contains(key));
    compare(table, tables[key]);
  }
}

// Fixed part and blocks of each version, from the ATIH's length formulas.
TEST_CASE("records are as long as the published formulas say") {
  std::size_t compared = 0;
  for (const std::vector<std::string>& row : read_table(kFormats + "version_matrix.tsv", '\t')) {
    if (row.size() < 7) continue;
    static const std::map<std::string, Kind> kinds = {{"RSS_ungrouped", Kind::RssUngrouped},
                                                      {"RSS_grouped", Kind::RssGrouped},
                                                      {"RSA", Kind::Rsa},
                                                      {"VID-HOSP", Kind::VidHosp}};
    const auto kind = kinds.find(row[0]);
    if (kind == kinds.end()) continue;
    INFO(row[0], " ", row[1]);
    const Layout* layout = eds::pmsi::layout(kind->second, row[1]);
    REQUIRE(layout != nullptr);
    CHECK(layout->fixed_bytes == number(row[2]));
    const auto check_block = [&](const char* name, const std::string& bytes) {
      if (bytes.empty()) return;
      CHECK(layout->blocks[*layout->find_block(name)].bytes == number(bytes));
    };
    check_block("da", row[3]);
    check_block("dad", row[4]);
    check_block("act", row[5]);
    for (const std::string& other : split(row[6], ',')) {
      const std::vector<std::string> pair = split(other, '=');
      if (pair.size() != 2) continue;
      std::string name = pair[0];
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return static_cast<char>(std::tolower(c)); });
      check_block(name.c_str(), pair[1]);
    }
    ++compared;
  }
  if (compared != 0) CHECK(compared == 35);
}

TEST_CASE("the fields of every layout are contiguous and uniquely named") {
  for (std::size_t k = 0; k < kKindCount; ++k) {
    REQUIRE(!layouts(static_cast<Kind>(k)).empty());
    for (const Layout& layout : layouts(static_cast<Kind>(k))) {
      INFO(std::string(kind_name(layout.kind)), " ", std::string(layout.version));
      int next = 1;
      std::set<std::string_view> names;
      for (const Field& field : layout.fields) {
        CHECK(field.start == next);
        CHECK(names.insert(field.name).second);
        next += field.length;
      }
      CHECK(next - 1 == layout.fixed_bytes);
    }
  }
}

}  // namespace
}  // namespace eds::pmsi
