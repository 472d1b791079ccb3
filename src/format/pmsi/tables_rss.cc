// RSS: RUM ungrouped (015-023) and grouped (115-123). Version numbers are those of the RUM.
// Source: ATIH, MCO formats 2026, sheets "RSS non groupe 023" and "RSS groupe 123"; earlier
// versions from the yearly format documents.
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kGroupedHead[] = {
    {"classification", 2, A, O, "Groupage : version de la classification"},
    {"cmd", 2, A, O, "Groupage : n° de CMD"},
    {"ghm_suffix", 4, A, O, "Groupage : n° de GHM, après la CMD"},
    {"filler_grouping", 1, T, F, "Filler"},
    {"rss_version", 3, A, O, "N° de version du format de RSS"},
    {"grouper_return", 3, A, O, "Groupage : code retour"},
};

// Version 023, ungrouped sheet: positions 179-180 (tumour count) and 180-180 (adaptive
// radiotherapy) overlap there, and the diagnoses begin at 190. The grouped sheet does not overlap;
// we follow it.
constexpr FieldRow kBody[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"rum_version", 3, A, O, "Version du format du RUM"},
    {"rss_number", 20, T, O, "N° de RSS (équivalent de HOSP-PMSI)", kAll, kPersonal},
    {"stay_number", 20, T, O, "N° administratif local de séjour", kAll, kPersonal},
    {"rum_number", 10, T, O, "N° de RUM"},
    {"birth_date", 8, D, O, "Date de naissance", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe"},
    {"unit", 4, T, O, "Numéro de l'unité médicale"},
    {"bed_authorisation", 2, T, F, "Type d'autorisation du lit dédié"},
    {"entry_date", 8, D, O, "Date d'entrée dans l'unité médicale"},
    {"entry_mode", 1, A, O, "Mode d'entrée dans l'unité médicale"},
    {"provenance", 1, T, C, "Provenance"},
    {"exit_date", 8, D, O, "Date de sortie de l'unité médicale"},
    {"exit_mode", 1, A, O, "Mode de sortie de l'unité médicale"},
    {"destination", 1, T, C, "Destination"},
    {"residence", 5, A, O, "Code postal de résidence (ou 99 et code Insee du pays)", kAll,
     kPersonal},
    {"weight_g", 4, N, C, "Poids du nouveau-né à l'entrée de l'unité médicale (en grammes)"},
    {"gestational_age_weeks", 2, N, F, "Age gestationnel (semaines)"},
    {"last_menses_date", 8, D, F, "Date des dernières règles", since(16)},
    {"session_count", 2, N, C, "Nombre de séances"},
    {"da_count", 2, N, O, "Nombre de diagnostics associés (nDA)"},
    {"dad_count", 2, N, O, "Nombre de données à visée documentaire (nDAD)"},
    {"act_count", 3, N, O, "Nombre de zones d'actes (nZA)"},
    {"dp", 8, T, O, "Diagnostic principal (DP)"},
    {"dr", 8, T, F, "Diagnostic relié (DR)"},
    {"igs2", 3, N, F, "IGS 2"},
    {"coding_confirmed", 1, T, C, "Confirmation du codage du RSS"},
    {"radiotherapy_machine", 1, T, F, "Type de machine en radiothérapie"},
    {"dosimetry", 1, T, F, "Type de dosimétrie"},
    {"beam_count", 1, N, F, "Nombre de faisceaux", until(15)},
    {"reserved", 10, T, F, "Zone réservée", until(15)},
    {"innovation_number", 15, T, F, "Numéro d'innovation", since(16)},
    {"reserved", 15, T, F, "Zone réservée", only(16, 16)},
    {"earlier_abortion_count", 2, N, F, "Nombre d’IVG antérieures", only(17, 17)},
    {"earlier_abortion_year", 4, N, F, "Année de l’IVG précédente", only(17, 17)},
    {"filler_1", 4, T, F, "Filler", only(17, 17)},
    {"earlier_birth_count", 2, N, F, "Nombre de naissances vivantes antérieures", only(17, 17)},
    {"filler_1", 12, T, F, "Filler", only(18, 18)},
    {"full_stay_conversion", 1, T, F, "Conversion hospitalisation complète", since(19)},
    {"raac", 1, T, F, "Prise en charge RAAC", since(19)},
    {"filler_1", 10, T, F, "Filler", only(19, 19)},
    {"special_surveillance", 1, T, F, "Contexte patient/Surveillance particulière", since(20)},
    {"hospital_reserve_drug", 1, T, F, "Administration d'un produit de la RH", since(20)},
    {"tariff_ruling", 1, T, F, "Rescrit tarifaire", since(20)},
    {"intervention_category", 1, T, F, "Catégorie du nombre d'interventions totales", since(20)},
    {"filler_1", 6, T, F, "Filler", only(20, 20)},
    {"unscheduled", 1, T, F, "Non Programmé (NP)", since(21)},
    {"filler_1", 5, T, F, "Filler", only(21, 21)},
    {"emergency_passage", 1, T, F, "Passage par une structure des urgences", since(22)},
    {"filler_1", 4, T, F, "Filler", since(22)},
    {"reserved", 3, T, F, "Zone réservée", since(17)},
    {"complex_radiotherapy", 1, T, C, "Patient complexe de radiothérapie", since(23)},
    {"tumour_count", 2, N, C, "Nombre de tumeurs traitées en radiothérapie", since(23)},
    {"adaptive_radiotherapy", 1, T, C, "Radiothérapie adaptative", since(23)},
    {"hypofractionated", 1, T, C, "Traitement de radiothérapie hypofractionné", since(23)},
    {"dialysis_complexity", 1, T, C, "Niveau de complexité du patient de dialyse", since(23)},
    {"dialysis_score", 2, N, C, "Score de complexité patient de dialyse", since(23)},
    {"dialysis_reviews_per_week", 1, N, C,
     "Nombre hebdomadaire de consultations de réévaluation en dialyse", since(23)},
    {"dialysis_minutes_per_week", 4, N, C, "Temps total hebdomadaire de dialyse réalisée",
     since(23)},
};

constexpr FieldRow kDiagnosis[] = {{"code", 8, T, O, "Diagnostic (CIM-10)"}};

constexpr FieldRow kAct[] = {
    {"date", 8, D, O, "Date de réalisation"},
    {"code", 7, A, O, "Code CCAM"},
    {"extension", 3, X, C, "Extension PMSI", since(17)},
    {"phase", 1, T, O, "Phase"},
    {"activity", 1, T, O, "Activité"},
    {"documentary_extension", 1, T, C, "Extension documentaire"},
    {"modifiers", 4, T, F, "Modificateurs"},
    {"exceptional_reimbursement", 1, T, F, "Remboursement exceptionnel"},
    {"unplanned_association", 1, T, F, "Association non prévue"},
    {"count", 2, N, O, "Nombre de réalisations de l'acte"},
    {"dialysis_start", 1, T, C, "Horaire de début des actes de dialyse", since(23)},
    {"dialysis_modality", 2, T, C, "Typologie de modalité autorisée de réalisation des actes",
     since(23)},
};

constexpr BlockRow kBlocks[] = {
    {"da", "da_count", kDiagnosis},
    {"dad", "dad_count", kDiagnosis},
    {"act", "act_count", kAct},
};

constexpr VersionRow kUngrouped[] = {{"016", 16}, {"017", 17}, {"018", 18}, {"019", 19},
                                     {"020", 20}, {"021", 21}, {"022", 22}, {"023", 23}};
constexpr VersionRow kGrouped[] = {{"115", 15}, {"116", 16}, {"117", 17}, {"118", 18}, {"119", 19},
                                   {"120", 20}, {"121", 21}, {"122", 22}, {"123", 23}};

constexpr Family kFamilies[] = {
    {Kind::RssUngrouped, kUngrouped, {}, kBody, kBlocks},
    {Kind::RssGrouped, kGrouped, kGroupedHead, kBody, kBlocks},
};

// The 023 body with its overlap resolved the way the printed positions force it: one character for
// the tumour count, since the next field begins on its second.
constexpr std::size_t kBodyRows = std::size(kBody);
struct BodyRows {
  FieldRow rows[kBodyRows]{};
};
constexpr BodyRows as_printed() {
  BodyRows body;
  for (std::size_t i = 0; i < kBodyRows; ++i) {
    body.rows[i] = kBody[i];
    if (std::string_view(kBody[i].name) == "tumour_count") body.rows[i].length = 1;
  }
  return body;
}
constexpr BodyRows kBodyAsPrinted = as_printed();
constexpr VersionRow kVersionAsPrinted[] = {{"023", 23}};
constexpr Family kFamilyAsPrinted = {
    Kind::RssUngrouped, kVersionAsPrinted, {}, kBodyAsPrinted.rows, kBlocks};

}  // namespace

std::span<const Family> rss_families() {
  return kFamilies;
}
const Family& rss_023_as_printed_family() {
  return kFamilyAsPrinted;
}

}  // namespace eds::pmsi::tables
