#include "format/csv/input.h"

#include <doctest/doctest.h>
#include <zip.h>
#include <zlib.h>

#include <filesystem>
#include <random>

#include "format/csv/csv_reader.h"

namespace eds::csv {
namespace {

/// A directory that disappears with the test.
struct Scratch {
  Path path;
  Scratch() {
    path = std::filesystem::temp_directory_path() /
           ("eds_csv_" + std::to_string(Env::posix().random_u64()));
    REQUIRE(Env::posix().make_directories(path).ok());
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Path file(std::string_view name, std::string_view bytes) const {
    const Path at = join(path, name);
    REQUIRE(Env::posix().write_durably(at, bytes).ok());
    return at;
  }
};

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void make_zip(const Path& path, const std::vector<std::pair<std::string, std::string>>& members) {
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    REQUIRE(zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) >= 0);
  }
  REQUIRE(zip_close(archive) == 0);
}

std::string text_of(std::size_t bytes) {
  std::mt19937_64 random(3);
  std::string text;
  while (text.size() < bytes) text += std::to_string(random()) + "\n";
  text.resize(bytes);
  return text;
}

Result<std::string> all_of(const Path& path, const InputLimits& limits = {}) {
  const auto source = TRY(open_input(Env::posix(), path, limits));
  return read_all(*source, 1U << 30);
}

TEST_CASE("plain, gzip and zip give the same bytes") {
  const Scratch scratch;
  const std::string text = text_of(700'000);
  CHECK(*all_of(scratch.file("a.csv", text)) == text);
  CHECK(*all_of(scratch.file("a.csv.gz", gzip(text))) == text);
  make_zip(join(scratch.path, "a.zip"), {{"folder/a.csv", text}});
  CHECK(*all_of(join(scratch.path, "a.zip")) == text);
  CHECK(all_of(scratch.file("empty", ""))->empty());
}

TEST_CASE("a gzip of several members, with zeros behind, is one file") {
  const Scratch scratch;
  const std::string text = text_of(100'000);
  const std::string bytes = gzip(text) + gzip("") + gzip("the end") + std::string(512, '\0');
  CHECK(*all_of(scratch.file("a.gz", bytes)) == text + "the end");
}

TEST_CASE("a cut or damaged compressed file is malformed, never half read in silence") {
  const Scratch scratch;
  const std::string text = text_of(100'000);
  const std::string whole = gzip(text);
  for (const std::size_t size :
       {std::size_t{3}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
    const auto result = all_of(scratch.file("cut.gz", whole.substr(0, size)));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Code::Malformed);
  }
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 0x40;
  CHECK_FALSE(all_of(scratch.file("damaged.gz", damaged)).ok());
  CHECK_FALSE(all_of(scratch.file("garbage.gz", whole + "garbage")).ok());
  make_zip(join(scratch.path, "a.zip"), {{"a.csv", text}});
  std::string archive = *Env::posix().read_all(join(scratch.path, "a.zip"), 1U << 30);
  CHECK_FALSE(all_of(scratch.file("cut.zip", archive.substr(0, archive.size() / 2))).ok());
  archive[archive.size() / 3] ^= 0x10;
  CHECK_FALSE(all_of(scratch.file("damaged.zip", archive)).ok());
}

TEST_CASE("a bomb is stopped by name") {
  const Scratch scratch;
  const std::string zeros(8U << 20, '\0');
  InputLimits limits;
  limits.ratio_free_bytes = 1U << 20;
  const Path gz = scratch.file("bomb.gz", gzip(zeros));
  make_zip(join(scratch.path, "bomb.zip"), {{"a", zeros}});
  for (const Path& path : {gz, join(scratch.path, "bomb.zip")}) {
    const auto by_ratio = all_of(path, limits);
    REQUIRE_FALSE(by_ratio.ok());
    CHECK(by_ratio.error().code == Code::Limit);
    CHECK(by_ratio.error().message.find("expansion_ratio_max") != std::string::npos);
    InputLimits small;
    small.expanded_bytes_max = 1000;
    const auto by_size = all_of(path, small);
    REQUIRE_FALSE(by_size.ok());
    CHECK(by_size.error().message.find("expanded_bytes_max") != std::string::npos);
    CHECK(all_of(path)->size() == zeros.size());  // small absolute sizes pass by default
  }
}

TEST_CASE("a zip of several files needs the member's name") {
  const Scratch scratch;
  const Path path = join(scratch.path, "two.zip");
  make_zip(path, {{"x/a.csv", "1"}, {"x/b.csv.gz", gzip("22")}});
  CHECK(all_of(path).error().code == Code::Usage);
  const auto members = list_zip(Env::posix(), path);
  REQUIRE(members.ok());
  CHECK(members->size() == 2);
  CHECK((*members)[0].name == "x/a.csv");
  const auto member = open_zip_member(Env::posix(), path, "x/a.csv");
  REQUIRE(member.ok());
  CHECK(*read_all(**member, 10) == "1");
  CHECK(open_zip_member(Env::posix(), path, "c").error().code == Code::NotFound);
}

TEST_CASE("a bundle is a directory or a zip, and a table may be compressed") {
  const Scratch scratch;
  scratch.file("CONCEPT.csv", "plain");
  scratch.file("concept_ancestor.csv.gz", gzip("packed"));
  const Path zip = join(scratch.path, "bundle.zip");
  make_zip(zip, {{"f/CONCEPT.csv", "plain"},
                 {"f/CONCEPT_ANCESTOR.csv.gz", gzip("packed")},
                 {"f/._CONCEPT.csv", "hidden"}});
  for (const Path& path : {scratch.path, zip}) {
    const auto bundle = Bundle::open(Env::posix(), path);
    REQUIRE(bundle.ok());
    CHECK(bundle->has_table("concept"));
    CHECK(*read_all(**bundle->open_table("CONCEPT"), 100) == "plain");
    CHECK(*read_all(**bundle->open_table("concept_ancestor"), 100) == "packed");
    CHECK(bundle->open_table("relationship").error().code == Code::NotFound);
  }
  CHECK(Bundle::open(Env::posix(), scratch.file("x", "y")).error().code == Code::Usage);
  CHECK_FALSE(Bundle::open(Env::posix(), join(scratch.path, "absent")).ok());
}

// 65,690 lines behind the header, and ids that are integers: counted with zcat and wc.
TEST_CASE("OHDSI's Eunomia GiBleed tables are read, every row of them") {
  const Path folder = EDS_SOURCE_DIR "/../shared/data/ohdsi/gibleed_cdm";
  if (!Env::posix().exists(folder)) {
    MESSAGE("skipped: " << folder << " not present");
    return;
  }
  const auto bundle = Bundle::open(Env::posix(), folder);
  REQUIRE(bundle.ok());
  for (const std::string& table : bundle->tables()) {
    auto source = bundle->open_table(table);
    REQUIRE(source.ok());
    auto reader = Reader::open(std::move(*source), Dialect{});
    REQUIRE(reader.ok());
    while (*reader->next() != Step::End) {
    }
    CAPTURE(table);
    CHECK(reader->bad_count() == 0);
    if (table == "concept_ancestor") CHECK(reader->row_count() == 65690);
    if (table == "concept") CHECK(reader->row_count() == 444);
  }
}

}  // namespace
}  // namespace eds::csv
