// Small files: HOSP-PMSI, medical units (input and IUM output), FICHCOMP, old TRA.
// Source: ATIH, MCO formats 2026; IUM from "formats anonymes MCO 2023".
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr VersionRow kNoVersion[] = {{"", 0}};

constexpr FieldRow kHospPmsi[] = {
    {"rss_number", 20, T, O, "N° de RSS", kAll, kPersonal},
    {"stay_number", 20, T, O, "N° administratif du séjour", kAll, kPersonal},
};

constexpr FieldRow kUmInfo[] = {
    {"unit", 4, T, O, "N° de l’unité médicale"},
    {"unit_finess", 9, A, O, "N° FINESS Géographique"},
    {"authorisation", 3, T, O, "Type d’autorisation"},
    {"effective_date", 8, D, O, "Date d’effet de l’autorisation"},
    {"bed_count", 3, N, F, "Nombre de lits"},
    {"hospitalisation_mode", 1, A, O, "Mode d’hospitalisation"},
};

constexpr VersionRow kIumVersions[] = {{"90", 90}};
constexpr FieldRow kIum[] = {
    {"finess", 9, A, O, "Numéro FINESS e-PMSI"},
    {"ium_version", 2, A, O, "Numéro de format"},
    {"year", 4, N, O, "Année de la période de transmission"},
    {"month", 2, N, O, "Mois de la période de transmission"},
    {"unit_finess", 9, A, O, "Numéro FINESS géographique"},
    {"unit_sequence", 4, A, O, "Numéro séquentiel de l'UM"},
    {"authorisation", 3, T, O, "Type d'autorisation de l'UM"},
    {"hospitalisation_mode", 1, A, O, "Mode d'hospitalisation"},
    {"effective_date", 8, D, O, "Date de début d’effet"},
    {"bed_count", 3, N, F, "Nombre de lits"},
};

// FICHCOMP: the type of the record stands where others have a version. Rows count types: 6 is the
// drugs of "liste en sus", 9 early and compassionate access, 14 anticancer drugs inside the GHS.
constexpr VersionRow kDrugVersions[] = {{"06", 6}, {"09", 9}, {"14", 14}};
constexpr FieldRow kDrug[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"type", 2, A, O, "Type de prestation"},
    {"stay_number", 20, T, O, "Numéro administratif local de séjour", kAll, kPersonal},
    {"date", 8, D, O, "Date d'administration"},
    {"ucd", 15, T, O, "Code UCD"},
    {"quantity_thousandths", 10, N, O, "Nombre administré éventuellement fractionnaire (7+3)"},
    {"price_thousandths", 10, N, O, "Prix d'achat multiplié par le nombre administré (7+3)"},
    {"reference_centre", 1, T, C,
     "Validation initiale de la prescription par un centre de référence ou de compétence"},
    {"indication", 7, T, O, "Indication"},
    {"filler_1", 23, T, F, "Filler"},
};

// Until 2022 positions 32-41 of these records held the number of the RUM; they are a filler since.
constexpr VersionRow kDeviceVersions[] = {{"02", 2}, {"03", 3}, {"04", 4}, {"07", 7}};
constexpr FieldRow kDevice[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"type", 2, A, O, "Type de prestation"},
    {"stay_number", 20, T, O, "Numéro administratif local de séjour", kAll, kPersonal},
    {"rum_number", 10, T, F, "Filler (N° de RUM autrefois)"},
    {"start_date", 8, D, O, "Date de pose, de prélèvement ou de début"},
    {"filler_1", 8, T, F, "Filler", until(3)},
    {"end_date", 8, D, O, "Date de fin", since(4)},
    {"code", 15, T, O, "Code LPP, code PO, code prestation ou DIP"},
    {"count", 10, N, O, "Nombre"},
    {"price_thousandths", 10, N, O, "Prix d'achat unitaire multiplié par le nombre posé (7+3)",
     only(2, 2)},
    {"filler_2", 10, T, F, "Filler", since(3)},
};

constexpr VersionRow kTransportVersions[] = {{"15", 15}};
constexpr FieldRow kTransport[] = {
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"type", 2, A, O, "Type de prestation"},
    {"stay_number", 20, T, O, "Numéro administratif local de séjour", kAll, kPersonal},
    {"unit_finess", 9, A, O, "Numéro FINESS géographique"},
    {"date", 8, D, F, "Date de transport aller"},
    {"package", 3, A, O, "Code forfait"},
    {"distance_class", 2, A, O, "Classe de distance"},
    {"filler_1", 10, T, F, "Filler"},
};

constexpr FieldRow kTraOld[] = {
    {"rsa_index", 10, T, O, "Numéro de RSA"},
    {"rss_number", 20, T, O, "Numéro de RSS", kAll, kPersonal},
    {"rss_line_number", 10, T, F, "Numéro de ligne dans le fichier RSS épuré"},
    {"stay_number", 20, T, F, "Numéro administratif local de séjour", kAll, kPersonal},
    {"entry_date", 8, D, F, "Date d’entrée"},
    {"ghm", 6, T, F, "GHM"},
    {"exit_date", 8, D, F, "Date de sortie"},
};

constexpr Family kFamilies[] = {
    {Kind::HospPmsi, kNoVersion, {}, kHospPmsi, {}},
    {Kind::UmInfo, kNoVersion, {}, kUmInfo, {}},
    {Kind::Ium, kIumVersions, {}, kIum, {}},
    {Kind::Fichcomp, kDeviceVersions, {}, kDevice, {}},
    {Kind::Fichcomp, kDrugVersions, {}, kDrug, {}},
    {Kind::Fichcomp, kTransportVersions, {}, kTransport, {}},
    {Kind::TraOld, kNoVersion, {}, kTraOld, {}},
};

}  // namespace

std::span<const Family> small_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
