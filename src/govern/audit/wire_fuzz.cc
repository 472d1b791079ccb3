// Any bytes as a frame: refused, or read to something that encodes to the same bytes.
#include <cstddef>
#include <cstdint>

#include "govern/audit/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(eds::audit::decode_answer(bytes));
  const eds::Result<eds::audit::Wish> wish = eds::audit::decode_wish(bytes);
  if (!wish.ok()) return 0;
  const auto* event = std::get_if<eds::govern::AuditEvent>(&*wish);
  if (event != nullptr) ENSURE(eds::audit::encode_event(*event) == bytes);
  return 0;
}
