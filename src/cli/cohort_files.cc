#include <charconv>

#include "base/env.h"
#include "cli/cohort.h"
#include "cohort/definition_reader.h"
#include "cohort/limits.h"

namespace eds::cli {
namespace {

// A `.jsonl` of a whole library is 30 MB.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;

std::int64_t number_in_name(std::string_view path) {
  std::string_view name = base_name(path);
  name = name.substr(0, name.find('.'));
  std::int64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == name.data() + name.size() ? number : 0;
}

struct Text {
  std::string name;
  std::string_view json;
  std::int64_t id = 0;  ///< 0: not said outside
};

std::vector<Text> texts_of(const std::string& path, std::string_view bytes) {
  const bool is_lines = path.ends_with(".jsonl") || path.ends_with(".ndjson");
  if (!is_lines) return {{path, bytes, number_in_name(path)}};
  std::vector<Text> texts;
  std::size_t number = 0;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    texts.push_back({path + " line " + std::to_string(number), line, 0});
  }
  return texts;
}

}  // namespace

Result<PlannedCohorts> read_cohorts(const std::vector<std::string>& paths, cohort::Mode mode,
                                    std::int64_t first_id) {
  const cohort::Reading reading =
      mode == cohort::Mode::Circe ? cohort::Reading::Lenient : cohort::Reading::Strict;
  PlannedCohorts planned;
  std::int64_t position = 0;
  for (const std::string& path : paths) {
    const std::string bytes = TRY(Env::posix().read_all(path, kFileBytesMax));
    for (const Text& text : texts_of(path, bytes)) {
      ++position;
      Result<cohort::NamedDefinition> named = cohort::read_definition(text.json, reading);
      if (!named.ok()) {
        planned.refused.push_back(named.error().within(text.name));
        continue;
      }
      Result<cohort::Plan> plan = cohort::make_plan(named->definition, mode);
      if (!plan.ok()) {
        planned.refused.push_back(plan.error().within(text.name));
        continue;
      }
      std::int64_t id = named->id.value_or(text.id != 0 ? text.id : position);
      if (first_id > 0) id = first_id + position - 1;
      planned.cohorts.push_back({id, text.name, std::move(plan).value(), {}});
    }
  }
  return planned;
}

}  // namespace eds::cli
