// Persons: finding and making them by their identifiers; keys of records.
#include "govern/identity_store.h"

#include <array>
#include <cstring>

#include <sodium.h>

#include "govern/identity_rows.h"

namespace eds::govern {
namespace {

constexpr std::uint64_t kPersonIdBits = 53;

static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(LookupKey));
static_assert(crypto_shorthash_siphashx24_KEYBYTES <= kKeyBytes);

void append_number(std::string& into, std::int64_t number) {
  into.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Binds a sealed value to its row: copied to another row or person, it no longer opens.
std::string row_context(std::int64_t kind, std::int64_t authority_no, std::int64_t owner,
                        const LookupKey& lookup) {
  std::string context = "identifier";
  append_number(context, kind);
  append_number(context, authority_no);
  append_number(context, owner);
  context += blob_of(lookup).bytes;
  return context;
}

}  // namespace

LookupKey SqliteIdentityStore::lookup_of(std::uint8_t domain, std::string_view authority,
                                         std::string_view value, std::string_view movement) const {
  // Lengths first, so that no two different inputs make the same bytes.
  std::array<char, 4 + kAuthorityBytesMax + 2 * kIdentifierBytesMax> input;
  std::size_t at = 0;
  input[at++] = static_cast<char>(domain);
  input[at++] = static_cast<char>(authority.size());
  input[at++] = static_cast<char>(value.size());
  for (const std::string_view part : {authority, value, movement}) {
    if (part.empty()) continue;
    std::memcpy(input.data() + at, part.data(), part.size());
    at += part.size();
  }
  LookupKey key;
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(&key),
                              reinterpret_cast<const unsigned char*>(input.data()), at,
                              lookup_key_.bytes().data());
  return key;
}

Result<SqliteIdentityStore::Named> SqliteIdentityStore::named(const Identifier& identifier) const {
  Named name;
  name.kind = identifier.kind;
  name.value = TRY(normalised(identifier));
  const bool national =
      identifier.kind == IdentifierKind::Ins || identifier.kind == IdentifierKind::Nir;
  if (!national) name.authority = identifier.authority;
  name.lookup = lookup_of(static_cast<std::uint8_t>(name.kind), name.authority, name.value, {});
  return name;
}

Result<std::optional<std::int64_t>> SqliteIdentityStore::owner_of(const Named& name) {
  const std::int64_t known = identifiers_.find(name.lookup);
  if (known != 0) return std::optional<std::int64_t>(known);
  // Outside a transaction another process may have added it a moment ago.
  if (in_transaction_ && identifiers_.complete()) return std::optional<std::int64_t>();
  if (!TRY(find_identifier_.with(blob_of(name.lookup)).step())) {
    find_identifier_.reset();
    return std::optional<std::int64_t>();
  }
  const std::int64_t owner = find_identifier_.int_at(0);
  find_identifier_.reset();
  identifiers_.put(name.lookup, owner);
  return std::optional<std::int64_t>(owner);
}

Status SqliteIdentityStore::add_identifier(const Named& name, std::int64_t owner) {
  const std::int64_t authority = TRY(authority_no(name.authority));
  const auto kind = static_cast<std::int64_t>(name.kind);
  const std::string sealed =
      values_.seal(name.value, row_context(kind, authority, owner, name.lookup));
  TRY(insert_identifier_.with(kind, authority, owner, blob_of(name.lookup), sqlite::Blob{sealed})
          .run());
  identifiers_.put(name.lookup, owner);
  return {};
}

Result<std::int64_t> SqliteIdentityStore::authority_no(const std::string& authority) {
  const auto known = authorities_.find(authority);
  if (known != authorities_.end()) return known->second;
  sqlite::Statement* statement = &find_authority_;
  if (!TRY(statement->with(sqlite::Blob{authority}).step())) {
    find_authority_.reset();
    statement = &insert_authority_;
    if (!TRY(statement->with(sqlite::Blob{authority}).step())) {
      return Error{Code::Internal, "authority got no number"};
    }
  }
  const std::int64_t number = statement->int_at(0);
  TRY(statement->run());
  authorities_[authority] = number;
  return number;
}

Result<std::string> SqliteIdentityStore::authority_name(std::int64_t number) {
  if (!TRY(name_authority_.with(number).step())) {
    return Error{Code::Corrupt, "identity.db: an authority is missing"};
  }
  std::string name(name_authority_.bytes_at(0));
  name_authority_.reset();
  return name;
}

Result<std::int64_t> SqliteIdentityStore::next_of(Sequence sequence) {
  const auto number = static_cast<std::int64_t>(sequence);
  Block& block = blocks_[static_cast<std::size_t>(number)];
  if (block.next == block.end) {
    if (!TRY(take_block_.with(kSequenceBlock, number).step())) {
      return Error{Code::Corrupt, "identity.db: a sequence is missing"};
    }
    block.end = take_block_.int_at(0);
    block.next = block.end - kSequenceBlock;
    TRY(take_block_.run());
  }
  return block.next++;
}

Result<PersonId> SqliteIdentityStore::new_person() {
  const std::int64_t arrival = TRY(next_of(Sequence::Arrival));
  while (true) {
    const auto drawn = static_cast<PersonId>(env_.random_u64() >> (64 - kPersonIdBits));
    if (drawn == 0) continue;
    // Nothing comes back when the id is taken: draw again.
    const bool added = TRY(insert_person_.with(drawn, arrival).step());
    TRY(insert_person_.run());
    if (added) return drawn;
  }
}

Result<std::optional<PersonId>> SqliteIdentityStore::find(const Identifier& identifier) {
  const Named name = TRY(named(identifier));
  if (names_visit(name.kind)) {
    const std::optional<VisitId> visit = TRY(find_visit(name));
    if (!visit.has_value()) return std::optional<PersonId>();
    return person_of_visit(*visit);
  }
  const std::optional<std::int64_t> owner = TRY(owner_of(name));
  if (!owner.has_value()) return std::optional<PersonId>();
  return std::optional<PersonId>(TRY(resolve(*owner)));
}

Result<PersonId> SqliteIdentityStore::person_of(const Identifier& identifier) {
  const Named name = TRY(named(identifier));
  if (names_visit(name.kind)) return person_of_named_visit(name);
  const std::optional<std::int64_t> owner = TRY(owner_of(name));
  if (owner.has_value()) return resolve(*owner);
  TRY(needs_transaction());
  const PersonId person = TRY(new_person());
  TRY(add_identifier(name, person));
  return person;
}

Result<std::optional<Merge>> SqliteIdentityStore::link(const Identifier& identifier,
                                                       PersonId person) {
  TRY(needs_transaction());
  const Named name = TRY(named(identifier));
  if (!TRY(knows(person))) return Error{Code::NotFound, "person is not known"};
  const PersonId survivor = TRY(resolve(person));
  if (names_visit(name.kind)) return link_named_visit(name, survivor);
  const std::optional<std::int64_t> owner = TRY(owner_of(name));
  if (!owner.has_value()) {
    TRY(add_identifier(name, survivor));
    return std::optional<Merge>();
  }
  return merge(*owner, survivor);
}

Result<bool> SqliteIdentityStore::knows(PersonId person) {
  const bool known = TRY(select_person_.with(person).step());
  select_person_.reset();
  return known;
}

Result<std::vector<Identifier>> SqliteIdentityStore::own_identifiers(std::int64_t owner,
                                                                     bool of_visit) {
  std::vector<Identifier> found;
  identifiers_of_owner_.with(owner);
  while (TRY(identifiers_of_owner_.step())) {
    const std::int64_t kind = identifiers_of_owner_.int_at(0);
    // Person and visit ids are drawn apart, so one number may be both.
    if (names_visit(static_cast<IdentifierKind>(kind)) != of_visit) continue;
    const std::int64_t authority = identifiers_of_owner_.int_at(1);
    LookupKey lookup;
    if (identifiers_of_owner_.bytes_at(2).size() != sizeof lookup) {
      return Error{Code::Corrupt, "identity.db: lookup"};
    }
    std::memcpy(&lookup, identifiers_of_owner_.bytes_at(2).data(), sizeof lookup);
    Identifier identifier;
    identifier.kind = static_cast<IdentifierKind>(kind);
    identifier.authority = TRY(authority_name(authority));
    identifier.value = Identifying<std::string>(TRY(values_.unseal(
        identifiers_of_owner_.bytes_at(3), row_context(kind, authority, owner, lookup))));
    found.push_back(std::move(identifier));
  }
  identifiers_of_owner_.reset();
  return found;
}

Result<std::vector<Identifier>> SqliteIdentityStore::identifiers_of(PersonId person, Reason) {
  std::vector<Identifier> all;
  std::vector<VisitId> visits;
  for (const PersonId member : person_merges_.members(TRY(resolve(person)))) {
    for (Identifier& own : TRY(own_identifiers(member, false))) all.push_back(std::move(own));
    visits_of_person_.with(member);
    while (TRY(visits_of_person_.step())) {
      const VisitId visit = visits_of_person_.int_at(0);
      if (TRY(resolve_visit(visit)) == visit) visits.push_back(visit);
    }
    visits_of_person_.reset();
  }
  for (const VisitId visit : visits) {
    for (const VisitId member : visit_merges_.members(visit)) {
      for (Identifier& own : TRY(own_identifiers(member, true))) all.push_back(std::move(own));
    }
  }
  return all;
}

std::int64_t SqliteIdentityStore::record_key(std::string_view natural_key) const {
  std::uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   reinterpret_cast<const unsigned char*>(natural_key.data()), natural_key.size(),
                   record_key_.bytes().data());
  return static_cast<std::int64_t>(hash >> 1);
}

}  // namespace eds::govern
