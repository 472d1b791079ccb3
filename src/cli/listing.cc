#include "cli/listing.h"

#include "cli/act.h"
#include "cli/context.h"
#include "engine/printer.h"
#include "format/text/dates.h"

namespace eds::cli {
namespace {

engine::Cell printed(const ListingCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return std::string_view(*text);
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return *number;
  return std::get<double>(cell);
}

}  // namespace

Status Listing::print(std::string_view format) const {
  const engine::Format chosen = TRY(engine::parse_format(format));
  if (chosen == engine::Format::Arrow) {
    return Error{Code::Usage, "this command prints table, json, ndjson or csv"};
  }
  std::vector<engine::PrintedColumn> columns;
  for (std::size_t column = 0; column < names_.size(); ++column) {
    const bool number =
        !rows_.empty() && !std::holds_alternative<std::string>(rows_.front()[column]);
    columns.push_back({names_[column], number ? engine::Align::Right : engine::Align::Left});
  }
  engine::Printer printer(chosen, std::move(columns), cli::print);
  for (const std::vector<ListingCell>& row : rows_) {
    std::vector<engine::Cell> cells;
    for (const ListingCell& cell : row) cells.push_back(printed(cell));
    TRY(printer.add(cells));
  }
  count_rows(static_cast<std::int64_t>(rows_.size()));
  return printer.end();
}

std::string time_text(std::int64_t us) {
  return text::format_timestamp(us - us % 1'000'000) + "Z";
}

}  // namespace eds::cli
