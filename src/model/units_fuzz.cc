#include <cstdint>
#include <string_view>

#include "model/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto unit = eds::model::read_unit(text);
  const auto ucum = eds::model::parse_ucum(text);
  if (unit.ok() && ucum.ok()) (void)eds::model::convert(1.5, *unit, *ucum);
  return 0;
}
