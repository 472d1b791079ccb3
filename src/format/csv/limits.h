// Bounds of the CSV room. What exceeds one is refused with the bound's name.
#pragma once

#include <cstdint>

namespace eds::csv {

/// Bounds of one compressed input.
struct InputLimits {
  /// The largest file of a 19 M patient hospital (1.4 G labs x 150 B) is 0.2 TB.
  std::uint64_t expanded_bytes_max = 1ULL << 40;
  /// DEFLATE cannot exceed 1032; lab rows reach 20 to 60. A file of zeros is a bomb.
  std::uint64_t expansion_ratio_max = 400;
  /// The ratio is only judged beyond this many expanded bytes: small files compress absurdly well.
  std::uint64_t ratio_free_bytes = 64ULL << 20;
  /// An Athena bundle has about 15 members, an imaging export some thousands.
  std::uint64_t zip_members_max = 100'000;
};

/// Bounds of one CSV row.
struct RowLimits {
  std::uint32_t row_bytes_max = 4U << 20;  ///< a 4 MB discharge letter in one field still passes
  std::uint32_t field_bytes_max = 4U << 20;
  std::uint32_t column_count_max = 4096;     ///< the widest OMOP table has 24, a wide REDCap 3,000
  std::uint32_t raw_bytes_kept = 64U << 10;  ///< of a bad row, for the quarantine
};

inline constexpr std::size_t kReadBlockBytes = 256U << 10;  ///< one read; fits a core's L2

/// One RowBatch: 2,048 laboratory rows are 0.2 MB of text and some 0.4 MB parsed: a core's L2.
inline constexpr std::size_t kBatchRows = 2048;
inline constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

}  // namespace eds::csv
