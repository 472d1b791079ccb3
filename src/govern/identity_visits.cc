// Visits and movements: the stays behind NDA and RSS numbers.
#include <cstring>
#include <string>

#include "govern/identity_rows.h"

namespace eds::govern {
namespace {

// Movements share the hash with identifiers; this bit keeps their domains apart.
constexpr std::uint8_t kMovementDomain = 0x40;

LookupKey visit_key(VisitId visit) {
  return {static_cast<std::uint64_t>(visit), 0};
}

Error not_a_stay() {
  return Error{Code::Usage, "identifier names a person, not a stay"};
}

}  // namespace

Result<std::optional<VisitId>> SqliteIdentityStore::find_visit(const Named& name) {
  const std::optional<std::int64_t> owner = TRY(owner_of(name));
  if (!owner.has_value()) return std::optional<VisitId>();
  return std::optional<VisitId>(TRY(resolve_visit(*owner)));
}

Result<std::optional<VisitId>> SqliteIdentityStore::find_visit(const Identifier& identifier) {
  if (!names_visit(identifier.kind)) return not_a_stay();
  return find_visit(TRY(named(identifier)));
}

Result<VisitId> SqliteIdentityStore::new_visit(const Named& name, std::optional<PersonId> person) {
  TRY(needs_transaction());
  const VisitId visit = TRY(next_of(Sequence::Visit));
  TRY(insert_visit_.with(visit, person).run());
  TRY(add_identifier(name, visit));
  if (person.has_value()) visit_persons_.put(visit_key(visit), *person);
  return visit;
}

Result<VisitId> SqliteIdentityStore::visit_of(const Named& name) {
  const std::optional<VisitId> known = TRY(find_visit(name));
  if (known.has_value()) return *known;
  return new_visit(name, std::nullopt);
}

Result<VisitId> SqliteIdentityStore::visit_of(const Identifier& identifier) {
  if (!names_visit(identifier.kind)) return not_a_stay();
  return visit_of(TRY(named(identifier)));
}

Result<std::optional<PersonId>> SqliteIdentityStore::recorded_person(VisitId visit) {
  const std::int64_t known = visit_persons_.find(visit_key(visit));
  if (known != 0) return std::optional<PersonId>(known);
  if (!TRY(select_visit_.with(visit).step())) {
    select_visit_.reset();
    return Error{Code::NotFound, "visit is not known"};
  }
  std::optional<PersonId> person;
  if (!select_visit_.is_null(0)) {
    person = select_visit_.int_at(0);
    visit_persons_.put(visit_key(visit), *person);
  }
  select_visit_.reset();
  return person;
}

Result<std::optional<PersonId>> SqliteIdentityStore::person_of_visit(VisitId visit) {
  const std::optional<PersonId> person = TRY(recorded_person(TRY(resolve_visit(visit))));
  if (!person.has_value()) return person;
  return std::optional<PersonId>(TRY(resolve(*person)));
}

Status SqliteIdentityStore::set_visit_person(VisitId visit, PersonId person) {
  TRY(update_visit_.with(person, visit).run());
  visit_persons_.put(visit_key(visit), person);
  return {};
}

Result<PersonId> SqliteIdentityStore::person_of_named_visit(const Named& name) {
  const std::optional<VisitId> known = TRY(find_visit(name));
  if (known.has_value()) {
    const std::optional<PersonId> person = TRY(person_of_visit(*known));
    if (person.has_value()) return *person;
  }
  TRY(needs_transaction());
  // A provisional person: the stay is all we know of them until an IPP is linked.
  const PersonId person = TRY(new_person());
  if (known.has_value()) {
    TRY(set_visit_person(*known, person));
  } else {
    TRY(new_visit(name, person));
  }
  return person;
}

Result<std::optional<Merge>> SqliteIdentityStore::link_named_visit(const Named& name,
                                                                   PersonId person) {
  const std::optional<VisitId> visit = TRY(find_visit(name));
  if (!visit.has_value()) {
    TRY(new_visit(name, person));
    return std::optional<Merge>();
  }
  const std::optional<PersonId> before = TRY(person_of_visit(*visit));
  if (before.has_value()) return merge(*before, person);
  TRY(set_visit_person(*visit, person));
  return std::optional<Merge>();
}

Result<VisitLink> SqliteIdentityStore::link_visit(const Identifier& rss, const Identifier& nda) {
  TRY(needs_transaction());
  if (!names_visit(rss.kind) || !names_visit(nda.kind)) return not_a_stay();
  const Named rss_name = TRY(named(rss));
  const Named nda_name = TRY(named(nda));
  const std::optional<VisitId> of_rss = TRY(find_visit(rss_name));
  std::optional<VisitId> of_nda = TRY(find_visit(nda_name));
  VisitLink link;
  if (!of_nda.has_value() && of_rss.has_value()) {
    TRY(add_identifier(nda_name, *of_rss));
    link.visit = *of_rss;
    return link;
  }
  if (!of_nda.has_value()) of_nda = TRY(visit_of(nda_name));
  link.visit = *of_nda;
  if (!of_rss.has_value()) {
    // Naming one stay twice by one and the same number is no news.
    if (rss_name.lookup == nda_name.lookup) return link;
    TRY(add_identifier(rss_name, *of_nda));
    return link;
  }
  if (*of_rss == *of_nda) return link;

  const std::optional<PersonId> rss_person = TRY(person_of_visit(*of_rss));
  const std::optional<PersonId> nda_person = TRY(person_of_visit(*of_nda));
  if (!TRY(insert_merge_.with(kVisitMerge, *of_nda, *of_rss, std::int64_t{0}, env_.now_us())
               .step())) {
    return Error{Code::Internal, "merge got no number"};
  }
  TRY(insert_merge_.run());
  visit_merges_.add(*of_nda, *of_rss);
  link.visits = VisitMerge{*of_nda, *of_rss};
  if (rss_person.has_value() && !nda_person.has_value()) {
    TRY(set_visit_person(*of_nda, *rss_person));
  } else if (rss_person.has_value()) {
    link.persons = TRY(merge(*rss_person, *nda_person));
  }
  return link;
}

Result<DetailId> SqliteIdentityStore::detail_of(const Identifier& stay, std::string_view movement) {
  if (!names_visit(stay.kind)) return not_a_stay();
  if (movement.size() > kIdentifierBytesMax) {
    return Error{Code::Limit, "movement exceeds kIdentifierBytesMax"};
  }
  const Named name = TRY(named(stay));
  const LookupKey lookup =
      lookup_of(static_cast<std::uint8_t>(kMovementDomain | static_cast<std::uint8_t>(name.kind)),
                name.authority, name.value, movement);
  const std::int64_t known = details_.find(lookup);
  if (known != 0) return known;
  if (!in_transaction_ || !details_.complete()) {
    const bool found = TRY(find_detail_.with(blob_of(lookup)).step());
    const DetailId detail = found ? find_detail_.int_at(0) : 0;
    find_detail_.reset();
    if (found) {
      details_.put(lookup, detail);
      return detail;
    }
  }
  TRY(needs_transaction());
  const DetailId detail = TRY(next_of(Sequence::Detail));
  TRY(insert_detail_.with(blob_of(lookup), detail).run());
  details_.put(lookup, detail);
  return detail;
}

}  // namespace eds::govern
