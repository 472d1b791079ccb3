#include "ingest/load.h"

#include <algorithm>
#include <set>
#include <utility>

#include "govern/audit/server.h"

namespace eds::ingest {
namespace {

// Ids of a table are taken from the catalogue this many at a time: 1 M ids lost by a crash are
// nothing among 2^63, and 1.4 G rows ask 1,400 times.
constexpr std::int64_t kIdBlockMax = 1'000'000;

// The last merge of the identity store that the lake follows.
constexpr std::string_view kMergesMark = "identity_merges";

Result<govern::KeyRing> keys_of(lake::Warehouse& warehouse) {
  const Path directory = join(warehouse.directory(), "keys");
  Result<govern::KeyRing> keys = govern::KeyRing::open(warehouse.env(), directory);
  if (keys.ok() || keys.error().code != Code::NotFound) return keys;
  // A warehouse made without keys gets them with its first load; one that has been fed was sealed
  // under keys that must come back, and new ones beside its old bytes would lose both.
  const Result<lake::Release> fed = warehouse.catalogue().latest();
  if (fed.ok()) {
    return Error{Code::NotFound, "the keys of this warehouse are not in " + directory +
                                     ": bring them back (docs/operating/backup.md)"};
  }
  if (fed.error().code != Code::NotFound) return fed.error();
  return govern::KeyRing::create(warehouse.env(), directory);
}

// What a zip's member holds, for the vault, which reads once from front to back. Damage, and what
// expands without end, are its end here: the landing zone keeps the sound bytes, and the reader,
// who meets the same error after the same bytes, reports it.
class MemberFile final : public ReadableFile {
 public:
  MemberFile(std::unique_ptr<csv::ByteSource> source, const Load& load)
      : source_(std::move(source)), load_(&load) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    ENSURE(offset == read_);
    if (load_->is_cancelled()) return Error{Code::Cancelled, "the load was cancelled"};
    Result<std::size_t> count = source_->read(into);
    if (!count.ok()) {
      const Code code = count.error().code;
      if (code == Code::Malformed || code == Code::Limit) return std::size_t{0};
      return count;
    }
    read_ += *count;
    return count;
  }
  std::uint64_t size() const override { return read_; }

 private:
  std::unique_ptr<csv::ByteSource> source_;
  const Load* load_;
  std::uint64_t read_ = 0;
};

}  // namespace

Result<std::unique_ptr<Load>> Load::open(lake::Warehouse& warehouse, const Request& request,
                                         Progress* progress) {
  std::unique_ptr<Load> load(new Load(warehouse, request, progress));
  TRY(load->open_stores());
  if (!request.mapping.empty()) {
    load->mapping_ = TRY(warehouse.env().read_all(request.mapping, 16 << 20));
  }
  load->sequences_.resize(model::tables().size());
  // Said before anything is done: a load that the audit cannot hold does not begin.
  TRY(load->leave_trace(govern::Outcome::Begun));
  return load;
}

Status Load::open_stores() {
  const Path& directory = warehouse_->directory();
  keys_.emplace(TRY(keys_of(*warehouse_)));
  vault_ = TRY(govern::Vault::open(env(), *keys_, join(directory, "landing")));
  audit_ = request_.audit;
  if (audit_ == nullptr) {
    const Config config = TRY(read_config(env(), directory));
    own_audit_ = TRY(audit::audit_of(env(), *keys_, directory, config));
    audit_ = own_audit_.get();
  }
  quarantine_ = TRY(Quarantine::open(env(), *vault_, join(directory, "quarantine")));
  identities_ = TRY(govern::IdentityStore::open(env(), *keys_, join(directory, "identity")));
  TRY(identities_->begin());
  in_identities_ = true;
  lake::LoaderOptions options;
  options.memory_bytes_max = request_.memory_bytes_max;
  options.threads = request_.threads;
  loader_ = TRY(lake::Loader::open(*warehouse_, options));
  // Persons and stays are assembled by SQL over every claim of the load.
  TRY(loader_->hold(model::table("eds_person_claim")));
  TRY(loader_->hold(model::table("eds_visit_claim")));
  concepts_ = std::make_unique<Concepts>(*loader_);
  claims_ = std::make_unique<Claims>(*this);
  return {};
}

Status Load::leave_trace(govern::Outcome outcome) {
  govern::AuditEvent event;
  event.actor = request_.actor;
  event.action = "ingest";
  event.object = request_.format;
  event.reason = request_.note;
  event.outcome = outcome;
  if (report_.release.has_value()) event.release = report_.release->name;
  event.row_count = report_.row_count();
  const Status done = audit_->append(event);
  is_open_in_audit_ = done.ok() && outcome == govern::Outcome::Begun;
  return done;
}

Load::~Load() {
  if (is_open_in_audit_) static_cast<void>(leave_trace(govern::Outcome::Failed));
  if (in_identities_) static_cast<void>(identities_->rollback());
  if (quarantine_ != nullptr) quarantine_->rollback();
}

Result<std::optional<FeedFile>> Load::begin_file(const Piece& piece, std::string_view format) {
  FeedFile file;
  file.name = std::string(base_name(piece.member.empty() ? piece.path : piece.member));
  file.report.name = file.name;
  file.context.mapping = mapping_;
  file.context.member = piece.table;
  govern::Stored stored;
  if (piece.member.empty()) {
    const std::unique_ptr<ReadableFile> source = TRY(env().open(piece.path));
    file.report.bytes = source->size();
    stored = TRY(vault_->put(*source, Identifying<std::string>(file.name)));
  } else {
    MemberFile member(TRY(csv::open_zip_member(env(), piece.path, piece.member)), *this);
    stored = TRY(vault_->put(member, Identifying<std::string>(file.name)));
    file.report.bytes = stored.plain_bytes;
  }
  file.report.content_hash = stored.id.hex();
  // The same bytes may be fed as two formats, or as two tables (empty files are all alike).
  file.feed_key = file.report.content_hash + " " + std::string(format) +
                  (piece.table.empty() ? "" : " " + piece.table);
  const bool in_this_load = std::any_of(feeds_.begin(), feeds_.end(), [&](const lake::Feed& feed) {
    return feed.content_hash == file.feed_key;
  });
  const std::optional<lake::Feed> before = TRY(warehouse_->catalogue().feed(file.feed_key));
  if (before.has_value() || in_this_load) {
    file.report.already_fed = true;
    if (before.has_value()) file.report.source_id = before->source_id;
    report_.files.push_back(std::move(file.report));
    return std::optional<FeedFile>();
  }
  file.source_id = TRY(warehouse_->catalogue().reserve("eds_source", 1));
  file.report.source_id = file.source_id;
  if (progress_ != nullptr) {
    progress_->bytes_total = file.report.bytes;
    progress_->bytes_done = 0;
  }
  return std::optional<FeedFile>(std::move(file));
}

Result<FeedFile> Load::begin_bytes(std::string_view bytes, const std::string& name,
                                   std::string_view format) {
  FeedFile file;
  file.name = name;
  file.report.name = name;
  file.report.bytes = bytes.size();
  const govern::Stored stored = TRY(vault_->put_bytes(bytes, Identifying<std::string>(name)));
  file.report.content_hash = stored.id.hex();
  file.source_id = TRY(warehouse_->catalogue().reserve("eds_source", 1));
  // A retry is an act of its own: the same bytes may be tried again once a mapping has changed.
  file.feed_key = file.report.content_hash + " " + std::string(format) + " retry " +
                  std::to_string(file.source_id);
  file.report.source_id = file.source_id;
  retry_source_ = file.source_id;
  return file;
}

Status Load::end_file(FeedFile& file, std::string_view format) {
  if (file.feed_key.empty()) {  // the reader left the whole file out
    report_.files.push_back(file.report);
    return {};
  }
  const model::Table& table = model::table("eds_source");
  model::RowWriter& row = *TRY(loader_->rows(table));
  row.set(table.column("eds_source_id"), file.source_id);
  row.set_text(table.column("file_name"), file.name);
  row.set_text(table.column("format"), format);
  row.set_text(table.column("source_name"), request_.source_name);
  row.set_text(table.column("content_hash"), file.report.content_hash);
  row.set(table.column("content_bytes"), static_cast<std::int64_t>(file.report.bytes));
  if (!file.report.encoding.empty()) {
    row.set_text(table.column("encoding"), file.report.encoding);
  }
  row.set(table.column("fed_at"), env().now_us());
  for (const auto& [name, count] : file.report.rows_by_table) file.report.row_count += count;
  row.set(table.column("record_count"), file.report.record_count);
  row.set(table.column("row_count"), file.report.row_count);
  row.set(table.column("reject_count"), file.report.reject_count);
  TRY(row.end_row());
  feeds_.push_back(lake::Feed{file.feed_key, file.source_id, std::string(format)});
  report_.files.push_back(file.report);
  retried_.clear();
  return {};
}

Status Load::keep(std::string_view bytes, const std::string& name) {
  TRY(vault_->put_bytes(bytes, Identifying<std::string>(name)));
  return {};
}

Result<model::RowWriter*> Load::rows(std::string_view table) {
  return loader_->rows(model::table(table));
}

Result<std::int64_t> Load::next_id(const model::Table& table) {
  Sequence& sequence = sequences_[table.id];
  if (sequence.next == sequence.end) {
    sequence.next = TRY(warehouse_->catalogue().reserve(table.name, sequence.block));
    sequence.end = sequence.next + sequence.block;
    sequence.block = std::min(sequence.block * 8, kIdBlockMax);
  }
  return sequence.next++;
}

Status Load::keep_ids_above(const model::Table& table, std::int64_t used) {
  const std::int64_t next = TRY(warehouse_->catalogue().reserve(table.name, 1));
  if (next > used) return {};
  TRY(warehouse_->catalogue().reserve(table.name, used - next));
  return {};
}

void Load::stamp(model::RowWriter& row, const Provenance& from) {
  const model::Table& table = row.table();
  if (table.source_column == model::kNoColumn) return;
  // The three columns stand together, in this order, in every table that has them.
  row.set(table.source_column, from.source_id);
  row.set(table.source_column + 1, from.position);
  if (from.record_key != 0) row.set(table.key_column, from.record_key);
}

Status Load::reject(FeedFile& file, const Reject& reject) {
  ++file.report.reject_count;
  std::string reason(reject.field);
  if (!reason.empty()) reason += ": ";
  reason += reject.reason;
  ++file.report.rejects_by_reason[reason];
  if (progress_ != nullptr) ++progress_->rejects;
  Reject original = reject;
  original.line = file.original_line(reject.line);
  const auto retried = retried_.find(original.line);
  if (retried != retried_.end()) {
    std::erase(settled_retries_, retried->second);
    return quarantine_->set_reason(retried->second, original);
  }
  if (file.report.reject_count > kRejectsPerFileMax) {
    return Error{Code::Limit, "more rejects than kRejectsPerFileMax: is this the right format?"};
  }
  Quarantine::Source source;
  source.source_id = file.source_id;
  source.file_name = file.name;
  source.content_hash = file.report.content_hash;
  source.format = request_.format;
  const std::string context = file.context.encode();
  source.context = context;
  return quarantine_->add(source, original);
}

void Load::warn(FeedFile& file, std::string_view field, std::string_view reason) {
  std::string text(field);
  if (!text.empty()) text += ": ";
  text += reason;
  ++file.report.warnings_by_reason[text];
}

Status Load::checkpoint(std::uint64_t bytes_done, std::uint64_t rows) {
  rows_seen_ += rows;
  if (progress_ != nullptr) {
    progress_->bytes_done = bytes_done;
    progress_->rows += rows;
    if (progress_->on_change) progress_->on_change(*progress_);
    if (progress_->cancelled) return Error{Code::Cancelled, "the load was cancelled"};
  }
  return loader_->relieve();
}

void Load::retry_of(std::map<std::uint64_t, std::int64_t> reject_ids_by_line) {
  retried_ = std::move(reject_ids_by_line);
  for (const auto& [line, id] : retried_) settled_retries_.push_back(id);
}

void Load::forget_retry() {
  for (const auto& [line, id] : retried_) std::erase(settled_retries_, id);
}

// Merges of persons and stays that the lake has not followed yet: those of this load, and those of
// loads that failed between the identities' commit and the lake's. The lake follows one step of a
// merge; chains are closed here.
Status Load::settle_merges() {
  const std::int64_t followed = TRY(warehouse_->catalogue().mark(kMergesMark));
  const govern::MergeNews news = TRY(identities_->merges_since(followed));
  std::unordered_map<govern::PersonId, govern::PersonId> merges;
  for (const govern::PersonId absorbed : news.absorbed_persons) {
    const govern::PersonId survivor = TRY(identities_->resolve(absorbed));
    if (survivor == absorbed || !merges.emplace(absorbed, survivor).second) continue;
    TRY(loader_->merge_person(absorbed, survivor));
  }
  std::set<govern::VisitId> stays;
  for (const govern::VisitId absorbed : news.absorbed_visits) {
    const govern::VisitId survivor = TRY(identities_->resolve_visit(absorbed));
    if (survivor == absorbed || !stays.insert(absorbed).second) continue;
    TRY(loader_->merge_stay(absorbed, survivor));
  }
  loader_->mark(std::string(kMergesMark), news.last_merge_no);
  const std::int64_t source = feeds_.empty() ? 0 : feeds_.back().source_id;
  report_.conflict_count = TRY(claims_->assemble(merges, source));
  return {};
}

Status Load::settle_retries() {
  for (const std::int64_t id : settled_retries_) {
    TRY(quarantine_->set_state(id, RejectState::Loaded, retry_source_));
  }
  return quarantine_->commit();
}

Result<LoadReport> Load::commit() {
  TRY(loader_->begin_commit());
  TRY(settle_merges());
  TRY(identities_->commit());
  in_identities_ = false;
  // Rejects first: a record that is neither in the lake nor in the quarantine would be lost.
  if (settled_retries_.empty()) TRY(quarantine_->commit());
  lake::LoadOutcome outcome = TRY(loader_->commit(request_.actor, request_.note, feeds_));
  TRY(settle_retries());
  for (const lake::TableOutcome& table : outcome.tables) {
    report_.added_rows[table.table] = table.added_rows;
    report_.superseded_rows[table.table] = table.superseded_rows;
  }
  report_.release = outcome.release;
  report_.unmapped_codes = concepts_->unmapped();
  TRY(leave_trace(govern::Outcome::Done));
  return std::move(report_);
}

}  // namespace eds::ingest
