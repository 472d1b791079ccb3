#include "synth/output.h"

#include <fmt/format.h>

namespace eds::synth {
namespace {

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Result<std::uint64_t> OutputFile::line(std::string_view record, std::string_view line_end) {
  const std::uint64_t number = next_line_;
  buffer_.append(record).append(line_end);
  bytes_ += record.size() + line_end.size();
  for (const char c : record) next_line_ += c == '\n' ? 1 : 0;
  ++next_line_;
  if (buffer_.size() >= kBufferBytes) {
    TRY(file_->append(buffer_));
    buffer_.clear();
  }
  return number;
}

Status OutputFile::finish() {
  TRY(file_->append(buffer_));
  buffer_.clear();
  TRY(file_->sync());
  return file_->close();
}

Status OutputTree::make_folder_of(const Path& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  if (folder == last_folder_) return {};
  TRY(env_->make_directories(folder));
  last_folder_ = folder;
  return {};
}

Result<OutputFile*> OutputTree::file(const std::string& path, std::string_view header,
                                     std::string_view line_end) {
  const auto found = files_.find(path);
  if (found != files_.end()) return found->second.get();
  const Path whole = join(directory_, path);
  TRY(make_folder_of(whole));
  auto made = std::make_unique<OutputFile>(path, TRY(env_->create(whole)));
  OutputFile* file = made.get();
  files_.emplace(path, std::move(made));
  ++file_count_;
  if (!header.empty()) TRY(file->line(header, line_end));
  return file;
}

Status OutputTree::write_whole(const std::string& path, std::string_view bytes) {
  const Path whole = join(directory_, path);
  TRY(make_folder_of(whole));
  const std::unique_ptr<WritableFile> file = TRY(env_->create(whole));
  TRY(file->append(bytes));
  ++file_count_;
  whole_bytes_ += bytes.size();
  return file->close();
}

Status OutputTree::finish() {
  for (const auto& [path, file] : files_) TRY(file->finish());
  return {};
}

std::uint64_t OutputTree::bytes() const {
  std::uint64_t sum = whole_bytes_;
  for (const auto& [path, file] : files_) sum += file->bytes();
  return sum;
}

std::string_view expected_word(Expected expected) {
  switch (expected) {
    case Expected::Quarantine: return "quarantine";
    case Expected::Warning: return "warning";
    case Expected::Replaced: return "replaced";
    case Expected::Merged: return "merged";
  }
  return "";
}

Result<Truth> Truth::open(OutputTree& tree) {
  return Truth(TRY(tree.file("truth.jsonl")));
}

Status Truth::plant(const Planted& planted) {
  ++planted_;
  TRY(file_->line(
      fmt::format(
          R"({{"file":"{}","line":{},"kind":"{}","field":"{}","expected":"{}","detail":"{}"}})",
          json_text(planted.file->path()), planted.line, planted.kind, planted.field,
          expected_word(planted.expected), json_text(planted.detail)),
      "\n"));
  return {};
}

std::uint64_t Truth::expected(std::string_view what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

Status Truth::finish(OutputTree& tree) {
  std::string json = "{\n";
  for (const auto& [what, count] : counts_) json += fmt::format("  \"{}\": {},\n", what, count);
  json += fmt::format("  \"planted\": {}\n}}\n", planted_);
  return tree.write_whole("truth_counts.json", json);
}

void append_windows_1252(std::string& out, std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      out += static_cast<char>(byte);
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < utf8.size()) {
      const auto next = static_cast<unsigned char>(utf8[++i]);
      out += static_cast<char>(byte == 0xC2 ? next : next + 0x40);
    } else {
      out += '?';
      while (i + 1 < utf8.size() && (static_cast<unsigned char>(utf8[i + 1]) & 0xC0) == 0x80) ++i;
    }
  }
}

}  // namespace eds::synth
