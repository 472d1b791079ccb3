// Merges: two ids turn out to be one person; and back.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "govern/identity_rows.h"

namespace eds::govern {

Result<bool> SqliteIdentityStore::holds_ipp(PersonId person) {
  for (const PersonId member : person_merges_.members(person)) {
    identifiers_of_owner_.with(member);
    bool found = false;
    while (!found && TRY(identifiers_of_owner_.step())) {
      found = identifiers_of_owner_.int_at(0) == static_cast<std::int64_t>(IdentifierKind::Ipp);
    }
    identifiers_of_owner_.reset();
    if (found) return true;
  }
  return false;
}

// The arrival of the first of all ids that the person ever had.
Result<std::int64_t> SqliteIdentityStore::arrival_of(PersonId person) {
  std::int64_t first = INT64_MAX;
  for (const PersonId member : person_merges_.members(person)) {
    if (!TRY(select_person_.with(member).step())) {
      select_person_.reset();
      return Error{Code::NotFound, "person is not known"};
    }
    first = std::min(first, select_person_.int_at(0));
    select_person_.reset();
  }
  return first;
}

// Two persons that each hold an IPP of one hospital, or two different national numbers, may be two
// people indeed: the merge is made, since a source said so, and marked for a human to look at.
Result<Doubt> SqliteIdentityStore::doubt_of(PersonId one, PersonId other) {
  std::set<std::string> authorities[2];
  std::set<Identifying<std::string>> nationals[2];
  const PersonId sides[2] = {one, other};
  for (int side = 0; side < 2; ++side) {
    for (const PersonId member : person_merges_.members(sides[side])) {
      for (const Identifier& own : TRY(own_identifiers(member, false))) {
        if (own.kind == IdentifierKind::Ipp) authorities[side].insert(own.authority);
        if (own.kind == IdentifierKind::Ins || own.kind == IdentifierKind::Nir) {
          nationals[side].insert(own.value);
        }
      }
    }
  }
  if (!nationals[0].empty() && !nationals[1].empty() && nationals[0] != nationals[1]) {
    return Doubt::TwoNationals;
  }
  for (const std::string& authority : authorities[0]) {
    if (authorities[1].contains(authority)) return Doubt::TwoIpps;
  }
  return Doubt::None;
}

Result<Merge> SqliteIdentityStore::record_merge(PersonId survivor, PersonId absorbed, Doubt doubt) {
  Merge made{survivor, absorbed, doubt, 0, env_.now_us(), 0};
  if (!TRY(insert_merge_
               .with(kPersonMerge, survivor, absorbed, static_cast<std::int64_t>(doubt),
                     made.time_us)
               .step())) {
    return Error{Code::Internal, "merge got no number"};
  }
  made.merge_no = insert_merge_.int_at(0);
  TRY(insert_merge_.run());
  person_merges_.add(survivor, absorbed);
  return made;
}

Result<std::optional<Merge>> SqliteIdentityStore::merge(PersonId one, PersonId other) {
  TRY(needs_transaction());
  PersonId survivor = TRY(resolve(one));
  PersonId absorbed = TRY(resolve(other));
  if (survivor == absorbed) return std::optional<Merge>();
  const std::int64_t survivor_arrival = TRY(arrival_of(survivor));
  const std::int64_t absorbed_arrival = TRY(arrival_of(absorbed));
  const bool survivor_ipp = TRY(holds_ipp(survivor));
  const bool absorbed_ipp = TRY(holds_ipp(absorbed));
  const bool swap =
      survivor_ipp == absorbed_ipp ? absorbed_arrival < survivor_arrival : absorbed_ipp;
  if (swap) std::swap(survivor, absorbed);
  const Doubt doubt = TRY(doubt_of(survivor, absorbed));
  return std::optional<Merge>(TRY(record_merge(survivor, absorbed, doubt)));
}

Result<std::vector<Merge>> SqliteIdentityStore::merges() {
  sqlite::Statement select = TRY(database_->prepare_own(
      "SELECT merge_no, survivor, absorbed, doubt, time_us, undone_us FROM merge WHERE kind = ? "
      "ORDER BY merge_no"));
  select.with(kPersonMerge);
  std::vector<Merge> all;
  while (TRY(select.step())) {
    all.push_back(Merge{select.int_at(1), select.int_at(2), static_cast<Doubt>(select.int_at(3)),
                        select.int_at(0), select.int_at(4), select.int_at(5)});
  }
  return all;
}

Result<MergeNews> SqliteIdentityStore::merges_since(std::int64_t merge_no) {
  sqlite::Statement select = TRY(database_->prepare_own(
      "SELECT merge_no, kind, absorbed, undone_us FROM merge WHERE merge_no > ? "
      "ORDER BY merge_no"));
  select.with(merge_no);
  MergeNews news;
  news.last_merge_no = merge_no;
  while (TRY(select.step())) {
    news.last_merge_no = select.int_at(0);
    if (select.int_at(3) != 0) continue;
    if (select.int_at(1) == kPersonMerge) {
      news.absorbed_persons.push_back(select.int_at(2));
    } else {
      news.absorbed_visits.push_back(select.int_at(2));
    }
  }
  return news;
}

Result<Merge> SqliteIdentityStore::split(std::int64_t merge_no) {
  TRY(needs_transaction());
  for (Merge& merge : TRY(merges())) {
    if (merge.merge_no != merge_no) continue;
    if (merge.undone_us != 0) return Error{Code::Conflict, "merge is undone already"};
    merge.undone_us = env_.now_us();
    TRY(undo_merge_.with(merge.undone_us, merge_no).run());
    person_merges_.remove(merge.survivor, merge.absorbed);
    return merge;
  }
  return Error{Code::NotFound, "no merge has this number"};
}

}  // namespace eds::govern
