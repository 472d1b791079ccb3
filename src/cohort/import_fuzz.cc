// Any bytes: refused with words, or a request whose definition is read back.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cohort/definition_reader.h"
#include "cohort/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eds::cohort;  // NOLINT: the fuzz target stands outside every namespace
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const eds::Result<Imported> imported = read_cohort360(text);
  if (!imported.ok()) {
    ENSURE(!imported.error().message.empty());
    return 0;
  }
  const auto find = [](const ImportedCode& code) {
    return std::vector<FoundConcept>{{1, code.code}};
  };
  const std::string written = write_imported(*imported, find);
  const eds::Result<NamedDefinition> named = read_definition(written);
  // Deep groups are refused with the reader's own bound; nothing else of ours may be.
  ENSURE(named.ok() || named.error().code == eds::Code::Limit);
  return 0;
}
