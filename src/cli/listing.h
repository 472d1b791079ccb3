// Listing: a small list of the command line's own, printed by engine/printer.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace eds::cli {

using ListingCell = std::variant<std::string, std::int64_t, double>;

class Listing {
 public:
  explicit Listing(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(std::vector<ListingCell> cells) { rows_.push_back(std::move(cells)); }
  std::size_t row_count() const { return rows_.size(); }
  /// Writes it to standard output.
  Status print(std::string_view format) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<ListingCell>> rows_;
};

/// "2026-11-23T18:25:59Z"
std::string time_text(std::int64_t us);

}  // namespace eds::cli
