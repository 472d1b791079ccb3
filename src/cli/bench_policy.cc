// bench policy: what a scope costs. Three things: making one, an aggregate over all laboratory
// results under one, and the 360-degree view of a person under one; each beside the owner, who has
// none, and the aggregate also beside DuckDB's own semi-join on a table of the same persons, which
// must give the same number of rows.
//
// Data: the warehouse in --dir when there is one, which is read and not changed; else a synthetic
// one made under build/bench. Rights, keys and audit are the bench's own, in its scratch directory.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "cli/act.h"
#include "cli/bench_list.h"
#include "cli/bench_warehouse.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "engine/session_stays.h"
#include "govern/audit/local.h"
#include "uses/care/patient.h"

namespace eds::cli {
namespace {

constexpr std::size_t kViews = 200;
constexpr int kRuns = 3;

// The bench's own rights over a warehouse that it does not change.
struct Rights {
  std::unique_ptr<govern::KeyRing> keys;
  std::unique_ptr<govern::Audit> audit;
  std::unique_ptr<govern::RightsStore> store;
  std::unique_ptr<govern::Governor> governor;

  static Result<Rights> make(const Path& directory) {
    Env& env = Env::posix();
    Rights made;
    TRY(env.make_directories(join(directory, "keys")));
    made.keys = std::make_unique<govern::KeyRing>(
        TRY(govern::KeyRing::create(env, join(directory, "keys"))));
    made.audit = TRY(audit::open(env, *made.keys, {.directory = join(directory, "audit")}));
    made.store = TRY(govern::RightsStore::open(env, *made.audit, join(directory, "rights")));
    made.governor = std::make_unique<govern::Governor>(env, *made.keys, *made.audit, *made.store);
    return made;
  }

  /// A clinician of these perimeters.
  Result<govern::Request> clinician(const std::string& name,
                                    const std::vector<std::string>& perimeters) {
    const govern::Author owner{0, "bench"};
    const govern::UserId user = TRY(store->add_user(owner, name, ""));
    for (const std::string& code : perimeters) {
      govern::AccessWish wish;
      wish.user = name;
      wish.role = "clinician";
      wish.perimeter = code;
      TRY(store->grant(owner, wish));
    }
    govern::Request request;
    request.principal = {user, name, 2, "bench", ""};
    return request;
  }
};

// Hands out an index that was read before: what `eds serve` does between two releases.
class ReadStays final : public govern::StaySource {
 public:
  explicit ReadStays(std::shared_ptr<const govern::StayIndex> index) : index_(std::move(index)) {}
  Result<std::shared_ptr<const govern::StayIndex>> stays() override { return index_; }

 private:
  std::shared_ptr<const govern::StayIndex> index_;
};

struct Part {
  std::vector<std::string> codes;
  std::vector<std::int64_t> sites;
};

// Hospitals, in the order of their sites, until they hold half of the persons.
Part half_of(const govern::RightsState& state,
             const std::shared_ptr<const govern::StayIndex>& index) {
  Part part;
  govern::PersonSet set(index);
  for (const govern::Perimeter& each : state.perimeters) {
    const bool is_hospital =
        each.parent == govern::kRootPerimeter && each.kind == govern::PerimeterKind::Hospital;
    if (!is_hospital) continue;
    if (set.count() * 2 >= static_cast<std::int64_t>(index->person_count())) break;
    set.add_site(each.care_site_id);
    part.codes.push_back(each.code);
    part.sites.push_back(each.care_site_id);
  }
  return part;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}
double at_95(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() * 95 / 100];
}

engine::Select labs_by_concept() {
  engine::Select select;
  select.table = "measurement";
  select.items = {
      {engine::Expr::column("measurement_concept_id"), "concept"},
      {engine::Expr::count_all(), "rows"},
      {engine::Expr::call(engine::Function::Sum, {engine::Expr::column("value_as_number")}),
       "sum"}};
  select.group_by = {engine::Expr::column("measurement_concept_id")};
  return select;
}

// The rows counted.
Result<std::int64_t> total_of(duck::Rows rows) {
  std::int64_t total = 0;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) total += chunk->int_at(1, row);
  }
  return total;
}

struct Reader {
  std::string_view name;
  std::unique_ptr<engine::Session> session;
  std::vector<double> wall, cpu, views;
  std::int64_t rows = 0;
};

class PolicyBench {
 public:
  PolicyBench(lake::Warehouse& warehouse, Rights rights)
      : warehouse_(&warehouse), rights_(std::move(rights)) {}

  Status run() {
    release_ = TRY(warehouse_->catalogue().latest());
    TRY(read_stays());
    TRY(open_readers());
    TRY(aggregate());
    TRY(peer());
    TRY(views());
    double loads[3] = {0, 0, 0};
    if (::getloadavg(loads, 3) != 3) loads[0] = -1;
    return print(
        fmt::format("  peak memory {:.2f} GiB, load average {:.1f}\n", peak_gib(), loads[0]));
  }

 private:
  Status read_stays() {
    const Watch watch;
    engine::LakeStays stays(*warehouse_, release_);
    index_ = TRY(stays.stays());
    TRY(print(fmt::format("bench policy: release {}, {} persons\n", release_.name,
                          index_->person_count())));
    return print(fmt::format("  {:<44} {:>9.1f} ms wall {:>9.1f} CPU ms, {:.0f} MB\n",
                             "who stayed where, read once a release", watch.wall() * 1e3,
                             watch.cpu() * 1e3, static_cast<double>(index_->byte_count()) / 1e6));
  }

  Status open_readers() {
    const govern::Author owner{0, "bench"};
    TRY(rights_.store->place_care_sites(owner, TRY(engine::care_sites_of(*warehouse_, release_))));
    part_ = half_of(*TRY(rights_.store->state()), index_);
    TRY(add("owner", TRY(rights_.governor->owner_scope("bench", "bench", release_.name))));
    TRY(add_clinician("scope of all persons", {"*"}));
    return add_clinician("scope of hospitals", part_.codes);
  }

  Status add_clinician(std::string_view name, const std::vector<std::string>& codes) {
    const govern::Request request =
        TRY(rights_.clinician("reader" + std::to_string(readers_.size()), codes));
    ReadStays stays(index_);
    std::vector<double> wall;
    std::vector<double> cpu;
    std::optional<govern::Scope> scope;
    for (int run = 0; run < kRuns * 3; ++run) {
      const Watch watch;
      scope.emplace(TRY(rights_.governor->scope(request, release_.name, stays)));
      wall.push_back(watch.wall() * 1e3);
      cpu.push_back(watch.cpu() * 1e3);
    }
    smallest_ = scope->shared_persons();
    TRY(print(fmt::format(
        "  {:<44} {:>9.1f} ms wall {:>9.1f} CPU ms ({} persons; target 200 ms for 10 M)\n",
        "making the " + std::string(name), median(wall), median(cpu), scope->persons().count())));
    return add(name, *scope);
  }

  Status add(std::string_view name, const govern::Scope& scope) {
    govern::Governor* governor = rights_.governor.get();
    const engine::Scan scan =
        TRY(engine::Scan::of(release_, scope, [governor](const govern::Scope& of) {
          return governor->still_holds(of);
        }));
    Reader reader;
    reader.name = name;
    reader.session = TRY(engine_->open(*warehouse_, scan, engine::Budget{}));
    readers_.push_back(std::move(reader));
    return {};
  }

  // In turn, so that what else the machine does falls on all of them.
  Status aggregate() {
    for (int run = 0; run <= kRuns; ++run) {
      for (Reader& reader : readers_) {
        const Watch watch;
        reader.rows = TRY(total_of(TRY(reader.session->query(labs_by_concept()))));
        if (run == 0) continue;  // Files come into memory.
        reader.wall.push_back(watch.wall());
        reader.cpu.push_back(watch.cpu());
      }
    }
    const double base = median(readers_.front().cpu);
    for (const Reader& reader : readers_) {
      TRY(
          print(fmt::format("  labs by concept, {:<26} {:>9.2f} s wall  {:>9.2f} CPU s  {:>12} "
                            "rows  {:+.1f} % CPU\n",
                            reader.name, median(reader.wall), median(reader.cpu), reader.rows,
                            100 * (median(reader.cpu) / base - 1))));
    }
    return print("  (target: 5 % over the owner)\n");
  }

  // A table of the persons, and the same aggregate by a semi-join.
  Status peer() {
    const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
    duck::Connection plain = TRY(database->connect());
    const auto rows_of = [&](const char* table) {
      return "read_parquet(" +
             duck::quote_text(join(warehouse_->table_directory(table), "*.parquet")) + ")";
    };
    std::string sites;
    for (const std::int64_t site : part_.sites) {
      sites += (sites.empty() ? "" : ", ") + std::to_string(site);
    }
    const Watch making;
    TRY(plain.execute("CREATE TABLE seen AS SELECT person_id FROM " + rows_of("visit_occurrence") +
                      " WHERE care_site_id IN (" + sites + ") UNION SELECT person_id FROM " +
                      rows_of("visit_detail") + " WHERE care_site_id IN (" + sites + ")"));
    TRY(print(fmt::format("  {:<44} {:>9.1f} ms wall {:>9.1f} CPU ms\n",
                          "DuckDB: a table of the hospitals' persons", making.wall() * 1e3,
                          making.cpu() * 1e3)));
    const Watch watch;
    const std::int64_t rows =
        TRY(total_of(TRY(plain.query("SELECT measurement_concept_id, count(*), "
                                     "sum(value_as_number) FROM " +
                                     rows_of("measurement") +
                                     " WHERE person_id IN (SELECT person_id FROM seen) "
                                     "GROUP BY 1"))));
    TRY(print(
        fmt::format("  labs by concept, {:<26} {:>9.2f} s wall  {:>9.2f} CPU s  {:>12} rows\n",
                    "DuckDB's semi-join", watch.wall(), watch.cpu(), rows)));
    if (rows == readers_.back().rows) return {};
    return Error{Code::Corrupt, "the scope and the semi-join do not count the same rows"};
  }

  Status views() {
    const std::vector<std::int64_t> members = smallest_->members();
    if (members.empty()) return Error{Code::Usage, "no person is in the scope"};
    for (int run = 0; run < 2; ++run) {
      for (std::size_t at = 0; at < kViews; ++at) {
        const std::int64_t person = members[at * 7919 % members.size()];
        for (Reader& reader : readers_) {
          const Watch watch;
          TRY(care::read_patient(*reader.session, person));
          if (run == 1) reader.views.push_back(watch.wall() * 1e3);
        }
      }
    }
    const std::vector<double>& base = readers_.front().views;
    for (const Reader& reader : readers_) {
      std::vector<double> more;
      for (std::size_t at = 0; at < base.size(); ++at) more.push_back(reader.views[at] - base[at]);
      TRY(print(fmt::format(
          "  360-degree view, {:<26} p50 {:>7.2f} ms  p95 {:>7.2f} ms; over the "
          "owner p50 {:+.2f} ms  p95 {:+.2f} ms\n",
          reader.name, median(reader.views), at_95(reader.views), median(more), at_95(more))));
    }
    return print("  (target: 2 ms over the owner)\n");
  }

  lake::Warehouse* warehouse_;
  Rights rights_;
  lake::Release release_;
  std::shared_ptr<const govern::StayIndex> index_;
  std::shared_ptr<const govern::PersonSet> smallest_;
  Part part_;
  std::unique_ptr<engine::Engine> engine_ = engine::embedded_engine();
  std::vector<Reader> readers_;  // Before engine_ and rights_ go.
};

// 50,000 patients at scale 1.
Result<Path> synthetic(const Path& scratch, double scale) {
  const Path directory = join(scratch, "warehouse");
  Context context = TRY(synthetic_warehouse(
      directory, std::max<std::uint64_t>(1000, static_cast<std::uint64_t>(50'000 * scale))));
  TRY(end_act(Exit::Done));  // The warehouse goes away before this command ends.
  return directory;
}

}  // namespace

Status bench_policy(const Path& warehouse, const Path& scratch, double scale) {
  Env& env = Env::posix();
  const Path own = join(scratch, "run" + std::to_string(env.random_u64()));
  TRY(env.make_directories(own));
  const bool is_given = !warehouse.empty() && env.exists(join(warehouse, "catalogue.db"));
  const Path read = is_given ? warehouse : TRY(synthetic(own, scale));
  const std::unique_ptr<lake::Warehouse> opened = TRY(lake::Warehouse::open(env, read));
  {
    PolicyBench bench(*opened, TRY(Rights::make(own)));
    TRY(bench.run());
  }
  return env.remove_tree(own);
}

}  // namespace eds::cli
