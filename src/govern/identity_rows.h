// SqliteIdentityStore: the identity store over one SQLite file. Inside govern/ only: others include
// identity_store.h.
//
// Invariants: rows of `identifier`, `person`, `detail` and `trait` are never changed nor deleted,
// so what the caches hold stays true; only `visit.person_id` (once, from nothing to a person) and
// `merge.undone_us` (once) are ever updated.
// Threads: one thread at a time.
// Bytes on disk: docs/internals/formats/identity_db.md.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/identity_store.h"
#include "govern/lookup_cache.h"
#include "govern/merge_map.h"
#include "govern/sealing.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

inline sqlite::Blob blob_of(const LookupKey& key) {
  return {std::string_view(reinterpret_cast<const char*>(&key), sizeof key)};
}

class SqliteIdentityStore final : public IdentityStore {
 public:
  SqliteIdentityStore(Env& env, const KeyRing& keys, std::unique_ptr<sqlite::Database> database);

  /// Makes the tables of a new file, checks those of an old one.
  Status prepare();

  Status begin() override;
  Status commit() override;
  Status rollback() override;
  Status refresh() override;
  Status warm() override;

  Result<PersonId> person_of(const Identifier& identifier) override;
  Result<std::optional<PersonId>> find(const Identifier& identifier) override;
  Result<std::optional<Merge>> link(const Identifier& identifier, PersonId person) override;
  Result<std::optional<Merge>> merge(PersonId one, PersonId other) override;
  Result<Merge> split(std::int64_t merge_no) override;
  Result<std::vector<Merge>> merges() override;
  Result<MergeNews> merges_since(std::int64_t merge_no) override;
  Result<PersonId> resolve(PersonId person) override { return person_merges_.resolve(person); }
  Result<bool> knows(PersonId person) override;

  Result<VisitId> visit_of(const Identifier& identifier) override;
  Result<std::optional<VisitId>> find_visit(const Identifier& identifier) override;
  Result<VisitLink> link_visit(const Identifier& rss, const Identifier& nda) override;
  Result<std::optional<PersonId>> person_of_visit(VisitId visit) override;
  Result<VisitId> resolve_visit(VisitId visit) override { return visit_merges_.resolve(visit); }
  Result<DetailId> detail_of(const Identifier& stay, std::string_view movement) override;

  Status set_traits(PersonId person, const Traits& traits, SourceId source) override;
  Result<Traits> traits(PersonId person, Reason reason) override;
  Result<std::vector<TraitRecord>> trait_history(PersonId person, Reason reason) override;
  Result<std::vector<Identifier>> identifiers_of(PersonId person, Reason reason) override;

  std::int64_t record_key(std::string_view natural_key) const override;
  Result<IdentityCounts> counts() override;

 private:
  /// Numbers of the rows of table `sequence`: part of the format.
  enum class Sequence : std::uint8_t { Visit = 1, Detail = 2, Arrival = 3 };
  /// Kinds in table `merge`: part of the format.
  static constexpr std::int64_t kPersonMerge = 1;
  static constexpr std::int64_t kVisitMerge = 2;

  struct Block {
    std::int64_t next = 0;
    std::int64_t end = 0;
  };
  /// An identifier in its normal form, with the hash it is found by.
  struct Named {
    IdentifierKind kind = IdentifierKind::Ipp;
    std::string authority;
    std::string value;
    LookupKey lookup;
  };

  Status make_schema();
  Status check_keys();
  Status prepare_statements();
  Status reload();
  Status needs_transaction() const;

  Result<Named> named(const Identifier& identifier) const;
  LookupKey lookup_of(std::uint8_t domain, std::string_view authority, std::string_view value,
                      std::string_view movement) const;
  /// Owner as first recorded: not yet led through merges.
  Result<std::optional<std::int64_t>> owner_of(const Named& name);
  Status add_identifier(const Named& name, std::int64_t owner);
  Result<std::int64_t> authority_no(const std::string& authority);
  Result<std::string> authority_name(std::int64_t number);
  Result<std::int64_t> next_of(Sequence sequence);
  Result<PersonId> new_person();

  Result<VisitId> visit_of(const Named& name);
  Result<VisitId> new_visit(const Named& name, std::optional<PersonId> person);
  Result<std::optional<VisitId>> find_visit(const Named& name);
  Result<std::optional<PersonId>> recorded_person(VisitId visit);
  Status set_visit_person(VisitId visit, PersonId person);
  Result<PersonId> person_of_named_visit(const Named& name);
  Result<std::optional<Merge>> link_named_visit(const Named& name, PersonId person);

  Result<bool> holds_ipp(PersonId person);
  Result<std::int64_t> arrival_of(PersonId person);
  Result<Doubt> doubt_of(PersonId one, PersonId other);
  Result<std::vector<Identifier>> own_identifiers(std::int64_t owner, bool of_visit);
  Result<Merge> record_merge(PersonId survivor, PersonId absorbed, Doubt doubt);

  Env& env_;
  std::unique_ptr<sqlite::Database> database_;  // Before its statements: it must outlive them.
  Key lookup_key_;
  Key digest_key_;
  Key record_key_;
  Sealer values_;
  Sealer traits_;

  LookupCache identifiers_;
  LookupCache details_;
  LookupCache visit_persons_;
  MergeMap person_merges_;
  MergeMap visit_merges_;
  std::unordered_map<std::string, std::int64_t> authorities_;
  std::array<Block, 4> blocks_{};
  std::int64_t data_version_ = 0;
  bool in_transaction_ = false;

  sqlite::Statement find_identifier_, insert_identifier_, identifiers_of_owner_;
  sqlite::Statement insert_person_, select_person_;
  sqlite::Statement insert_visit_, select_visit_, update_visit_, visits_of_person_;
  sqlite::Statement find_detail_, insert_detail_;
  sqlite::Statement insert_trait_, last_trait_, traits_of_person_;
  sqlite::Statement take_block_, find_authority_, insert_authority_, name_authority_;
  sqlite::Statement insert_merge_, undo_merge_;
  sqlite::Statement data_version_query_;
};

}  // namespace eds::govern
