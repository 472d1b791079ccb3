// The door of ingestion: `eds ingest` and `eds quarantine retry` in one call each.
//
// It lives in a header because it knows every format, and the formats' rooms use this room: whoever
// includes it must also use ingest/omop, ingest/labs, ingest/reports and ingest/pmsi.
//
// Invariants: feed() either publishes one release with everything good in the files, or changes
// nothing but the identity store and the quarantine, and says why.
// Threads: one thread at a time for a Warehouse.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "ingest/labs/labs_csv.h"
#include "ingest/omop/omop_csv.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/reports/identities_csv.h"
#include "ingest/reports/reports_csv.h"
#include "ingest/run.h"

namespace eds::ingest {

/// Every format, ready to read; a new set for each load.
inline std::vector<std::unique_ptr<FormatReader>> all_readers() {
  std::vector<std::unique_ptr<FormatReader>> readers = pmsi::readers();
  readers.push_back(omop::omop_csv_reader());
  readers.push_back(labs::labs_csv_reader());
  readers.push_back(reports::reports_csv_reader());
  readers.push_back(reports::identities_csv_reader());
  return readers;
}

/// Every format by name.
inline const std::vector<FormatInfo>& formats() {
  static const std::vector<FormatInfo> list = [] {
    std::vector<FormatInfo> infos;
    for (const std::unique_ptr<FormatReader>& reader : all_readers()) {
      infos.push_back(reader->info());
    }
    return infos;
  }();
  return list;
}

/// Feeds the files of `request`. `progress` may be null.
inline Result<LoadReport> feed(lake::Warehouse& warehouse, const Request& request,
                               Progress* progress) {
  const std::vector<std::unique_ptr<FormatReader>> readers = all_readers();
  for (const std::unique_ptr<FormatReader>& reader : readers) {
    if (reader->info().name == request.format) {
      return feed_with(warehouse, *reader, request, progress);
    }
  }
  return Error{Code::Usage, "unknown format (see eds ingest --help): " + request.format};
}

/// Feeds the quarantine's open records that match again, as corrected.
inline Result<LoadReport> retry(lake::Warehouse& warehouse, const RejectFilter& filter,
                                const Request& request, Progress* progress) {
  return retry_with(warehouse, all_readers(), filter, request, progress);
}

}  // namespace eds::ingest
