// bench audit: durable events a second with many appenders, and how long one door takes to let the
// first byte pass, beside a file with an fsync a line and SQLite with an insert a transaction.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "cli/bench_list.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "govern/audit/local.h"
#include "govern/audit/server.h"
#include "govern/audit/verify.h"
#include "sqlite/sqlite.h"

namespace eds::cli {
namespace {

govern::AuditEvent event_of(int number) {
  govern::AuditEvent event;
  event.actor = "dr.house";
  event.action = "patient";
  event.object = std::to_string(number);
  event.release = "r12";
  event.reason = "care";
  event.ground = "care";
  event.zone = "core";
  event.origin = "web 10.0.0.1";
  event.persons = govern::AuditPersons::of({number});
  event.request_id = "0011223344556677";
  return event;
}

struct Figure {
  double rate = 0;
  double cpu = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  int failed = 0;
};

/// Runs `work(thread, number)`, false when it fails, for `count` numbers on `threads` threads.
template <class Work>
Figure figure_of(int threads, int count, Work work) {
  Env& env = Env::posix();
  std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
  std::atomic<int> failed = 0;
  const Watch watch;
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      for (int number = thread; number < count; number += threads) {
        const std::int64_t start = env.monotonic_us();
        if (!work(thread, number)) ++failed;
        times[static_cast<std::size_t>(thread)].push_back(
            static_cast<double>(env.monotonic_us() - start) / 1000);
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  Figure figure;
  figure.rate = count / watch.wall();
  figure.cpu = watch.cpu();
  std::vector<double> sorted;
  for (const std::vector<double>& each : times) {
    sorted.insert(sorted.end(), each.begin(), each.end());
  }
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty()) {
    figure.p50_ms = sorted[sorted.size() / 2];
    figure.p95_ms = sorted[sorted.size() * 95 / 100];
  }
  figure.failed = failed;
  return figure;
}

Status say(std::string_view what, int count, const Figure& figure) {
  TRY(
      print(fmt::format("  {:<44} {:>8.0f} a second  p50 {:>7.2f} ms  p95 {:>7.2f} ms  {:>6.2f} "
                        "CPU s  ({})\n",
                        what, figure.rate, figure.p50_ms, figure.p95_ms, figure.cpu, count)));
  if (figure.failed == 0) return {};
  return Error{Code::Io, "events were refused: " + std::to_string(figure.failed)};
}

Status bench_log(const govern::KeyRing& keys, const audit::LogOptions& options, int count) {
  for (const int threads : {1, 16, 64, 256}) {
    const std::unique_ptr<govern::Audit> log = TRY(audit::open(Env::posix(), keys, options));
    const int each = threads == 1 ? count / 50 : count;
    TRY(say(fmt::format("events, {} appenders in one process", threads), each,
            figure_of(threads, each,
                      [&](int, int number) { return log->append(event_of(number)).ok(); })));
  }
  return {};
}

// As the doors of the command line and of `eds serve`: an event before, an event after.
Status bench_doors(const govern::KeyRing& keys, const audit::LogOptions& options, int count) {
  Env& env = Env::posix();
  for (const int threads : {1, 64}) {
    const std::shared_ptr<govern::Audit> log = TRY(audit::open(env, keys, options));
    const int each = threads == 1 ? count / 50 : count / 2;
    TRY(say(fmt::format("doors until the first byte, {} clients", threads), each,
            figure_of(threads, each, [&](int, int number) {
              govern::Door door(env, log, event_of(number));
              return door.pass().ok();
            })));
  }
  return {};
}

// The audit in its own process's place: a thread that serves its socket, and one connection a
// client.
Status bench_socket(const govern::KeyRing& keys, const audit::LogOptions& options, const Path& at,
                    int count) {
  Env& env = Env::posix();
  const std::unique_ptr<audit::LocalAudit> log = TRY(audit::open(env, keys, options));
  std::atomic<bool> stop = false;
  std::atomic<bool> is_ready = false;
  Status served;
  std::thread server([&] {
    served = audit::serve(env, *log, at, stop, [&] {
      is_ready = true;
      is_ready.notify_all();
    });
    is_ready = true;
    is_ready.notify_all();
  });
  is_ready.wait(false);
  constexpr int kClients = 64;
  std::vector<std::unique_ptr<govern::Audit>> clients;
  for (int client = 0; client < kClients; ++client) clients.push_back(audit::connect(at));
  const Figure figure = figure_of(kClients, count, [&](int client, int number) {
    return clients[static_cast<std::size_t>(client)]->append(event_of(number)).ok();
  });
  stop = true;
  clients.clear();
  server.join();
  TRY(served);
  return say("events, 64 clients of eds audit serve", count, figure);
}

// The peers: what is written when nothing is shared.
Status bench_peers(const Path& place, int count) {
  Env& env = Env::posix();
  const std::string line(400, 'x');
  const std::unique_ptr<WritableFile> file = TRY(env.append_to(join(place, "peer.log")));
  TRY(say("a file, fsync a line, one writer", count, figure_of(1, count, [&](int, int) {
            return file->append(line).ok() && file->sync().ok();
          })));
  const std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(place, "peer.db")));
  TRY(database->execute("CREATE TABLE event(number INTEGER PRIMARY KEY, line TEXT)"));
  return say("SQLite WAL, an insert a transaction", count, figure_of(1, count, [&](int, int n) {
               Result<sqlite::Statement> insert =
                   database->prepare("INSERT INTO event VALUES (?, ?)");
               return insert.ok() &&
                      insert->with(static_cast<std::int64_t>(n), std::string_view(line)).run().ok();
             }));
}

}  // namespace

Status bench_audit(const Path& scratch, double scale) {
  Env& env = Env::posix();
  const Path place = join(scratch, "audit" + std::to_string(env.random_u64()));
  TRY(env.make_directories(join(place, "keys")));
  const govern::KeyRing keys = TRY(govern::KeyRing::create(env, join(place, "keys")));
  const audit::LogOptions options{.directory = join(place, "audit"),
                                  .mirror = join(place, "mirror")};
  const int count = std::max(1000, static_cast<int>(200'000 * scale));
  TRY(print(
      "bench audit: a file system under build/bench; target 20,000 durable events/s with many "
      "clients\n"));
  TRY(bench_log(keys, options, count));
  TRY(bench_doors(keys, options, count));
  TRY(bench_socket(keys, options, join(place, "socket"), count));
  TRY(bench_peers(place, count / 50));
  const Watch watch;
  const audit::Verdict verdict = TRY(audit::verify(env, keys, options));
  TRY(print(fmt::format("  {:<44} {:>8.0f} a second ({} events)\n", "verified afterwards",
                        static_cast<double>(verdict.event_count) / watch.wall(),
                        verdict.event_count)));
  double loads[3] = {0, 0, 0};
  if (::getloadavg(loads, 3) != 3) loads[0] = -1;
  TRY(print(fmt::format("  peak memory {:.2f} GiB, load average {:.1f}\n", peak_gib(), loads[0])));
  if (!verdict.sound()) return Error{Code::Corrupt, "the log that the bench wrote is damaged"};
  return env.remove_tree(place);
}

}  // namespace eds::cli
