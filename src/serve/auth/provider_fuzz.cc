// Whatever a provider, or whoever stands between, says: a discovery document is read or refused,
// and a form too; what is read of a form is what writing it again says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "serve/auth/form.h"
#include "serve/auth/provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto facts = eds::serve::parse_discovery(text, "https://sign-in.example");
  if (facts.ok() && !facts->token.starts_with("https://")) std::abort();
  const auto form = eds::serve::parse_form(text);
  if (!form.ok()) return 0;
  for (const auto& [name, value] : *form) {
    if (value.empty()) continue;
    const auto again = eds::serve::parse_form(eds::serve::form_of({{name, value}}));
    if (!again.ok() || again->at(name) != value) std::abort();
  }
  return 0;
}
