// Claims: what each source says of a person and of a stay. The lake's person, death,
// visit_occurrence and observation_period are derived from them at commit.
//
// Invariants: a source's claim is a row of eds_person_claim or eds_visit_claim with its provenance
// and record key: it stays in the lake, so that a correction or a new source derives the row again.
// For each attribute the best rank speaks, then the latest; where claims of equal standing
// disagree, both values are kept as a row of eds_conflict. Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "govern/identity_store.h"
#include "lake/loader.h"

namespace eds::ingest {

class Load;
struct Provenance;

/// Who is believed, best first. The numbers are in the lake.
enum class Rank : std::int64_t {
  Identities = 1,
  VidHosp = 2,
  Rss = 3,
  Observed = 4,
  Summary = 5,  ///< an invoice, or an anonymous summary that knows months and ages only
};

struct PersonClaim {
  govern::PersonId person = 0;
  Rank rank = Rank::Observed;
  char gender = 0;  ///< 'M', 'F', 'U' (said to be neither), 0: not said
  std::optional<std::int64_t> birth_day;
  std::optional<std::int64_t> birth_year;  ///< where only an age is known; a birth_day outweighs it
  std::optional<std::int64_t> death_day;
  std::string_view postcode;
};

struct VisitClaim {
  govern::VisitId visit = 0;
  govern::PersonId person = 0;
  Rank rank = Rank::Observed;
  std::optional<std::int64_t> start_day, start_us, end_day, end_us;
  std::string_view entry_mode, provenance, exit_mode, destination;
  std::int64_t visit_concept = 0;  ///< 0: not said
  std::string_view ghm;
  std::int64_t care_site = 0;  ///< 0: not said
};

/// Absorbed person -> survivor.
using Merges = std::unordered_map<govern::PersonId, govern::PersonId>;

class Claims {
 public:
  explicit Claims(Load& load) : load_(&load) {}

  Status person(const PersonClaim& claim, const Provenance& from);
  Status visit(const VisitClaim& claim, const Provenance& from);
  /// Facts of the person were seen from `first_day` to `last_day`: observation_period holds them.
  /// And makes sure that the person has a row.
  void saw(govern::PersonId person, std::int64_t first_day, std::int64_t last_day);

  /// Ids that depend on the code alone, so that every feed finds the same. The row is written when
  /// the lake has none yet.
  Result<std::int64_t> care_site(std::string_view finess, std::string_view unit,
                                 std::string_view name);
  Result<std::int64_t> location(std::string_view postcode);

  /// Derives the rows of every person and visit that this load touched. Gives the number of
  /// conflicts written. `absorbed` persons lose their derived rows.
  Result<std::int64_t> assemble(const Merges& merges, std::int64_t source_id);

 private:
  struct Span {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  struct Place {
    std::string value;
    std::string name;
  };
  Status stage_merges(const Merges& merges);
  Status stage_seen();
  Status gather(std::string_view table);
  Status gather_touched();
  Status write_places(std::int64_t source_id);
  Status insert(std::string_view table, const std::string& columns, const std::string& select);
  Status derive_persons();
  Status derive_deaths();
  Status derive_visits();
  Status derive_periods();
  Status derive_conflicts();
  Result<bool> may_change(const Merges& merges);

  Load* load_;
  std::unordered_map<govern::PersonId, Span> seen_;
  std::unordered_map<std::int64_t, Place> care_sites_;
  std::unordered_map<std::int64_t, Place> locations_;
  std::int64_t conflict_count_ = 0;
  bool has_claims_ = false;
};

}  // namespace eds::ingest
