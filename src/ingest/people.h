// People: whom a record is about, from the identifiers it carries, without ever merging two persons
// that both hold an IPP: such a clash is a conflict for the identity-vigilance unit, not a merge.
//
// Invariants: an identifier that has no normal form (empty, control characters, wrong key) gives
// nothing, and the record goes to the quarantine; other failures stop the load.
// Threads: one thread at a time, that of the Load.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/identity_store.h"

namespace eds::ingest {

class Load;

struct StayOf {
  govern::VisitId visit = 0;
  govern::PersonId person = 0;
  bool disputed = false;  ///< the stay was known as another person's, who keeps it
};

class People {
 public:
  explicit People(Load& load) : load_(&load) {}

  static govern::Identifier named(govern::IdentifierKind kind, std::string_view authority,
                                  std::string_view value);

  /// The person of an IPP, INS, NIR or external number; made when unknown.
  Result<std::optional<govern::PersonId>> person(const govern::Identifier& identifier);
  /// The stay and its person, who is made when nobody is known for it.
  Result<std::optional<StayOf>> stay(const govern::Identifier& nda);
  /// The same, told by an RSS number and, when `nda` has a value, by both.
  Result<std::optional<StayOf>> stay(const govern::Identifier& rss, const govern::Identifier& nda);
  /// The stay, said to be `person`'s.
  Result<std::optional<StayOf>> stay_of_person(const govern::Identifier& nda,
                                               govern::PersonId person);
  /// Says that `identifier` names `person` too. False when it names another who holds an IPP.
  Result<bool> link(const govern::Identifier& identifier, govern::PersonId person);

 private:
  Result<bool> holds_ipp(govern::PersonId person);

  Load* load_;
};

/// Whether an error blames the record (and not the disk or ourselves).
bool blames_record(const Error& error);

}  // namespace eds::ingest
