// Any bytes are masked without harm, and bytes without a match come back unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "govern/mask.h"

namespace {

eds::govern::TextMask made() {
  using eds::Identifying;
  eds::govern::Traits traits;
  traits.birth_name = Identifying<std::string>("LE GOFF");
  traits.used_name = Identifying<std::string>("PETIT");
  traits.first_names = Identifying<std::string>("Marie-Hélène");
  traits.birth_date = Identifying<std::string>("1961-04-03");
  traits.address_line = Identifying<std::string>("12 bis av. Foch");
  traits.phone = Identifying<std::string>("0612345678");
  return eds::govern::TextMask::for_person(
             {traits}, {{eds::govern::IdentifierKind::Ipp, "x", Identifying<std::string>("8001")}})
      .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const eds::govern::TextMask mask = made();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const eds::govern::MaskedText done = mask.apply(text);
  if (done.total() == 0 && done.text != text) std::abort();
  // The same bytes as what a source says of a person.
  eds::govern::Traits traits;
  traits.birth_name = eds::Identifying<std::string>(std::string(text.substr(0, size / 2)));
  traits.birth_date = traits.phone = traits.nir = traits.city = traits.birth_name;
  const auto built = eds::govern::TextMask::for_person({traits}, {});
  if (built.ok()) built->apply(text);
  return 0;
}
