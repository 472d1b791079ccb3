#include "base/config.h"

#include <functional>
#include <limits>

#include "base/toml.h"

namespace eds {
namespace {

constexpr std::uint64_t kConfigBytesMax = 1U << 20;

using Value = decltype(TomlEntry::value);

struct Setting {
  std::string_view name;
  std::string wanted;  ///< what its value must be, in words
  std::function<bool(Config&, const Value&)> set;
};

Setting text(std::string_view name, std::string Config::*member) {
  return {name, "a text in quotes", [member](Config& config, const Value& value) {
            const auto* given = std::get_if<std::string>(&value);
            if (given != nullptr) config.*member = *given;
            return given != nullptr;
          }};
}

Setting flag(std::string_view name, bool Config::*member) {
  return {name, "true or false", [member](Config& config, const Value& value) {
            const auto* given = std::get_if<bool>(&value);
            if (given != nullptr) config.*member = *given;
            return given != nullptr;
          }};
}

Setting whole(std::string_view name, std::int64_t Config::*member, std::int64_t low,
              std::int64_t high) {
  return {name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
          [=](Config& config, const Value& value) {
            const auto* given = std::get_if<std::int64_t>(&value);
            const bool good = given != nullptr && *given >= low && *given <= high;
            if (good) config.*member = *given;
            return good;
          }};
}

Setting seconds(std::string_view name, double Config::*member) {
  return {name, "a number of seconds from 0 to 86400", [=](Config& config, const Value& value) {
            double given = -1;
            if (const auto* number = std::get_if<double>(&value)) given = *number;
            if (const auto* number = std::get_if<std::int64_t>(&value)) {
              given = static_cast<double>(*number);
            }
            const bool good = given >= 0 && given <= 86'400;
            if (good) config.*member = given;
            return good;
          }};
}

Setting level(std::string_view name, log::Level Config::*member) {
  return {name, "\"debug\", \"info\", \"warning\", \"error\" or \"off\"",
          [member](Config& config, const Value& value) {
            const auto* given = std::get_if<std::string>(&value);
            if (given == nullptr) return false;
            const Result<log::Level> parsed = log::parse_level(*given);
            if (parsed.ok()) config.*member = *parsed;
            return parsed.ok();
          }};
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      text("warehouse.name", &Config::name),
      flag("warehouse.synthetic", &Config::synthetic),
      whole("limits.memory_megabytes", &Config::memory_megabytes, 64, 16'777'216),
      whole("limits.threads", &Config::threads, 1, 1024),
      seconds("limits.query_seconds", &Config::query_seconds),
      text("serve.address", &Config::address),
      whole("serve.port", &Config::port, 0, 65'535),
      text("serve.public_url", &Config::public_url),
      text("serve.certificate", &Config::certificate),
      text("serve.key", &Config::key),
      text("serve.client_authority", &Config::client_authority),
      flag("sign_in.password_is_strong", &Config::password_is_strong),
      whole("sign_in.idle_minutes", &Config::idle_minutes, 1, 60),
      whole("sign_in.session_hours", &Config::session_hours, 1, 10),
      whole("sign_in.proof_minutes", &Config::proof_minutes, 1, 60),
      text("sign_in.issuer", &Config::issuer),
      text("sign_in.issuer_keys", &Config::issuer_keys),
      text("sign_in.audience", &Config::audience),
      text("sign_in.strong_acr", &Config::strong_acr),
      text("sign_in.strong_amr", &Config::strong_amr),
      text("sign_in.client", &Config::client),
      text("sign_in.client_secret_file", &Config::client_secret_file),
      text("sign_in.provider_name", &Config::provider_name),
      text("sign_in.provider_authority", &Config::provider_authority),
      flag("sign_in.local_accounts", &Config::local_accounts),
      level("log.level", &Config::log_level),
      level("log.stderr", &Config::log_stderr),
      whole("log.megabytes", &Config::log_megabytes, 1, 1024),
      whole("log.files", &Config::log_files, 1, 100),
      text("audit.directory", &Config::audit_directory),
      text("audit.socket", &Config::audit_socket),
      text("audit.mirror", &Config::audit_mirror),
      whole("audit.retention_months", &Config::audit_retention_months, 6, 36),
  };
  return all;
}

Error at_line(int line, const std::string& what) {
  return Error{Code::Usage, "line " + std::to_string(line) + ": " + what};
}

Status apply(Config& config, const TomlTable& table, const TomlEntry& entry) {
  const std::string name = table.name + "." + entry.key;
  for (const Setting& setting : settings()) {
    if (setting.name != name) continue;
    if (setting.set(config, entry.value)) return {};
    return at_line(entry.line, name + " must be " + setting.wanted);
  }
  return at_line(entry.line, "no such setting: " + name);
}

bool is_section(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (setting.name.substr(0, setting.name.find('.')) == name) return true;
  }
  return false;
}

}  // namespace

Result<Config> parse_config(std::string_view text) {
  Config config;
  for (const TomlTable& table : TRY(parse_toml(text))) {
    if (!is_section(table.name)) return at_line(table.line, "no such section: " + table.name);
    for (const TomlEntry& entry : table.entries) TRY(apply(config, table, entry));
  }
  return config;
}

Result<Config> read_config(Env& env, const Path& directory) {
  const Result<std::string> text = env.read_all(join(directory, "eds.toml"), kConfigBytesMax);
  if (!text.ok() && text.error().code == Code::NotFound) return Config();
  if (!text.ok()) return text.error();
  Result<Config> config = parse_config(*text);
  if (!config.ok()) return config.error().within("eds.toml");
  return config;
}

}  // namespace eds
