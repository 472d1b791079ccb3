#include "govern/keys.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <ostream>
#include <set>
#include <type_traits>

#include "base/identifying.h"
#include "govern/directory_for_test.h"
#include "govern/scope.h"
#include "govern/sealing.h"

namespace eds::govern {
namespace {

template <class T>
concept Streams = requires(std::ostream& out, const T& value) {
  out << value;
};

// What must not compile, said at compile time.
static_assert(Streams<std::string>);
static_assert(!Streams<Identifying<std::string>>);
static_assert(!fmt::is_formattable<Identifying<std::string>>::value);
static_assert(!std::is_convertible_v<Identifying<std::string>, std::string>);
static_assert(!std::is_convertible_v<std::string, Identifying<std::string>>);
static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
static_assert(!Streams<Key> && !fmt::is_formattable<Key>::value);
static_assert(!std::is_copy_constructible_v<KeyRing> && !std::is_default_constructible_v<KeyRing>);
static_assert(!Streams<KeyRing> && !fmt::is_formattable<KeyRing>::value);
static_assert(!std::is_default_constructible_v<Scope> && !std::is_aggregate_v<Scope>);
static_assert(!std::is_constructible_v<Scope, std::string, std::string, std::string>);
static_assert(!std::is_constructible_v<Scope, const char*, const char*, const char*>);
static_assert(!fmt::is_formattable<Scope>::value);

std::string bytes_of(const Key& key) {
  return std::string(reinterpret_cast<const char*>(key.bytes().data()), key.bytes().size());
}

constexpr Purpose kPurposes[] = {
    Purpose::IdentityLookup, Purpose::IdentityValue,  Purpose::IdentityTraits,
    Purpose::IdentityDigest, Purpose::RecordKey,      Purpose::ProjectSecret,
    Purpose::ProtectedCount, Purpose::LandingAddress, Purpose::LandingContent,
    Purpose::LandingRecord,  Purpose::AuditChain,     Purpose::AuditDigest,
    Purpose::AuditLine,      Purpose::AuditCheckpoint};

TEST_CASE("a ring of keys opens again with the same keys") {
  const DirectoryForTest directory;
  const Result<KeyRing> made = KeyRing::create(Env::posix(), directory.at("keys"));
  REQUIRE(made.ok());
  const Result<KeyRing> opened = KeyRing::open(Env::posix(), directory.at("keys"));
  REQUIRE(opened.ok());
  for (const Purpose purpose : kPurposes) {
    CHECK(bytes_of(made->derive(purpose)) == bytes_of(opened->derive(purpose)));
  }
}

TEST_CASE("every purpose has a key of its own, and so has every warehouse") {
  const DirectoryForTest directory;
  std::set<std::string> keys;
  for (const char* name : {"one", "two"}) {
    const Result<KeyRing> ring = KeyRing::create(Env::posix(), directory.at(name));
    REQUIRE(ring.ok());
    for (const Purpose purpose : kPurposes) keys.insert(bytes_of(ring->derive(purpose)));
  }
  CHECK(keys.size() == 2 * std::size(kPurposes));
}

TEST_CASE("key files can be read by their owner alone") {
  const DirectoryForTest directory;
  REQUIRE(KeyRing::create(Env::posix(), directory.at("keys")).ok());
  namespace fs = std::filesystem;
  CHECK(directory.files().size() == 3);
  for (const std::string& file : directory.files()) {
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  }
  CHECK(fs::status(directory.at("keys")).permissions() == fs::perms::owner_all);
}

TEST_CASE("creating keys where some exist is refused and changes none") {
  const DirectoryForTest directory;
  REQUIRE(KeyRing::create(Env::posix(), directory.at("keys")).ok());
  const std::string before = bytes_of_file(directory.at("keys/landing.key"));
  const Result<KeyRing> again = KeyRing::create(Env::posix(), directory.at("keys"));
  REQUIRE(!again.ok());
  CHECK(again.error().code == Code::Conflict);
  CHECK(bytes_of_file(directory.at("keys/landing.key")) == before);
}

TEST_CASE("keys that were cut short are completed, and those that were written stay") {
  const DirectoryForTest directory;
  REQUIRE(KeyRing::create(Env::posix(), directory.at("keys")).ok());
  const std::string before = bytes_of_file(directory.at("keys/landing.key"));
  REQUIRE(Env::posix().remove(directory.at("keys/identity.key")).ok());
  CHECK_FALSE(KeyRing::open(Env::posix(), directory.at("keys")).ok());
  CHECK_FALSE(KeyRing::create(Env::posix(), directory.at("keys")).ok());
  const Result<KeyRing> completed = KeyRing::complete(Env::posix(), directory.at("keys"));
  REQUIRE(completed.ok());
  CHECK(bytes_of_file(directory.at("keys/landing.key")) == before);
  const Result<KeyRing> opened = KeyRing::open(Env::posix(), directory.at("keys"));
  REQUIRE(opened.ok());
  for (const Purpose purpose : kPurposes) {
    CHECK(bytes_of(completed->derive(purpose)) == bytes_of(opened->derive(purpose)));
  }
}

TEST_CASE("a key file with any bit changed, cut, grown or of another zone is refused") {
  const DirectoryForTest directory;
  const std::string keys = directory.at("keys");
  REQUIRE(KeyRing::create(Env::posix(), keys).ok());
  const std::string good = bytes_of_file(keys + "/identity.key");
  const auto refused = [&](const std::string& bytes) {
    set_bytes_of_file(keys + "/identity.key", bytes);
    const Result<KeyRing> opened = KeyRing::open(Env::posix(), keys);
    return !opened.ok() && opened.error().code == Code::Corrupt;
  };
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE(refused(bytes));
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    REQUIRE(refused(good.substr(0, length)));
  }
  CHECK(refused(good + '\0'));
  CHECK(refused(bytes_of_file(keys + "/landing.key")));
  set_bytes_of_file(keys + "/identity.key", good);
  CHECK(KeyRing::open(Env::posix(), keys).ok());
}

TEST_CASE("an absent key is an error that says so") {
  const DirectoryForTest directory;
  const Result<KeyRing> opened = KeyRing::open(Env::posix(), directory.at("keys"));
  REQUIRE(!opened.ok());
  CHECK(opened.error().code == Code::NotFound);
}

TEST_CASE("a sealed value opens with its key and its context, and never twice the same") {
  const DirectoryForTest directory;
  const Result<KeyRing> ring = KeyRing::create(Env::posix(), directory.at("keys"));
  REQUIRE(ring.ok());
  const Sealer sealer(Env::posix(), ring->derive(Purpose::LandingRecord));
  std::set<std::string> seen;
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string plain(length, 'x');
    const std::string sealed = sealer.seal(plain, "row 1");
    CHECK(seen.insert(sealed).second);
    CHECK(seen.insert(sealer.seal(plain, "row 1")).second);
    const Result<std::string> back = sealer.unseal(sealed, "row 1");
    REQUIRE(back.ok());
    CHECK(*back == plain);
  }
  // Lengths show in steps of 16 bytes only.
  CHECK(sealer.seal("LY", "").size() == sealer.seal("DE LA TOUR", "").size());
}

TEST_CASE("a sealed value that was altered, cut, moved or meets another key does not open") {
  const DirectoryForTest directory;
  const Result<KeyRing> ring = KeyRing::create(Env::posix(), directory.at("keys"));
  REQUIRE(ring.ok());
  const Sealer sealer(Env::posix(), ring->derive(Purpose::LandingRecord));
  const Sealer other(Env::posix(), ring->derive(Purpose::IdentityValue));
  const std::string sealed = sealer.seal("VERCINGETORIX Astérix", "row 1");
  const auto refused = [&](const std::string& bytes) {
    const Result<std::string> opened = sealer.unseal(bytes, "row 1");
    return !opened.ok() && opened.error().code == Code::Corrupt;
  };
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string bytes = sealed;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE(refused(bytes));
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    REQUIRE(refused(sealed.substr(0, length)));
  }
  CHECK(refused(sealed + "x"));
  CHECK(!sealer.unseal(sealed, "row 2").ok());
  CHECK(!other.unseal(sealed, "row 1").ok());
}

}  // namespace
}  // namespace eds::govern
