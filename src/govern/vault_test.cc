#include "govern/vault.h"

#include <doctest/doctest.h>

#include <random>

#include "govern/directory_for_test.h"
#include "govern/limits.h"

namespace eds::govern {
namespace {

/// Incompressible or compressible bytes, from a seed.
std::string bytes_from(std::uint64_t seed, std::size_t length, bool compressible) {
  std::mt19937_64 random(seed);
  std::string bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>(compressible ? 'a' + random() % 3 : random());
  return bytes;
}

struct Landing {
  DirectoryForTest directory;
  KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::unique_ptr<Vault> vault = Vault::open(Env::posix(), keys, directory.at("landing")).value();

  Stored put(std::string_view bytes) {
    return vault->put_bytes(bytes, Identifying<std::string>("2024_rss.txt")).value();
  }
  std::string path_of(const VaultId& id) const {
    return directory.at("landing/" + id.hex().substr(0, 2) + "/" + id.hex() + ".sealed");
  }
  bool is_corrupt(const VaultId& id) {
    const Status verified = vault->verify(id);
    return !verified.ok() && verified.error().code == Code::Corrupt;
  }
};

TEST_CASE("a file comes back from the vault as it was put, at every size around a chunk's") {
  Landing landing;
  const std::size_t chunk = kVaultChunkBytes;
  for (const bool compressible : {false, true}) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{100}, chunk - 20, chunk - 1, chunk, chunk + 1,
          2 * chunk, 5 * chunk + 7, 40 * chunk}) {
      const std::string bytes = bytes_from(size, size, compressible);
      const Stored stored = landing.put(bytes);
      CHECK(stored.plain_bytes == size);
      const Result<std::string> back = landing.vault->get_all(stored.id, std::uint64_t{1} << 30);
      REQUIRE(back.ok());
      CHECK(*back == bytes);
      CHECK(bytes_of_file(landing.path_of(stored.id)).size() == stored.sealed_bytes);
    }
  }
}

TEST_CASE("small reads give the same bytes as large ones") {
  Landing landing;
  const std::string bytes = bytes_from(7, 300'000, true);
  const Stored stored = landing.put(bytes);
  for (const std::size_t step : {std::size_t{1}, std::size_t{13}, std::size_t{65'537}}) {
    const std::unique_ptr<VaultReader> reader = landing.vault->get(stored.id).value();
    CHECK(reader->name() == Identifying<std::string>("2024_rss.txt"));
    std::string all;
    std::vector<char> buffer(step);
    while (true) {
      const Result<std::size_t> count = reader->read(buffer);
      REQUIRE(count.ok());
      if (*count == 0) break;
      all.append(buffer.data(), *count);
    }
    CHECK(all == bytes);
    CHECK(reader->read(buffer).value() == 0);
  }
}

TEST_CASE("the same bytes fed twice are one file, whatever their name") {
  Landing landing;
  const Stored first = landing.put("one line\n");
  CHECK(!first.already_there);
  const Result<Stored> second =
      landing.vault->put_bytes("one line\n", Identifying<std::string>("other.txt"));
  REQUIRE(second.ok());
  CHECK(second->already_there);
  CHECK(second->id == first.id);
  CHECK(landing.vault->find(first.id).value().has_value());
  std::size_t file_count = 0;
  REQUIRE(landing.vault
              ->each([&](const VaultId& id) -> Status {
                CHECK(id == first.id);
                file_count += 1;
                return {};
              })
              .ok());
  CHECK(file_count == 1);
}

TEST_CASE("the address of a file is known before it is put, and needs the key") {
  Landing landing;
  set_bytes_of_file(landing.directory.at("plain.txt"), "one line\n");
  const std::unique_ptr<ReadableFile> source =
      Env::posix().open(landing.directory.at("plain.txt")).value();
  const VaultId id = landing.vault->address_of(*source).value();
  CHECK(!landing.vault->find(id).value().has_value());
  CHECK(landing.vault->put(*source, Identifying<std::string>("plain.txt")).value().id == id);

  Landing other;
  CHECK(other.put("one line\n").id != id);
}

TEST_CASE("a sealed file with any byte changed is corrupt") {
  Landing landing;
  const Stored stored = landing.put(bytes_from(3, 500, false));
  const std::string good = bytes_of_file(landing.path_of(stored.id));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    set_bytes_of_file(landing.path_of(stored.id), bytes);
    REQUIRE_MESSAGE(landing.is_corrupt(stored.id), "byte " << at);
  }
  set_bytes_of_file(landing.path_of(stored.id), good);
  CHECK(landing.vault->verify(stored.id).ok());
}

TEST_CASE("a sealed file cut anywhere, or grown, is corrupt") {
  Landing landing;
  const Stored stored = landing.put(bytes_from(4, 150'000, false));
  const std::string good = bytes_of_file(landing.path_of(stored.id));
  for (std::size_t length = 0; length < good.size(); length += length < 200 ? 1 : 977) {
    set_bytes_of_file(landing.path_of(stored.id), good.substr(0, length));
    REQUIRE_MESSAGE(landing.is_corrupt(stored.id), "cut to " << length);
  }
  for (const std::size_t missing : {std::size_t{1}, std::size_t{57}, std::size_t{61}}) {
    set_bytes_of_file(landing.path_of(stored.id), good.substr(0, good.size() - missing));
    CHECK(landing.is_corrupt(stored.id));
  }
  set_bytes_of_file(landing.path_of(stored.id), good + "x");
  CHECK(landing.is_corrupt(stored.id));
}

TEST_CASE("sealed chunks that change places are corrupt") {
  Landing landing;
  const Stored stored = landing.put(bytes_from(5, 4 * kVaultChunkBytes, false));
  const std::string good = bytes_of_file(landing.path_of(stored.id));
  // Header 32, the name's frame 4 + 17 + 12; then frames of 4 + 17 + 65,536 bytes.
  const std::size_t first = 32 + 33;
  const std::size_t frame = 4 + 17 + kVaultChunkBytes;
  std::string swapped = good.substr(0, first) + good.substr(first + frame, frame) +
                        good.substr(first, frame) + good.substr(first + 2 * frame);
  REQUIRE(swapped.size() == good.size());
  set_bytes_of_file(landing.path_of(stored.id), swapped);
  CHECK(landing.is_corrupt(stored.id));
  set_bytes_of_file(landing.path_of(stored.id), good.substr(0, first) + good.substr(first + frame));
  CHECK(landing.is_corrupt(stored.id));
}

TEST_CASE("a sealed file under another's name is corrupt") {
  Landing landing;
  const Stored one = landing.put("one");
  const Stored two = landing.put("two");
  set_bytes_of_file(landing.path_of(one.id), bytes_of_file(landing.path_of(two.id)));
  CHECK(landing.is_corrupt(one.id));
  CHECK(landing.vault->verify(two.id).ok());
}

TEST_CASE("a file sealed with other keys is corrupt") {
  Landing landing;
  const Stored stored = landing.put("one");
  const Landing other;
  const std::unique_ptr<Vault> vault =
      Vault::open(Env::posix(), other.keys, landing.directory.at("landing")).value();
  const Status verified = vault->verify(stored.id);
  REQUIRE(!verified.ok());
  CHECK(verified.error().code == Code::Corrupt);
}

TEST_CASE("what is not in the vault is not found, and a malformed id is refused") {
  Landing landing;
  const Result<std::unique_ptr<VaultReader>> got = landing.vault->get(VaultId{});
  REQUIRE(!got.ok());
  CHECK(got.error().code == Code::NotFound);
  CHECK(!VaultId::from_hex("abc").ok());
  CHECK(!VaultId::from_hex(std::string(64, 'g')).ok());
  CHECK(!VaultId::from_hex(std::string(66, 'a')).ok());
  CHECK(VaultId::from_hex(std::string(64, 'a')).value().hex() == std::string(64, 'a'));
  const Stored stored = landing.put("more than two bytes");
  CHECK(landing.vault->get_all(stored.id, 2).error().code == Code::Limit);
  CHECK(landing.vault->put_bytes("x", Identifying<std::string>(std::string(5000, 'n')))
            .error()
            .code == Code::Limit);
}

TEST_CASE("no temporary file stays behind") {
  Landing landing;
  landing.put("one");
  landing.put("one");
  landing.put("two");
  CHECK(Env::posix().list(landing.directory.at("landing/incoming")).value().empty());
}

TEST_CASE("short records are sealed with the place they stand at") {
  Landing landing;
  const std::string sealed = landing.vault->seal("bad line", "rss 12").value();
  CHECK(landing.vault->unseal(sealed, "rss 12").value() == "bad line");
  CHECK(!landing.vault->unseal(sealed, "rss 13").ok());
  CHECK(!landing.vault->unseal("bad line", "rss 12").ok());
  CHECK(landing.vault->unseal(landing.vault->seal("plain").value()).value() == "plain");
}

}  // namespace
}  // namespace eds::govern
