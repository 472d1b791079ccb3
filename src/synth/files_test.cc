// The files a synthetic hospital exports: readable without an error when clean, and wrong exactly
// where the truth says when not. PMSI files are read by format/pmsi, CSV by format/csv.
#include "synth/files.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "format/csv/csv_reader.h"
#include "format/pmsi/check.h"
#include "format/text/encoding.h"

namespace eds::synth {
namespace {

namespace fs = std::filesystem;

/// A directory of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "eds_synth_XXXXXX").string();
    ENSURE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

FilesSummary write(const std::string& directory, std::uint64_t patients, double dirt) {
  FilesOptions options;
  options.directory = directory;
  options.seed = 9;
  options.patient_count = patients;
  options.dirt = dirt;
  Result<FilesSummary> written = write_files(Env::posix(), options);
  REQUIRE_MESSAGE(written.ok(), (written.ok() ? "" : written.error().message));
  return *written;
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::map<std::string, std::string> tree_of(const std::string& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), root).string()] = slurp(entry.path());
  }
  return files;
}

/// A line of truth.jsonl, whose keys stand in a known order.
struct TruthLine {
  std::string file, kind, field, expected;
  std::uint64_t line = 0;
};
std::string value_of(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\":") + key.size() + 3;
  if (json[at] != '"') return json.substr(at, json.find_first_of(",}", at) - at);
  return json.substr(at + 1, json.find('"', at + 1) - at - 1);
}
std::vector<TruthLine> truth_of(const std::string& root) {
  std::vector<TruthLine> all;
  std::ifstream in(root + "/truth.jsonl");
  for (std::string json; std::getline(in, json);) {
    all.push_back({value_of(json, "file"), value_of(json, "kind"), value_of(json, "field"),
                   value_of(json, "expected"), std::stoull(value_of(json, "line"))});
  }
  return all;
}

struct PmsiRead {
  std::map<std::uint64_t, bool> loadable;  ///< by line
  std::set<std::uint64_t> found;           ///< lines with a finding
  std::string words;
};

PmsiRead read_rss(const std::string& bytes) {
  PmsiRead read;
  pmsi::Checker checker;
  pmsi::StayChecker stays;
  pmsi::LineScanner scanner(bytes);
  while (const std::optional<pmsi::Line> line = scanner.next()) {
    const auto checked = checker.check_rss_line(*line);
    read.loadable[line->number] = checked.loadable;
    for (const pmsi::Finding& finding : checked.findings) {
      read.found.insert(line->number);
      read.words +=
          std::string(pmsi::code_word(finding.code)) + " " + std::string(finding.field) + "; ";
    }
    if (checked.loadable) stays.add(checked.rum, line->number);
  }
  for (const pmsi::Finding& finding : stays.finish()) {
    read.found.insert(finding.line);
    read.words +=
        std::string(pmsi::code_word(finding.code)) + " " + std::string(finding.field) + "; ";
  }
  return read;
}

bool begins(const std::string& text, std::string_view with) {
  return text.rfind(with, 0) == 0;
}

}  // namespace

TEST_CASE("clean PMSI files are read without one finding") {
  const Folder folder;
  const FilesSummary summary = write(folder.path() + "/h", 1'500, 0);
  CHECK(summary.planted_count == 0);
  std::uint64_t rums = 0;
  pmsi::Checker checker;
  for (const auto& [name, bytes] : tree_of(folder.path() + "/h")) {
    CAPTURE(name);
    if (!begins(name, "pmsi/")) continue;
    if (name.find("/rss_") != std::string::npos) {
      const PmsiRead read = read_rss(bytes);
      CHECK(read.words == "");
      for (const auto& [line, loadable] : read.loadable) CHECK(loadable);
      rums += read.loadable.size();
    }
    if (name.find("/vidhosp_") != std::string::npos) {
      pmsi::LineScanner scanner(bytes);
      while (const std::optional<pmsi::Line> line = scanner.next()) {
        const auto checked = checker.check_vid_hosp_line(*line);
        REQUIRE(checked.loadable);
        std::string words;
        for (const auto& finding : checked.findings) {
          words +=
              std::string(pmsi::code_word(finding.code)) + " " + std::string(finding.field) + "; ";
        }
        REQUIRE(words == "");
      }
    }
    const auto kind = name.find("/hosp_pmsi_") != std::string::npos      ? pmsi::Kind::HospPmsi
                      : name.find("/fichcomp_les_") != std::string::npos ? pmsi::Kind::Fichcomp
                      : name.find("/um_") != std::string::npos           ? pmsi::Kind::UmInfo
                                                                         : pmsi::Kind::Rsa;
    if (kind == pmsi::Kind::Rsa) continue;
    pmsi::LineScanner scanner(bytes);
    while (const std::optional<pmsi::Line> line = scanner.next()) {
      REQUIRE(pmsi::parse(kind, line->bytes).whole);
    }
  }
  CHECK(rums == summary.rum_count);
}

TEST_CASE("every version of the RSS from 017 to 023 circulates") {
  const Folder folder;
  write(folder.path() + "/h", 1'500, 0);
  std::set<std::string> versions;
  for (const auto& [name, bytes] : tree_of(folder.path() + "/h")) {
    if (name.find("/rss_") == std::string::npos) continue;
    pmsi::LineScanner scanner(bytes);
    while (const auto line = scanner.next()) versions.insert(std::string(line->bytes.substr(9, 3)));
  }
  CHECK(versions == std::set<std::string>{"017", "018", "019", "020", "021", "022", "023"});
}

TEST_CASE("each error planted in an RSS file is found at its line, and nothing else is") {
  const Folder folder;
  const std::string root = folder.path() + "/h";
  const FilesSummary summary = write(root, 2'500, .1);
  CHECK(summary.planted_count > 500);
  std::map<std::string, PmsiRead> reads;
  for (const auto& [name, bytes] : tree_of(root)) {
    if (name.find("/rss_") != std::string::npos) reads.emplace(name, read_rss(bytes));
  }
  std::map<std::string, int> kinds;
  std::map<std::string, std::set<std::uint64_t>> planted;
  for (const TruthLine& truth : truth_of(root)) {
    if (!begins(truth.file, "pmsi/")) continue;
    CAPTURE(truth.file);
    CAPTURE(truth.line);
    CAPTURE(truth.kind);
    ++kinds[truth.kind];
    const PmsiRead& read = reads.at(truth.file);
    REQUIRE(read.loadable.contains(truth.line));
    planted[truth.file].insert(truth.line);
    CHECK(read.loadable.at(truth.line) == (truth.expected != "quarantine"));
  }
  CHECK(kinds.size() == 10);
  for (const auto& [name, read] : reads) {
    CAPTURE(name);
    for (const auto& [line, loadable] : read.loadable) {
      if (!loadable) CHECK(planted[name].contains(line));
    }
  }
}

TEST_CASE("laboratory files are read by their dialects, and refuse only what was planted") {
  const Folder folder;
  const std::string root = folder.path() + "/h";
  write(root, 800, .02);
  std::map<std::string, std::map<std::uint64_t, std::string>> truth;
  for (const TruthLine& one : truth_of(root)) truth[one.file][one.line] = one.kind;
  std::uint64_t rows = 0, bad = 0, planted_bad = 0;
  for (const auto& [name, bytes] : tree_of(root)) {
    if (!begins(name, "labs/labs_") || name.find(".csv") == std::string::npos) continue;
    CAPTURE(name);
    csv::Dialect dialect;
    dialect.separator = begins(name, "labs/labs_a") ? ';' : ',';
    Result<csv::Reader> opened = csv::Reader::over(bytes, dialect);
    REQUIRE(opened.ok());
    csv::Reader reader = std::move(opened).value();
    for (;;) {
      Result<csv::Step> step = reader.next();
      REQUIRE(step.ok());
      if (*step == csv::Step::End) break;
      if (*step == csv::Step::Row) {
        ++rows;
        const auto found = truth[name].find(reader.row().line());
        if (found != truth[name].end())
          CHECK((found->second != "truncated" && found->second != "overlong"));
      } else {
        ++bad;
        const std::string& kind = truth[name][reader.bad().line];
        CHECK((kind == "truncated" || kind == "overlong"));
      }
    }
    for (const auto& [line, kind] : truth[name])
      planted_bad += kind == "truncated" || kind == "overlong" ? 1 : 0;
  }
  CHECK(rows > 40'000);
  CHECK(bad == planted_bad);
  CHECK(bad > 20);
}

TEST_CASE("the same seed gives the same bytes, and a directory is filled once") {
  const Folder folder;
  write(folder.path() + "/a", 120, .05);
  write(folder.path() + "/b", 120, .05);
  CHECK(tree_of(folder.path() + "/a") == tree_of(folder.path() + "/b"));
  FilesOptions options;
  options.directory = folder.path() + "/a";
  const Result<FilesSummary> again = write_files(Env::posix(), options);
  REQUIRE(!again.ok());
  CHECK(again.error().code == Code::Conflict);
}

TEST_CASE("letters are Windows-1252 rows with line feeds inside, and UTF-8 texts") {
  const Folder folder;
  const std::string root = folder.path() + "/h";
  const FilesSummary summary = write(root, 300, 0);
  std::uint64_t rows = 0, texts = 0;
  for (const auto& [name, bytes] : tree_of(root)) {
    if (begins(name, "reports/texts/") && name.find(".txt") != std::string::npos) {
      ++texts;
      CHECK(text::is_utf8(bytes));
    }
    if (!begins(name, "reports/reports_")) continue;
    CHECK(text::detect_encoding(bytes) != text::Encoding::Utf8);
    csv::Dialect dialect;
    dialect.separator = ';';
    csv::Reader reader = std::move(csv::Reader::over(bytes, dialect)).value();
    for (;;) {
      const Result<csv::Step> step = reader.next();
      REQUIRE(step.ok());
      REQUIRE(*step != csv::Step::Bad);
      if (*step == csv::Step::End) break;
      ++rows;
      CHECK(reader.row()[5].find('\n') != std::string_view::npos);
    }
  }
  CHECK(texts > 0);
  CHECK(rows + texts == summary.report_count);
}

TEST_CASE("a stop asked for is a stop, and dirt beyond half is refused") {
  const Folder folder;
  FilesOptions options;
  options.directory = folder.path() + "/h";
  options.patient_count = 10;
  const auto stopped =
      write_files(Env::posix(), options, [](std::uint64_t, std::uint64_t) { return false; });
  REQUIRE(!stopped.ok());
  CHECK(stopped.error().code == Code::Cancelled);
  options.dirt = .9;
  const auto refused = write_files(Env::posix(), options);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Code::Usage);
}

}  // namespace eds::synth
