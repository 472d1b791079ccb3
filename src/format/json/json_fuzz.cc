#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/json/json_reader.h"
#include "format/json/json_writer.h"

namespace {

void visit(eds::json::Value value) {
  (void)value.string();
  (void)value.integer();
  (void)value.number();
  (void)value.find("a");
  for (const eds::json::Value element : value.elements()) visit(element);
  for (const auto& [name, member] : value.members()) {
    (void)name;
    visit(member);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto document = eds::json::Document::parse(bytes);
  if (document.ok()) visit(document->root());
  // Any bytes make a string that reads back.
  if (!eds::json::Document::parse(eds::json::quoted(bytes)).ok()) std::abort();
  return 0;
}
