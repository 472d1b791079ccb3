#include <cstdint>

#include "base/result.h"
#include "ingest/omop/omop_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(eds::ingest::omop::parse_omop_time(bytes));
  const eds::model::Table& table = eds::model::tables()[data[0] % eds::model::tables().size()];
  std::vector<std::string_view> cells;
  std::size_t start = 1;
  while (start <= size) {
    const std::size_t end = std::min(bytes.find(',', start), size);
    cells.push_back(bytes.substr(start, end - start));
    start = end + 1;
  }
  const eds::ingest::omop::HeaderMap map = eds::ingest::omop::map_header(table, cells);
  ENSURE(map.columns.size() == cells.size());
  for (const std::size_t column : map.columns) {
    ENSURE(column == eds::model::kNoColumn || column < table.columns.size());
  }
  return 0;
}
