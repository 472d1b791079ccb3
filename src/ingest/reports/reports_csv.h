// Reports: a CSV with one report a row, or an index of text files beside it; described by a mapping
// file (ingest/csv_mapping.h):
//
//   [columns] ipp nda date type title text    or   file    and optionally record_id
//   [time]    format="%d/%m/%Y"
//   [identity] authority="750712184" unknown_ipp="create" or "reject"
//
// Invariants: the lake only gets text that a mask built from the patient's known traits and
// identifiers went over, title and type included; the raw text stays sealed in the landing zone.
// Each row's and each file's encoding is told apart: UTF-8, Windows-1252, Latin-1, CP850.
#pragma once

#include <memory>

#include "ingest/format_reader.h"

namespace eds::ingest::reports {

std::unique_ptr<FormatReader> reports_csv_reader();

}  // namespace eds::ingest::reports
