// Checks of RSS records: one RUM alone, then the RUM of each stay together.
//
// Invariants: a check reports everything it sees, in the order of the fields, at most
// kFindingsPerRecordMax a record. Findings carry no value (see finding.h). A RUM without Error can
// be loaded. The checks are our own, after the ATIH guide; they are not the official grouper's.
// Threads: one thread at a time for each object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
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
    bool whole = false;                 ///< the line could be cut into fields
    bool loadable = false;              ///< whole, and no finding is an Error
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
  /// Whether the record can live without the date: it decides between Warning and Error.
  enum class Need : std::uint8_t { Essential, Useful };

  void add(FindingCode code, std::string_view field, std::size_t index = 0);
  void add(FindingCode code, Severity severity, std::string_view field, std::size_t index);
  bool begin(const Line& line);
  void run(const Rum& rum);
  void run(const VidHosp& vid_hosp);
  void check_date(const Date& date, Need need, std::string_view field, std::size_t index = 0);
  void check_code(char code, std::string_view allowed, std::string_view field);
  void check_filled(bool filled, std::string_view field, Severity severity);
  void check_finess(std::string_view finess);
  void check_identity(const Rum& rum);
  void check_dates(const Rum& rum);
  void check_modes(const Rum& rum);
  void check_numbers(const Rum& rum);
  void check_diagnoses(const Rum& rum);
  void check_act(const Act& act, const Rum& rum, std::size_t index);
  void check_grouping(const Rum& rum);
  void check_field(const Field& field, std::string_view text, std::size_t index);
  void check_rsa_counts(const Record& record);
  bool loadable() const;

  std::uint64_t line_ = 0;  // of the record being checked
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
  // What the controls of a stay need of a RUM. It holds stay numbers: it never leaves this object.
  struct RumFacts {
    std::array<char, 29> stay_key{};  // FINESS and RSS number
    std::array<char, 10> rum_number{};
    std::array<char, 20> stay_number{};
    std::array<char, 6> ghm{};
    char sex = ' ', entry_mode = ' ', provenance = ' ', exit_mode = ' ', destination = ' ';
    bool dated = false;
    Day birth = 0;
    Day entry = 0;
    Day exit = 0;
    std::uint64_t line = 0;
  };
  static bool before(const RumFacts& a, const RumFacts& b);
  void check_stay(std::span<const RumFacts> rums);
  void check_sequence(const RumFacts& earlier, const RumFacts& later);
  void check_rum_numbers(std::span<const RumFacts> rums);
  void report(FindingCode code, std::string_view field, std::uint64_t line);

  std::vector<RumFacts> rums_;
  std::vector<std::pair<std::array<char, 10>, std::uint64_t>> numbers_;  // of one stay
  std::vector<Finding> findings_;
};

}  // namespace eds::pmsi
