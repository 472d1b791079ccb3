#include "format/arrow/flatbuffer.h"

#include <doctest/doctest.h>

namespace eds::arrow {
namespace {

// The expected bytes are laid out by hand from FlatBuffers' "Internals" page.
std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (int value : values) text.push_back(static_cast<char>(value));
  return text;
}

TEST_CASE("a table of two scalars has a vtable, its own start and aligned fields") {
  FlatBuilder out;
  out.begin_table();
  out.add(0, std::int16_t{4});
  out.add(1, std::uint8_t{1});
  CHECK(out.finish(out.end_table()) ==
        bytes({12, 0, 0, 0,                 // the root table stands at 12
               8,  0, 8, 0, 6, 0, 5, 0,     // vtable: its size, the table's, field 0, field 1
               8,  0, 0, 0, 0, 1, 4, 0}));  // vtable 8 back; padding, field 1, field 0
}

TEST_CASE("a string is counted, ended by a zero and reached by a forward offset") {
  FlatBuilder out;
  const FlatBuilder::Offset text = out.string("ab");
  out.begin_table();
  out.add_offset(1, text);
  CHECK(out.finish(out.end_table()) ==
        bytes({12, 0, 0, 0,                  // root
               8,  0, 8, 0, 0,   0,   4, 0,  // field 0 is absent
               8,  0, 0, 0, 4,   0,   0, 0,  // vtable 8 back; the string stands 4 ahead
               2,  0, 0, 0, 'a', 'b', 0, 0}));
}

TEST_CASE("a vector of 8-byte structs is aligned behind its count") {
  FlatBuilder out;
  const FlatBuilder::Offset structs = out.struct_vector(bytes({1, 0, 0, 0, 0, 0, 0, 0}), 1);
  out.begin_table();
  out.add_offset(0, structs);
  const std::string buffer = out.finish(out.end_table());
  CHECK(buffer.size() % 8 == 0);
  const std::size_t count_at = buffer.size() - 12;
  CHECK(buffer.substr(count_at) == bytes({1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("an empty table and an empty vector are still there") {
  FlatBuilder out;
  out.begin_table();
  CHECK(out.finish(out.end_table()) == bytes({8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0}));
  const FlatBuilder::Offset list = out.vector({});
  out.begin_table();
  out.add_offset(0, list);
  const std::string buffer = out.finish(out.end_table());
  CHECK(buffer.substr(buffer.size() - 4) == bytes({0, 0, 0, 0}));
}

}  // namespace
}  // namespace eds::arrow
