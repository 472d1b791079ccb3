#include "cli/config.h"

// With exceptions, as in ingest/csv_mapping.cc: the two ways of building toml++ may not meet in one
// program.
#include <toml++/toml.h>

#include <set>

namespace eds::cli {
namespace {

constexpr std::uint64_t kConfigBytesMax = 1U << 20;

const std::set<std::string> kKnown = {"warehouse.name",          "warehouse.synthetic",
                                      "limits.memory_megabytes", "limits.threads",
                                      "serve.address",           "serve.port"};

Status check_keys(const toml::table& root) {
  for (const auto& [section, value] : root) {
    const toml::table* table = value.as_table();
    if (table == nullptr) {
      return Error{Code::Usage,
                   "eds.toml: a setting outside its section: " + std::string(section.str())};
    }
    for (const auto& [key, unused] : *table) {
      const std::string name = std::string(section.str()) + "." + std::string(key.str());
      if (kKnown.count(name) == 0) {
        return Error{Code::Usage, "eds.toml: no such setting: " + name};
      }
    }
  }
  return {};
}

}  // namespace

Result<Config> read_config(const Path& directory) {
  Config config;
  const Result<std::string> text =
      Env::posix().read_all(join(directory, "eds.toml"), kConfigBytesMax);
  if (!text.ok() && text.error().code == Code::NotFound) return config;
  if (!text.ok()) return text.error();
  toml::table root;
  try {
    root = toml::parse(*text);
  } catch (const toml::parse_error& error) {
    return Error{Code::Usage, "eds.toml, line " + std::to_string(error.source().begin.line) + ": " +
                                  std::string(error.description())};
  }
  TRY(check_keys(root));
  config.name = root["warehouse"]["name"].value_or(config.name);
  config.synthetic = root["warehouse"]["synthetic"].value_or(config.synthetic);
  config.memory_megabytes = root["limits"]["memory_megabytes"].value_or(config.memory_megabytes);
  config.threads = root["limits"]["threads"].value_or(config.threads);
  config.address = root["serve"]["address"].value_or(config.address);
  config.port = root["serve"]["port"].value_or(config.port);
  return config;
}

}  // namespace eds::cli
