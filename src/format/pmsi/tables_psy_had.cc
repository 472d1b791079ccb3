// PSY: RPS P12, RAA P14 and its anonymous output R3A (of RAA P14). HAD: RPSS, ungrouped H0F
// (public) and H0G (private), grouped H1F and H1G. Source: ATIH, PSY and HAD formats 2024. Rows of
// HAD count 1 (public) and 2 (private): they are two layouts of the same year, not two years.
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kRps[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"unit_finess", 9, A, O, "N° FINESS géographique"},
    {"version", 3, A, O, "N° de format"},
    {"ipp", 20, T, O, "N° d’identification permanent du patient (IPP)", kAll, kPersonal},
    {"birth_date", 8, D, O, "Date de naissance du patient", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe du patient"},
    {"residence", 5, A, O, "Code postal de résidence", kAll, kPersonal},
    {"activity_form", 4, T, O, "Forme d'activité"},
    {"stay_number", 20, T, O, "N° de séjour", kAll, kPersonal},
    {"stay_start_date", 8, D, O, "Date d’entrée de séjour"},
    {"entry_mode", 1, A, O, "Mode d’entrée de séjour"},
    {"provenance", 1, T, C, "Provenance"},
    {"stay_end_date", 8, D, C, "Date de sortie de séjour"},
    {"exit_mode", 1, T, C, "Mode de sortie de séjour"},
    {"destination", 1, T, C, "Destination"},
    {"unit", 4, T, O, "N° d’unité médicale"},
    {"sector", 5, T, C, "N° de secteur ou de dispositif intersectoriel"},
    {"legal_mode", 1, A, O, "Mode légal de soins"},
    {"filler_1", 1, T, F, "Filler (indicateur de séquence autrefois)"},
    {"sequence_start_date", 8, D, O, "Date de début de séquence"},
    {"sequence_end_date", 8, D, O, "Date de fin de séquence"},
    {"day_count", 3, N, O, "Nombre de jours de présence"},
    {"half_day_count", 3, N, O, "Nombre de demi-journées de présence"},
    {"isolation_day_count", 3, N, F, "Nombre de jours d’isolement de durée >= 2h"},
    {"dependence_dressing", 1, T, C, "Score dépendance habillage (AVQ)"},
    {"dependence_moving", 1, T, C, "Score dépendance déplacement/locomotion (AVQ)"},
    {"dependence_eating", 1, T, C, "Score dépendance alimentation (AVQ)"},
    {"dependence_continence", 1, T, C, "Score dépendance continence (AVQ)"},
    {"dependence_behaviour", 1, T, C, "Score dépendance comportement (AVQ)"},
    {"dependence_communication", 1, T, C, "Score dépendance communication (AVQ)"},
    {"school_support", 1, T, F, "Indicateur d’accompagnement thérapeutique en milieu scolaire"},
    {"dp", 8, T, O, "Diagnostic principal ou motif de prise en charge principal"},
    {"da_count", 2, N, O, "Nombre de diagnostics et facteurs associés (nDA)"},
    {"ccam_count", 2, N, O, "Nombre d’actes CCAM (nZA)"},
};

constexpr FieldRow kRaa[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"unit_finess", 9, A, O, "N° FINESS géographique"},
    {"version", 3, A, O, "N° de format"},
    {"ipp", 20, T, O, "N° d’identification permanent du patient (IPP)", kAll, kPersonal},
    {"birth_date", 8, D, O, "Date de naissance du patient", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe du patient"},
    {"residence", 5, A, O, "Code postal de résidence", kAll, kPersonal},
    {"activity_form", 4, T, O, "Forme d'activité"},
    {"unit", 4, T, O, "N° d’unité médicale"},
    {"sector", 5, T, C, "N° de secteur ou de dispositif intersectoriel"},
    {"legal_mode", 1, A, O, "Mode légal de soins"},
    {"act_date", 8, D, O, "Date de l’acte"},
    {"act_nature", 2, T, O, "Nature de l’acte"},
    {"act_place", 3, A, O, "Lieu de l’acte"},
    {"act_modality", 1, A, O, "Modalité de réalisation de l'acte"},
    {"caregiver_category", 1, A, O, "Catégorie professionnelle de l’intervenant"},
    {"caregiver_count", 1, N, O, "Nombre d’intervenants"},
    {"private_practice", 1, T, F, "Indicateur d’activité libérale"},
    {"dp", 8, T, O, "Diagnostic principal ou motif de prise en charge principal"},
    {"da_count", 2, N, O, "Nombre de diagnostics et facteurs associés"},
};

// R3A: the version is that of the RAA behind it, as for ANO. Source: published layouts 2023-2025.
constexpr FieldRow kR3a[] = {
    {"link_index", 32, T, O, "Index de liaison", kAll, kPersonal},
    {"finess", 9, A, O, "N° FINESS juridique"},
    {"r3a_version", 3, A, O, "N° format"},
    {"raa_version", 3, A, O, "N° format RIM d'origine"},
    {"unit_finess", 9, A, O, "N° FINESS géographique"},
    {"ciphered_ipp", 16, T, F, "Cryptage irréversible de l'IPP", kAll, kPersonal},
    {"stay_sequence", 5, T, F, "Identifiant de séjour", kAll, kPersonal},
    {"age_years", 3, N, F, "Age du patient en années à la date de réalisation de l'acte"},
    {"age_days", 5, N, F, "Age du patient en jours pour les enfants de moins d'un an"},
    {"sex", 1, A, O, "Sexe du patient"},
    {"geographic_code", 5, T, F, "Code géographique de résidence"},
    {"postal_code", 5, T, F, "Code postal de résidence"},
    {"activity_form", 4, T, O, "Forme d'activité"},
    {"sector", 5, T, C, "N°de secteur ou de dispositif intersectoriel"},
    {"legal_mode", 1, A, O, "Mode légal de soins"},
    {"order_number", 8, T, F, "N° d'ordre", kAll, kPersonal},
    {"act_date", 8, D, O, "Date de l'acte"},
    {"act_nature", 2, T, O, "Nature de l’acte"},
    {"act_place", 3, A, O, "Lieu de l’acte"},
    {"act_modality", 1, A, O, "Modalité de réalisation de l'acte"},
    {"caregiver_category", 1, A, O, "Catégorie professionnelle de l’intervenant"},
    {"caregiver_count", 1, N, O, "Nombre d’intervenants"},
    {"private_practice", 1, T, F, "Indicateur d’activité libérale"},
    {"anomaly", 1, T, F, "Indicateur d'anomalie"},
    {"unauthorised_site", 1, T, F, "Indicateur FINESS géographique sans autorisation"},
    {"unit_sequence", 4, T, F, "N° séquentiel UM"},
    {"filler_1", 20, T, F, "Filler"},
    {"dp", 6, T, O, "Diagnostic principal ou motif de prise en charge principale"},
    {"da_count", 2, N, O, "Nombre de diagnostics et facteurs associés"},
};

constexpr FieldRow kShortDiagnosis[] = {{"code", 6, T, O, "Diagnostic (CIM-10)"}};
constexpr FieldRow kDiagnosis[] = {{"code", 8, T, O, "Diagnostic (CIM-10)"}};

constexpr FieldRow kCcam[] = {
    {"date", 8, D, O, "Date de réalisation"},
    {"code", 7, A, O, "Code CCAM"},
    {"extension", 3, X, C, "Extension PMSI"},
    {"phase", 1, T, O, "Code de la phase"},
    {"activity", 1, T, O, "Code de l'activité"},
    {"documentary_extension", 1, T, C, "Extension documentaire"},
    {"count", 2, N, O, "Nombre de réalisations"},
};

constexpr BlockRow kRpsBlocks[] = {{"da", "da_count", kDiagnosis}, {"ccam", "ccam_count", kCcam}};
constexpr BlockRow kRaaBlocks[] = {{"da", "da_count", kDiagnosis}};
constexpr BlockRow kR3aBlocks[] = {{"da", "da_count", kShortDiagnosis}};

constexpr FieldRow kRpss[] = {
    {"version", 3, A, O, "Numéro de version du format du RPSS"},
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"unit_finess", 9, A, O, "Numéro FINESS de l’établissement (code géographique)"},
    {"ipp", 20, T, O, "Numéro d’identification permanent du patient", kAll, kPersonal},
    {"stay_number", 20, T, O, "Numéro de séjour en HAD", until(1), kPersonal},
    {"entry_number", 9, N, O, "Numéro d'entrée", since(2), kPersonal},
    {"invoice_number", 9, N, O, "N° de facture", since(2), kPersonal},
    {"billable", 1, A, O, "Séjour facturable à l’assurance maladie", since(2)},
    {"not_billable_reason", 1, T, C, "Motif de la non facturation à l’assurance maladie", since(2)},
    {"birth_date", 8, D, O, "Date de naissance", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe"},
    {"residence", 5, A, O, "Code postal du lieu de résidence du patient", kAll, kPersonal},
    {"home_type", 1, T, O, "Type de lieu de domicile du patient"},
    {"esms_finess", 9, T, C, "Numéro FINESS ESMS"},
    {"stay_start_date", 8, D, O, "Date d’entrée du séjour"},
    {"entry_mode", 1, A, O, "Mode d’entrée"},
    {"provenance", 1, T, C, "Provenance"},
    {"stay_end_date", 8, D, C, "Date de sortie du séjour"},
    {"exit_mode", 1, T, C, "Mode de sortie"},
    {"destination", 1, T, C, "Destination"},
    {"sequence_number", 4, N, O, "Numéro de séquence dans le séjour complet"},
    {"sequence_start_date", 8, D, O, "Date de début de séquence"},
    {"sequence_end_date", 8, D, C, "Date de fin de séquence"},
    {"mpp", 2, A, O, "Mode de prise en charge principal (MPP)"},
    {"mpa", 2, A, O, "Mode de prise en charge associé (MPA)"},
    {"mpd_1", 2, A, O, "Mode de prise en charge associé documentaire 1"},
    {"mpd_2", 2, A, O, "Mode de prise en charge associé documentaire 2"},
    {"mpd_3", 2, A, O, "Mode de prise en charge associé documentaire 3"},
    {"mpd_4", 2, A, O, "Mode de prise en charge associé documentaire 4"},
    {"mpd_5", 2, A, O, "Mode de prise en charge associé documentaire 5"},
    {"karnofsky", 3, N, O, "Indice de Karnofsky"},
    {"emergency_passage", 1, T, F, "Passage par une structure des urgences"},
    {"filler_1", 2, T, F, "Type d'autorisation, filler"},
    {"stay_nature", 2, A, O, "Nature du séjour"},
    {"coding_confirmed", 1, T, C, "Confirmation de codage"},
    {"dcmpp_count", 1, N, O, "Nombre de diagnostics DCMPP (n1)"},
    {"dcmpa_count", 1, N, O, "Nombre de diagnostics DCMPA (n2)"},
    {"da_count", 2, N, O, "Nombre de diagnostics associés (n3)"},
    {"dependence_dressing", 1, T, O, "Cotation dépendance AVQ, habillage/toilette"},
    {"dependence_moving", 1, T, O, "Cotation dépendance AVQ, locomotion"},
    {"dependence_eating", 1, T, O, "Cotation dépendance AVQ, alimentation"},
    {"dependence_continence", 1, T, O, "Cotation dépendance AVQ, continence"},
    {"dependence_behaviour", 1, T, O, "Cotation dépendance AVQ, comportement"},
    {"dependence_relation", 1, T, O, "Cotation dépendance AVQ, relation"},
    {"subsequence_number", 4, N, O, "Numéro de sous-séquence"},
    {"subsequence_start_date", 8, D, O, "Date de début de sous-séquence"},
    {"subsequence_end_date", 8, D, O, "Date de fin de sous-séquence"},
    {"last_subsequence", 1, A, O, "Dernière sous-séquence du séjour"},
    {"ccam_count", 3, N, O, "Nombre de zones d'actes CCAM (NZa)"},
    {"dp", 8, T, O, "Diagnostic principal"},
};

// The grouper's answer comes after the blocks of a grouped RPSS, and counts the blocks after it.
constexpr FieldRow kGrouping[] = {
    {"classification", 2, A, O, "Groupage : version de la classification"},
    {"grouper_return", 3, A, O, "Groupage : code retour"},
    {"ghpc", 4, A, O, "Numéro du groupe homogène de prise en charge (GHPC)"},
    {"ght_count", 1, N, O, "Nombre de zones tarifaires (GHT)"},
};
constexpr FieldRow kGht[] = {
    {"ght", 2, A, O, "N° GHT"},
    {"start_date", 8, D, O, "Date de début"},
    {"end_date", 8, D, O, "Date de fin"},
    {"day_count", 3, N, O, "Nombre de jours"},
};

constexpr BlockRow kRpssUngroupedBlocks[] = {
    {"dcmpp", "dcmpp_count", kDiagnosis},
    {"dcmpa", "dcmpa_count", kDiagnosis},
    {"da", "da_count", kDiagnosis},
    {"ccam", "ccam_count", kCcam},
};
constexpr BlockRow kRpssGroupedBlocks[] = {
    {"dcmpp", "dcmpp_count", kDiagnosis}, {"dcmpa", "dcmpa_count", kDiagnosis},
    {"da", "da_count", kDiagnosis},       {"ccam", "ccam_count", kCcam},
    {"grouping", "", kGrouping},          {"ght", "ght_count", kGht, kAll, "grouping"},
};

constexpr VersionRow kRpsVersions[] = {{"P12", 12}};
constexpr VersionRow kRaaVersions[] = {{"P14", 14}};
constexpr VersionRow kRpssUngroupedVersions[] = {{"H0F", 1}, {"H0G", 2}};
constexpr VersionRow kRpssGroupedVersions[] = {{"H1F", 1}, {"H1G", 2}};

constexpr Family kFamilies[] = {
    {Kind::Rps, kRpsVersions, {}, kRps, kRpsBlocks},
    {Kind::Raa, kRaaVersions, {}, kRaa, kRaaBlocks},
    {Kind::R3a, kRaaVersions, {}, kR3a, kR3aBlocks},
    {Kind::RpssUngrouped, kRpssUngroupedVersions, {}, kRpss, kRpssUngroupedBlocks},
    {Kind::RpssGrouped, kRpssGroupedVersions, {}, kRpss, kRpssGroupedBlocks},
};

}  // namespace

std::span<const Family> psy_had_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
