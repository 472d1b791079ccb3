// RSF-ACE, invoices of outpatient acts and consultations of the public sector: types A B C H L M P.
// A line has no version: its type and its length tell its layout (see rsf.h).
// Source: ATIH, MCO formats 2026; those of SMR 2024 are the same. The sheet of type A ends "Pays"
// at 235 and passes over 244-251: 265, and the date between its neighbours ("paiement AMC").
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kHead[] = {
    {"type", 1, A, O, "Type d'enregistrement"},
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"unit_finess", 9, T, F, "Numéro FINESS géographique"},
};

// RSF-ACE A: start of an invoice.
constexpr FieldRow kAceA[] = {
    {"sex", 1, T, O, "Sexe"},
    {"civility", 1, T, F, "Code civilité"},
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d'entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"care_pathway", 1, T, F, "Indicateur du parcours de soins"},
    {"operation_nature", 1, T, F, "Nature opération"},
    {"insurance_nature", 2, T, F, "Nature assurance"},
    {"contract_type", 2, T, F, "Type de contrat souscrit auprès d'un organisme complémentaire"},
    {"exemption", 1, T, F, "Justification d'exonération du TM"},
    {"billable", 1, T, F, "Séjour facturable à l'assurance maladie"},
    {"filler_2", 1, T, F, "Filler"},
    {"not_billable_reason", 1, T, F, "Motif de non facturation à l’assurance maladie"},
    {"scheme", 2, T, F, "Code Gd régime"},
    {"birth_date", 8, D, O, "Date Naissance", kAll, kPersonal},
    {"birth_rank", 1, T, F, "Rang de naissance"},
    {"entry_date", 8, D, O, "Date d'entrée"},
    {"exit_date", 8, D, O, "Date de sortie"},
    {"residence", 5, T, F, "Code postal du lieu de résidence du patient", kAll, kPersonal},
    {"hospital_base_cents", 8, N, F, "Total Base Remboursement Prestation hospitalière"},
    {"hospital_amo_cents", 8, N, F, "Total remboursable AMO Prestation hospitalières"},
    {"fee_total_cents", 8, N, F, "Total honoraire facturé"},
    {"fee_amo_cents", 8, N, F, "Total honoraire remboursable AM"},
    {"insured_share_cents", 8, N, F, "Total participation assuré avant OC"},
    {"hospital_amc_cents", 8, N, F, "Total remboursable OC pour les PH"},
    {"fee_amc_cents", 8, N, F, "Total remboursable OC pour les honoraires"},
    {"hospital_total_cents", 8, N, F, "Montant total facturé pour PH"},
    {"filler_3", 1, T, F, "Filler"},
    {"cmu", 1, T, F, "Patient bénéficiaire de la CMU"},
    {"fides", 1, T, F, "Valorisé par FIDES"},
    {"management_code", 2, T, F, "Code gestion"},
    {"filler_4", 9, T, F, "Filler"},
    {"complementary_number", 10, T, F, "N° d’organisme complémentaire"},
    {"accident_number", 9, T, F, "Numéro accident du travail ou date d’accident de droit commun",
     kAll, kPersonal},
    {"patient_cents", 8, N, F, "Montant total du séjour facturé au patient"},
    {"amo_rejected", 1, T, F, "Rejet AMO"},
    {"amo_billed_date", 8, D, F, "Date de facturation AMO"},
    {"amc_billed_date", 8, D, F, "Date de facturation AMC"},
    {"patient_billed_date", 8, D, F, "Date de facturation patient"},
    {"amo_paid_date", 8, D, F, "Date de paiement AMO"},
    {"amc_paid_date", 8, D, F, "Date de paiement AMC"},
    {"patient_paid_date", 8, D, F, "Date de paiement patient"},
    {"amo_status", 1, T, F, "Statut FT AMO"},
    {"amc_status", 1, T, F, "Statut FT AMC"},
    {"patient_status", 1, T, F, "Statut FT patient"},
    {"insurance_country", 3, T, F, "Pays d’assurance social"},
    {"ipp", 20, T, F, "Numéro d’identification permanent du patient (IPP)", kAll, kPersonal},
    {"ins", 15, T, F, "Identifiant national de santé (INS)", kAll, kPersonal},
    {"article_51", 1, T, F, "ART51"},
    {"invoice_number", 9, T, O, "Numéro facture", kAll, kPersonal},
};

// RSF-ACE B: hospital services.
constexpr FieldRow kAceB[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d’entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"exemption", 1, T, F, "Justification exo TM"},
    {"specialty", 2, T, F, "Spécialité exécutant"},
    {"date", 8, D, O, "Date des soins"},
    {"service", 5, T, O, "Code acte"},
    {"count", 3, N, F, "Quantité"},
    {"coefficient", 6, N, F, "Coefficient"},
    {"intermediate_service", 1, T, F, "Type de prestation intermédiaire"},
    {"mco_coefficient", 5, N, F, "Coefficient MCO"},
    {"filler_2", 2, T, F, "Filler"},
    {"unit_price_cents", 7, N, F, "Prix Unitaire"},
    {"reimbursement_base_cents", 8, N, F, "Montant Base remboursement"},
    {"rate", 3, N, F, "Taux applicable à la prestation"},
    {"amo_cents", 8, N, F, "Montant Remboursable par la caisse (AMO)"},
    {"total_cents", 8, N, F,
     "Montant des honoraire (dépassement compris) ou Montant total de la dépense pour PH"},
    {"amc_cents", 7, N, F, "Montant remboursable par l'organisme complémentaire (AMC)"},
    {"filler_3", 15, T, F, "Filler"},
    {"invoice_number", 9, T, O, "Numéro facture", kAll, kPersonal},
};

// RSF-ACE C: fees.
constexpr FieldRow kAceC[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d'entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"exemption", 1, T, F, "Justification exo TM"},
    {"specialty", 2, T, F, "Spécialité exécutant"},
    {"date", 8, D, O, "Date des soins"},
    {"service", 5, T, O, "Code acte"},
    {"count", 3, N, F, "Quantité"},
    {"coefficient", 6, N, F, "Coefficient"},
    {"enumeration", 2, N, F, "Dénombrement"},
    {"unit_price_cents", 7, N, F, "Prix Unitaire"},
    {"reimbursement_base_cents", 8, N, F, "Montant Base remboursement"},
    {"rate", 3, N, F, "Taux applicable à la prestation"},
    {"amo_cents", 8, N, F, "Montant Remboursable par la caisse (AMO)"},
    {"total_cents", 8, N, F,
     "Montant des honoraire (dépassement compris) ou Montant total de la dépense pour PH"},
    {"amc_cents", 7, N, F, "Montant remboursable par l'organisme complémentaire (AMC)"},
    {"filler_2", 11, T, F, "Filler"},
    {"consultation_unit", 2, T, F, "Type d’unité fonctionnelle de consultations"},
    {"mco_coefficient", 5, N, F, "Coefficient MCO"},
    {"invoice_number", 9, T, O, "Numéro facture", kAll, kPersonal},
};

// RSF-ACE H: drugs.
constexpr FieldRow kAceH[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d'entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"ucd", 7, T, O, "Code UCD"},
    {"split_coefficient", 5, N, F, "Coefficient de fractionnement"},
    {"purchase_price_cents", 7, N, F, "Prix d'achat unitaire TTC"},
    {"unit_gap_cents", 7, N, F, "Montant unitaire de l'écart indemnisable"},
    {"total_gap_cents", 7, N, F, "Montant total de l'écart indemnisable"},
    {"count", 3, N, F, "Quantité"},
    {"total_cents", 7, N, F, "Montant total facturé TTC"},
    {"indication", 7, T, F, "Indication"},
    {"invoice_number", 9, T, O, "Numéro facture", kAll, kPersonal},
};

// RSF-ACE L: biology.
constexpr FieldRow kAceL[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "Numéro d'entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"act_date_1", 8, D, O, "Date de l'acte 1"},
    {"act_count_1", 2, N, F, "Quantité acte 1"},
    {"act_code_1", 8, T, O, "Code acte 1"},
    {"act_date_2", 8, D, F, "Date de l'acte 2"},
    {"act_count_2", 2, N, F, "Quantité acte 2"},
    {"act_code_2", 8, T, F, "Code acte 2"},
    {"act_date_3", 8, D, F, "Date de l'acte 3"},
    {"act_count_3", 2, N, F, "Quantité acte 3"},
    {"act_code_3", 8, T, F, "Code acte 3"},
    {"act_date_4", 8, D, F, "Date de l'acte 4"},
    {"act_count_4", 2, N, F, "Quantité acte 4"},
    {"act_code_4", 8, T, F, "Code acte 4"},
    {"act_date_5", 8, D, F, "Date de l'acte 5"},
    {"act_count_5", 2, N, F, "Quantité acte 5"},
    {"act_code_5", 8, T, F, "Code acte 5"},
    {"invoice_number", 9, T, O, "Numéro de facture", kAll, kPersonal},
};

// RSF-ACE M: CCAM acts.
constexpr FieldRow kAceM[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d’entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"date", 8, D, O, "Date de l'acte"},
    {"ccam", 13, T, O, "Code CCAM"},
    {"documentary_extension", 1, T, F, "Extension documentaire"},
    {"activity", 1, T, F, "Activité"},
    {"phase", 1, T, F, "Phase"},
    {"modifier_1", 1, T, F, "Modificateur 1"},
    {"modifier_2", 1, T, F, "Modificateur 2"},
    {"modifier_3", 1, T, F, "Modificateur 3"},
    {"modifier_4", 1, T, F, "Modificateur 4"},
    {"unplanned_association", 1, T, F, "Code association d'actes non prévue"},
    {"exceptional_reimbursement", 1, T, F, "Code remboursement sous condition"},
    {"tooth_1", 2, T, F, "N° dent 1"},
    {"tooth_2", 2, T, F, "N° dent 2"},
    {"tooth_3", 2, T, F, "N° dent 3"},
    {"tooth_4", 2, T, F, "N° dent 4"},
    {"tooth_5", 2, T, F, "N° dent 5"},
    {"tooth_6", 2, T, F, "N° dent 6"},
    {"tooth_7", 2, T, F, "N° dent 7"},
    {"tooth_8", 2, T, F, "N° dent 8"},
    {"tooth_9", 2, T, F, "N° dent 9"},
    {"tooth_10", 2, T, F, "N° dent 10"},
    {"tooth_11", 2, T, F, "N° dent 11"},
    {"tooth_12", 2, T, F, "N° dent 12"},
    {"tooth_13", 2, T, F, "N° dent 13"},
    {"tooth_14", 2, T, F, "N° dent 14"},
    {"tooth_15", 2, T, F, "N° dent 15"},
    {"tooth_16", 2, T, F, "N° dent 16"},
    {"invoice_number", 9, T, O, "Numéro facture", kAll, kPersonal},
};

// RSF-ACE P: prostheses.
constexpr FieldRow kAceP[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"entry_number", 9, T, O, "N° d'entrée", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"lpp", 13, T, O, "Code référence LPP"},
    {"count", 2, N, F, "Quantité"},
    {"unit_price_cents", 7, N, F, "Tarif référence LPP ou Prix Unitaire sur devis"},
    {"total_cents", 7, N, F, "Montant total facturé"},
    {"purchase_price_cents", 7, N, F, "Prix d'achat unitaire"},
    {"unit_gap_cents", 7, N, F, "Montant unitaire de l'écart indemnisable"},
    {"total_gap_cents", 7, N, F, "Montant total de l'écart indemnisable"},
    {"invoice_number", 9, T, O, "Numéro de facture", kAll, kPersonal},
};
constexpr VersionRow kA[] = {{"A", 1}};
constexpr VersionRow kB[] = {{"B", 1}};
constexpr VersionRow kC[] = {{"C", 1}};
constexpr VersionRow kH[] = {{"H", 1}};
constexpr VersionRow kL[] = {{"L", 1}};
constexpr VersionRow kM[] = {{"M", 1}};
constexpr VersionRow kP[] = {{"P", 1}};

constexpr Family kFamilies[] = {
    {Kind::RsfAce, kA, kHead, kAceA, {}}, {Kind::RsfAce, kB, kHead, kAceB, {}},
    {Kind::RsfAce, kC, kHead, kAceC, {}}, {Kind::RsfAce, kH, kHead, kAceH, {}},
    {Kind::RsfAce, kL, kHead, kAceL, {}}, {Kind::RsfAce, kM, kHead, kAceM, {}},
    {Kind::RsfAce, kP, kHead, kAceP, {}},
};

}  // namespace

std::span<const Family> rsf_ace_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
