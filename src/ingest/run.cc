#include "ingest/run.h"

#include <map>
#include <utility>

#include "base/log.h"
#include "ingest/load.h"

namespace eds::ingest {
namespace {

// What stops a load. Everything else is the file's fault and stops that file only.
bool is_ours(Code code) {
  switch (code) {
    case Code::Io:
    case Code::NoSpace:
    case Code::Cancelled:
    case Code::Corrupt:
    case Code::Internal:
    case Code::Unavailable:
    case Code::Conflict: return true;
    default: return false;
  }
}

Result<std::unique_ptr<csv::ByteSource>> open_piece(Env& env, const Piece& piece) {
  if (piece.member.empty()) return csv::open_input(env, piece.path);
  return csv::open_zip_member(env, piece.path, piece.member);
}

// Bytes of a source until the load is cancelled: a reader may spend long on one endless line.
class UntilCancelled final : public csv::ByteSource {
 public:
  UntilCancelled(std::unique_ptr<csv::ByteSource> source, const Load& load)
      : source_(std::move(source)), load_(&load) {}

  Result<std::size_t> read(std::span<char> into) override {
    if (load_->is_cancelled()) return Error{Code::Cancelled, "the load was cancelled"};
    return source_->read(into);
  }

 private:
  std::unique_ptr<csv::ByteSource> source_;
  const Load* load_;
};

// A file that cannot be read to its end keeps what was good, and says why it stopped.
Status fail_file(Load& load, FeedFile& file, const Error& error) {
  file.report.failure = error.message;
  Reject whole;
  whole.code = "file-unreadable";
  whole.reason = "the file could not be read to its end";
  return load.reject(file, whole);
}

void note_unreadable(Load& load, const Path& path, const Error& error) {
  FileReport report;
  report.name = std::string(base_name(path));
  report.failure = std::string(code_name(error.code)) + ": cannot be opened";
  report.reject_count = 1;
  report.rejects_by_reason["file: cannot be opened"] = 1;
  load.report().files.push_back(std::move(report));
}

/// What does not fit the request stops one file among many, and the load when no file fits.
struct Misfits {
  std::size_t count = 0;
  Error first = {Code::Usage, ""};
};

Status feed_piece(Load& load, FormatReader& reader, const Piece& piece, Misfits& misfits) {
  const std::string_view format = reader.info().name;
  if (const Result<std::unique_ptr<ReadableFile>> opened = load.env().open(piece.path);
      !opened.ok()) {
    if (misfits.count++ == 0) misfits.first = opened.error();
    note_unreadable(load, piece.path, opened.error());
    return {};
  }
  Result<std::optional<FeedFile>> begun = load.begin_file(piece, format);
  if (!begun.ok()) {
    const Error error = std::move(begun).error();
    if (is_ours(error.code)) return error;
    if (misfits.count++ == 0) misfits.first = error;  // a member that cannot be opened
    note_unreadable(load, piece.member, error);
    return {};
  }
  std::optional<FeedFile> file = std::move(begun).value();
  if (!file.has_value()) return {};
  Result<std::unique_ptr<csv::ByteSource>> source = open_piece(load.env(), piece);
  Status read =
      source.ok()
          ? reader.read(load, *file, std::make_unique<UntilCancelled>(std::move(*source), load))
          : Status(std::move(source).error());
  if (!read.ok()) {
    const Error error = std::move(read).error();
    if (is_ours(error.code)) return error;
    if (error.code == Code::Usage) {
      // Fed again with a mapping that fits, the same bytes are new.
      file->feed_key.clear();
      file->report.failure = error.message;
      ++file->report.reject_count;
      ++file->report.rejects_by_reason["file: does not fit the request"];
      if (misfits.count++ == 0) misfits.first = error;
    } else {
      TRY(fail_file(load, *file, error));
    }
  }
  return load.end_file(*file, format);
}

Status check(const FormatReader& reader, const Request& request) {
  const FormatInfo info = reader.info();
  if (request.actor.empty()) return Error{Code::Usage, "a load needs to know who asks for it"};
  if (request.paths.empty()) return Error{Code::Usage, "nothing to ingest: name files"};
  if (info.needs_mapping && request.mapping.empty()) {
    return Error{Code::Usage,
                 "this format needs a mapping file (--mapping FILE): " + std::string(info.name)};
  }
  return {};
}

}  // namespace

Result<LoadReport> feed_with(lake::Warehouse& warehouse, FormatReader& reader,
                             const Request& request, Progress* progress) {
  TRY(check(reader, request));
  Env& env = warehouse.env();
  const std::int64_t start = env.monotonic_us();
  std::vector<Piece> pieces;
  std::vector<std::pair<Path, Error>> missing;
  for (const Path& path : request.paths) {
    Result<std::vector<Piece>> found = reader.pieces(env, path);
    if (!found.ok()) {
      if (found.error().code == Code::Usage || request.paths.size() == 1) {
        return std::move(found).error();
      }
      missing.emplace_back(path, found.error());
      continue;
    }
    for (Piece& piece : *found) pieces.push_back(std::move(piece));
  }
  std::unique_ptr<Load> load = TRY(Load::open(warehouse, request, progress));
  for (const auto& [path, error] : missing) note_unreadable(*load, path, error);
  Misfits misfits;
  for (const Piece& piece : pieces) TRY(feed_piece(*load, reader, piece, misfits));
  if (misfits.count > 0 && misfits.count == pieces.size()) return misfits.first;
  LoadReport report = TRY(load->commit());
  std::int64_t rejects = 0;
  std::size_t failures = 0;
  for (const FileReport& file : report.files) {
    rejects += static_cast<std::int64_t>(file.reject_count);
    failures += file.failure.empty() ? 0 : 1;
  }
  log::info("ingest", "load done",
            {{"format", log::Label(reader.info().name)},
             {"release", report.release ? report.release->id : 0},
             {"files", report.files.size()},
             {"unreadable_files", failures},
             {"rows", report.row_count()},
             {"rejects", rejects},
             {"milliseconds", static_cast<double>(env.monotonic_us() - start) / 1000}});
  return report;
}

namespace {

struct Batch {
  FileContext context;
  std::string file_name;
  std::string bytes;
  std::vector<std::uint64_t> lines;
  std::map<std::uint64_t, std::int64_t> ids;
};

std::uint64_t newline_count(std::string_view text) {
  std::uint64_t count = 0;
  for (const char c : text) count += c == '\n' ? 1 : 0;
  return count;
}

void add_record(Batch& batch, const RejectBytes& record) {
  const std::string& raw = record.raw.reveal(Reason::Match);
  batch.bytes += raw;
  batch.bytes += '\n';
  // A record over several lines maps each of them to its first.
  for (std::uint64_t line = 0; line <= newline_count(raw); ++line) {
    batch.lines.push_back(record.row.line);
  }
  batch.ids[record.row.line] = record.row.id;
}

// One batch a file: positions then map back to that file's lines.
Result<std::map<std::string, Batch>> batches_of(const std::vector<RejectBytes>& records) {
  std::map<std::string, Batch> batches;
  for (const RejectBytes& record : records) {
    if (record.row.line == 0) continue;  // a whole file is fed again, not retried
    Batch& batch = batches[record.content_hash + "/" + record.row.file_name];
    if (batch.bytes.empty()) {
      batch.context = TRY(FileContext::decode(record.context.reveal(Reason::Match)));
      batch.file_name = record.row.file_name;
      if (!batch.context.header.empty()) batch.bytes = batch.context.header + "\n";
    }
    add_record(batch, record);
  }
  return batches;
}

}  // namespace

Result<LoadReport> retry_with(lake::Warehouse& warehouse,
                              const std::vector<std::unique_ptr<FormatReader>>& readers,
                              const RejectFilter& filter, const Request& request,
                              Progress* progress) {
  FormatReader* reader = nullptr;
  for (const std::unique_ptr<FormatReader>& each : readers) {
    if (each->info().name == filter.format) reader = each.get();
  }
  if (reader == nullptr) return Error{Code::Usage, "retry needs the format of the records"};
  if (request.actor.empty()) return Error{Code::Usage, "a retry needs to know who asks for it"};
  Request of_retry = request;
  of_retry.format = filter.format;
  std::unique_ptr<Load> load = TRY(Load::open(warehouse, of_retry, progress));
  const std::vector<RejectBytes> records = TRY(load->quarantine().open_records(filter));
  std::map<std::string, Batch> batches = TRY(batches_of(records));
  for (auto& [key, batch] : batches) {
    FeedFile file =
        TRY(load->begin_bytes(batch.bytes, "retry of " + batch.file_name, filter.format));
    const bool with_header = !batch.context.header.empty();
    file.context = batch.context;
    // A mapping given with the retry is the fix; otherwise the one of the first feed holds.
    if (!request.mapping.empty()) file.context.mapping = load->mapping();
    file.first_mapped_line = with_header ? 1 + newline_count(batch.context.header) + 1 : 1;
    file.original_lines = std::move(batch.lines);
    load->retry_of(std::move(batch.ids));
    Status read = reader->read(*load, file, csv::memory_source(batch.bytes));
    if (!read.ok()) {
      const Error error = std::move(read).error();
      if (is_ours(error.code) || error.code == Code::Usage) return error;
      // Which of the records were read is not known: all stay open.
      file.report.failure = error.message;
      load->forget_retry();
    }
    TRY(load->end_file(file, filter.format));
  }
  return load->commit();
}

}  // namespace eds::ingest
