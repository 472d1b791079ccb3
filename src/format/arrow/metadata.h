// The metadata of Arrow IPC messages as FlatBuffers, from the facts of Message.fbs, Schema.fbs and
// File.fbs.
//
// Invariants: metadata version V5, little endian, no dictionaries, no compression.
// Threads: plain functions.
// Source: Arrow format 1.x, format/{Message,Schema,File}.fbs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/arrow/stream_writer.h"

namespace eds::arrow {

/// struct FieldNode of Message.fbs.
struct FieldNode {
  std::int64_t length = 0;
  std::int64_t null_count = 0;
};

/// struct Buffer of Message.fbs: a place in the message's body.
struct BufferPlace {
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// struct Block of File.fbs: a record batch's place in the file.
struct BlockPlace {
  std::int64_t offset = 0;
  std::int64_t metadata_bytes = 0;  ///< an int and 4 bytes of padding on disk
  std::int64_t body_bytes = 0;
};

std::string schema_message(const std::vector<Field>& fields);
std::string record_batch_message(std::int64_t row_count, const std::vector<FieldNode>& nodes,
                                 const std::vector<BufferPlace>& buffers, std::int64_t body_bytes);
std::string file_footer(const std::vector<Field>& fields, const std::vector<BlockPlace>& batches);

}  // namespace eds::arrow
