// IdentityStore: who is who. The only place where an IPP, a NDA, a NIR or a name meets the random
// id under which the rest of the warehouse knows a person.
//
// Invariants:
// - Person ids are drawn uniformly from [1, 2^53), so that R and JavaScript hold them exactly; they
//   say nothing of the person nor of the order of arrival. Visit and movement ids are sequential.
// - An identifier belongs to the person or visit it was first given to, for ever; a merge is a row
//   of its own that leads from one id to another, so it can be listed and undone.
// - A value at rest is a keyed SipHash-x24 of 128 bits (to find it) or sealed (to read it back).
// - Every change happens between begin() and commit(); commit() returns when it is durable. Commit
//   identities BEFORE the lake: a crash between the two leaves ids that no fact uses, and feeding
//   the file again finds the same ids. The other order would leave facts of a person nobody knows.
// - An absorbed id stays known: resolve() leads from it to its survivor.
// Threads: one thread at a time. Processes: one writer at a time; another waits up to 10 s in
// begin(). Reads outside a transaction see what was committed at the last begin() or refresh().
// Bytes on disk: docs/internals/formats/identity_db.md; prose: docs/internals/identity.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/identifying.h"
#include "base/result.h"
#include "govern/identifier.h"
#include "govern/keys.h"
#include "govern/traits.h"

namespace eds::govern {

using PersonId = std::int64_t;
using VisitId = std::int64_t;
using DetailId = std::int64_t;
using SourceId = std::int64_t;

/// Why a merge deserves a look by the identity-vigilance unit.
enum class Doubt : std::uint8_t {
  None,         ///< a provisional person met the person that holds the IPP
  TwoIpps,      ///< both hold an IPP of the same authority
  TwoNationals  ///< both hold an INS or NIR, and they differ
};

/// Two ids turned out to be one person: rows of `absorbed` must be rewritten to `survivor`.
struct Merge {
  PersonId survivor = 0;
  PersonId absorbed = 0;
  Doubt doubt = Doubt::None;
  std::int64_t merge_no = 0;  ///< names it for split()
  std::int64_t time_us = 0;
  std::int64_t undone_us = 0;  ///< 0 while it holds
};

/// Two visit ids turned out to be one stay.
struct VisitMerge {
  VisitId survivor = 0;
  VisitId absorbed = 0;
};

/// Merges that hold, of persons and of visits, since a number; chains are not closed (resolve()).
struct MergeNews {
  std::vector<PersonId> absorbed_persons;
  std::vector<VisitId> absorbed_visits;
  std::int64_t last_merge_no = 0;  ///< of all merges, undone ones too
};

struct VisitLink {
  VisitId visit = 0;
  std::optional<VisitMerge> visits;  ///< when both stays were already known apart
  std::optional<Merge> persons;      ///< when those stays were of two persons
};

struct TraitRecord {
  Traits traits;
  SourceId source = 0;
  std::int64_t recorded_us = 0;
};

struct IdentityCounts {
  std::int64_t persons = 0, identifiers = 0, visits = 0, details = 0, traits = 0, merges = 0;
};

class IdentityStore {
 public:
  /// Opens W/identity (made when absent). Code::Refused when the keys are not this store's.
  static Result<std::unique_ptr<IdentityStore>> open(Env& env, const KeyRing& keys,
                                                     const Path& directory);
  virtual ~IdentityStore() = default;

  // Transactions. Verbs below marked (t) need one and fail with Code::Usage without.
  virtual Status begin() = 0;
  virtual Status commit() = 0;
  virtual Status rollback() = 0;
  /// Sees what other processes committed since.
  virtual Status refresh() = 0;
  /// Loads every identifier in memory (24 B each), so that "unknown" is answered without a read.
  /// Worth it before a large load: about 0.3 s for each million.
  virtual Status warm() = 0;

  // Persons. An identifier that names a stay stands for the person of that stay.
  /// The person so named; a new one when there is none. (t) when it must be made.
  virtual Result<PersonId> person_of(const Identifier& identifier) = 0;
  virtual Result<std::optional<PersonId>> find(const Identifier& identifier) = 0;
  /// Says that `identifier` names `person`. (t) When it named another, the two persons are merged
  /// and the merge is returned. Survivor: the one that holds an IPP, else the one known first.
  virtual Result<std::optional<Merge>> link(const Identifier& identifier, PersonId person) = 0;
  /// Merges two persons because somebody says so (HL7 A40, INS qualified twice). (t)
  virtual Result<std::optional<Merge>> merge(PersonId one, PersonId other) = 0;
  /// Undoes a merge: identifiers and visits go back to where they were before it; those linked
  /// since stay with the survivor. (t) Returns the merge, now undone.
  virtual Result<Merge> split(std::int64_t merge_no) = 0;
  /// All merges, undone ones too, oldest first.
  virtual Result<std::vector<Merge>> merges() = 0;
  /// What was merged after that merge number: those who keep rows under the ids must follow.
  virtual Result<MergeNews> merges_since(std::int64_t merge_no) = 0;
  /// The survivor of `person` after all merges; `person` itself when never absorbed.
  virtual Result<PersonId> resolve(PersonId person) = 0;
  virtual Result<bool> knows(PersonId person) = 0;

  // Visits and movements.
  /// The visit so named (Nda, Rss, Visit); a new one, of no person yet, when there is none. (t)
  virtual Result<VisitId> visit_of(const Identifier& identifier) = 0;
  virtual Result<std::optional<VisitId>> find_visit(const Identifier& identifier) = 0;
  /// Says that two identifiers name one stay. (t) Survivor: the visit of `nda`.
  virtual Result<VisitLink> link_visit(const Identifier& rss, const Identifier& nda) = 0;
  /// Nothing while the stay's person is not known. Ids of absorbed visits are followed.
  virtual Result<std::optional<PersonId>> person_of_visit(VisitId visit) = 0;
  virtual Result<VisitId> resolve_visit(VisitId visit) = 0;
  /// The id of one movement (RUM number, service stay) of the stay so named. (t) Keyed by the
  /// stay's identifier and not by its visit id, so it stays the same when visits merge.
  virtual Result<DetailId> detail_of(const Identifier& stay, std::string_view movement) = 0;

  // Who the person is.
  /// Adds to the person's history unless the source's last word was the same. (t)
  virtual Status set_traits(PersonId person, const Traits& traits, SourceId source) = 0;
  /// The newest word on every field, over all merged ids.
  virtual Result<Traits> traits(PersonId person, Reason reason) = 0;
  /// All that sources ever said, oldest first, over all merged ids.
  virtual Result<std::vector<TraitRecord>> trait_history(PersonId person, Reason reason) = 0;
  /// Every identifier of the person and of the person's stays.
  virtual Result<std::vector<Identifier>> identifiers_of(PersonId person, Reason reason) = 0;

  /// A key in [0, 2^63) for a row that its source names `natural_key`: keyed SipHash-2-4, so that a
  /// feed that comes again gives the same key and nobody without the key can enumerate names.
  virtual std::int64_t record_key(std::string_view natural_key) const = 0;

  virtual Result<IdentityCounts> counts() = 0;
};

}  // namespace eds::govern
