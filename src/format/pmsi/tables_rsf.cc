// RSF, invoices of the private sector (ex-OQN): types A B C H I L M P. MCO names the stay by its
// RSS number (kind Rsf); SMR, PSY and HAD by an entry number (kind RsfEntry), and are otherwise the
// same.
// A line has no version: its type and its length tell its layout (see rsf.h). Rows count 1 (MCO), 2
// (SMR, HAD, PSY) and 3 (PSY where it differs: drugs without an indication).
// Source: ATIH, MCO formats 2026, SMR, PSY and HAD formats 2024. The sheet of type C lacks the
// start of "Taux remboursement": 127, between its neighbours.
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kRssHead[] = {
    {"type", 1, A, O, "Type d'enregistrement"},
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"filler_1", 9, T, F, "Filler"},
    {"rss_number", 20, T, O, "Numéro de RSS", kAll, kPersonal},
};
constexpr FieldRow kEntryHead[] = {
    {"type", 1, A, O, "Type d'enregistrement"},
    {"finess", 9, A, O, "Numéro FINESS d’inscription ePMSI"},
    {"unit_finess", 9, T, F, "Numéro FINESS de l’établissement (filler en SMR)"},
    {"entry_number", 9, T, O, "Numéro d'entrée", kAll, kPersonal},
};

// RSF-A: start of an invoice.
constexpr FieldRow kInvoiceA[] = {
    {"sex", 1, T, O, "Sexe"},
    {"civility", 1, T, F, "Code civilité"},
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° de facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"filler_2", 1, T, F, "Filler"},
    {"operation_nature", 1, T, F, "Nature opération"},
    {"insurance_nature", 2, T, F, "Nature assurance"},
    {"contract_type", 2, T, F, "Type de contrat souscrit auprès d'un organisme complémentaire"},
    {"exemption", 1, T, F, "Justification d'exonération du TM"},
    {"filler_3", 1, T, F, "Filler"},
    {"cover", 1, T, F, "Code de prise en charge"},
    {"filler_4", 1, T, F, "Filler"},
    {"scheme", 2, T, F, "Code Gd régime"},
    {"birth_date", 8, D, O, "Date Naissance", kAll, kPersonal},
    {"birth_rank", 1, T, F, "Rang de naissance"},
    {"entry_date", 8, D, O, "Date d'entrée"},
    {"exit_date", 8, D, O, "Date de sortie"},
    {"residence", 5, T, F, "Code postal du lieu de résidence du patient", kAll, kPersonal},
    {"hospital_base_cents", 8, N, F, "Total Base Remboursement Prestation hospitalière"},
    {"hospital_amo_cents", 8, N, F, "Total remboursable AMO Prestation hospitalières"},
    {"fee_total_cents", 8, N, F, "Total honoraire Facturé"},
    {"fee_amo_cents", 8, N, F, "Total honoraire remboursable AM"},
    {"insured_share_cents", 8, N, F, "Total participation assuré avant OC"},
    {"hospital_amc_cents", 8, N, F, "Total remboursable OC pour les PH"},
    {"fee_amc_cents", 8, N, F, "Total remboursable OC pour les honoraires"},
    {"hospital_total_cents", 8, N, F, "Montant total facturé pour PH"},
    {"settlement", 1, T, F, "Etat de liquidation de la facture"},
    {"cmu", 1, T, F, "Patient bénéficiaire de la CMU"},
    {"management_code", 2, T, F, "Code gestion"},
    {"mother_invoice_number", 9, T, F, "N° de facture du séjour de la mère", until(1), kPersonal},
    {"filler_5", 9, T, F, "Filler", since(2)},
    {"complementary_number", 10, T, F, "N° d’organisme complémentaire"},
    {"accident_number", 9, T, F, "Numéro accident du travail ou date d’accident de droit commun",
     kAll, kPersonal},
    {"ipp", 20, T, F, "Numéro d’identification permanent du patient (IPP)", kAll, kPersonal},
    {"ins", 15, T, F, "Identifiant national de santé (INS)", kAll, kPersonal},
    {"article_51", 1, T, F, "ART51"},
};

// RSF-B: hospital services.
constexpr FieldRow kInvoiceB[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° de facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"exemption", 1, T, F, "Justification exonération TM"},
    {"intermediate_service", 1, T, F, "Type de prestation intermédiaire", until(1)},
    {"filler_2", 1, T, F, "Filler", until(1)},
    {"filler_2", 2, T, F, "Filler", since(2)},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"end_date", 8, D, O, "Date de fin de séjour"},
    {"service", 5, T, O, "Code acte"},
    {"count", 3, N, F, "Quantité"},
    {"coefficient", 5, N, F, "Coefficient"},
    {"daily_fee_cover", 1, T, F, "Code de prise en charge FJ"},
    {"mco_coefficient", 5, N, F, "Coefficient MCO"},
    {"filler_3", 2, T, F, "Filler"},
    {"unit_price_cents", 7, N, F, "Prix Unitaire"},
    {"reimbursement_base_cents", 8, N, F, "Montant Base remboursement"},
    {"rate", 3, N, F, "Taux applicable à la prestation"},
    {"amo_cents", 8, N, F, "Montant Remboursable par la caisse (AMO)"},
    {"total_cents", 8, N, F, "Montant total de la dépense"},
    {"amc_cents", 7, N, F, "Montant remboursable par l'organisme complémentaire (AMC)"},
    {"ghs", 4, T, F, "N° GHS"},
    {"noemie_paid_cents", 8, N, F, "Montant remboursé NOEMIE Retour"},
    {"noemie_recovery", 3, T, F, "Nature opération récupération NOEMIE Retour"},
};

// RSF-C: fees.
constexpr FieldRow kInvoiceC[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"treatment_mode", 2, T, F, "Mode de traitement"},
    {"discipline", 3, T, F, "Discipline de prestation (ex DMT)"},
    {"exemption", 1, T, F, "Justification exo TM"},
    {"specialty", 2, T, F, "Spécialité exécutant"},
    {"date", 8, D, O, "Date de l'acte"},
    {"service", 5, T, O, "Code acte"},
    {"count", 2, N, F, "Quantité"},
    {"coefficient", 6, N, F, "Coefficient"},
    {"enumeration", 2, N, F, "Dénombrement"},
    {"unit_price_cents", 7, N, F, "Prix Unitaire"},
    {"reimbursement_base_cents", 7, N, F, "Montant Base remboursement"},
    {"rate", 3, N, F, "Taux Remboursement"},
    {"amo_cents", 7, N, F, "Montant Remboursable par AMO"},
    {"total_cents", 7, N, F, "Montant des honoraire (dépassement compris)"},
    {"amc_cents", 6, N, F, "Montant remboursable par AMC"},
    {"noemie_paid_cents", 8, N, F, "Montant remboursé NOEMIE Retour"},
    {"noemie_recovery", 3, T, F, "Nature opération récupération NOEMIE Retour"},
    {"filler_2", 7, T, F, "Filler"},
};

// RSF-H: drugs.
constexpr FieldRow kInvoiceH[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"ucd", 7, T, O, "Code UCD"},
    {"indication", 7, T, F, "Indication", until(2)},
    {"split_coefficient", 5, N, F, "Coefficient de fractionnement"},
    {"purchase_price_cents", 7, N, F, "Prix d'achat unitaire TTC"},
    {"unit_gap_cents", 7, N, F, "Montant unitaire de l'écart indemnisable"},
    {"total_gap_cents", 7, N, F, "Montant total de l'écart indemnisable"},
    {"count", 3, N, F, "Quantité"},
    {"total_cents", 7, N, F, "Montant total facturé TTC"},
};

// RSF-I: interruption of a stay.
constexpr FieldRow kInvoiceI[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° de facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"end_date", 8, D, O, "Date de fin de séjour"},
    {"interruption_nature", 1, T, F, "Nature d'interruption ou de fin de séjour"},
    {"transfer_place", 14, T, F,
     "Etablissement de transfert ou de retour ou lieu d'exécution de l'acte"},
};

// RSF-L: biology.
constexpr FieldRow kInvoiceL[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° facture", kAll, kPersonal},
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
};

// RSF-M: CCAM acts.
constexpr FieldRow kInvoiceM[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° facture", kAll, kPersonal},
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
    {"unplanned_association", 1, T, F, "Association non prévue"},
    {"exceptional_reimbursement", 1, T, F, "Code remboursement exceptionnel"},
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
};

// RSF-P: prostheses.
constexpr FieldRow kInvoiceP[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, F, "Clé du n° immatriculation", kAll, kPersonal},
    {"beneficiary_rank", 3, T, F, "Rang de bénéficiaire"},
    {"invoice_number", 9, T, O, "N° de facture", kAll, kPersonal},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du n° immatriculation individuel", kAll, kPersonal},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"lpp", 13, T, O, "Code référence LPP"},
    {"count", 2, N, F, "Quantité"},
    {"unit_price_cents", 7, N, F, "Tarif référence LPP/ Prix Unitaire sur devis"},
    {"total_cents", 7, N, F, "Montant total facturé"},
    {"purchase_price_cents", 7, N, F, "Prix d'achat unitaire"},
    {"unit_gap_cents", 7, N, F, "Montant unitaire de l'écart indemnisable"},
    {"total_gap_cents", 7, N, F, "Montant total de l'écart indemnisable"},
};

constexpr VersionRow kRssA[] = {{"A", 1}};
constexpr VersionRow kEntryA[] = {{"A", 2}};
constexpr VersionRow kRssB[] = {{"B", 1}};
constexpr VersionRow kEntryB[] = {{"B", 2}};
constexpr VersionRow kRssC[] = {{"C", 1}};
constexpr VersionRow kEntryC[] = {{"C", 2}};
constexpr VersionRow kRssH[] = {{"H", 1}};
constexpr VersionRow kEntryH[] = {{"H", 2}};
constexpr VersionRow kRssI[] = {{"I", 1}};
constexpr VersionRow kEntryI[] = {{"I", 2}};
constexpr VersionRow kRssL[] = {{"L", 1}};
constexpr VersionRow kEntryL[] = {{"L", 2}};
constexpr VersionRow kRssM[] = {{"M", 1}};
constexpr VersionRow kEntryM[] = {{"M", 2}};
constexpr VersionRow kRssP[] = {{"P", 1}};
constexpr VersionRow kEntryP[] = {{"P", 2}};
constexpr VersionRow kEntryHPsy[] = {{"H", 3}};

constexpr Family kFamilies[] = {
    {Kind::Rsf, kRssA, kRssHead, kInvoiceA, {}},
    {Kind::Rsf, kRssB, kRssHead, kInvoiceB, {}},
    {Kind::Rsf, kRssC, kRssHead, kInvoiceC, {}},
    {Kind::Rsf, kRssH, kRssHead, kInvoiceH, {}},
    {Kind::Rsf, kRssI, kRssHead, kInvoiceI, {}},
    {Kind::Rsf, kRssL, kRssHead, kInvoiceL, {}},
    {Kind::Rsf, kRssM, kRssHead, kInvoiceM, {}},
    {Kind::Rsf, kRssP, kRssHead, kInvoiceP, {}},
    {Kind::RsfEntry, kEntryA, kEntryHead, kInvoiceA, {}},
    {Kind::RsfEntry, kEntryB, kEntryHead, kInvoiceB, {}},
    {Kind::RsfEntry, kEntryC, kEntryHead, kInvoiceC, {}},
    {Kind::RsfEntry, kEntryH, kEntryHead, kInvoiceH, {}},
    {Kind::RsfEntry, kEntryI, kEntryHead, kInvoiceI, {}},
    {Kind::RsfEntry, kEntryL, kEntryHead, kInvoiceL, {}},
    {Kind::RsfEntry, kEntryM, kEntryHead, kInvoiceM, {}},
    {Kind::RsfEntry, kEntryP, kEntryHead, kInvoiceP, {}},
    {Kind::RsfEntry, kEntryHPsy, kEntryHead, kInvoiceH, {}},
};

}  // namespace

std::span<const Family> rsf_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
