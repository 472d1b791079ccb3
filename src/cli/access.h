// Who may see what, from the command line: eds user, eds access, eds opposition.
//
// Without --session the command is the warehouse's owner's (whoever can read its keys); with it,
// the signed-in person's, and the rules of managers apply (docs/concepts/rights.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"

namespace eds::cli {

struct UserOptions {
  std::string verb;  ///< add, list, disable, session, password, unlock
  std::string name;
  std::string subject;
  std::string file;
  int acr = 1;
  std::int64_t seconds = 36'000;
};
/// eds user password, unlock (password.cc): a manager of users, or the owner.
class Context;
Status change_password(Context& context, const UserOptions& options);
Result<Exit> run_user(const Global& global, const UserOptions& options);

struct AccessOptions {
  std::string verb;  ///< grant, list, revoke, review, why, label, sync, place, break-glass
  std::string user;
  std::string role;
  std::string perimeter;
  std::string parent = "*";
  std::string kind = "unit";
  std::string name;
  std::string action = "read";
  std::string reason;
  std::vector<std::string> labels;
  std::int64_t id = 0;
  std::int64_t days = 0;
  std::int64_t hours = 4;
};
Result<Exit> run_access(const Global& global, const AccessOptions& options);

struct OppositionOptions {
  std::string verb;  ///< add, list, remove
  std::int64_t person_id = 0;
  std::string ipp;
  std::string authority;
  std::string project;
  std::string channel = "letter";
};
Result<Exit> run_opposition(const Global& global, const OppositionOptions& options);

}  // namespace eds::cli
