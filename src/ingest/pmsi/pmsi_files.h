// PMSI MCO files as sources: RSS (grouped or not), VID-HOSP, HOSP-PMSI, medical units, FICHCOMP.
//
// In OMOP: a visit_detail and an eds_pmsi_rum a RUM; a condition_occurrence for each DP, DR and
// DAS; a procedure_occurrence for each act line; DAD and the other facts in observation; codes as
// received. RSA and ANO are refused: they are the anonymous output of the same stays, name nobody,
// and would count each stay twice. Format names: pmsi-rss pmsi-vidhosp pmsi-hosp pmsi-um
// pmsi-fichcomp.
//
// Invariants: a record whose checker says Error goes to the quarantine, Warnings are counted. The
// record key of a RUM is that of (FINESS, RSS number, RUM number): fed again, corrected or not, it
// replaces all its rows.
// Source: ATIH, "Formats PMSI MCO"; see format/pmsi.
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

}  // namespace eds::ingest::pmsi
