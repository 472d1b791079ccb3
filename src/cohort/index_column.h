// IndexColumn: the values of one column of one list of events, packed into as few bits as they
// need.
//
// A column is written in the smallest of six packings (docs/internals/formats/cohort-index.md): one
// constant; numbers above a base; a dictionary; decimals as scaled integers; steps from row to row,
// in blocks of 256; or 8 bytes a value.
//
// Invariants: what is read back equals what was written, bit by bit, but for the sign of zero. Any
// bytes can be parsed: either they are refused, or every row of the column can be read, without
// leaving the bytes. Threads: a ColumnView is a plain value over bytes that do not change.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eds::cohort {

enum class Packing : std::uint8_t { Constant, Packed, Dictionary, Scaled, Steps, Raw };

/// Rows of a block of steps.
inline constexpr std::size_t kStepRows = 256;
/// A dictionary has at most this many values, so that writing one stays cheap.
inline constexpr std::size_t kDictionaryMax = 256;

/// Whether neighbouring values are near each other: then steps are tried.
enum class Run : std::uint8_t { Scattered, Stepping };

/// Appends `values` (kMissing where there is none).
void write_integers(std::span<const std::int64_t> values, Run run, std::string& into);
/// Appends `values`, none missing, in steps whatever their size: blocks can be found by their
/// first.
void write_steps(std::span<const std::int64_t> values, std::string& into);
/// Appends `values` (NaN where there is none).
void write_decimals(std::span<const double> values, std::string& into);

class ColumnView {
 public:
  ColumnView() = default;
  /// Takes a column of `row_count` rows off the front of `bytes`.
  static Result<ColumnView> parse(std::string_view& bytes, std::size_t row_count);

  Packing packing() const { return packing_; }
  bool is_constant() const { return packing_ == Packing::Constant; }
  /// Rows [begin, end) into `into`. A column of steps begins at a block: begin % kStepRows == 0.
  void read(std::size_t begin, std::size_t end, std::int64_t* into) const;
  void read(std::size_t begin, std::size_t end, double* into) const;
  /// One row; of a column of steps, through its block.
  std::int64_t integer_at(std::size_t row) const;
  double decimal_at(std::size_t row) const;

  /// A block of steps into `into`, and into `begins` (bit r of word r / 64: row r) which rows have
  /// another value than the row before; the first has.
  void read_block(std::size_t block, std::size_t row_count, std::int64_t* into,
                  std::uint64_t* begins) const;
  /// First value of a block of steps.
  std::int64_t block_first(std::size_t block) const {
    return load<std::int64_t>(payload_ + block * 8);
  }
  std::size_t block_count() const { return count_; }

  /// Packings with codes: Packed, Dictionary and Scaled.
  bool has_codes() const {
    return packing_ == Packing::Packed || packing_ == Packing::Dictionary ||
           packing_ == Packing::Scaled;
  }
  std::uint8_t width() const { return width_; }
  bool has_missing() const { return has_missing_; }
  /// Codes [begin, end) into `into`; width() <= kUnpackWidthMax, begin % kUnpackGroup == 0.
  void read_codes(std::size_t begin, std::size_t end, std::uint32_t* into) const;
  std::uint64_t code_at(std::size_t row) const {
    const std::size_t bit = row * width_;
    return (load<std::uint64_t>(bits_ + bit / 8) >> (bit % 8)) & mask_;
  }
  std::int64_t integer_of(std::uint64_t code) const;
  double decimal_of(std::uint64_t code) const;

 private:
  template <class Value>
  static Value load(const char* from) {
    Value value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  template <class Take>
  void each_code(std::size_t begin, std::size_t end, Take take) const;
  Status parse_steps(std::string_view& bytes, std::size_t row_count);
  /// Where a block of steps stands, and what its steps are counted from.
  struct StepsBlock {
    unsigned width = 0;
    std::uint64_t least = 0;
    std::uint64_t first = 0;
    const char* bits = nullptr;
  };
  StepsBlock steps_block(std::size_t block) const;
  void read_steps(std::size_t begin, std::size_t end, std::int64_t* into) const;

  Packing packing_ = Packing::Constant;
  std::uint8_t width_ = 0;
  bool has_missing_ = false;
  std::uint8_t form_ = 0;
  std::uint8_t scale_ = 0;
  std::uint32_t count_ = 0;  ///< values of the dictionary, or blocks of steps
  std::int64_t base_ = 0;    ///< the constant, or what codes are counted from
  std::uint64_t mask_ = 0;
  const char* payload_ = nullptr;  ///< the dictionary, or the blocks' beginnings
  const char* bits_ = nullptr;
  const char* bits_end_ = nullptr;  ///< with the bytes of slack
};

}  // namespace eds::cohort
