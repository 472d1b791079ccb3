// Scope: what may be read, by whom and why. A scan takes one, and only a Governor can make one:
// code that reads without having asked does not compile.
//
// Invariants: no public constructor, no default, no aggregate; whoever holds a Scope has left an
// audit event that is already on disk. Copies say the same as the original.
// Threads: a plain value. A Governor may be used from any thread.
// Today there is one kind: the warehouse's owner (whoever can read its keys) sees every row.
// Perimeters and permits narrow it later, here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/keys.h"

namespace eds::govern {

class Scope {
 public:
  const std::string& actor() const { return actor_; }
  const std::string& purpose() const { return purpose_; }
  /// The one release that may be read; empty means any release of the warehouse.
  const std::string& release() const { return release_; }
  bool allows_release(std::string_view release) const {
    return release_.empty() || release_ == release;
  }

 private:
  friend class Governor;
  Scope(std::string actor, std::string purpose, std::string release);

  std::string actor_;
  std::string purpose_;
  std::string release_;
};

class Governor {
 public:
  /// Whoever shows the warehouse's keys is its owner.
  Governor(const KeyRing& keys, Audit& audit);

  /// All rows of every release. Refused (and audited as such) without an actor or a purpose.
  Result<Scope> owner_scope(std::string_view actor, std::string_view purpose);
  /// All rows of one release.
  Result<Scope> owner_scope(std::string_view actor, std::string_view purpose,
                            std::string_view release);

 private:
  Audit* audit_;
};

}  // namespace eds::govern
