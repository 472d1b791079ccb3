#include "format/arrow/flatbuffer.h"

#include <algorithm>
#include <bit>

#include "base/result.h"

namespace eds::arrow {

// Scalars are written as they lie in memory; FlatBuffers and Arrow are little endian.
static_assert(std::endian::native == std::endian::little);

void FlatBuilder::align(std::uint32_t alignment, std::uint32_t following) {
  alignment_ = std::max(alignment_, alignment);
  const std::size_t excess = (reversed_.size() + following) % alignment;
  if (excess != 0) reversed_.append(alignment - excess, '\0');
}

void FlatBuilder::push_bytes(std::string_view bytes) {
  reversed_.append(bytes.rbegin(), bytes.rend());
}

void FlatBuilder::push_offset(Offset target) {
  align(4, 4);
  ENSURE(target <= size());
  // From where this offset stands (its first byte, once pushed) forward to the target.
  push<std::uint32_t>(size() + 4 - target);
}

FlatBuilder::Offset FlatBuilder::string(std::string_view text) {
  const std::uint32_t length = static_cast<std::uint32_t>(text.size());
  align(4, length + 1);
  reversed_.push_back('\0');
  push_bytes(text);
  push(length);
  return size();
}

FlatBuilder::Offset FlatBuilder::vector(std::span<const Offset> items) {
  align(4, static_cast<std::uint32_t>(items.size() * 4));
  for (std::size_t index = items.size(); index > 0; --index) push_offset(items[index - 1]);
  push(static_cast<std::uint32_t>(items.size()));
  return size();
}

FlatBuilder::Offset FlatBuilder::struct_vector(std::string_view bytes, std::uint32_t item_count) {
  const std::uint32_t length = static_cast<std::uint32_t>(bytes.size());
  align(8, length);  // The structs are aligned; their count stands in the 4 bytes before.
  push_bytes(bytes);
  push(item_count);
  return size();
}

void FlatBuilder::begin_table() {
  fields_.fill(0);
  table_start_ = size();
}

void FlatBuilder::add_offset(std::uint32_t slot, Offset target) {
  push_offset(target);
  note_field(slot);
}

FlatBuilder::Offset FlatBuilder::end_table() {
  push<std::int32_t>(0);  // Becomes the way to the vtable, once that is known.
  const Offset table = size();
  std::uint32_t slot_count = kSlots;
  while (slot_count > 0 && fields_[slot_count - 1] == 0) --slot_count;
  for (std::uint32_t slot = slot_count; slot > 0; --slot) {
    const Offset field = fields_[slot - 1];
    push(static_cast<std::uint16_t>(field == 0 ? 0 : table - field));
  }
  push(static_cast<std::uint16_t>(table - table_start_));
  push(static_cast<std::uint16_t>(4 + 2 * slot_count));
  // "table - vtable", a signed distance: the vtable stands before its table.
  const std::int32_t back = static_cast<std::int32_t>(size() - table);
  char raw[4];
  std::memcpy(raw, &back, 4);
  for (std::size_t byte = 0; byte < 4; ++byte) reversed_[table - 1 - byte] = raw[byte];
  return table;
}

std::string FlatBuilder::finish(Offset root) {
  align(alignment_, 4);
  push_offset(root);
  std::string buffer(reversed_.rbegin(), reversed_.rend());
  reversed_.clear();
  alignment_ = 1;
  return buffer;
}

}  // namespace eds::arrow
