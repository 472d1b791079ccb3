// CohortBook: saved cohorts. A cohort has a name within its author's, and versions: each one
// definition, evaluated on one release, with its rows.
//
// Invariants: a version never changes, but that an erased person's rows leave it. Its rows are a
// Parquet file that was synced before the version stands in the book, so a version that is listed
// is whole. Authors do not see one another's; whose book it is (the warehouse's owner, user 0) is
// one author among them. Rows are those that the author's scope showed when they were evaluated:
// whoever reads them later asks the scope of that day, too (visible_rows).
// Threads: one at a time; processes may share the book. Bytes on disk:
// docs/internals/formats/cohorts.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/rights_store.h"
#include "sqlite/sqlite.h"

namespace eds::research {

struct CohortPeriod {
  std::int64_t person = 0;
  std::int32_t start = 0;  ///< days since 1970
  std::int32_t end = 0;
  friend auto operator<=>(const CohortPeriod&, const CohortPeriod&) = default;
};

/// What a step of the evaluation kept.
struct CohortStep {
  std::string name;
  std::int64_t events = 0;
  std::int64_t persons = 0;
};

enum class CohortMode : std::uint8_t { Strict, Circe };

struct CohortVersion {
  std::int64_t cohort_id = 0;
  std::string name;
  std::int64_t version = 0;  ///< 1, 2, ...
  std::string definition;    ///< the JSON as it was given
  CohortMode mode = CohortMode::Strict;
  std::int64_t release_id = 0;
  std::string release;
  std::string author;
  std::int64_t made_us = 0;
  std::int64_t row_count = 0;
  std::int64_t person_count = 0;
  std::vector<CohortStep> steps;
  std::string file;
};

/// Letters, digits, '-', '_' and '.', at most 64, beginning with a letter or digit.
bool is_cohort_name(std::string_view name);
inline constexpr std::size_t kDefinitionBytesMax = std::size_t{16} << 20;

class CohortBook {
 public:
  /// Opens or makes the book of a warehouse.
  static Result<CohortBook> open(Env& env, const Path& warehouse);
  static bool exists(Env& env, const Path& warehouse);

  /// Adds the next version of `wanted.name` of this author, whose number and file it sets. `rows`
  /// are sorted. Code::Conflict when `wanted.version` is not 0 and not the next one.
  Result<CohortVersion> save(const govern::Author& author, CohortVersion wanted,
                             const std::vector<CohortPeriod>& rows);
  /// The last version of each cohort of the author, by name; of all authors for the owner.
  Result<std::vector<CohortVersion>> list(const govern::Author& author);
  /// NotFound when the author has none of that name or number; version 0: the last.
  Result<CohortVersion> find(const govern::Author& author, std::string_view name,
                             std::int64_t version = 0);
  /// By person, then start.
  Result<std::vector<CohortPeriod>> rows(const CohortVersion& version);
  /// Takes an erased person out of every version; how many versions had rows of the person.
  Result<std::int64_t> forget(std::int64_t person);

 private:
  CohortBook(Env& env, Path folder, std::unique_ptr<sqlite::Database> database)
      : env_(&env), folder_(std::move(folder)), database_(std::move(database)) {}
  Status settle();
  Status write_rows(const std::string& file, const std::vector<CohortPeriod>& rows);
  Result<std::vector<CohortVersion>> select(std::string_view where, const govern::Author& author,
                                            std::string_view name, std::int64_t version);

  Env* env_;
  Path folder_;
  std::unique_ptr<sqlite::Database> database_;
};

/// What changed between two versions.
struct CohortDiff {
  std::vector<CohortPeriod> entered;  ///< rows of persons who were not in
  std::vector<CohortPeriod> left;     ///< rows of persons who are not in any more
  struct Moved {
    std::int64_t person = 0;
    std::vector<CohortPeriod> before;
    std::vector<CohortPeriod> after;
  };
  std::vector<Moved> moved;  ///< persons of both, with other dates
  std::int64_t same_persons = 0;
};
/// Both sorted.
CohortDiff diff(const std::vector<CohortPeriod>& before, const std::vector<CohortPeriod>& after);

}  // namespace eds::research
