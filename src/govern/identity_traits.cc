// Traits: what sources say of who a person is, sealed, with its history.
#include <algorithm>
#include <string>
#include <tuple>

#include <sodium.h>

#include "govern/identity_rows.h"

namespace eds::govern {
namespace {

void append_number(std::string& into, std::int64_t number) {
  into.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string row_context(PersonId person, SourceId source, std::int64_t recorded_us,
                        std::int64_t digest) {
  std::string context = "trait";
  for (const std::int64_t number : {person, source, recorded_us, digest}) {
    append_number(context, number);
  }
  return context;
}

}  // namespace

Status SqliteIdentityStore::set_traits(PersonId person, const Traits& traits, SourceId source) {
  TRY(needs_transaction());
  if (traits.empty()) return {};
  const PersonId survivor = TRY(resolve(person));
  if (!TRY(knows(survivor))) return Error{Code::NotFound, "person is not known"};
  const std::string plain = TRY(encode_traits(traits));
  // The person is part of the digest: two namesakes do not show as such.
  std::string said = plain;
  append_number(said, survivor);
  std::int64_t digest = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&digest),
                   reinterpret_cast<const unsigned char*>(said.data()), said.size(),
                   digest_key_.bytes().data());
  const bool spoke = TRY(last_trait_.with(survivor, source).step());
  const bool same = spoke && last_trait_.int_at(0) == digest;
  last_trait_.reset();
  if (same) return {};
  const std::int64_t recorded_us = env_.now_us();
  const std::string sealed =
      traits_.seal(plain, row_context(survivor, source, recorded_us, digest));
  return insert_trait_.with(survivor, source, recorded_us, digest, sqlite::Blob{sealed}).run();
}

Result<std::vector<TraitRecord>> SqliteIdentityStore::trait_history(PersonId person, Reason) {
  struct Numbered {
    std::int64_t trait_no = 0;
    TraitRecord record;
  };
  std::vector<Numbered> found;
  for (const PersonId member : person_merges_.members(TRY(resolve(person)))) {
    traits_of_person_.with(member);
    while (TRY(traits_of_person_.step())) {
      Numbered row;
      row.trait_no = traits_of_person_.int_at(0);
      row.record.source = traits_of_person_.int_at(1);
      row.record.recorded_us = traits_of_person_.int_at(2);
      const std::string context = row_context(member, row.record.source, row.record.recorded_us,
                                              traits_of_person_.int_at(3));
      row.record.traits =
          TRY(decode_traits(TRY(traits_.unseal(traits_of_person_.bytes_at(4), context))));
      found.push_back(std::move(row));
    }
    traits_of_person_.reset();
  }
  std::sort(found.begin(), found.end(),
            [](const Numbered& a, const Numbered& b) { return a.trait_no < b.trait_no; });
  std::vector<TraitRecord> history;
  history.reserve(found.size());
  for (Numbered& row : found) history.push_back(std::move(row.record));
  return history;
}

Result<Traits> SqliteIdentityStore::traits(PersonId person, Reason reason) {
  Traits newest;
  for (const TraitRecord& record : TRY(trait_history(person, reason))) {
    newest = overlay(newest, record.traits);
  }
  return newest;
}

}  // namespace eds::govern
