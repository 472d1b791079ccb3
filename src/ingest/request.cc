#include "ingest/request.h"

#include <fmt/format.h>

namespace eds::ingest {
namespace {

// A terminal shows the most frequent reasons; the rest is a count.
constexpr std::size_t kReasonsShown = 12;

void append_reasons(std::string& text, std::string_view title,
                    const std::map<std::string, std::int64_t>& reasons) {
  std::multimap<std::int64_t, std::string_view, std::greater<>> by_count;
  for (const auto& [reason, count] : reasons) by_count.emplace(count, reason);
  std::size_t shown = 0;
  for (const auto& [count, reason] : by_count) {
    if (++shown > kReasonsShown) {
      text += fmt::format("    {} more reasons\n", by_count.size() - kReasonsShown);
      return;
    }
    text += fmt::format("    {} {:>9}  {}\n", title, count, reason);
  }
}

}  // namespace

std::int64_t LoadReport::reject_count() const {
  std::int64_t count = 0;
  for (const FileReport& file : files) count += file.reject_count;
  return count;
}

std::int64_t LoadReport::row_count() const {
  std::int64_t count = 0;
  for (const FileReport& file : files) count += file.row_count;
  return count;
}

bool LoadReport::has_rejects() const {
  for (const FileReport& file : files) {
    if (file.reject_count > 0 || !file.failure.empty()) return true;
  }
  return false;
}

std::string LoadReport::summary() const {
  std::string text;
  for (const FileReport& file : files) {
    if (file.already_fed) {
      text += fmt::format("{}: already fed, nothing to do\n", file.name);
      continue;
    }
    text += fmt::format("{}: {} records, {} rows, {} rejects\n", file.name, file.record_count,
                        file.row_count, file.reject_count);
    if (!file.failure.empty()) text += fmt::format("    stopped: {}\n", file.failure);
    append_reasons(text, "reject ", file.rejects_by_reason);
    append_reasons(text, "warning", file.warnings_by_reason);
  }
  for (const auto& [table, count] : added_rows) {
    const auto former = superseded_rows.find(table);
    text += fmt::format("{:<24} {:>12} rows", table, count);
    if (former != superseded_rows.end() && former->second > 0) {
      text += fmt::format(", {} superseded", former->second);
    }
    text += "\n";
  }
  if (conflict_count > 0) text += fmt::format("conflicts kept visible: {}\n", conflict_count);
  if (!unmapped_codes.empty()) {
    text += fmt::format("codes without a concept: {}\n", unmapped_codes.size());
    append_reasons(text, "unmapped", unmapped_codes);
  }
  text += release.has_value() ? fmt::format("release {}\n", release->name) : "nothing changed\n";
  return text;
}

}  // namespace eds::ingest
