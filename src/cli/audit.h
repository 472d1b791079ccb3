// eds audit: the log of every act, for the owner, and for a session with the right to read it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/commands.h"

namespace eds::cli {

struct AuditOptions {
  std::string verb;  ///< verify, search, report, export, watch, checkpoint, purge
  std::string text;
  std::string actor;
  std::string action;
  std::string ground;
  std::string zone;
  std::string request;
  std::string outcome;
  std::string from;  ///< a day or a time, UTC
  std::string to;
  std::string language = "fr";
  std::int64_t person_id = 0;
  std::string ipp;
  std::string authority;
  std::int64_t looks_a_day = 100;
  std::int64_t refusals = 5;
  std::int64_t bulk_persons = 1000;
  double utc_offset_hours = 1;
};
Result<Exit> run_audit(const Global& global, const AuditOptions& options);

}  // namespace eds::cli
