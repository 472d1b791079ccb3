#include "ingest/format_reader.h"

#include <charconv>

namespace eds::ingest {
namespace {

void append_part(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

Result<std::string> take_part(std::string_view& bytes) {
  std::size_t size = 0;
  const auto read = std::from_chars(bytes.data(), bytes.data() + bytes.size(), size);
  const std::size_t digits = static_cast<std::size_t>(read.ptr - bytes.data());
  if (read.ec != std::errc() || digits >= bytes.size() || bytes[digits] != ':' ||
      size > bytes.size() - digits - 1) {
    return Error{Code::Corrupt, "a record's context in the quarantine is not as it was written"};
  }
  std::string part(bytes.substr(digits + 1, size));
  bytes.remove_prefix(digits + 1 + size);
  return part;
}

}  // namespace

std::string FileContext::encode() const {
  std::string bytes;
  append_part(bytes, header);
  append_part(bytes, mapping);
  append_part(bytes, member);
  return bytes;
}

Result<FileContext> FileContext::decode(std::string_view bytes) {
  FileContext context;
  context.header = TRY(take_part(bytes));
  context.mapping = TRY(take_part(bytes));
  context.member = TRY(take_part(bytes));
  return context;
}

Result<std::vector<Piece>> FormatReader::pieces(Env& env, const Path& path) {
  const FileInfo info = TRY(env.info(path));
  if (info.is_directory) {
    return Error{Code::Usage, "this format reads files, not directories: " + path};
  }
  return std::vector<Piece>{Piece{path, "", ""}};
}

}  // namespace eds::ingest
