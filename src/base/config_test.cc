#include "base/config.h"

#include <doctest/doctest.h>

#include "base/config_text.h"
#include "base/toml.h"

namespace eds {
namespace {

std::string refusal(std::string_view text) {
  const Result<Config> config = parse_config(text);
  return config.ok() ? "" : config.error().message;
}

/// The manual with every "#key = value" taken as written.
std::string with_defaults_written() {
  std::string text = kConfigText;
  for (std::size_t at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
    if (text[at + 2] != ' ' && text[at + 2] != '\n') text.erase(at + 1, 1);
  }
  return text;
}

TEST_CASE("the file that eds init writes documents every setting with its true default") {
  CHECK(parse_config(kConfigText).ok());
  const std::string text = with_defaults_written();
  const Config said = parse_config(text).value();
  const Config meant;
  CHECK(said.name == meant.name);
  CHECK(said.synthetic == meant.synthetic);
  CHECK(said.memory_megabytes == meant.memory_megabytes);
  CHECK(said.threads == meant.threads);
  CHECK(said.query_seconds == meant.query_seconds);
  CHECK(said.address == meant.address);
  CHECK(said.port == meant.port);
  CHECK(said.log_level == meant.log_level);
  CHECK(said.log_stderr == meant.log_stderr);
  CHECK(said.log_megabytes == meant.log_megabytes);
  CHECK(said.log_files == meant.log_files);
  // As many settings in the manual as Config has members: one more of either must be in both.
  std::size_t documented = 0;
  const std::vector<TomlTable> tables = parse_toml(text).value();
  for (const TomlTable& table : tables) documented += table.entries.size();
  CHECK(documented == 33);
}

TEST_CASE("every setting is read") {
  const Config config = parse_config(
                            "[warehouse]\nname = 'CHU'\nsynthetic = true\n[limits]\n"
                            "memory_megabytes = 512\nthreads = 3\nquery_seconds = 1.5\n"
                            "[serve]\naddress = \"::1\"\nport = 0\n[log]\nlevel = \"debug\"\n"
                            "stderr = \"off\"\nmegabytes = 2\nfiles = 7\n")
                            .value();
  CHECK(config.name == "CHU");
  CHECK(config.synthetic);
  CHECK(config.memory_megabytes == 512);
  CHECK(config.threads == 3);
  CHECK(config.query_seconds == 1.5);
  CHECK(config.address == "::1");
  CHECK(config.port == 0);
  CHECK(config.log_level == log::Level::Debug);
  CHECK(config.log_stderr == log::Level::Off);
  CHECK(config.log_megabytes == 2);
  CHECK(config.log_files == 7);
}

TEST_CASE("what means nothing is refused with its line") {
  CHECK(refusal("[serve]\nport = 80\n\nports = 81\n") == "line 4: no such setting: serve.ports");
  CHECK(refusal("\n[server]\n") == "line 2: no such section: server");
  CHECK(refusal("port = 80\n") == "line 1: only tables stand at the top: port");
  CHECK(refusal("[limits]\nthreads = \"two\"\n") ==
        "line 2: limits.threads must be a whole number from 1 to 1024");
  CHECK(refusal("[limits]\nthreads = 0\n").starts_with("line 2: limits.threads must be"));
  CHECK(refusal("[serve]\nport = 65536\n").starts_with("line 2: serve.port must be"));
  CHECK(refusal("[limits]\nquery_seconds = -1\n").starts_with("line 2: limits.query_seconds"));
  CHECK(refusal("[warehouse]\nname = 3\n") == "line 2: warehouse.name must be a text in quotes");
  CHECK(refusal("[warehouse]\nsynthetic = \"yes\"\n").starts_with("line 2: warehouse.synthetic"));
  CHECK(refusal("[log]\nlevel = \"loud\"\n").starts_with("line 2: log.level must be \"debug\""));
  CHECK(refusal("[log]\nlevel = \"info\"\nlevel = \"info\"\n").starts_with("line 3: "));
  CHECK(refusal("[log\n").starts_with("line 1: "));
  CHECK(refusal("[log]\nfiles = [1]\n").starts_with("line 2: "));
  CHECK(refusal("[log]\nfiles = 2020-01-01\n").starts_with("line 2: a value is a text"));
}

TEST_CASE("bounds are part of what is allowed") {
  CHECK(refusal("[limits]\nmemory_megabytes = 64\nquery_seconds = 86400\n[log]\nmegabytes = 1024\n")
            .empty());
  CHECK_FALSE(refusal("[limits]\nmemory_megabytes = 63\n").empty());
  CHECK_FALSE(refusal("[limits]\nquery_seconds = 86400.5\n").empty());
  CHECK_FALSE(refusal("[limits]\nquery_seconds = \"1\"\n").empty());
  CHECK_FALSE(refusal("[log]\nmegabytes = 1025\n").empty());
}

TEST_CASE("toml keeps the order of the file, and a byte order mark is no key") {
  const auto tables =
      parse_toml("\xEF\xBB\xBF[z]\nb = 1\na = 'x # y' # why\n[a]\nc = 1.5\n").value();
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].name == "z");
  REQUIRE(tables[0].entries.size() == 2);
  CHECK(tables[0].entries[0].key == "b");
  CHECK(tables[0].entries[0].line == 2);
  CHECK(std::get<std::string>(tables[0].entries[1].value) == "x # y");
  CHECK(std::get<double>(tables[1].entries[0].value) == 1.5);
}

}  // namespace
}  // namespace eds
