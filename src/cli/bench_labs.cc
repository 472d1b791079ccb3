// bench labs: a laboratory's CSV, from file to committed release, beside DuckDB's own CSV reader
// and Parquet writer on the same file.
#include <fmt/format.h>

#include <algorithm>

#include "cli/bench_list.h"
#include "cli/bench_warehouse.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "ingest/feed.h"

namespace eds::cli {
namespace {

constexpr char kMapping[] = R"toml([file]
separator = ";"
encoding = "utf-8"
decimal = ","

[columns]
ipp = "IPP"
time = "DATE"
code = "CODE"
value = "RESULTAT"
unit = "UNITE"
range_low = "INF"
range_high = "SUP"

[time]
format = "%d/%m/%Y %H:%M"

[code]
vocabulary = "LOINC"
)toml";

// Rows of 200,000 patients and 24 analytes, in the order a laboratory system exports: by time.
Status write_file(const Path& path, std::uint64_t row_count) {
  static constexpr const char* kCodes[] = {
      "2951-2", "2823-3", "2075-0", "1963-8", "14749-6", "14682-9", "22664-7", "718-7",
      "6690-2", "777-3",  "1988-5", "1742-6", "1920-8",  "14631-6", "2885-2",  "17861-6"};
  static constexpr const char* kUnits[] = {
      "mmol/L", "mmol/L", "mmol/L", "mmol/L", "mmol/L", "umol/L", "mmol/L", "g/dL",
      "10*9/L", "10*9/L", "mg/L",   "U/L",    "U/L",    "umol/L", "g/L",    "mmol/L"};
  const std::unique_ptr<WritableFile> file = TRY(Env::posix().create(path));
  std::string block = "IPP;DATE;CODE;RESULTAT;UNITE;INF;SUP\n";
  std::uint64_t state = 42;
  for (std::uint64_t row = 0; row < row_count; ++row) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t draw = state >> 33;
    const std::uint64_t minute = row * 1'000'000 / row_count;
    const std::size_t code = draw % std::size(kCodes);
    fmt::format_to(std::back_inserter(block), "8{:09};{:02}/{:02}/{};{:02}:{:02};",
                   draw / 16 % 200'000, minute / 1440 % 28 + 1, minute / 40'320 % 12 + 1,
                   2023 + minute / 483'840, minute / 60 % 24, minute % 60);
    // The format above separates day and hour by ';' to be put right here: one pass, no copies.
    block[block.size() - 7] = ' ';
    fmt::format_to(std::back_inserter(block), "{};{},{};{};10,0;150,5\n", kCodes[code],
                   draw / 64 % 200, draw / 128 % 10, kUnits[code]);
    if (block.size() < (std::size_t{1} << 20)) continue;
    TRY(file->append(block));
    block.clear();
  }
  TRY(file->append(block));
  TRY(file->sync());
  return file->close();
}

struct Took {
  double wall = 0;
  double cpu = 0;
};

Status line(std::string_view name, Took took, std::uint64_t rows) {
  return print(fmt::format("  {:<44} {:>6.2f} s wall {:>7.2f} CPU s  {:>6.2f} M rows/s\n", name,
                           took.wall, took.cpu, static_cast<double>(rows) / took.wall / 1e6));
}

Result<Took> feed(const Path& directory, const Path& csv, const Path& mapping) {
  Context context = TRY(new_warehouse(directory));
  ingest::Request request;
  request.format = "labs-csv";
  request.paths = {csv};
  request.mapping = mapping;
  request.source_name = "bench";
  request.authority = "990000001";
  request.actor = context.actor();
  const double cpu = cpu_seconds();
  const std::int64_t start = Env::posix().monotonic_us();
  const ingest::LoadReport report = TRY(ingest::feed(context.warehouse(), request, nullptr));
  const Took took{static_cast<double>(Env::posix().monotonic_us() - start) / 1e6,
                  cpu_seconds() - cpu};
  if (report.reject_count() != 0) return Error{Code::Internal, "the bench's own rows are refused"};
  return took;
}

Result<Took> duckdb_peer(const Path& csv, const Path& out) {
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  const double cpu = cpu_seconds();
  const std::int64_t start = Env::posix().monotonic_us();
  TRY(connection.execute(
      "COPY (SELECT * FROM read_csv(" + duck::quote_text(csv) +
      ", delim=';', header=true, decimal_separator=',', timestampformat='%d/%m/%Y %H:%M', "
      "columns={'IPP':'VARCHAR','DATE':'TIMESTAMP','CODE':'VARCHAR','RESULTAT':'DOUBLE',"
      "'UNITE':'VARCHAR','INF':'DOUBLE','SUP':'DOUBLE'}) ORDER BY IPP, DATE) TO " +
      duck::quote_text(out) + " (FORMAT parquet, COMPRESSION zstd)"));
  return Took{static_cast<double>(Env::posix().monotonic_us() - start) / 1e6, cpu_seconds() - cpu};
}

}  // namespace

Status bench_labs(const Path& directory, double scale) {
  Env& env = Env::posix();
  TRY(env.make_directories(directory));
  const std::uint64_t rows =
      std::max<std::uint64_t>(1000, static_cast<std::uint64_t>(10'000'000 * scale));
  const Path csv = join(directory, "labs.csv");
  const Path mapping = join(directory, "labs.toml");
  TRY(write_file(csv, rows));
  TRY(env.write_durably(mapping, kMapping));
  const double megabytes = static_cast<double>(TRY(env.info(csv)).bytes) / 1e6;
  const std::string run = std::to_string(env.random_u64());
  const Took first = TRY(feed(join(directory, "warehouse" + run), csv, mapping));
  const Took peer = TRY(duckdb_peer(csv, join(directory, "peer" + run + ".parquet")));
  TRY(print(fmt::format("bench labs: {} rows, {:.0f} MB, 200,000 patients unknown before\n", rows,
                        megabytes)));
  TRY(line("eds ingest, file to committed release", first, rows));
  TRY(line("DuckDB read_csv, ORDER BY, COPY to Parquet", peer, rows));
  return print(fmt::format("  peak memory {:.2f} GiB\n", peak_gib()));
}

}  // namespace eds::cli
