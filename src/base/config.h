// Config: what eds.toml says, with its defaults (base/config_text.h is its manual).
//
// Invariants: a setting that means nothing, has the wrong type or lies out of its bounds is refused
// with its line; a warehouse without eds.toml has the defaults. Threads: a plain value.
#pragma once

#include <cstdint>
#include <string>

#include "base/env.h"
#include "base/log.h"
#include "base/result.h"

namespace eds {

struct Config {
  std::string name = "EDS";
  bool synthetic = false;
  std::int64_t memory_megabytes = 4096;
  std::int64_t threads = 2;
  double query_seconds = 0;
  std::string address = "127.0.0.1";
  std::int64_t port = 8080;
  std::string public_url;   ///< "https://eds.hospital.example": how browsers reach the server
  std::string certificate;  ///< PEM files; both, or neither
  std::string key;
  std::string client_authority;  ///< PEM of who signs the certificates of services
  bool password_is_strong = false;
  std::int64_t idle_minutes = 20;
  std::int64_t session_hours = 10;
  std::int64_t proof_minutes = 10;
  std::string issuer;       ///< of people and bearer tokens; empty: none is taken
  std::string issuer_keys;  ///< a JSON Web Key Set; empty: the issuer's discovery names them
  std::string audience;
  std::string strong_acr;  ///< values of "acr" that mean two factors, by spaces
  std::string strong_amr;  ///< values of "amr" any of which does
  std::string client;      ///< our name at the issuer, where people sign in; empty: they do not
  std::string client_secret_file;
  std::string provider_name;       ///< what pages call the issuer
  std::string provider_authority;  ///< PEM of who signs its certificate; empty: the system's
  bool local_accounts = true;      ///< a password opens a session
  log::Level log_level = log::Level::Info;
  log::Level log_stderr = log::Level::Warning;
  std::int64_t log_megabytes = 16;
  std::int64_t log_files = 5;
  std::string audit_directory;               ///< of the audit's log; empty: audit/ of the warehouse
  std::string audit_socket;                  ///< of the audit's own process; empty: none
  std::string audit_mirror;                  ///< a directory for copies of the audit's checkpoints
  std::int64_t audit_retention_months = 12;  ///< for which the audit's events stay readable
};

/// Code::Usage with the line when `text` is no settings file.
Result<Config> parse_config(std::string_view text);
/// Reads DIRECTORY/eds.toml; the defaults when there is no such file.
Result<Config> read_config(Env& env, const Path& directory);

}  // namespace eds
