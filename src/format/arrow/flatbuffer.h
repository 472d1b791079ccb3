// FlatBuilder: just enough of FlatBuffers to write Arrow's metadata.
//
// Invariants: the buffer grows from its end to its front, so that a table's parts are written
// before the table; an Offset is a distance from the buffer's end and never changes. A field that
// is not added keeps its schema's default. Every scalar is aligned to its size, counted from the
// front of the finished buffer. Vtables are not shared: our messages are small.
// Threads: one builder belongs to one thread.
// Source: FlatBuffers, "Internals" (encoding of tables, vtables, strings, vectors and structs).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace eds::arrow {

class FlatBuilder {
 public:
  using Offset = std::uint32_t;

  Offset string(std::string_view text);
  /// A vector of offsets to tables or strings.
  Offset vector(std::span<const Offset> items);
  /// A vector of structs already laid out; their alignment is 8 bytes.
  Offset struct_vector(std::string_view bytes, std::uint32_t item_count);

  /// Between begin_table() and end_table() only the add_ functions may be called.
  void begin_table();
  template <class T>
  void add(std::uint32_t slot, T value) {
    push(value);
    note_field(slot);
  }
  void add_offset(std::uint32_t slot, Offset target);
  Offset end_table();

  /// The finished buffer, whose root is `root`. The builder is empty afterwards.
  std::string finish(Offset root);

 private:
  // The widest Arrow table (Field) has 7 slots.
  static constexpr std::uint32_t kSlots = 8;

  // Makes room so that after `following` more bytes the buffer's size is a multiple of `alignment`.
  void align(std::uint32_t alignment, std::uint32_t following);
  void push_bytes(std::string_view bytes);
  template <class T>
  void push(T value) {
    align(sizeof value, sizeof value);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    push_bytes({raw, sizeof raw});
  }
  void push_offset(Offset target);
  void note_field(std::uint32_t slot) { fields_[slot] = size(); }
  Offset size() const { return static_cast<Offset>(reversed_.size()); }

  std::string reversed_;  // the buffer's bytes, last first
  std::uint32_t alignment_ = 1;
  std::array<Offset, kSlots> fields_{};
  Offset table_start_ = 0;
};

}  // namespace eds::arrow
