// Keys: what the checks of one table ask of the others, read before the scans.
//
// Held in memory: 24 bytes a person, 16 a stay and 16 a death, one bit an id of each table that
// others refer to. 20 M persons and 100 M stays are 2.1 GB.
//
// Invariants: immutable once loaded, but for the memos of the last person and stay found.
// Where the key of a person or stay stands twice, its first row speaks for it.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "uses/quality/id_set.h"
#include "uses/quality/omop_checks.h"

namespace eds::quality {

inline constexpr std::int32_t kNoDay = std::numeric_limits<std::int32_t>::max();

struct PersonFacts {
  std::int64_t id = 0;
  std::int32_t birth = kNoDay;       ///< its day, or the first of what is known of it
  std::int32_t birth_june = kNoDay;  ///< its day, or the first of June of the year
  std::int64_t gender = 0;           ///< kMissing: none
};
struct StayFacts {
  std::int64_t id = 0;
  std::int32_t start = kNoDay;
  std::int32_t end = kNoDay;
};
struct Death {
  std::int64_t person = 0;
  std::int32_t day = kNoDay;
};
/// A descendant, and how many of the asked concepts it stands below.
using Descendants = std::unordered_map<std::int64_t, std::int64_t>;

class Keys {
 public:
  static Result<Keys> load(engine::Session& session, const std::vector<OmopCheck>& checks);

  const PersonFacts* person(std::int64_t id) const;
  const StayFacts* stay(std::int64_t id) const;
  std::span<const Death> deaths(std::int64_t person) const;
  /// "PROVIDER.PROVIDER_ID"; nothing when it is not a table of numbers.
  const IdSet* ids(std::string_view reference) const;
  const std::unordered_set<std::string>* texts(std::string_view reference) const;
  /// Of the concepts of a GenderBelow check.
  const Descendants& descendants(const std::string& concepts) const;
  const std::vector<PersonFacts>& persons() const { return persons_; }

 private:
  Status load_persons(engine::Session& session);
  Status load_stays(engine::Session& session);
  Status load_deaths(engine::Session& session);
  Status load_reference(engine::Session& session, const std::string& reference);
  Status load_descendants(engine::Session& session, const std::string& concepts);

  std::vector<PersonFacts> persons_;
  std::vector<StayFacts> stays_;
  std::vector<Death> deaths_;
  std::map<std::string, IdSet, std::less<>> ids_;
  std::map<std::string, std::unordered_set<std::string>, std::less<>> texts_;
  std::map<std::string, Descendants> descendants_;
  mutable const PersonFacts* last_person_ = nullptr;
  mutable const StayFacts* last_stay_ = nullptr;
};

}  // namespace eds::quality
