// Any bytes: refused with words, or a definition that reads back as what was written, and plans.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cohort/definition_reader.h"
#include "cohort/definition_writer.h"
#include "cohort/explain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eds::cohort;  // NOLINT: the fuzz target stands outside every namespace
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Reading reading : {Reading::Strict, Reading::Lenient}) {
    const eds::Result<NamedDefinition> named = read_definition(text, reading);
    if (!named.ok()) {
      ENSURE(!named.error().message.empty());
      continue;
    }
    const std::string written = write_definition(named->definition);
    const eds::Result<NamedDefinition> again = read_definition(written, reading);
    ENSURE(again.ok());
    ENSURE(write_definition(again->definition) == written);
    for (const Mode mode : {Mode::Strict, Mode::Circe}) {
      const eds::Result<Plan> plan = make_plan(named->definition, mode);
      if (!plan.ok()) continue;
      ENSURE(explain(*plan, Language::French, nullptr).size() ==
             explain(*plan, Language::English, nullptr).size());
    }
  }
  return 0;
}
