#include "govern/keys.h"

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <sodium.h>

namespace eds::govern {
namespace {

constexpr std::string_view kMagic = "EDSKEY01";
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kFileBytes = 8 + kKeyBytes + kCheckBytes;
constexpr std::array<std::string_view, kZoneCount> kZoneNames = {"identity", "landing", "audit"};
static_assert(crypto_kdf_KEYBYTES == kKeyBytes);

void make_ready() {
  static const bool ready = sodium_init() >= 0;
  ENSURE(ready);
}

Path file_of(const Path& directory, std::size_t zone) {
  return join(directory, std::string(kZoneNames[zone]) + ".key");
}

// The check tells a damaged file, or a file of another zone, from a good one. It is keyed with the
// key itself and so says nothing about it.
std::array<std::uint8_t, kCheckBytes> check_of(const Key& key, std::string_view zone_name) {
  std::string said(kMagic);
  said += zone_name;
  std::array<std::uint8_t, kCheckBytes> check{};
  crypto_generichash(check.data(), check.size(),
                     reinterpret_cast<const unsigned char*>(said.data()), said.size(),
                     key.bytes().data(), kKeyBytes);
  return check;
}

// The mode is set while the file is still empty, and the final name is claimed by a link that fails
// when it exists: at no time can anybody else read a key, and no key is ever replaced.
Status write_key(Env& env, const Path& directory, std::size_t zone, const Key& key) {
  const Path path = file_of(directory, zone);
  const Path sibling = path + ".tmp" + std::to_string(env.random_u64());
  std::string bytes;
  bytes.reserve(kFileBytes);
  bytes += kMagic;
  bytes.append(reinterpret_cast<const char*>(key.bytes().data()), kKeyBytes);
  const std::array<std::uint8_t, kCheckBytes> check = check_of(key, kZoneNames[zone]);
  bytes.append(reinterpret_cast<const char*>(check.data()), check.size());

  const auto write = [&]() -> Status {
    const std::unique_ptr<WritableFile> file = TRY(env.create(sibling));
    TRY(env.set_mode(sibling, 0600));
    TRY(file->append(bytes));
    TRY(file->sync());
    TRY(file->close());
    return env.link_new(sibling, path);
  };
  Status written = write();
  sodium_memzero(bytes.data(), bytes.size());
  const Status removed = env.remove(sibling);
  if (!written.ok()) return written;
  return removed;
}

Result<Key> read_key(Env& env, const Path& directory, std::size_t zone) {
  const Path path = file_of(directory, zone);
  std::string bytes = TRY(env.read_all(path, 4096));
  Key key;
  const bool shaped = bytes.size() == kFileBytes && bytes.starts_with(kMagic);
  if (shaped) std::memcpy(key.writable_bytes().data(), bytes.data() + kMagic.size(), kKeyBytes);
  const std::array<std::uint8_t, kCheckBytes> check = check_of(key, kZoneNames[zone]);
  const bool sound = shaped && sodium_memcmp(bytes.data() + kMagic.size() + kKeyBytes, check.data(),
                                             check.size()) == 0;
  sodium_memzero(bytes.data(), bytes.size());
  if (!sound) return Error{Code::Corrupt, "key file is damaged or of another zone: " + path};
  return key;
}

std::size_t zone_of(Purpose purpose) {
  const auto number = static_cast<std::uint8_t>(purpose);
  if (number < 16) return static_cast<std::size_t>(Zone::Identity);
  return static_cast<std::size_t>(number < 32 ? Zone::Landing : Zone::Audit);
}

}  // namespace

Key::Key() {
  make_ready();
  // Guarded pages, locked in memory, left out of core dumps; sodium_free() wipes them.
  bytes_ = static_cast<std::uint8_t*>(sodium_malloc(kKeyBytes));
  ENSURE(bytes_ != nullptr);
  sodium_memzero(bytes_, kKeyBytes);
}

Key::~Key() {
  sodium_free(bytes_);
}

Key::Key(Key&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}

Key& Key::operator=(Key&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::span<const std::uint8_t, kKeyBytes> Key::bytes() const {
  ENSURE(bytes_ != nullptr);
  return std::span<const std::uint8_t, kKeyBytes>(bytes_, kKeyBytes);
}

std::span<std::uint8_t, kKeyBytes> Key::writable_bytes() {
  ENSURE(bytes_ != nullptr);
  return std::span<std::uint8_t, kKeyBytes>(bytes_, kKeyBytes);
}

Result<KeyRing> KeyRing::create(Env& env, const Path& directory) {
  for (std::size_t zone = 0; zone < kZoneCount; ++zone) {
    if (env.exists(file_of(directory, zone))) {
      return Error{Code::Conflict, "a key exists already: " + file_of(directory, zone)};
    }
  }
  return complete(env, directory);
}

Result<KeyRing> KeyRing::complete(Env& env, const Path& directory) {
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  KeyRing ring;
  for (std::size_t zone = 0; zone < kZoneCount; ++zone) {
    if (env.exists(file_of(directory, zone))) {
      ring.masters_[zone] = TRY(read_key(env, directory, zone));
    } else {
      env.random_bytes(ring.masters_[zone].writable_bytes());
      TRY(write_key(env, directory, zone, ring.masters_[zone]));
    }
    ring.has_[zone] = true;
  }
  TRY(env.sync_directory(directory));
  return ring;
}

Result<KeyRing> KeyRing::open(Env& env, const Path& directory) {
  KeyRing ring;
  for (std::size_t zone = 0; zone < kZoneCount; ++zone) {
    const bool may_lack = zone == static_cast<std::size_t>(Zone::Audit);
    if (may_lack && !env.exists(file_of(directory, zone))) continue;
    ring.masters_[zone] = TRY(read_key(env, directory, zone));
    ring.has_[zone] = true;
  }
  return ring;
}

Result<KeyRing> KeyRing::open_zone(Env& env, const Path& directory, Zone zone) {
  KeyRing ring;
  const auto at = static_cast<std::size_t>(zone);
  ring.masters_[at] = TRY(read_key(env, directory, at));
  ring.has_[at] = true;
  return ring;
}

Key KeyRing::derive(Purpose purpose) const {
  // crypto_kdf wants eight characters of context; the purpose's number is the subkey's.
  static constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "edsgovrn";
  Key key;
  ENSURE(has_[zone_of(purpose)]);
  ENSURE(crypto_kdf_derive_from_key(key.writable_bytes().data(), kKeyBytes,
                                    static_cast<std::uint64_t>(purpose), kContext,
                                    masters_[zone_of(purpose)].bytes().data()) == 0);
  return key;
}

}  // namespace eds::govern
