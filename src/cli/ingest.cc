#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "format/json/json_writer.h"
#include "ingest/feed.h"

namespace eds::cli {
namespace {

ingest::Request request_of(Context& context, const Config& config) {
  ingest::Request request;
  request.actor = context.actor();
  request.audit = &context.audit();
  request.memory_bytes_max = static_cast<std::uint64_t>(config.memory_megabytes) * 1'000'000;
  request.threads = static_cast<int>(config.threads);
  return request;
}

// Shows the load's progress; Ctrl-C cancels it.
void follow(ingest::Progress& progress, ProgressBar& bar) {
  progress.on_change = [&](const ingest::Progress& now) {
    if (interrupted()) progress.cancelled = true;
    const double total = static_cast<double>(now.bytes_total.load());
    const double done = static_cast<double>(now.bytes_done.load());
    bar.show(total > 0 ? done / total : 0,
             fmt::format("{} rows, {} rejected", now.rows.load(), now.rejects.load()));
  };
}

void write_counts(json::Writer& out, std::string_view name,
                  const std::map<std::string, std::int64_t>& counts) {
  out.key(name).begin_object();
  for (const auto& [key, count] : counts) out.member(key, count);
  out.end_object();
}

std::string report_json(const ingest::LoadReport& report) {
  json::Writer out;
  out.begin_object().key("release");
  if (report.release) {
    out.string(report.release->name);
  } else {
    out.null();
  }
  write_counts(out, "added_rows", report.added_rows);
  write_counts(out, "superseded_rows", report.superseded_rows);
  out.member("conflicts", report.conflict_count);
  write_counts(out, "unmapped_codes", report.unmapped_codes);
  out.key("files").begin_array();
  for (const ingest::FileReport& file : report.files) {
    out.begin_object().member("file", file.name).member("source_id", file.source_id);
    out.member("already_fed", file.already_fed).member("failure", file.failure);
    out.member("records", file.record_count).member("rows", file.row_count);
    out.member("rejects", file.reject_count);
    write_counts(out, "rows_by_table", file.rows_by_table);
    write_counts(out, "rejects_by_reason", file.rejects_by_reason);
    write_counts(out, "warnings_by_reason", file.warnings_by_reason);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

Result<Exit> finish(const Global& global, const ingest::LoadReport& report) {
  TRY(print(global.format == "json" ? report_json(report) : report.summary()));
  return report.has_rejects() ? Exit::Rejects : Exit::Done;
}

ingest::RejectFilter filter_of(const QuarantineOptions& options) {
  ingest::RejectFilter filter;
  if (options.id != 0) filter.ids = {options.id};
  filter.format = options.source_format;
  filter.code = options.code;
  filter.limit = options.limit;
  if (options.state == "all") filter.state.reset();
  if (options.state == "loaded") filter.state = ingest::RejectState::Loaded;
  if (options.state == "replaced") filter.state = ingest::RejectState::Replaced;
  if (options.state == "dismissed") filter.state = ingest::RejectState::Dismissed;
  return filter;
}

Status list(const Global& global, ingest::Quarantine& quarantine,
            const QuarantineOptions& options) {
  Listing listing({"id", "file", "line", "field", "code", "reason", "state"});
  for (const ingest::RejectRow& row : TRY(quarantine.list(filter_of(options)))) {
    listing.add({row.id, row.file_name, static_cast<std::int64_t>(row.line), row.field, row.code,
                 row.reason, std::string(ingest::reject_state_name(row.state))});
  }
  return listing.print(global.format);
}

Status counts(const Global& global, ingest::Quarantine& quarantine) {
  Listing listing({"format", "field", "code", "state", "records"});
  for (const ingest::RejectCount& row : TRY(quarantine.counts())) {
    listing.add({row.format, row.field, row.code, std::string(ingest::reject_state_name(row.state)),
                 row.count});
  }
  return listing.print(global.format);
}

Result<Exit> retry(const Global& global, Context& context, const QuarantineOptions& options) {
  const Config& config = context.config();
  ingest::RejectFilter filter = filter_of(options);
  filter.limit = 1'000'000;
  ingest::Progress progress;
  ProgressBar bar("retrying");
  follow(progress, bar);
  const ingest::LoadReport report =
      TRY(ingest::retry(context.warehouse(), filter, request_of(context, config), &progress));
  bar.finish();
  return finish(global, report);
}

}  // namespace

Result<Exit> run_ingest(const Global& global, const IngestOptions& options) {
  if (options.format.empty()) {
    Listing listing({"format", "what", "mapping"});
    for (const ingest::FormatInfo& format : ingest::formats()) {
      listing.add({std::string(format.name), std::string(format.what),
                   std::string(format.needs_mapping ? "needed" : "")});
    }
    TRY(listing.print(global.format));
    return Exit::Done;
  }
  Context context = TRY(Context::open(global));
  const Config& config = context.config();
  ingest::Request request = request_of(context, config);
  request.format = options.format;
  request.paths = options.paths;
  request.mapping = options.mapping;
  request.source_name = options.source;
  request.authority = options.authority;
  request.note = options.note;
  if (options.keep_source_values) request.source_values = ingest::SourceValues::Keep;
  watch_interrupt();
  ingest::Progress progress;
  ProgressBar bar("feeding");
  follow(progress, bar);
  const ingest::LoadReport report = TRY(ingest::feed(context.warehouse(), request, &progress));
  bar.finish();
  return finish(global, report);
}

Result<Exit> run_quarantine(const Global& global, const QuarantineOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "retry") return retry(global, context, options);
  Env& env = Env::posix();
  const Path& directory = context.warehouse().directory();
  const std::unique_ptr<govern::Vault> vault =
      TRY(govern::Vault::open(env, context.keys(), join(directory, "landing")));
  const std::unique_ptr<ingest::Quarantine> quarantine =
      TRY(ingest::Quarantine::open(env, *vault, join(directory, "quarantine")));
  if (options.verb == "list") {
    TRY(list(global, *quarantine, options));
  } else if (options.verb == "count") {
    TRY(counts(global, *quarantine));
  } else if (options.verb == "show") {
    const ingest::RejectBytes found =
        TRY(quarantine->show(options.id, context.audit(), context.actor(), "correction"));
    // The owner asked for this one record by its number, and the audit says so.
    TRY(print(found.raw.reveal(Reason::Care) + "\n"));
  } else if (options.verb == "correct") {
    const std::string bytes = TRY(env.read_all(options.raw_file, 64U << 20));
    TRY(quarantine->correct(options.id, Identifying<std::string>(bytes), context.audit(),
                            context.actor()));
    TRY(print(fmt::format("record {} is corrected; eds quarantine retry feeds it\n", options.id)));
  } else {
    TRY(quarantine->dismiss(options.id, context.audit(), context.actor(), options.code));
    TRY(print(fmt::format("record {} is dismissed\n", options.id)));
  }
  return Exit::Done;
}

}  // namespace eds::cli
