// ProjectKeys: the secret of each project's pseudonyms, and the key that signs permits. They lie in
// the identity zone, sealed.
//
// Invariants: a project's secret is drawn when it is first asked for and is then the same until
// destroy(); after it no pseudonym of the project can be computed again (what was backed up before
// must be destroyed with its backup). Nothing here is ever printed.
// Threads: one at a time. Bytes on disk: docs/internals/formats/projects_db.md.
// Source: requirements PSE-2, PSE-4, ESP-4, GOV-6.
#pragma once

#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "format/jose/key.h"
#include "govern/keys.h"

namespace eds::govern {

class ProjectKeys {
 public:
  /// Opens W/identity/projects (made when absent).
  static Result<ProjectKeys> open(Env& env, const KeyRing& keys, const Path& identity_directory);

  /// The project's secret; drawn when there is none yet.
  Result<Key> secret(std::string_view project);
  /// Code::NotFound when there is none.
  Status destroy(std::string_view project);
  /// The key that signs permits; drawn when there is none yet.
  Result<jose::Jwk> permit_key();

 private:
  ProjectKeys(Env& env, const KeyRing& keys, Path directory)
      : env_(&env), keys_(&keys), directory_(std::move(directory)) {}
  Path path_of(std::string_view name) const { return join(directory_, std::string(name)); }
  Result<std::string> unsealed(std::string_view name);
  Status store(std::string_view name, std::string_view plain);

  Env* env_;
  const KeyRing* keys_;
  Path directory_;
};

/// 1 to 40 of a-z, 0-9 and '-', beginning with a letter: what may name a project and its folder.
bool is_project_name(std::string_view name);

}  // namespace eds::govern
