#include "uses/care/labels.h"

#include <cctype>

namespace eds::care {
namespace {

// The labels of 100,000 codes are about 10 MB; beyond, the cache starts again.
constexpr std::size_t kLabelCountMax = 100'000;

engine::Select select_of(std::string_view table, const std::vector<std::string_view>& columns) {
  engine::Select select;
  select.table = table;
  for (std::string_view column : columns) {
    select.items.push_back({engine::Expr::column(column), std::string(column)});
  }
  return select;
}

std::string text_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? std::string() : std::string(chunk.text_at(column, row));
}

std::int64_t int_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? 0 : chunk.int_at(column, row);
}

// "I210" -> "I21.0"; other shapes stay.
std::string dotted(const std::string& code) {
  const bool is_cim10 = code.size() > 3 && std::isupper(static_cast<unsigned char>(code[0])) &&
                        std::isdigit(static_cast<unsigned char>(code[1])) &&
                        std::isdigit(static_cast<unsigned char>(code[2])) && code[3] != '.';
  return is_cim10 ? code.substr(0, 3) + "." + code.substr(3) : code;
}

}  // namespace

Result<Labels> Labels::open(engine::Session& session) {
  Labels labels;
  engine::Answer sites = TRY(session.query(
      select_of("care_site", {"care_site_id", "care_site_source_value", "care_site_name"})));
  while (std::optional<duck::Chunk> chunk = TRY(sites.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      labels.care_sites_[int_at(*chunk, 0, row)] =
          CareSite{text_at(*chunk, 1, row), text_at(*chunk, 2, row)};
    }
  }
  engine::Answer files =
      TRY(session.query(select_of("eds_source", {"eds_source_id", "file_name", "format", "fed_at",
                                                 "record_count", "reject_count"})));
  while (std::optional<duck::Chunk> chunk = TRY(files.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      labels.sources_[int_at(*chunk, 0, row)] =
          SourceFile{text_at(*chunk, 1, row), text_at(*chunk, 2, row), int_at(*chunk, 3, row),
                     int_at(*chunk, 4, row), int_at(*chunk, 5, row)};
    }
  }
  return labels;
}

Status Labels::learn(engine::Session& session, const std::vector<std::string>& codes) {
  if (labels_.size() > kLabelCountMax) labels_.clear();
  std::vector<engine::Expr> wanted;
  std::unordered_map<std::string, std::string> plain_of;
  for (const std::string& code : codes) {
    if (code.empty() || !labels_.emplace(code, "").second) continue;
    wanted.push_back(engine::Expr::literal(std::string_view(code)));
    const std::string other = dotted(code);
    if (other == code) continue;
    plain_of[other] = code;
    wanted.push_back(engine::Expr::literal(std::string_view(other)));
  }
  if (wanted.empty()) return {};
  engine::Select select = select_of("concept", {"concept_code", "concept_name"});
  select.where = engine::Expr::in(engine::Expr::column("concept_code"), std::move(wanted));
  engine::Answer rows = TRY(session.query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      const std::string code = text_at(*chunk, 0, row);
      const auto plain = plain_of.find(code);
      labels_[plain == plain_of.end() ? code : plain->second] = text_at(*chunk, 1, row);
    }
  }
  return {};
}

Status Labels::learn_concepts(engine::Session& session, const std::vector<std::int64_t>& ids) {
  std::vector<engine::Expr> wanted;
  for (std::int64_t id : ids) {
    if (id != 0 && concept_codes_.emplace(id, "").second) {
      wanted.push_back(engine::Expr::literal(id));
    }
  }
  if (wanted.empty()) return {};
  engine::Select select = select_of("concept", {"concept_id", "concept_code", "concept_name"});
  select.where = engine::Expr::in(engine::Expr::column("concept_id"), std::move(wanted));
  engine::Answer rows = TRY(session.query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      const std::string code = text_at(*chunk, 1, row);
      concept_codes_[int_at(*chunk, 0, row)] = code;
      labels_[code] = text_at(*chunk, 2, row);
    }
  }
  return {};
}

const std::string* Labels::concept_code(std::int64_t id) const {
  const auto found = concept_codes_.find(id);
  return found == concept_codes_.end() || found->second.empty() ? nullptr : &found->second;
}

std::string_view Labels::label(const std::string& code) const {
  const auto found = labels_.find(code);
  return found == labels_.end() ? std::string_view() : std::string_view(found->second);
}

const CareSite* Labels::care_site(std::int64_t id) const {
  const auto found = care_sites_.find(id);
  return found == care_sites_.end() ? nullptr : &found->second;
}

const SourceFile* Labels::source(std::int64_t id) const {
  const auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : &found->second;
}

}  // namespace eds::care
