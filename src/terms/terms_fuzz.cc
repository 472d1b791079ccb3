#include <cstdint>
#include <string_view>

#include "terms/codes.h"
#include "terms/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eds::terms;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)normalise_cim10(bytes);
  (void)normalise_ccam(bytes);
  (void)normalise_loinc(bytes);
  (void)normalise_atc(bytes);
  (void)normalise_ucd(bytes);
  auto records = Records::over(bytes);
  if (!records.ok()) return 0;
  while (true) {
    const auto more = records->next();
    if (!more.ok() || !*more) return 0;
  }
}
