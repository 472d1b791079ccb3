// IndexRelease: the stored cohort index of one release, under one scope, as an EventBase.
//
// Invariants: only segments of the release's own parts are read; persons that the scope does not
// reach have no number and therefore no events. It opens only when everything the plans ask is
// there, sound and shown by the scope: otherwise the caller reads the lake, which gives the same
// answer later. Damage found on the way is a reader's failure(). Threads: as an EventBase.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "cohort/event_reader.h"
#include "cohort/index_files.h"
#include "cohort/index_persons.h"
#include "cohort/index_scan.h"
#include "cohort/loader.h"
#include "engine/session.h"

namespace eds::cohort {

/// What the index of a release has to offer to a scope.
class IndexOffer {
 public:
  static Result<IndexOffer> of(lake::Warehouse& warehouse, const engine::Scan& scan);
  /// Why it cannot answer what is needed, in fixed words; nothing when it can.
  std::optional<std::string_view> refusal(const Needs& needs) const;

 private:
  std::optional<std::string_view> hidden(Domain domain, const Needs& needs) const;
  bool shows(std::string_view table, std::string_view column) const;

  std::shared_ptr<const govern::ColumnMask> mask_;  ///< null: the owner's, which hides nothing
  bool has_persons_ = false;
  std::bitset<kDomainCount> ready_;
};

class IndexRelease final : public EventBase {
 public:
  /// Of an offer that does not refuse these needs. `source` reads the same release under the same
  /// scope (for providers and care sites). Code::Corrupt when a file is not what it should be.
  static Result<std::unique_ptr<IndexRelease>> open(lake::Warehouse& warehouse,
                                                    const engine::Scan& scan, const Needs& needs,
                                                    TableSource& source);

  const PersonTable& persons() const override { return persons_; }
  std::unique_ptr<EventReader> reader() const override;
  Person block_persons() const override;
  /// How many events of each concept the release's parts hold, those of persons without an
  /// observation period and, under a scope, of others among them: not to be shown.
  std::vector<std::pair<std::int64_t, std::uint64_t>> concept_counts(Domain domain) const;
  /// Gives the memory of mapped files back.
  void let_go() const;
  /// Removes the segments in which damage was found, so that the next build makes them again.
  Status remove_damaged(Env& env) const;

 private:
  friend class IndexReader;
  struct Part {
    std::unique_ptr<IndexSegment> segment;
    Path path;
    std::int64_t person_min = 0;
    std::int64_t person_max = 0;
    std::once_flag once;
    std::atomic<bool> is_damaged = false;
    std::vector<Person> numbers;  ///< of the segment's persons (index_scan.h, kUnknownPerson)
    Status failure;
  };

  IndexRelease() = default;
  Status open_table(lake::Warehouse& warehouse, std::int64_t release_id, Domain domain);
  void confine(const govern::PersonSet& scope);
  Status open_links(const Needs& needs, TableSource& source);
  /// Numbers the part's persons, once.
  const Status& bind(Part& part) const;

  std::unique_ptr<IndexPersons> file_;
  PersonTable persons_;
  std::vector<std::int64_t> ids_;  ///< of the scope's persons, where it is not the owner's
  std::vector<Row> period_begin_;
  std::vector<Day> period_start_, period_end_;
  std::vector<std::uint16_t> kind_;
  std::vector<std::int16_t> year_;
  std::array<std::vector<std::unique_ptr<Part>>, kDomainCount> parts_;
  Lookup specialties_;  ///< by provider
  Lookup places_;       ///< by care site
};

}  // namespace eds::cohort
