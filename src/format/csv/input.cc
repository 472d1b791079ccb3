#include "format/csv/input.h"

#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace eds::csv {
namespace {

constexpr std::size_t kCompressedBlockBytes = 64U << 10;

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = TRY(file_->read_at(offset_, into));
    offset_ += count;
    return count;
  }

 private:
  std::unique_ptr<ReadableFile> file_;
  std::uint64_t offset_ = 0;
};

/// Gives back the bytes that were read to recognise a format, then the rest.
class ReplayedSource : public ByteSource {
 public:
  ReplayedSource(std::string front, std::unique_ptr<ByteSource> rest)
      : front_(std::move(front)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::span<char> into) override {
    if (given_ == front_.size()) return rest_->read(into);
    const std::size_t count = std::min(into.size(), front_.size() - given_);
    std::memcpy(into.data(), front_.data() + given_, count);
    given_ += count;
    return count;
  }

 private:
  std::string front_;
  std::size_t given_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

/// Stops a decompression bomb: the caller tells it how much went in and came out.
class Expansion {
 public:
  explicit Expansion(const InputLimits& limits) : limits_(limits) {}
  Status judge(std::uint64_t compressed, std::uint64_t expanded) const {
    if (expanded > limits_.expanded_bytes_max) {
      return Error{Code::Limit,
                   fmt::format("compressed input exceeds expanded_bytes_max ({} bytes)",
                               limits_.expanded_bytes_max)};
    }
    if (expanded <= limits_.ratio_free_bytes) return {};
    if (expanded / std::max<std::uint64_t>(compressed, 1) >= limits_.expansion_ratio_max) {
      return Error{Code::Limit, fmt::format("compressed input exceeds expansion_ratio_max ({})",
                                            limits_.expansion_ratio_max)};
    }
    return {};
  }

 private:
  InputLimits limits_;
};

class GzipSource : public ByteSource {
 public:
  static Result<std::unique_ptr<ByteSource>> open(std::unique_ptr<ByteSource> compressed,
                                                  const InputLimits& limits) {
    std::unique_ptr<GzipSource> source(new GzipSource(std::move(compressed), limits));
    // 15 + 16: the largest window, gzip headers only.
    if (inflateInit2(&source->stream_, 15 + 16) != Z_OK) {
      return Error{Code::Internal, "gzip decompressor cannot start"};
    }
    source->started_ = true;
    return Result<std::unique_ptr<ByteSource>>(std::move(source));
  }
  ~GzipSource() override {
    if (started_) inflateEnd(&stream_);
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(std::span<char> into) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30));
    const uInt asked = stream_.avail_out;
    while (stream_.avail_out == asked && !finished_) {
      if (stream_.avail_in == 0) TRY(refill());
      if (finished_) break;
      TRY(inflate_some());
    }
    const std::size_t count = asked - stream_.avail_out;
    expanded_ += count;
    TRY(expansion_.judge(compressed_bytes_ - stream_.avail_in, expanded_));
    return count;
  }

 private:
  GzipSource(std::unique_ptr<ByteSource> compressed, const InputLimits& limits)
      : compressed_(std::move(compressed)), expansion_(limits), block_(kCompressedBlockBytes) {}

  Status refill() {
    const std::size_t count = TRY(compressed_->read(block_));
    compressed_bytes_ += count;
    stream_.next_in = reinterpret_cast<Bytef*>(block_.data());
    stream_.avail_in = static_cast<uInt>(count);
    if (count > 0) return {};
    if (!between_members_) return Error{Code::Malformed, "gzip input is cut short"};
    finished_ = true;
    return {};
  }

  Status inflate_some() {
    if (between_members_) {
      // Some writers pad the last block with zeros.
      while (stream_.avail_in > 0 && *stream_.next_in == 0 && member_count_ > 0) {
        ++stream_.next_in;
        --stream_.avail_in;
      }
      if (stream_.avail_in == 0) return {};
      between_members_ = false;
    }
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      ++member_count_;
      between_members_ = true;
      inflateReset(&stream_);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return Error{Code::Malformed,
                   fmt::format("gzip input is damaged, after {} sound bytes", stream_.total_out)};
    }
    return {};
  }

  std::unique_ptr<ByteSource> compressed_;
  Expansion expansion_;
  std::vector<char> block_;
  z_stream stream_{};
  bool started_ = false;
  bool between_members_ = true;
  bool finished_ = false;
  std::uint64_t member_count_ = 0;
  std::uint64_t compressed_bytes_ = 0;
  std::uint64_t expanded_ = 0;
};

/// libzip reads through this, so that its bytes come from Env like all others.
struct ZipInput {
  std::unique_ptr<ReadableFile> file;
  std::uint64_t offset = 0;
  zip_error_t error{};

  static zip_int64_t call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
    return static_cast<ZipInput*>(self)->run(data, size, command);
  }

  zip_int64_t run(void* data, zip_uint64_t size, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_OPEN: offset = 0; return 0;
      case ZIP_SOURCE_READ: {
        const auto count = file->read_at(offset, {static_cast<char*>(data), size});
        if (!count.ok()) {
          zip_error_set(&error, ZIP_ER_READ, 0);
          return -1;
        }
        offset += *count;
        return static_cast<zip_int64_t>(*count);
      }
      case ZIP_SOURCE_CLOSE: return 0;
      case ZIP_SOURCE_STAT: {
        auto* stat = static_cast<zip_stat_t*>(data);
        zip_stat_init(stat);
        stat->size = file->size();
        stat->valid |= ZIP_STAT_SIZE;
        return sizeof *stat;
      }
      case ZIP_SOURCE_ERROR: return zip_error_to_data(&error, data, size);
      case ZIP_SOURCE_SEEK: {
        const zip_int64_t to =
            zip_source_seek_compute_offset(offset, file->size(), data, size, &error);
        if (to < 0) return -1;
        offset = static_cast<std::uint64_t>(to);
        return 0;
      }
      case ZIP_SOURCE_TELL: return static_cast<zip_int64_t>(offset);
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
            ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
      case ZIP_SOURCE_FREE: return 0;  // Archive owns it
      default: zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
  }
};

class Archive {
 public:
  static Result<std::shared_ptr<Archive>> open(Env& env, const Path& path,
                                               const InputLimits& limits) {
    auto archive = std::make_shared<Archive>();
    archive->input_.file = TRY(env.open(path));
    zip_error_init(&archive->input_.error);
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_function_create(&ZipInput::call, &archive->input_, &error);
    if (source == nullptr) return Error{Code::Internal, "zip reader cannot start"};
    archive->zip_ = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive->zip_ == nullptr) {
      const std::string why = zip_error_strerror(&error);
      zip_source_free(source);
      zip_error_fini(&error);
      return Error{Code::Malformed, fmt::format("zip directory cannot be read: {}", why)};
    }
    const zip_int64_t count = zip_get_num_entries(archive->zip_, 0);
    if (count < 0 || static_cast<std::uint64_t>(count) > limits.zip_members_max) {
      return Error{Code::Limit,
                   fmt::format("zip exceeds zip_members_max ({})", limits.zip_members_max)};
    }
    return archive;
  }
  Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive() {
    if (zip_ != nullptr) zip_discard(zip_);
  }

  zip_t* get() const { return zip_; }

  std::vector<std::pair<ZipMember, zip_uint64_t>> members() const {
    std::vector<std::pair<ZipMember, zip_uint64_t>> found;
    const zip_int64_t count = zip_get_num_entries(zip_, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      zip_stat_t stat;
      const auto index = static_cast<zip_uint64_t>(i);
      if (zip_stat_index(zip_, index, ZIP_FL_ENC_GUESS, &stat) != 0) continue;
      if ((stat.valid & ZIP_STAT_NAME) == 0 || std::string_view(stat.name).ends_with('/')) continue;
      found.push_back({ZipMember{stat.name, stat.size, stat.comp_size}, index});
    }
    return found;
  }

 private:
  ZipInput input_;
  zip_t* zip_ = nullptr;
};

class ZipMemberSource : public ByteSource {
 public:
  ZipMemberSource(std::shared_ptr<Archive> archive, zip_file_t* file, std::uint64_t compressed,
                  const InputLimits& limits)
      : archive_(std::move(archive)), file_(file), compressed_(compressed), expansion_(limits) {}
  ~ZipMemberSource() override { zip_fclose(file_); }
  ZipMemberSource(const ZipMemberSource&) = delete;
  ZipMemberSource& operator=(const ZipMemberSource&) = delete;

  Result<std::size_t> read(std::span<char> into) override {
    const zip_int64_t count = zip_fread(file_, into.data(), into.size());
    if (count < 0) {
      return Error{Code::Malformed, fmt::format("zip member is damaged, after {} sound bytes: {}",
                                                expanded_, zip_file_strerror(file_))};
    }
    expanded_ += static_cast<std::uint64_t>(count);
    TRY(expansion_.judge(compressed_, expanded_));
    return static_cast<std::size_t>(count);
  }

 private:
  std::shared_ptr<Archive> archive_;
  zip_file_t* file_;
  std::uint64_t compressed_;
  std::uint64_t expanded_ = 0;
  Expansion expansion_;
};

using Source = std::unique_ptr<ByteSource>;

Result<Source> open_member(const std::shared_ptr<Archive>& archive, const ZipMember& member,
                           zip_uint64_t index, const InputLimits& limits) {
  zip_file_t* file = zip_fopen_index(archive->get(), index, 0);
  if (file == nullptr) {
    return Error{Code::Malformed, fmt::format("zip member cannot be opened ({}): {}",
                                              zip_strerror(archive->get()), member.name)};
  }
  return Source(std::make_unique<ZipMemberSource>(archive, file, member.compressed_bytes, limits));
}

/// Unwraps gzip when `source` begins with its mark.
Result<Source> expand_if_gzip(Source source, const InputLimits& limits) {
  std::string front(2, '\0');
  std::size_t count = 0;
  while (count < front.size()) {
    const std::size_t more = TRY(source->read({front.data() + count, front.size() - count}));
    if (more == 0) break;
    count += more;
  }
  front.resize(count);
  const bool gzip = front == "\x1F\x8B";
  Source replayed = std::make_unique<ReplayedSource>(std::move(front), std::move(source));
  if (!gzip) return Result<Source>(std::move(replayed));
  return GzipSource::open(std::move(replayed), limits);
}

Result<bool> is_zip(Env& env, const Path& path) {
  const std::unique_ptr<ReadableFile> file = TRY(env.open(path));
  std::array<char, 4> mark{};
  const std::size_t count = TRY(file->read_at(0, mark));
  const std::string_view front(mark.data(), count);
  return front == "PK\x03\x04" || front == std::string_view("PK\x05\x06", 4);
}

std::string table_name(std::string_view file_name) {
  std::string name(base_name(file_name));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  for (const std::string_view end : {".gz", ".csv", ".tsv", ".txt"}) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

}  // namespace

std::unique_ptr<ByteSource> memory_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

Result<Source> open_input(Env& env, const Path& path, const InputLimits& limits) {
  if (!TRY(is_zip(env, path))) {
    return expand_if_gzip(std::make_unique<FileSource>(TRY(env.open(path))), limits);
  }
  const std::shared_ptr<Archive> archive = TRY(Archive::open(env, path, limits));
  const auto members = archive->members();
  if (members.size() != 1) {
    return Error{Code::Usage,
                 fmt::format("zip holds {} files; name the one to read", members.size())};
  }
  return open_member(archive, members[0].first, members[0].second, limits);
}

Result<std::vector<ZipMember>> list_zip(Env& env, const Path& path, const InputLimits& limits) {
  const std::shared_ptr<Archive> archive = TRY(Archive::open(env, path, limits));
  std::vector<ZipMember> found;
  for (auto& [member, index] : archive->members()) found.push_back(member);
  return found;
}

Result<Source> open_zip_member(Env& env, const Path& path, std::string_view member,
                               const InputLimits& limits) {
  const std::shared_ptr<Archive> archive = TRY(Archive::open(env, path, limits));
  for (const auto& [candidate, index] : archive->members()) {
    if (candidate.name == member) return open_member(archive, candidate, index, limits);
  }
  return Error{Code::NotFound, fmt::format("zip has no member of that name: {}", member)};
}

Result<std::string> read_all(ByteSource& source, std::uint64_t bytes_max) {
  std::string bytes;
  std::vector<char> block(kReadBlockBytes);
  while (true) {
    const std::size_t count = TRY(source.read(block));
    if (count == 0) return bytes;
    if (bytes.size() + count > bytes_max) {
      return Error{Code::Limit, fmt::format("input exceeds bytes_max ({} bytes)", bytes_max)};
    }
    bytes.append(block.data(), count);
  }
}

Result<Bundle> Bundle::open(Env& env, const Path& path, const InputLimits& limits) {
  Bundle bundle;
  bundle.env_ = &env;
  bundle.path_ = path;
  bundle.limits_ = limits;
  const FileInfo info = TRY(env.info(path));
  std::vector<std::string> names;
  if (info.is_directory) {
    names = TRY(env.list(path));
  } else if (TRY(is_zip(env, path))) {
    bundle.is_zip_ = true;
    for (const ZipMember& member : TRY(list_zip(env, path, limits))) names.push_back(member.name);
  } else {
    return Error{Code::Usage, fmt::format("not a directory, not a zip: {}", path)};
  }
  for (std::string& name : names) {
    // "__MACOSX/._CONCEPT.csv" and hidden files are never tables.
    if (base_name(name).starts_with('.')) continue;
    std::string table = table_name(name);
    bundle.entries_.push_back({std::move(table), std::move(name)});
  }
  std::sort(bundle.entries_.begin(), bundle.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.table < b.table; });
  return bundle;
}

const Bundle::Entry* Bundle::find(std::string_view table) const {
  const std::string wanted = table_name(table);
  for (const Entry& entry : entries_) {
    if (entry.table == wanted) return &entry;
  }
  return nullptr;
}

bool Bundle::has_table(std::string_view table) const {
  return find(table) != nullptr;
}

std::vector<std::string> Bundle::tables() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.table);
  return names;
}

Result<Source> Bundle::open_table(std::string_view table) const {
  const Entry* entry = find(table);
  if (entry == nullptr) {
    return Error{Code::NotFound, fmt::format("no table of that name here: {}", table)};
  }
  if (!is_zip_) return open_input(*env_, join(path_, entry->name), limits_);
  return expand_if_gzip(TRY(open_zip_member(*env_, path_, entry->name, limits_)), limits_);
}

}  // namespace eds::csv
