// Damaged files of every summary: the good half loads, the bad half is in the quarantine with its
// place, its field and its reason.
#include <functional>
#include <map>

#include "ingest/pmsi/summary_lines_for_test.h"
#include "ingest/quarantine.h"

namespace eds::ingest::pmsi {
namespace {

using namespace for_test;

struct Case {
  const char* format;
  std::function<std::string(int)> line;  ///< the nth record
  const char* needed;                    ///< a field the record cannot do without
  std::size_t needed_at;                 ///< where it stands, from 0
  std::size_t needed_bytes;
};

std::string two(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"pmsi-rsa", [](int n) { return rsa_line("228", two(n).c_str()); }, "exit_month", 61, 2},
      {"pmsi-ano", [](int n) { return ano_line(kLink, two(n).c_str()); }, "filler_1", 47, 6},
      {"pmsi-rhs", [](int n) { return rhs("M1C", (two(n) + "2024").c_str(), "0080").text(); },
       "week", 116, 6},
      {"pmsi-rps", [](int n) { return rps((two(n) + "032024").c_str(), "31032024").text(); },
       "sequence_start_date", 110, 8},
      {"pmsi-rpss",
       [](int n) { return rpss("H0F", two(n).c_str(), "01052024", "07052024").text(); },
       "subsequence_start_date", 162, 8},
      {"pmsi-rsf", [](int n) { return rsf_a(Kind::Rsf).set("rss_number", "RSS" + two(n)).text(); },
       "entry_date", 104, 8}};
  return all;
}

std::unique_ptr<FormatReader> reader_of(std::string_view format) {
  for (std::unique_ptr<FormatReader>& reader : readers()) {
    if (reader->info().name == format) return std::move(reader);
  }
  return nullptr;
}

std::string cut_end(std::string line) {
  line.resize(line.size() - 2);
  return line;
}

}  // namespace

TEST_CASE("of a half damaged file the good half loads, and each bad line says where and why") {
  for (const Case& each : cases()) {
    INFO(each.format);
    WarehouseForTest test;
    std::string text;
    std::map<std::string, int> expected;
    for (int n = 1; n <= 20; ++n) {
      const std::string good = each.line(n);
      std::string bad = cut_end(each.line(n + 20));
      switch (n % 4) {
        case 0: bad.resize(bad.size() / 2); break;  // truncated
        case 1: bad += "X"; break;                  // overlong
        case 2: bad.replace(each.needed_at, each.needed_bytes, each.needed_bytes, '\xE9'); break;
        case 3: bad[each.needed_at] = '\0'; break;  // binary
      }
      text += good + bad + "\r\n";  // interleaved: every second line
    }
    const LoadReport report = feed(test, reader_of(each.format), "half.txt", text);
    INFO(report.summary());
    CHECK(report.files[0].record_count == 40);
    CHECK(report.reject_count() == 20);
    Env& env = Env::posix();
    const std::string at = test.directory();
    govern::KeyRing keys = std::move(govern::KeyRing::open(env, join(at, "keys"))).value();
    std::unique_ptr<govern::Vault> vault =
        std::move(govern::Vault::open(env, keys, join(at, "landing"))).value();
    std::unique_ptr<Quarantine> quarantine =
        std::move(Quarantine::open(env, *vault, join(at, "quarantine"))).value();
    const std::vector<RejectRow> rows = std::move(quarantine->list(RejectFilter{})).value();
    REQUIRE(rows.size() == 20);
    std::map<std::string, int> by_code;
    for (const RejectRow& row : rows) {
      CHECK(row.line % 2 == 0);
      CHECK(!row.reason.empty());
      ++by_code[row.code];
      if (row.line % 8 == 4) CHECK(row.field == each.needed);
    }
    CHECK(by_code["nul-byte"] == 5);
    CHECK(by_code["too-short"] + by_code["too-long"] == 10);
  }
}

TEST_CASE("versions of a family may be mixed line by line, whatever ends the lines") {
  WarehouseForTest test;
  const std::string text = cut_end(rhs("M1A", "012024", "0080").text()) + "\n" +
                           cut_end(rhs("M0C", "022024", "0080").text()) + "\r" +
                           cut_end(rhs("M1D", "032024", "0080").text()) + "\r\n\r\n" +
                           cut_end(rhs("M09", "042024", "0080").text());
  const LoadReport report = feed(test, rhs_reader(), "rhs.txt", text);
  INFO(report.summary());
  CHECK(report.files[0].record_count == 4);
  CHECK(report.reject_count() == 0);
  CHECK(test.count("SELECT count(*) FROM visit_detail") == 4);
}

TEST_CASE("codes in another encoding load as valid text") {
  WarehouseForTest test;
  std::string text = rhs("M1C", "012024", "\xC9t\xE9").text();  // Windows-1252
  const LoadReport report = feed(test, rhs_reader(), "rhs.txt", text);
  CHECK(report.reject_count() == 0);
  CHECK(test.ask("SELECT visit_detail_source_value FROM visit_detail") ==
        std::vector<std::string>{"\xC3\x89t\xC3\xA9"});
}

TEST_CASE("a hundred mutilated files of each format stop no load") {
  std::uint64_t seed = 20260223;
  const auto next = [&seed](std::uint64_t below) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
  };
  WarehouseForTest test;
  for (const Case& each : cases()) {
    INFO(each.format);
    std::string whole;
    for (int n = 1; n <= 40; ++n) whole += each.line(n);
    for (int round = 0; round < 4; ++round) {
      std::string text = whole;
      for (std::uint64_t change = 0; change < 100; ++change) {
        // Line ends stay: the number of records is then known.
        char& at = text[next(text.size())];
        const char made = static_cast<char>(next(256));
        if (at != '\r' && at != '\n' && made != '\r' && made != '\n' && made != ' ') at = made;
      }
      const LoadReport report = feed(test, reader_of(each.format),
                                     std::string(each.format) + std::to_string(round), text);
      CHECK(report.files[0].failure.empty());
      CHECK(report.files[0].record_count == 40);
      CHECK(report.reject_count() < 40);
    }
  }
}

}  // namespace eds::ingest::pmsi
