#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/text/dates.h"
#include "format/text/encoding.h"
#include "format/text/numbers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eds::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Converted converted = to_utf8(bytes, detect_encoding(bytes));
  if (!is_utf8(converted.text)) std::abort();
  const std::string once = fold(converted.text);
  if (fold(once) != once) std::abort();
  (void)fold_with_origin(bytes);
  (void)parse_measured(bytes);
  (void)parse_decimal(bytes);
  (void)parse_integer(bytes);
  const std::size_t cut = size / 2;
  const auto pattern = DatePattern::compile(bytes.substr(0, cut));
  if (pattern.ok()) (void)pattern->parse_us(bytes.substr(cut));
  static const auto iso = DatePattern::compile("iso");
  (void)iso->parse_us(bytes);
  return 0;
}
