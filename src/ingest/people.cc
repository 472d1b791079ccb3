#include "ingest/people.h"

#include <utility>

#include "ingest/load.h"

namespace eds::ingest {

bool blames_record(const Error& error) {
  return error.code == Code::Malformed || error.code == Code::Limit;
}

govern::Identifier People::named(govern::IdentifierKind kind, std::string_view authority,
                                 std::string_view value) {
  return govern::Identifier{kind, std::string(authority),
                            Identifying<std::string>(std::string(value))};
}

Result<std::optional<govern::PersonId>> People::person(const govern::Identifier& identifier) {
  Result<govern::PersonId> found = load_->identities().person_of(identifier);
  if (found.ok()) return std::optional<govern::PersonId>(*found);
  if (blames_record(found.error())) return std::optional<govern::PersonId>();
  return std::move(found).error();
}

Result<std::optional<StayOf>> People::stay(const govern::Identifier& nda) {
  Result<govern::VisitId> visit = load_->identities().visit_of(nda);
  if (!visit.ok()) {
    if (blames_record(visit.error())) return std::optional<StayOf>();
    return std::move(visit).error();
  }
  StayOf stay;
  stay.visit = *visit;
  stay.person = TRY(load_->identities().person_of(nda));
  return std::optional<StayOf>(stay);
}

Result<std::optional<StayOf>> People::stay(const govern::Identifier& rss,
                                           const govern::Identifier& nda) {
  if (nda.value.empty()) return stay(rss);
  Result<govern::VisitLink> link = load_->identities().link_visit(rss, nda);
  if (!link.ok()) {
    if (blames_record(link.error())) return std::optional<StayOf>();
    return std::move(link).error();
  }
  StayOf stay;
  stay.visit = link->visit;
  stay.person = TRY(load_->identities().person_of(nda));
  return std::optional<StayOf>(stay);
}

Result<bool> People::holds_ipp(govern::PersonId person) {
  for (const govern::Identifier& each :
       TRY(load_->identities().identifiers_of(person, Reason::Match))) {
    if (each.kind == govern::IdentifierKind::Ipp) return true;
  }
  return false;
}

Result<bool> People::link(const govern::Identifier& identifier, govern::PersonId person) {
  const std::optional<govern::PersonId> before = TRY(load_->identities().find(identifier));
  if (before.has_value() && *before == person) return true;
  if (before.has_value() && TRY(holds_ipp(*before)) && TRY(holds_ipp(person))) return false;
  TRY(load_->identities().link(identifier, person));
  return true;
}

Result<std::optional<StayOf>> People::stay_of_person(const govern::Identifier& nda,
                                                     govern::PersonId person) {
  Result<govern::VisitId> visit = load_->identities().visit_of(nda);
  if (!visit.ok()) {
    if (blames_record(visit.error())) return std::optional<StayOf>();
    return std::move(visit).error();
  }
  StayOf stay;
  stay.visit = *visit;
  stay.disputed = !TRY(link(nda, person));
  // After a merge the survivor may be either of the two.
  stay.person = stay.disputed ? person : TRY(load_->identities().resolve(person));
  return std::optional<StayOf>(stay);
}

}  // namespace eds::ingest
