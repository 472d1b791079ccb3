#include "govern/project_keys.h"

#include <sodium.h>

#include <cstring>

#include "govern/sealing.h"

namespace eds::govern {
namespace {

constexpr std::string_view kPermitName = "permit.jwk";
constexpr std::size_t kNameMax = 40;
constexpr std::uint64_t kSealedBytesMax = 4096;  // A sealed JWK has 300 bytes.

}  // namespace

bool is_project_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name[0] < 'a' || name[0] > 'z') return false;
  for (const char letter : name) {
    const bool fine =
        (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
    if (!fine) return false;
  }
  return true;
}

Result<ProjectKeys> ProjectKeys::open(Env& env, const KeyRing& keys,
                                      const Path& identity_directory) {
  const Path directory = join(identity_directory, "projects");
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  return ProjectKeys(env, keys, directory);
}

Result<std::string> ProjectKeys::unsealed(std::string_view name) {
  const std::string sealed = TRY(env_->read_all(path_of(name), kSealedBytesMax));
  return Sealer(*env_, keys_->derive(Purpose::ProjectSecret)).unseal(sealed, name);
}

Status ProjectKeys::store(std::string_view name, std::string_view plain) {
  const std::string sealed = Sealer(*env_, keys_->derive(Purpose::ProjectSecret)).seal(plain, name);
  return env_->write_durably(path_of(name), sealed);
}

Result<Key> ProjectKeys::secret(std::string_view project) {
  if (!is_project_name(project)) return Error{Code::Usage, "no name of a project"};
  const std::string file = std::string(project) + ".secret";
  Key key;
  if (!env_->exists(path_of(file))) {
    env_->random_bytes(key.writable_bytes());
    const auto* bytes = reinterpret_cast<const char*>(key.bytes().data());
    TRY(store(file, std::string_view(bytes, kKeyBytes)));
    return key;
  }
  std::string plain = TRY(unsealed(file));
  const bool fits = plain.size() == kKeyBytes;
  if (fits) std::memcpy(key.writable_bytes().data(), plain.data(), kKeyBytes);
  sodium_memzero(plain.data(), plain.size());
  if (!fits) return Error{Code::Corrupt, "secret of the project is damaged"};
  return key;
}

Status ProjectKeys::destroy(std::string_view project) {
  if (!is_project_name(project)) return Error{Code::Usage, "no name of a project"};
  const std::string file = std::string(project) + ".secret";
  if (!env_->exists(path_of(file))) return Error{Code::NotFound, "project has no secret"};
  // Other bytes first: an unlinked file may stay readable on the disk.
  TRY(env_->write_durably(path_of(file), std::string(kKeyBytes * 4, '\0')));
  return env_->remove(path_of(file));
}

Result<jose::Jwk> ProjectKeys::permit_key() {
  if (env_->exists(path_of(kPermitName))) return jose::Jwk::parse(TRY(unsealed(kPermitName)));
  const jose::Jwk key = TRY(jose::Jwk::generate_ed25519("permits-1"));
  TRY(store(kPermitName, TRY(key.private_json())));
  return key;
}

}  // namespace eds::govern
