#include <cmath>
#include <cstdint>

#include "base/result.h"
#include "ingest/labs/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t half = size / 2;
  const std::string_view from = bytes.substr(0, half);
  const std::string_view to = bytes.substr(half);
  const std::optional<double> there = eds::ingest::labs::conversion_factor(from, to);
  const std::optional<double> back = eds::ingest::labs::conversion_factor(to, from);
  ENSURE(there.has_value() == back.has_value());
  return 0;
}
