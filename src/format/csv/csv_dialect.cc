// detect_dialect(): each candidate reads the sample, and the one whose rows agree best wins.
#include <algorithm>
#include <map>
#include <string>

#include "format/csv/csv_reader.h"
#include "format/text/numbers.h"

namespace eds::csv {
namespace {

constexpr std::size_t kRowsJudged = 200;

struct Judgement {
  double score = 0;
  std::uint64_t bad_count = 0;
  std::vector<std::string> first_row;
};

Judgement judge(std::string_view sample, const Dialect& dialect) {
  Judgement judgement;
  auto reader = Reader::over(sample, dialect);
  if (!reader.ok()) return judgement;
  std::map<std::size_t, std::size_t> rows_by_count;
  std::size_t row_count = 0;
  while (row_count < kRowsJudged) {
    const auto step = reader->next();
    if (!step.ok() || *step == Step::End) break;
    if (*step == Step::Bad) {
      ++judgement.bad_count;
      ++row_count;
      continue;
    }
    const bool cut = !sample.ends_with('\n') && !sample.ends_with('\r') && row_count > 0 &&
                     reader->row().offset() + reader->row().raw().size() >= sample.size();
    if (cut) break;  // the sample's last row may be half a row
    if (row_count == 0) {
      for (const auto field : reader->row().fields()) judgement.first_row.emplace_back(field);
    }
    ++row_count;
    ++rows_by_count[reader->row().size()];
  }
  for (const auto& [columns, rows] : rows_by_count) {
    if (columns < 2) continue;
    const double share = static_cast<double>(rows) / static_cast<double>(row_count);
    const double width = static_cast<double>(std::min<std::size_t>(columns, 50));
    judgement.score = std::max(judgement.score, share * share * width);
  }
  return judgement;
}

bool looks_like_header(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = text::trim(names[i]);
    if (name.empty() || (name[0] >= '0' && name[0] <= '9') || text::parse_decimal(name)) {
      return false;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) return false;
    }
  }
  return !names.empty();
}

}  // namespace

Dialect detect_dialect(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
  Dialect base;
  base.header = Header::Absent;
  base.ragged = Ragged::Any;
  if (sample.find('\n') == std::string_view::npos && sample.find('\r') != std::string_view::npos) {
    base.row_end = RowEnd::CarriageReturn;
  }
  Dialect best = base;
  Judgement best_judgement = judge(sample, base);
  for (const char separator : {',', ';', '\t', '|'}) {
    for (const char quote : {'"', '\0'}) {
      Dialect candidate = base;
      candidate.separator = separator;
      candidate.quote = quote;
      const Judgement judgement = judge(sample, candidate);
      // Quoting is only given up when it makes bad rows.
      const bool better = judgement.score > best_judgement.score * 1.0001;
      if (better && (quote == '"' || best.separator != separator || best_judgement.bad_count > 0)) {
        best = candidate;
        best_judgement = judgement;
      }
    }
  }
  best.ragged = Ragged::Refuse;
  best.header = looks_like_header(best_judgement.first_row) ? Header::Present : Header::Absent;
  return best;
}

}  // namespace eds::csv
