// Vault: the landing zone. Every file fed to the warehouse is kept, sealed, under the keyed hash of
// its bytes.
//
// Invariants: a file of the vault is complete and synced, or does not exist (temporary sibling,
// then rename); it is never changed. Its name is the BLAKE2b-256 of the plain bytes under a secret
// key: the same bytes fed twice are one file, and nobody without the key can test a guess. Memory
// is bounded whatever the file's size. get() fails with Code::Corrupt when one bit differs, bytes
// miss or are added, the key is another, or the file stands under another's name.
// Threads: all verbs may be called from any thread; a VaultReader from one at a time.
// Bytes on disk: docs/internals/formats/vault.md.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/identifying.h"
#include "base/result.h"
#include "govern/keys.h"

namespace eds::govern {

/// The content address of a sealed file. Not identifying: the key stays in the landing zone.
struct VaultId {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;
  static Result<VaultId> from_hex(std::string_view hex);
  friend auto operator<=>(const VaultId&, const VaultId&) = default;
};

struct Stored {
  VaultId id;
  std::uint64_t plain_bytes = 0;
  std::uint64_t sealed_bytes = 0;
  bool already_there = false;  ///< these very bytes had been fed before
};

/// Reads a sealed file front to back. What was read is authentic chunk by chunk; that the file is
/// whole and the one asked for is known when read() returned 0.
class VaultReader {
 public:
  virtual ~VaultReader() = default;
  /// Up to `into.size()` plain bytes; 0 at the verified end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// The name under which the file was first fed. File names do name persons at times.
  virtual const Identifying<std::string>& name() const = 0;
};

class Vault {
 public:
  /// Opens W/landing (made when absent).
  static Result<std::unique_ptr<Vault>> open(Env& env, const KeyRing& keys, const Path& directory);
  virtual ~Vault() = default;

  /// Seals all bytes of `source`.
  virtual Result<Stored> put(ReadableFile& source, const Identifying<std::string>& name) = 0;
  virtual Result<Stored> put_bytes(std::string_view bytes,
                                   const Identifying<std::string>& name) = 0;

  /// The address `source` has or would have; nothing is stored.
  virtual Result<VaultId> address_of(ReadableFile& source) = 0;
  /// What is stored under `id`, or nothing. `plain_bytes` is not known without reading: 0.
  virtual Result<std::optional<Stored>> find(const VaultId& id) = 0;

  virtual Result<std::unique_ptr<VaultReader>> get(const VaultId& id) = 0;
  /// The whole file; Code::Limit when it is larger than `bytes_max`.
  virtual Result<std::string> get_all(const VaultId& id, std::uint64_t bytes_max) = 0;
  /// Reads `id` to its end and says whether it is what was put.
  virtual Status verify(const VaultId& id) = 0;
  /// Calls `visit` for every file, in order of address.
  virtual Status each(const std::function<Status(const VaultId&)>& visit) = 0;

  /// Short records at rest (the raw bytes of a rejected line). `context` says where the record
  /// stands and must be given again to unseal it.
  virtual Result<std::string> seal(std::string_view plain, std::string_view context = {}) = 0;
  virtual Result<std::string> unseal(std::string_view sealed, std::string_view context = {}) = 0;
};

}  // namespace eds::govern
