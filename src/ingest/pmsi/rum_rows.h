// RumRows: a RUM as OMOP rows: visit_detail, condition_occurrence, procedure_occurrence,
// observation and eds_pmsi_rum, all under the RUM's record key and with the codes as received.
//
// Threads: one thread at a time, that of the Load.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/pmsi/rum.h"
#include "govern/identity_store.h"
#include "ingest/load.h"
#include "model/rows.h"

namespace eds::ingest::pmsi {

struct RumPlace {
  govern::PersonId person = 0;
  govern::VisitId visit = 0;
  govern::DetailId detail = 0;
  std::int64_t care_site = 0;
};

class RumRows {
 public:
  static Result<RumRows> open(Load& load, FeedFile& file);
  Status write(const eds::pmsi::Rum& rum, const RumPlace& place, const Provenance& from);
  /// Adds the counts to the file's report.
  Status finish();

 private:
  RumRows(Load& load, FeedFile& file) : load_(&load), file_(&file) {}
  Status write_detail(const eds::pmsi::Rum& rum, const RumPlace& place, const Provenance& from);
  Status write_facts(const eds::pmsi::Rum& rum, const RumPlace& place, const Provenance& from);
  Status write_condition(std::string_view code, std::string_view status, const eds::pmsi::Rum& rum,
                         const RumPlace& place, const Provenance& from);
  Status write_act(const eds::pmsi::Act& act, const eds::pmsi::Rum& rum, const RumPlace& place,
                   const Provenance& from);
  Status write_observations(const eds::pmsi::Rum& rum, const RumPlace& place,
                            const Provenance& from);
  Status write_observation(std::string_view what, std::string_view qualifier,
                           std::string_view value, std::int64_t number, bool has_number,
                           const eds::pmsi::Rum& rum, const RumPlace& place,
                           const Provenance& from);
  Result<Mapped> map(std::string_view vocabulary, std::string_view code);

  Load* load_;
  FeedFile* file_;
  model::RowWriter* details_ = nullptr;
  model::RowWriter* facts_ = nullptr;
  model::RowWriter* conditions_ = nullptr;
  model::RowWriter* acts_ = nullptr;
  model::RowWriter* observations_ = nullptr;
  std::map<std::string, std::uint64_t> before_;
};

}  // namespace eds::ingest::pmsi
