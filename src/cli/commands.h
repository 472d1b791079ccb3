// The verbs of `eds`: one options struct and one function each, one file each.
//
// Exit codes: 0 done, 1 finished with rejects or failed checks, 2 wrong usage, 3 failed.
// Results go to standard output, everything else to standard error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace eds::cli {

enum class Exit : int { Done = 0, Rejects = 1, Usage = 2, Failed = 3 };

struct Global {
  std::string warehouse;  ///< --warehouse, EDS_WAREHOUSE, or the eds.toml found upward
  std::string format = "table";
  std::string release = "latest";
  std::string session;  ///< file that holds a ticket (eds user session); empty: the owner
  std::string ground = "care";
  std::string purpose;  ///< empty: care, or steering under a mandate
  std::int64_t permit = 0;
};

struct InitOptions {
  std::string directory;
};
Result<Exit> run_init(const InitOptions& options);

struct QueryOptions {
  std::string sql;  ///< "-": read from standard input
  std::string engine = "duckdb";
  std::string project;  ///< read its data store instead of the core
  bool counts = false;  ///< only how many persons the column person_id names, protected
  double seconds_max = -1;            ///< negative: as eds.toml says; 0: no bound
  std::int64_t memory_megabytes = 0;  ///< 0: as eds.toml says
};
Result<Exit> run_query(const Global& global, const QueryOptions& options);

struct CohortOptions {
  std::string verb;  ///< run, count, explain, why, sql
  std::vector<std::string> paths;
  std::string engine;   ///< run: index (default) or duckdb; sql: duckdb (default) or spark
  std::int64_t id = 0;  ///< 0: as the files say
  bool circe = false;
  bool statistics = false;
  bool live = false;
  std::int64_t person_id = 0;  ///< of why
  std::string language = "fr";
};
Result<Exit> run_cohort(const Global& global, const CohortOptions& options);
/// verb: build, status, drop
Result<Exit> run_cohort_index(const Global& global, const CohortOptions& options);

struct SavedCohortOptions {
  std::string verb;  ///< save, list, show, rerun, diff, describe, export
  std::string name;
  std::string file;  ///< the definition, or where an export goes
  std::string form = "csv";
  std::int64_t version = 0;  ///< 0: the last
  std::int64_t second = 0;   ///< diff: the later one
  bool circe = false;
  bool rows = false;
  bool definition = false;
};
Result<Exit> run_saved_cohort(const Global& global, const SavedCohortOptions& options);

struct ReleaseOptions {
  std::string verb;  ///< list, show, diff, tag
  std::string first;
  std::string second;
};
Result<Exit> run_release(const Global& global, const ReleaseOptions& options);

struct IngestOptions {
  std::string format;
  std::string source;
  std::string mapping;
  std::string authority;
  std::string note;
  std::vector<std::string> paths;
  bool keep_source_values = false;
};
Result<Exit> run_ingest(const Global& global, const IngestOptions& options);

struct QuarantineOptions {
  std::string verb;  ///< list, show, correct, retry, dismiss
  std::int64_t id = 0;
  std::string source_format;
  std::string code;
  std::string state = "open";
  std::string raw_file;
  std::int64_t limit = 50;
};
Result<Exit> run_quarantine(const Global& global, const QuarantineOptions& options);

struct SynthOptions {
  std::uint64_t patients = 1000;
  std::uint64_t seed = 1;
  std::string out;
  std::string into;
  double dirt = 0.0;
  bool no_reports = false;
};
Result<Exit> run_synth(const Global& global, const SynthOptions& options);

struct PatientOptions {
  std::string person_id;
  bool identity = false;
  std::string reason;
};
Result<Exit> run_patient(const Global& global, const PatientOptions& options);

struct ServeOptions {
  std::string address;  ///< empty: as eds.toml says
  int port = -1;        ///< negative: as eds.toml says
  bool identity = false;
  bool routes = false;
};
Result<Exit> run_serve(const Global& global, const ServeOptions& options);

struct TermsOptions {
  std::string verb;  ///< load, search, show, unmapped, map, apply
  std::string kind;
  std::string vocabulary;
  std::vector<std::string> words;  ///< paths, words or a code
  std::string source_code;
  std::int64_t target_concept_id = -1;  ///< negative: not given
  std::string file;
  std::int64_t limit = 50;
  bool counts = false;     ///< search, show: records and persons beside each concept
  bool years = false;      ///< show: the counts of each year
  bool hierarchy = false;  ///< show: what stands above and below
  std::int64_t below = 1;  ///< with hierarchy: levels of descendants
};
Result<Exit> run_terms(const Global& global, const TermsOptions& options);

struct KeepOptions {
  std::string verb;   ///< compact, vacuum, erase, backup, restore, verify
  std::string place;  ///< of the backup
  std::string target;
  std::string keys;
  std::int64_t person_id = 0;
  std::int64_t keep_releases = 10;
  bool everything = false;
};
Result<Exit> run_keep(const Global& global, const KeepOptions& options);
Result<Exit> run_restore(const KeepOptions& options);

struct CheckOptions {
  bool omop = false;        ///< the checks of OHDSI's Data Quality Dashboard
  bool everything = false;  ///< in a table: what passed, too
  std::string checks;       ///< folder of the dashboard's control files; empty: those carried
  std::string dashboard;    ///< file to write in the form of the dashboard's results
};
Result<Exit> run_check(const Global& global, const CheckOptions& options);

struct ExportOptions {
  std::string directory;
};
/// OMOP CSV, one file a table.
Result<Exit> run_export(const Global& global, const ExportOptions& options);

struct BenchOptions {
  std::string name;
  double scale = 1.0;
  std::string directory;
};
Result<Exit> run_bench(const BenchOptions& options);

}  // namespace eds::cli
