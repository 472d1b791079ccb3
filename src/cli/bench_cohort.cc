// bench cohort: the stored cohort index at the scale of the AP-HP, beside DuckDB on the same lake.
//
// Data: the warehouse of `eds bench aphp` and its index (`eds cohort index build`). Definitions:
// one concept and a value threshold, for the most frequent analytes; and those of the OHDSI
// Phenotype Library, each concept set replaced by as many concepts (at most 8) that the synthetic
// hospital has for the same kind of event, since it has no SNOMED: the shapes stay, the meaning
// does not.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "cli/bench_list.h"
#include "cli/cohort.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "cohort/batch.h"
#include "cohort/definition_reader.h"
#include "cohort/index_release.h"
#include "cohort/session_source.h"
#include "engine/session.h"
#include "uses/research/cohort_book.h"
#include "uses/research/cohort_evaluation.h"

namespace eds::cli {
namespace {

constexpr char kData[] = "../shared/data/ohdsi/phenotype_library/cohorts_json.tar.xz";
constexpr std::size_t kAnalytes = 20;
constexpr std::size_t kLibraryStep = 5;  ///< every fifth definition
constexpr std::size_t kSlowest = 5;
constexpr std::size_t kSetMax = 8;
constexpr int kSqlRuns = 3;
constexpr std::int64_t kMillion = 1'000'000;

std::int64_t now_us() {
  return Env::posix().monotonic_us();
}
double ms_since(std::int64_t start) {
  return static_cast<double>(now_us() - start) / 1000;
}

class Times {
 public:
  void add(double wall_ms, double cpu_ms, const cohort::Touched& touched) {
    wall_.push_back(wall_ms);
    cpu_.push_back(cpu_ms);
    touched_.push_back(static_cast<double>(touched.events));
  }
  std::string text() const {
    return fmt::format(
        "wall p50 {:.1f} ms, p95 {:.1f} ms, max {:.1f} ms; CPU p50 {:.1f} ms, p95 "
        "{:.1f} ms; events touched p50 {:.0f}, p95 {:.0f} ({} definitions)",
        at(wall_, 0.5), at(wall_, 0.95), at(wall_, 1), at(cpu_, 0.5), at(cpu_, 0.95),
        at(touched_, 0.5), at(touched_, 0.95), wall_.size());
  }
  double p50() const { return at(wall_, 0.5); }

 private:
  static double at(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())))];
  }
  std::vector<double> wall_, cpu_, touched_;
};

// The sets of a plan, with the kind of event each is asked of.
class SetUses {
 public:
  explicit SetUses(const cohort::Plan& plan) {
    for (const cohort::EventQuery& query : plan.entry) add(query);
    if (plan.additional) add(*plan.additional);
    for (const cohort::RulePlan& rule : plan.rules) add(rule.group);
    for (const cohort::EventQuery& query : plan.censoring) add(query);
    if (const auto* era = std::get_if<cohort::EraEnd>(&plan.end)) {
      domains_.try_emplace(era->set, cohort::Domain::DrugExposure);
    }
  }
  const std::map<cohort::SetIndex, cohort::Domain>& domains() const { return domains_; }

 private:
  void add(const cohort::EventQuery& query) {
    if (query.concepts) domains_.try_emplace(*query.concepts, query.domain);
    for (const cohort::GroupPlan& group : query.nested) add(group);
  }
  void add(const cohort::GroupPlan& group) {
    for (const cohort::CorrelatedPlan& each : group.criteria) add(each.events);
    for (const cohort::GroupPlan& each : group.groups) add(each);
  }
  std::map<cohort::SetIndex, cohort::Domain> domains_;
};

struct Slow {
  double ms = 0;
  cohort::Touched touched;
  std::string name;
  bool operator>(const Slow& other) const { return ms > other.ms; }
};

class Bench {
 public:
  Bench(Context& context, engine::Scan scan, engine::Session& session)
      : context_(&context), scan_(std::move(scan)), session_(&session), source_(session) {}

  Status run(const Path& scratch) {
    TRY(open());
    TRY(thresholds());
    TRY(scales());
    TRY(million(scratch));
    TRY(library(scratch));
    const double gib = static_cast<double>(::mallinfo2().uordblks) / (1 << 30);
    return print(
        fmt::format("  peak memory {:.2f} GiB with mapped pages; {:.2f} GiB of its own at "
                    "the end\n",
                    peak_gib(), gib));
  }

 private:
  Status open() {
    cohort::Needs needs;
    needs.traits = true;
    needs.domains.set();
    needs.domains.reset(cohort::index_of(cohort::Domain::LocationRegion));
    const cohort::IndexOffer offer = TRY(cohort::IndexOffer::of(context_->warehouse(), scan_));
    if (const auto refusal = offer.refusal(needs)) {
      return Error{Code::Usage, "no index, run eds cohort index build: " + std::string(*refusal)};
    }
    const std::int64_t start = now_us();
    index_ = TRY(cohort::IndexRelease::open(context_->warehouse(), scan_, needs, source_));
    TRY(print(fmt::format("bench cohort: {} persons; index opened in {:.0f} ms\n",
                          index_->persons().count(), ms_since(start))));
    return {};
  }

  // The same question of a hundredth, a tenth and all of the persons.
  Status scales() {
    const auto frequent = frequent_analytes();
    if (frequent.empty()) return {};
    const std::int64_t id = frequent.front().second;
    const cohort::Plan plan = TRY(threshold_plan(id, 0));
    const cohort::ResolvedSets sets = {{id}};
    for (const cohort::Person share : {100U, 10U, 1U}) {
      Times times;
      const cohort::PersonRange some{0, index_->persons().count() / share};
      for (int run = 0; run < 5; ++run) {
        TRY(evaluate(plan, sets, cohort::Wanted::Count, run == 0 ? nullptr : &times, some));
      }
      TRY(print(fmt::format("  a concept, of {:>9} persons: {}\n", some.end, times.text())));
    }
    return {};
  }

  // A cohort of about a million, saved by name and read back.
  Status million(const Path& scratch) {
    const auto frequent = frequent_analytes();
    if (frequent.empty()) return {};
    const std::int64_t id = frequent.front().second;
    double low = 0;
    double high = 1e4;
    std::int64_t persons = 0;
    for (int step = 0; step < 40 && std::abs(persons - kMillion) > kMillion / 50; ++step) {
      const double bound = (low + high) / 2;
      const cohort::Plan plan = TRY(threshold_plan(id, bound));
      persons =
          TRY(evaluate(plan, {{id}}, cohort::Wanted::Count, nullptr)).attrition.cohort_persons;
      (persons > kMillion ? low : high) = bound;
    }
    Env& env = Env::posix();
    const Path place = join(scratch, "book" + std::to_string(env.random_u64()));
    TRY(env.make_directories(place));
    research::CohortBook book = TRY(research::CohortBook::open(env, place));
    research::CohortVersion wanted;
    wanted.name = "million";
    wanted.definition = threshold_json(id, (low + high) / 2);
    wanted.release_id = scan_.release().id;
    wanted.release = scan_.release().name;
    const std::int64_t start = now_us();
    research::EvaluatedCohort evaluated = TRY(research::evaluate_definition(
        context_->warehouse(), *session_, scan_, engine::Budget{}, wanted.definition, wanted.mode));
    wanted.steps = std::move(evaluated.steps);
    const research::CohortVersion saved =
        TRY(book.save(context_->author(), std::move(wanted), evaluated.rows));
    const double saved_ms = ms_since(start);
    const std::int64_t again = now_us();
    const std::size_t rows = TRY(book.rows(saved)).size();
    TRY(
        print(fmt::format("  a cohort of {} persons: evaluated and saved in {:.0f} ms, its {} rows "
                          "read back in {:.0f} ms (target 5 s)\n",
                          saved.person_count, saved_ms, rows, ms_since(again))));
    return env.remove_tree(place);
  }

  Result<cohort::Outcome> evaluate(const cohort::Plan& plan, const cohort::ResolvedSets& sets,
                                   cohort::Wanted wanted, Times* times,
                                   std::optional<cohort::PersonRange> persons = std::nullopt) {
    const cohort::Work work[] = {{&plan, &sets}};
    cohort::Batch batch;
    batch.base = index_.get();
    batch.thread_count = engine::Budget{}.threads;
    batch.wanted = wanted;
    batch.persons = persons;
    cohort::Outcome found;
    const std::int64_t start = now_us();
    const double cpu = cpu_seconds();
    TRY(cohort::evaluate_batch(batch, work, [&](std::size_t, cohort::Outcome&& outcome) {
      found = std::move(outcome);
      return Status();
    }));
    if (times != nullptr) times->add(ms_since(start), (cpu_seconds() - cpu) * 1000, found.touched);
    index_->let_go();  // Mapped pages count as memory: the next definition maps its own again.
    return found;
  }

  static std::string threshold_json(std::int64_t concept_id, double bound) {
    return fmt::format(
        R"({{"ConceptSets":[{{"id":0,"name":"a","expression":{{"items":[{{"concept":)"
        R"({{"CONCEPT_ID":{}}}}}]}}}}],"PrimaryCriteria":)"
        R"({{"CriteriaList":[{{"Measurement":{{"CodesetId":0,"ValueAsNumber":{{"Value":{},)"
        R"("Op":"gt"}}}}}}],"ObservationWindow":{{"PriorDays":0,"PostDays":0}},)"
        R"("PrimaryCriteriaLimit":{{"Type":"First"}}}},"QualifiedLimit":{{"Type":"First"}},)"
        R"("ExpressionLimit":{{"Type":"First"}},"InclusionRules":[],"CensoringCriteria":[],)"
        R"("CollapseSettings":{{"CollapseType":"ERA","EraPad":0}},"CensorWindow":{{}}}})",
        concept_id, bound);
  }
  static Result<cohort::Plan> threshold_plan(std::int64_t concept_id, double bound) {
    const cohort::NamedDefinition named =
        TRY(cohort::read_definition(threshold_json(concept_id, bound), cohort::Reading::Lenient));
    return cohort::make_plan(named.definition, cohort::Mode::Circe);
  }

  std::vector<std::pair<std::uint64_t, std::int64_t>> frequent_analytes() const {
    std::vector<std::pair<std::uint64_t, std::int64_t>> frequent;
    for (const auto& [id, count] : index_->concept_counts(cohort::Domain::Measurement)) {
      frequent.emplace_back(count, id);
    }
    std::sort(frequent.rbegin(), frequent.rend());
    frequent.resize(std::min(frequent.size(), kAnalytes));
    return frequent;
  }

  // Values that a half, a tenth and a hundredth of an analyte's results exceed, of some persons.
  Result<std::vector<double>> quantiles(duck::Connection& plain, std::int64_t concept_id) {
    const std::int64_t bound = index_->persons().ids[index_->persons().count() / 200];
    std::vector<double> values;
    duck::Rows rows = TRY(plain.query(fmt::format(
        "SELECT quantile_disc(value_as_number, 0.5), quantile_disc(value_as_number, 0.9), "
        "quantile_disc(value_as_number, 0.99) FROM measurement WHERE person_id < {} AND "
        "measurement_concept_id = {}",
        bound, concept_id)));
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      for (std::size_t column = 0; column < 3; ++column) {
        if (!chunk->is_null(column, 0)) values.push_back(chunk->float_at(column, 0));
      }
    }
    return values;
  }

  Result<duck::Connection> plain_views() {
    database_ = TRY(duck::Database::open({}));
    duck::Connection plain = TRY(database_->connect());
    const Path files = join(context_->warehouse().table_directory("measurement"), "*.parquet");
    TRY(plain.execute("CREATE VIEW measurement AS SELECT * FROM read_parquet(" +
                      duck::quote_text(files) + ")"));
    return plain;
  }

  Status thresholds() {
    duck::Connection plain = TRY(plain_views());
    Times first, again, with_rows;
    double sql_ms = 0;
    double own_ms = 0;
    int sql_runs = 0;
    for (const auto& [count, id] : frequent_analytes()) {
      for (double bound : TRY(quantiles(plain, id))) {
        const cohort::Plan plan = TRY(threshold_plan(id, bound));
        const cohort::ResolvedSets sets = {{id}};
        TRY(evaluate(plan, sets, cohort::Wanted::Count, &first));
        const std::int64_t start = now_us();
        const cohort::Outcome found = TRY(evaluate(plan, sets, cohort::Wanted::Count, &again));
        const double own = ms_since(start);
        TRY(evaluate(plan, sets, cohort::Wanted::Rows, &with_rows));
        if (sql_runs >= kSqlRuns) continue;
        const std::int64_t sql_start = now_us();
        const std::int64_t persons = TRY(plain.query_int(fmt::format(
            "SELECT count(DISTINCT person_id) FROM measurement WHERE measurement_concept_id = {} "
            "AND value_as_number > {}",
            id, bound)));
        sql_ms += ms_since(sql_start);
        own_ms += own;
        ++sql_runs;
        if (persons != found.attrition.cohort_persons) {
          return Error{Code::Internal, "SQL counts other persons than the index"};
        }
      }
    }
    TRY(print("  persons of a concept and a threshold, first:" + first.text() + "\n"));
    TRY(print("  persons of a concept and a threshold, again:" + again.text() + "\n"));
    TRY(print("  the same, with each member's period:        " + with_rows.text() + "\n"));
    return print(fmt::format(
        "  the same counts by DuckDB on the lake: {:.0f} ms each, {:.0f} times the index's {:.1f} "
        "ms; {} compared, equal\n",
        sql_ms / sql_runs, sql_ms / own_ms, own_ms / sql_runs, sql_runs));
  }

  // As many concepts of the set's kind of event as it had items, picked by its number.
  void replace_sets(PlannedCohort& cohort) {
    cohort.sets.assign(cohort.plan.sets.size(), {});
    const SetUses uses(cohort.plan);
    for (const auto& [set, domain] : uses.domains()) {
      const auto& known = concepts_[cohort::index_of(domain)];
      if (known.empty()) continue;
      const std::size_t wanted =
          std::clamp<std::size_t>(cohort.plan.sets[set].items.size(), 1, kSetMax);
      std::set<std::int64_t> picked;
      auto state = static_cast<std::uint64_t>(cohort.id) * 1'000'003 + set + 1;
      for (std::size_t at = 0; at < wanted; ++at) {
        state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        picked.insert(known[(state >> 33) % known.size()].first);
      }
      cohort.sets[set].assign(picked.begin(), picked.end());
    }
  }

  Status library(const Path& scratch) {
    const Path folder = join(scratch, "cohorts");
    if (!Env::posix().exists(kData) && !Env::posix().exists(folder)) {
      return print("  skipped: the Phenotype Library is not present\n");
    }
    if (!Env::posix().exists(folder)) {
      TRY(Env::posix().make_directories(scratch));
      const std::string command = std::string("tar xJf '") + kData + "' -C '" + scratch + "'";
      if (std::system(command.c_str()) != 0) return Error{Code::Io, "cannot unpack the library"};
    }
    std::vector<std::string> paths;
    const std::vector<std::string> names = TRY(Env::posix().list(folder));
    for (std::size_t at = 0; at < names.size(); at += kLibraryStep) {
      paths.push_back(join(folder, names[at]));
    }
    for (cohort::Domain domain : cohort::indexed_domains()) {
      concepts_[cohort::index_of(domain)] = index_->concept_counts(domain);
    }
    PlannedCohorts planned = TRY(read_cohorts(paths, cohort::Mode::Circe, 0));
    Times times;
    std::int64_t with_rows = 0;
    std::int64_t rows = 0;
    std::vector<Slow> slowest;
    for (PlannedCohort& cohort : planned.cohorts) {
      replace_sets(cohort);
      const std::int64_t start = now_us();
      const cohort::Outcome found =
          TRY(evaluate(cohort.plan, cohort.sets, cohort::Wanted::Rows, &times));
      slowest.push_back({ms_since(start), found.touched, std::string(base_name(cohort.name))});
      with_rows += found.rows.empty() ? 0 : 1;
      rows += static_cast<std::int64_t>(found.rows.size());
    }
    TRY(print("  Phenotype Library, concepts replaced: " + times.text() + "\n"));
    TRY(print(
        fmt::format("    {} of them have members, {} rows in all; slowest:\n", with_rows, rows)));
    std::sort(slowest.begin(), slowest.end(), std::greater<>());
    slowest.resize(std::min(slowest.size(), kSlowest));
    for (const Slow& each : slowest) {
      TRY(print(fmt::format("      {}: {:.0f} ms, {} events touched, {} kept\n", each.name, each.ms,
                            each.touched.events, each.touched.kept)));
    }
    return {};
  }

  Context* context_;
  engine::Scan scan_;
  engine::Session* session_;
  cohort::SessionSource source_;
  std::unique_ptr<cohort::IndexRelease> index_;
  std::unique_ptr<duck::Database> database_;
  std::array<std::vector<std::pair<std::int64_t, std::uint64_t>>, cohort::kDomainCount> concepts_;
};

}  // namespace

Status bench_cohort(const Path& warehouse, const Path& scratch) {
  Global global;
  global.warehouse = warehouse;
  Context context = TRY(Context::open(global));
  engine::Scan scan = TRY(context.scan(global, "bench"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  return Bench(context, std::move(scan), *session).run(scratch);
}

}  // namespace eds::cli
