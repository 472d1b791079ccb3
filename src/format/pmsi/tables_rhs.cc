// RHS (SMR): weekly summaries, ungrouped M09-M0D and grouped M19-M1D. Rows count 9, 10 (A) ... 13
// (D).
// Source: ATIH, SMR formats 2024 (M0C, M1C) and yearly documents. M0D is M1D without the grouper's
// answer: the published layouts of 2025 give only the grouped record.
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kUngrouped[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"rhs_version", 3, A, O, "N° de version du format du RHS"},
    {"smr_stay_number", 7, T, O, "Numéro de séjour SMR", kAll, kPersonal},
    {"stay_number", 20, T, O, "Numéro administratif de séjour", kAll, kPersonal},
    {"reserved", 12, T, F, "Zone réservée"},
};

constexpr FieldRow kGroupedHead[] = {
    {"filler_grouping", 10, T, F, "Filler"},
    {"grouped_version", 3, A, O, "N° de version du format du RHS groupé"},
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"rhs_version", 3, A, O, "N° de version du format du RHS"},
    {"smr_stay_number", 7, T, O, "Numéro de séjour SMR", kAll, kPersonal},
    {"stay_number", 20, T, O, "Numéro administratif de séjour", kAll, kPersonal},
    {"classification", 2, A, O, "Groupage : version de la classification"},
    {"gme_cm", 2, A, O, "Groupage : CM"},
    {"gme_code", 2, A, O, "Groupage : code"},
    {"gme_subdivision", 1, A, O, "Groupage : subdivision", until(11)},
    {"gme_nr", 1, A, O, "Groupage : NR", since(12)},
    {"gme_nl", 1, A, O, "Groupage : NL", since(12)},
    {"gme_severity", 1, A, O, "Groupage : sévérité"},
    {"grouper_return", 3, A, O, "Groupage : code retour"},
    {"grouper_error", 1, T, F, "Groupage : indicateur d'erreur"},
};

constexpr FieldRow kBody[] = {
    {"stay_start_date", 8, D, O, "Date de début de séjour"},
    {"stay_end_date", 8, D, C, "Date de fin de séjour"},
    {"birth_date", 8, D, O, "Date de naissance", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe"},
    {"residence", 5, A, O, "Code postal du lieu de résidence", kAll, kPersonal},
    {"hospitalisation_type", 1, A, O, "Type d’hospitalisation"},
    {"entry_date", 8, D, O, "Date d’entrée dans l'unité médicale"},
    {"entry_mode", 1, A, O, "Mode d’entrée dans l'unité médicale"},
    {"provenance", 1, T, C, "Provenance"},
    {"exit_date", 8, D, C, "Date de sortie de l'unité médicale"},
    {"exit_mode", 1, T, C, "Mode de sortie"},
    {"destination", 1, T, C, "Destination"},
    {"week", 6, N, O, "Numéro de la semaine (ISO 8601) et année"},
    {"week_days", 5, A, O, "Journées hors week-end"},
    {"weekend_days", 2, A, O, "Journées week-end"},
    {"unit", 4, T, O, "Numéro unité médicale"},
    {"authorisation", 3, A, O, "Type d'autorisation de l'unité médicale"},
    {"surgery_date", 8, D, C, "Date de l’intervention chirurgicale"},
    {"fpp", 8, T, F, "Finalité principale de prise en charge (filler depuis M0C)"},
    {"mmp", 8, T, O, "Manifestation morbide principale"},
    {"ae", 8, T, C, "Affection étiologique"},
    {"dependence_dressing", 1, T, C, "Dépendance à l’habillage ou à la toilette"},
    {"dependence_moving", 1, T, C, "Dépendance au déplacement"},
    {"dependence_eating", 1, T, C, "Dépendance à l’alimentation"},
    {"dependence_continence", 1, T, C, "Dépendance à la continence"},
    {"dependence_behaviour", 1, T, C, "Dépendance au comportement"},
    {"dependence_relation", 1, T, C, "Dépendance à la relation"},
    {"da_count", 2, N, O, "Nombre de diagnostics associés dans ce RHS"},
    {"csarr_count", 3, N, O, "Nombre d'actes CSARR dans ce RHS"},
    {"csar_count", 3, N, O, "Nombre d'actes CSAR dans ce RHS", since(13)},
    {"ccam_count", 2, N, O, "Nombre d'actes CCAM dans ce RHS"},
    {"same_project", 1, T, C, "Poursuite du même projet thérapeutique"},
    {"filler_1", 1, T, F, "Filler", since(10)},
    {"palliative_bed", 2, T, F, "Lit identifié soins palliatifs (LISP)", since(10)},
    {"specific_unit", 2, T, F, "Type d'unité spécifique", since(11)},
};

constexpr FieldRow kDiagnosis[] = {{"code", 8, T, O, "Diagnostic associé (CIM-10)"}};

constexpr FieldRow kCsarr[] = {
    {"code", 7, T, O, "Code principal"},
    {"equipment_code", 3, T, C, "Code supplémentaire « appareillage »"},
    {"place_modulator", 2, T, F, "Code modulateur de lieu"},
    {"patient_modulator", 2, T, F, "Code modulateur de patient"},
    {"technique_modulator", 2, T, F, "Code modulateur de technicité"},
    {"caregiver", 2, T, O, "Code intervenant"},
    {"module_level", 1, T, F, "Filler, puis module/niveau de technicité"},
    {"count", 2, N, O, "Nombre de réalisations"},
    {"date", 8, D, O, "Date de réalisation"},
    {"patient_count", 2, N, O, "Nombre réel de patients"},
    {"caregiver_count", 2, N, C, "Nombre d’intervenants"},
    {"documentary_extension", 2, T, F, "Extension documentaire"},
};

constexpr FieldRow kCsar[] = {
    {"code", 5, T, O, "Code principal"},
    {"place_modulator", 2, T, F, "Code modulateur de lieu"},
    {"time_modulator", 2, T, F, "Code modulateur de temps"},
    {"technique_modulator", 2, T, F, "Code modulateur de technicité"},
    {"module_level", 1, T, F, "Module/niveau de technicité"},
    {"caregiver", 2, T, O, "Code intervenant"},
    {"collective", 1, T, F, "Modalité collective"},
    {"several_professions", 1, T, F, "Modalité pluriprofessionnelle"},
    {"count", 2, N, O, "Nombre de réalisations"},
    {"date", 8, D, O, "Date de réalisation"},
    {"documentary_extension", 2, T, F, "Extension documentaire"},
    {"filler", 2, T, F, "Filler"},
};

constexpr FieldRow kCcam[] = {
    {"date", 8, D, O, "Date de réalisation"},
    {"code", 7, A, O, "Code CCAM"},
    {"extension", 3, X, C, "Extension PMSI"},
    {"phase", 1, T, O, "Code de la phase"},
    {"activity", 1, T, O, "Code de l'activité"},
    {"documentary_extension", 1, T, C, "Extension documentaire"},
    {"count", 2, N, O, "Nombre de réalisations"},
};

constexpr BlockRow kBlocks[] = {
    {"da", "da_count", kDiagnosis},
    {"csarr", "csarr_count", kCsarr},
    {"csar", "csar_count", kCsar, since(13)},
    {"ccam", "ccam_count", kCcam},
};

constexpr VersionRow kUngroupedVersions[] = {
    {"M09", 9}, {"M0A", 10}, {"M0B", 11}, {"M0C", 12}, {"M0D", 13}};
constexpr VersionRow kGroupedVersions[] = {
    {"M19", 9}, {"M1A", 10}, {"M1B", 11}, {"M1C", 12}, {"M1D", 13}};

constexpr Family kFamilies[] = {
    {Kind::RhsUngrouped, kUngroupedVersions, kUngrouped, kBody, kBlocks},
    {Kind::RhsGrouped, kGroupedVersions, kGroupedHead, kBody, kBlocks},
};

}  // namespace

std::span<const Family> rhs_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
