// Config: what eds.toml says, with its defaults (cli/config_text.h is its manual).
#pragma once

#include <cstdint>
#include <string>

#include "base/env.h"
#include "base/result.h"

namespace eds::cli {

struct Config {
  std::string name = "EDS";
  bool synthetic = false;
  std::int64_t memory_megabytes = 4096;
  int threads = 2;
  std::string address = "127.0.0.1";
  int port = 8080;
};

/// Reads DIRECTORY/eds.toml. Usage, with the line, when it does not parse or holds a key that means
/// nothing; the defaults when there is no such file.
Result<Config> read_config(const Path& directory);

}  // namespace eds::cli
