#include <cstdint>

#include "ingest/csv_mapping.h"
#include "ingest/format_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const eds::Result<eds::ingest::CsvMapping> mapping = eds::ingest::CsvMapping::parse(bytes);
  if (mapping.ok()) static_cast<void>(mapping->dialect(bytes));
  static_cast<void>(eds::ingest::FileContext::decode(bytes));
  return 0;
}
