// PMSI files as sources. Acute care: RSS (grouped or not), VID-HOSP, HOSP-PMSI, medical units,
// FICHCOMP, and the anonymous RSA and ANO. Rehabilitation: RHS. Psychiatry: RPS, RAA, R3A. Home
// care: RPSS. Invoices: RSF and RSF-ACE.
//
// In OMOP: a visit_detail a RUM, week, sequence or ambulatory act; a condition_occurrence a
// diagnosis, with its role; a procedure_occurrence an act line; the other facts in observation (and
// eds_pmsi_rum for RUM), amounts in cost; codes as received. RSA and R3A are the anonymous output
// of stays: their persons and visits are others than those of RSS and RAA, by design, and are never
// joined to them. A warehouse fed both counts each stay twice: choose by eds_source.format.
//
// Invariants: a record whose checker says Error goes to the quarantine, Warnings are counted. A
// record fed again, corrected or not, replaces all its rows: its key is that of the establishment,
// the stay's number and the record's number within it (docs/reference/pmsi.md says which).
// Source: ATIH, formats MCO, SMR, PSY, HAD; see format/pmsi.
#pragma once

#include <memory>
#include <vector>

#include "ingest/format_reader.h"

namespace eds::ingest::pmsi {

std::vector<std::unique_ptr<FormatReader>> readers();
std::unique_ptr<FormatReader> rss_reader();
std::unique_ptr<FormatReader> vid_hosp_reader();
std::unique_ptr<FormatReader> hosp_pmsi_reader();
std::unique_ptr<FormatReader> unit_reader();
std::unique_ptr<FormatReader> fichcomp_reader();
std::unique_ptr<FormatReader> rsa_reader();
std::unique_ptr<FormatReader> ano_reader();
std::unique_ptr<FormatReader> rhs_reader();
std::unique_ptr<FormatReader> psy_reader();
std::unique_ptr<FormatReader> rpss_reader();
std::unique_ptr<FormatReader> rsf_reader();

}  // namespace eds::ingest::pmsi
