// VID-HOSP V011-V016. Source: ATIH, MCO formats 2026, sheet "VID-HOSP" (V015), and yearly
// documents.
#include "format/pmsi/tables.h"

namespace eds::pmsi::tables {
namespace {

constexpr FieldRow kBody[] = {
    {"insured_nir", 13, T, O, "N° immatriculation assuré", kAll, kPersonal},
    {"insured_nir_key", 2, T, O, "Clé du N° immatriculation", kAll, kPersonal},
    {"scheme", 2, A, O, "Code Grand Régime"},
    {"management_code", 2, T, O, "Code gestion"},
    {"birth_date", 8, D, O, "Date de naissance du bénéficiaire", kAll, kPersonal},
    {"sex", 1, A, O, "Sexe du bénéficiaire"},
    {"stay_number", 20, T, O, "N° administratif de séjour", kAll, kPersonal},
    {"vid_hosp_version", 4, A, O, "N° format VID-HOSP"},
    {"finess", 9, A, O, "N° FINESS d’inscription e-PMSI"},
    {"nir", 13, T, F, "N° immatriculation individuel", kAll, kPersonal},
    {"nir_key", 2, T, F, "Clé du N° immatriculation individuel", kAll, kPersonal},
    {"exemption", 1, T, O, "Justification d’exonération ou de modulation du ticket modérateur"},
    {"daily_fee_cover", 1, T, F, "Code de prise en charge du forfait journalier"},
    {"insurance_nature", 2, T, O, "Nature d’assurance"},
    {"contract_type", 2, T, F, "Type de contrat"},
    {"billable", 1, A, O, "Séjour facturable à l'assurance maladie"},
    {"not_billable_reason", 1, T, F, "Motif de la non facturation à l'assurance maladie"},
    {"flat_copayment", 1, A, O, "Facturation du 18 €"},
    {"visit_count", 4, N, O, "Nombre de venues de la facture"},
    {"copayment_amount", 10, N, O, "Montant à facturer au titre du TM"},
    {"daily_fee_amount", 10, N, O, "Montant à facturer au titre du FJ"},
    {"amo_amount", 10, N, O, "Montant total du séjour remboursable pour l'AMO"},
    {"pathway_increase_amount", 4, N, O, "Montant lié à la majoration au parcours de soins"},
    {"reimbursement_base", 10, N, O, "Montant base remboursement"},
    {"reimbursement_rate", 5, N, O, "Taux de remboursement"},
    {"cmu", 1, T, F, "Patient bénéficiaire de la CMU"},
    {"mother_stay_number", 20, T, F, "N° administratif de séjour de la mère", kAll, kPersonal},
    {"newborn_with_mother", 1, T, F, "Hospitalisation d'un nouveau-né auprès de la mère"},
    {"organ_removal", 1, T, F, "Hospitalisation pour prélèvement d'organes"},
    {"hospitalisation_date", 8, D, O, "Date de l’hospitalisation"},
    {"amc_amount", 10, N, O, "Montant total du séjour remboursable pour l'AMC"},
    {"insured_participation", 1, T, F, "Code participation assuré"},
    {"entry_number", 9, T, O, "N° d’entrée", kAll, kPersonal},
    {"birth_rank", 1, N, F, "Rang de naissance"},
    {"beneficiary_rank", 3, N, F, "Rang du bénéficiaire"},
    {"fund_number", 3, T, O, "N° caisse gestionnaire"},
    {"fund_centre", 4, T, O, "N° centre gestionnaire"},
    {"filler_1", 30, T, F, "Filler"},
    {"urgent_care_scheme", 1, T, F,
     "Confirmation de la prise en charge dans le cadre du dispositif des soins urgents"},
    {"accident_number", 9, T, F, "Numéro accident du travail ou date d’accident de droit commun",
     kAll, kPersonal},
    {"complementary_number", 10, T, F, "N° d’organisme complémentaire"},
    {"rights_document", 1, T, O, "Nature de la pièce justificative des droits"},
    {"cover_date", 8, D, F, "Prise en charge établie le"},
    {"rights_valid_from", 8, D, F,
     "Attestation de droits, carte Vitale ou prise en charge valable à compter du"},
    {"rights_delivered_by", 3, T, F, "Délivrée par"},
    {"insured_scheme", 3, T, F, "Régime de prestation de l’assuré"},
    {"flow_split", 1, T, F, "Top éclatement des flux par l’établissement"},
    {"entry_date", 8, D, O, "Date d’entrée"},
    {"exit_date", 8, D, O, "Date de sortie"},
    {"patient_amount", 8, N, F, "Montant total du séjour facturé au patient", since(12)},
    {"amo_rejected", 1, T, F, "Rejet AMO", since(12)},
    {"amo_billed_date", 8, D, F, "Date de facturation AMO", since(12)},
    {"amc_billed_date", 8, D, F, "Date de facturation AMC", since(12)},
    {"patient_billed_date", 8, D, F, "Date de facturation patient", since(12)},
    {"amo_paid_date", 8, D, F, "Date de paiement AMO", since(12)},
    {"amc_paid_date", 8, D, F, "Date de paiement AMC", since(12)},
    {"patient_paid_date", 8, D, F, "Date de paiement patient", since(12)},
    {"amo_status", 1, T, F, "Statut FT AMO", since(12)},
    {"amc_status", 1, T, F, "Statut FT AMC", since(12)},
    {"patient_status", 1, T, F, "Statut FT patient", since(12)},
    {"insurance_country", 3, T, F, "Pays d’assurance social", since(12)},
    {"ipp", 20, T, O, "Numéro d’identification permanent du patient (IPP)", since(13), kPersonal},
    {"ins", 15, T, F, "Identifiant national de santé (INS)", since(14), kPersonal},
    {"article_51", 1, T, F, "ART51", since(14)},
    {"receipt_complement", 6, T, F, "Complément au numéro de titre de recette"},
    {"referring_doctor_declared", 1, T, F, "Top déclaration de médecin traitant"},
    {"doctor_name", 25, T, F, "Nom du médecin traitant ou du praticien qui a orienté le patient",
     kAll, kPersonal},
    {"doctor_given_name", 15, T, F,
     "Prénom du médecin traitant ou du praticien qui a orienté le patient", kAll, kPersonal},
    {"care_pathway", 1, T, F, "Indicateur du parcours de soins"},
    {"cmuc_single_management", 1, T, F, "CMUC en gestion unique"},
    {"transfer_hospital", 14, T, F, "Établissement de Transfert"},
    {"return_hospital", 14, T, F, "Établissement de Retour"},
    {"dmt_count", 2, N, O, "Nombre de disciplines de prestations (N)", until(15)},
    {"dmt_count", 4, N, O, "Nombre de disciplines de prestations (N)", since(16)},
};

constexpr FieldRow kDmt[] = {
    {"discipline", 3, T, O, "Discipline de prestations (ex DMT)"},
    {"treatment_mode", 2, T, O, "Mode de traitement"},
    {"start_date", 8, D, O, "Date de début de séjour"},
    {"end_date", 8, D, O, "Date de fin de séjour"},
    {"quantity", 3, N, O, "Quantité", since(15)},
    {"unit_price", 7, N, O, "Prix unitaire"},
    {"reimbursement_base", 8, N, O, "Base de remboursement"},
    {"rate", 3, N, O, "Taux applicable à la prestation"},
    {"fund_amount", 8, N, O, "Montant remboursable par la caisse"},
};

constexpr BlockRow kBlocks[] = {{"dmt", "dmt_count", kDmt}};

constexpr VersionRow kVersions[] = {{"V011", 11}, {"V012", 12}, {"V013", 13},
                                    {"V014", 14}, {"V015", 15}, {"V016", 16}};

constexpr Family kFamilies[] = {{Kind::VidHosp, kVersions, {}, kBody, kBlocks}};

}  // namespace

std::span<const Family> vid_hosp_families() {
  return kFamilies;
}

}  // namespace eds::pmsi::tables
