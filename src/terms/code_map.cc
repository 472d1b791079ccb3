#include "terms/code_map.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "format/text/dates.h"
#include "format/text/numbers.h"
#include "terms/records.h"

namespace eds::terms {
Status CodeMap::add(const SourceToConceptRow& row) {
  if (!row.invalid_reason.empty() || row.target_concept_id == 0) return {};
  if (mapping_count_ >= kMappingsMax) {
    return Error{Code::Limit, fmt::format("mappings exceed kMappingsMax ({})", kMappingsMax)};
  }
  ++mapping_count_;
  mappings_[std::string(row.source_vocabulary_id)][std::string(row.source_code)].push_back(
      {row.target_concept_id, row.valid_start, row.valid_end});
  return {};
}

Result<LoadReport> CodeMap::load(Env& env, const Path& path) {
  Records records = TRY(Records::open(env, path));
  LoadReport report;
  while (TRY(records.next())) {
    SourceToConceptRow row;
    row.source_code = records["source_code"];
    row.source_vocabulary_id = records["source_vocabulary_id"];
    row.invalid_reason = records["invalid_reason"];
    const auto target = text::parse_integer(records["target_concept_id"]);
    const auto start = text::parse_vocabulary_date(records["valid_start_date"]);
    const auto end = text::parse_vocabulary_date(records["valid_end_date"]);
    if (row.source_code.empty() || !target || !start || !end) {
      ++report.bad_count;
      report.warn(fmt::format("mapping cannot be read, record {}", records.record_count()));
      continue;
    }
    row.target_concept_id = *target;
    row.valid_start = *start;
    row.valid_end = *end;
    TRY(add(row));
  }
  report.record_count = records.record_count();
  report.bad_count += records.bad_count();
  return report;
}

std::vector<std::int64_t> CodeMap::look_up(std::string_view vocabulary_id, std::string_view code,
                                           std::int32_t day) const {
  std::vector<std::int64_t> found;
  const auto vocabulary = mappings_.find(vocabulary_id);
  if (vocabulary == mappings_.end()) return found;
  const auto at = vocabulary->second.find(code);
  if (at == vocabulary->second.end()) return found;
  for (const Mapping& mapping : at->second) {
    if (mapping.valid_start <= day && day <= mapping.valid_end) found.push_back(mapping.concept_id);
  }
  return found;
}

std::int64_t CodeMap::look_up_one(std::string_view vocabulary_id, std::string_view code,
                                  std::int32_t day) const {
  const auto vocabulary = mappings_.find(vocabulary_id);
  if (vocabulary == mappings_.end()) return 0;
  const auto at = vocabulary->second.find(code);
  if (at == vocabulary->second.end()) return 0;
  for (const Mapping& mapping : at->second) {
    if (mapping.valid_start <= day && day <= mapping.valid_end) return mapping.concept_id;
  }
  return 0;
}

void CodeMap::count_unmapped(std::string_view vocabulary_id, std::string_view code) {
  std::string key(vocabulary_id);
  key.push_back('\0');
  key.append(code.substr(0, 200));  // a source that sends texts as codes may not fill the memory
  ++unmapped_[std::move(key)];
  ++unmapped_total_;
  if (unmapped_.size() <= 2 * kUnmappedKept) return;
  // Misra-Gries: take the count of the first code beyond the kept ones from all of them.
  std::vector<std::uint64_t> counts;
  for (const auto& [name, count] : unmapped_) counts.push_back(count);
  std::nth_element(counts.begin(), counts.begin() + kUnmappedKept, counts.end(), std::greater<>());
  const std::uint64_t taken = counts[kUnmappedKept];
  unmapped_error_ += taken;
  std::erase_if(unmapped_, [&](const auto& entry) { return entry.second <= taken; });
  for (auto& [name, count] : unmapped_) count -= taken;
}

CodeMap::Unmapped CodeMap::unmapped() const {
  Unmapped result;
  result.total = unmapped_total_;
  result.error_max = unmapped_error_;
  for (const auto& [key, count] : unmapped_) {
    const std::size_t cut = key.find('\0');
    result.codes.push_back({key.substr(0, cut), key.substr(cut + 1), count});
  }
  std::sort(result.codes.begin(), result.codes.end(),
            [](const UnmappedCode& a, const UnmappedCode& b) {
              return std::tie(b.count, a.vocabulary_id, a.code) <
                     std::tie(a.count, b.vocabulary_id, b.code);
            });
  if (result.codes.size() > kUnmappedKept) result.codes.resize(kUnmappedKept);
  return result;
}

}  // namespace eds::terms
