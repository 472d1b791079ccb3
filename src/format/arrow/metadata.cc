#include "format/arrow/metadata.h"

#include "format/arrow/flatbuffer.h"

namespace eds::arrow {
namespace {

using Offset = FlatBuilder::Offset;

constexpr std::int16_t kMetadataV5 = 4;  // enum MetadataVersion { V1, V2, V3, V4, V5 }

// union MessageHeader { Schema, DictionaryBatch, RecordBatch, ... }, counted from 1.
enum class Header : std::uint8_t { Schema = 1, RecordBatch = 3 };

// union Type of Schema.fbs, counted from 1.
enum class TypeTag : std::uint8_t {
  Int = 2,
  FloatingPoint = 3,
  Utf8 = 5,
  Bool = 6,
  Date = 8,
  Timestamp = 10,
};

constexpr std::int16_t kDoublePrecision = 2;  // enum Precision { HALF, SINGLE, DOUBLE }
constexpr std::int16_t kDay = 0;              // enum DateUnit { DAY, MILLISECOND }
constexpr std::int16_t kMicrosecond = 2;      // enum TimeUnit { SECOND, MILLI, MICRO, NANO }

struct TypeTable {
  TypeTag tag = TypeTag::Utf8;
  Offset table = 0;
};

TypeTable type_table(FlatBuilder& out, Type type) {
  out.begin_table();
  switch (type) {
    case Type::Bool: return {TypeTag::Bool, out.end_table()};
    case Type::Int64:
      out.add(0, std::int32_t{64});  // bitWidth
      out.add(1, std::uint8_t{1});   // is_signed
      return {TypeTag::Int, out.end_table()};
    case Type::Float64:
      out.add(0, kDoublePrecision);
      return {TypeTag::FloatingPoint, out.end_table()};
    case Type::Date32:
      out.add(0, kDay);  // The default is MILLISECOND.
      return {TypeTag::Date, out.end_table()};
    case Type::TimestampUs:
      out.add(0, kMicrosecond);  // timezone (slot 1) stays absent: wall-clock time.
      return {TypeTag::Timestamp, out.end_table()};
    case Type::Utf8: return {TypeTag::Utf8, out.end_table()};
  }
  return {TypeTag::Utf8, out.end_table()};
}

Offset field_table(FlatBuilder& out, const Field& field) {
  const Offset name = out.string(field.name);
  const TypeTable type = type_table(out, field.type);
  const Offset children = out.vector({});  // Java readers want the vector even when empty.
  out.begin_table();
  out.add_offset(0, name);
  out.add_offset(3, type.table);
  out.add_offset(5, children);
  out.add(1, std::uint8_t{1});  // nullable
  out.add(2, static_cast<std::uint8_t>(type.tag));
  return out.end_table();
}

Offset schema_table(FlatBuilder& out, const std::vector<Field>& fields) {
  std::vector<Offset> tables;
  for (const Field& field : fields) tables.push_back(field_table(out, field));
  const Offset list = out.vector(tables);
  out.begin_table();
  out.add_offset(1, list);  // endianness (slot 0) keeps its default, Little.
  return out.end_table();
}

std::string message(FlatBuilder& out, Header type, Offset header, std::int64_t body_bytes) {
  out.begin_table();
  out.add(3, body_bytes);
  out.add_offset(2, header);
  out.add(0, kMetadataV5);
  out.add(1, static_cast<std::uint8_t>(type));
  return out.finish(out.end_table());
}

template <class T>
std::string_view raw(const std::vector<T>& structs) {
  return {reinterpret_cast<const char*>(structs.data()), structs.size() * sizeof(T)};
}

}  // namespace

std::string schema_message(const std::vector<Field>& fields) {
  FlatBuilder out;
  const Offset schema = schema_table(out, fields);
  return message(out, Header::Schema, schema, 0);
}

std::string record_batch_message(std::int64_t row_count, const std::vector<FieldNode>& nodes,
                                 const std::vector<BufferPlace>& buffers, std::int64_t body_bytes) {
  FlatBuilder out;
  const Offset places = out.struct_vector(raw(buffers), static_cast<std::uint32_t>(buffers.size()));
  const Offset columns = out.struct_vector(raw(nodes), static_cast<std::uint32_t>(nodes.size()));
  out.begin_table();
  out.add(0, row_count);
  out.add_offset(1, columns);
  out.add_offset(2, places);
  return message(out, Header::RecordBatch, out.end_table(), body_bytes);
}

std::string file_footer(const std::vector<Field>& fields, const std::vector<BlockPlace>& batches) {
  FlatBuilder out;
  const Offset schema = schema_table(out, fields);
  const Offset places = out.struct_vector(raw(batches), static_cast<std::uint32_t>(batches.size()));
  const Offset dictionaries = out.struct_vector({}, 0);
  out.begin_table();
  out.add_offset(1, schema);
  out.add_offset(2, dictionaries);
  out.add_offset(3, places);
  out.add(0, kMetadataV5);
  return out.finish(out.end_table());
}

}  // namespace eds::arrow
