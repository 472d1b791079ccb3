// Checks of RSS records: one RUM alone, then the RUM of each stay together.
//
// Invariants: a check reports everything it sees, in the order of the fields, at most
// kFindingsPerRecordMax a record. Findings carry no value (see finding.h). A RUM without Error can be
// loaded. The checks are our own, after the ATIH guide; they are not the official grouper's.
// Threads: one thread at a time for each object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "format/pmsi/finding.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/rum.h"
#include "format/pmsi/vid_hosp.h"

namespace eds::pmsi {

// A RUM may hold 99 + 99 + 999 blocks; a hundred findings are enough to know that it is rotten.
inline constexpr std::size_t kFindingsPerRecordMax = 100;

/// Checks records one by one; keeps one small array for its findings, and allocates once.
class Checker {
 public:
  Checker() { findings_.reserve(kFindingsPerRecordMax); }

  /// Reads and checks a line of an RSS file. `rum` is meaningful when `whole`.
  struct RumChecked {
    Rum rum;
    bool whole = false;      ///< the line could be cut into fields
    bool loadable = false;   ///< whole, and no finding is an Error
    std::span<const Finding> findings;  ///< until the next call
  };
  RumChecked check_rss_line(const Line& line);
  std::span<const Finding> check(const Rum& rum, std::uint64_t line);

  struct VidHospChecked {
    VidHosp vid_hosp;
    bool whole = false;
    bool loadable = false;
    std::span<const Finding> findings;
  };
  VidHospChecked check_vid_hosp_line(const Line& line);

  /// Generic checks by the layout's types (dates, numbers, required fields) for any other kind.
  std::span<const Finding> check_record(const Record& record, std::uint64_t line);

 private:
  void add(FindingCode code, std::string_view field, std::uint64_t line, std::size_t index = 0);
  void check_stay_dates(const Rum& rum, std::uint64_t line);
  void check_codes(const Rum& rum, std::uint64_t line);
  void check_diagnoses(const Rum& rum, std::uint64_t line);
  void check_acts(const Rum& rum, std::uint64_t line);
  void check_numbers(const Rum& rum, std::uint64_t line);
  bool report_line(const Line& line);
  bool loadable() const;

  std::vector<Finding> findings_;
};

/// Gathers the RUM of a file by stay, in whatever order they come, and checks each stay at the end.
/// Memory: 96 bytes a RUM; 1.5 million RUM a year are 144 MB.
class StayChecker {
 public:
  void add(const Rum& rum, std::uint64_t line);
  /// Findings of all stays, ordered by line. Empties the checker.
  std::vector<Finding> finish();
  std::size_t rum_count() const { return rums_.size(); }

 private:
  struct RumFacts;
  void check_stay(std::span<const RumFacts> rums, std::vector<Finding>& findings) const;

  std::vector<RumFacts> rums_;
};

}  // namespace eds::pmsi
