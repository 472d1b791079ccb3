// KeyRing: the keys of a warehouse, one random 32-byte master for each zone, and the subkeys
// derived from them.
//
// Invariants: a master key lives in W/keys/<zone>.key (mode 0600, directory 0700) and in this
// object, nowhere else; it is never used itself, only through crypto_kdf (BLAKE2b) under one closed
// Purpose. Keys are wiped when destroyed, kept out of core dumps and swap where the system allows
// it, and have no formatter, no copy, no conversion. create() never replaces an existing key.
// Threads: immutable after create()/open(); derive() may be called from any thread.
// Bytes on disk: docs/internals/formats/keys.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/env.h"
#include "base/result.h"

namespace eds::govern {

inline constexpr std::size_t kKeyBytes = 32;

/// Thirty-two secret bytes in locked memory, wiped on destruction. Moves, never copies.
class Key {
 public:
  Key();
  ~Key();
  Key(Key&& other) noexcept;
  Key& operator=(Key&& other) noexcept;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  std::span<const std::uint8_t, kKeyBytes> bytes() const;
  std::span<std::uint8_t, kKeyBytes> writable_bytes();

 private:
  std::uint8_t* bytes_ = nullptr;
};

enum class Zone : std::uint8_t { Identity, Landing, Audit };
inline constexpr std::size_t kZoneCount = 3;

/// What a derived key is for. The numbers are part of the format: never reused, never changed.
enum class Purpose : std::uint8_t {
  IdentityLookup = 1,    ///< SipHash of identifiers
  IdentityValue = 2,     ///< sealing of identifiers
  IdentityTraits = 3,    ///< sealing of names, birth dates, addresses
  IdentityDigest = 4,    ///< "is this trait the one we have" without unsealing
  RecordKey = 5,         ///< keys of lake rows, for feeds that come twice
  ProjectSecret = 6,     ///< sealing of the secrets of projects
  ProtectedCount = 7,    ///< noise of protected counts, sketches of what was counted
  LandingAddress = 16,   ///< content address of sealed files
  LandingContent = 17,   ///< sealing of files
  LandingRecord = 18,    ///< sealing of short records (quarantine)
  AuditChain = 32,       ///< hash chain of the audit, version 1
  AuditDigest = 33,      ///< digests of texts that must not stand in the audit in clear
  AuditLine = 34,        ///< authentication code of a line of the audit
  AuditCheckpoint = 35,  ///< seed of the Ed25519 key that signs the audit's checkpoints
};

class KeyRing {
 public:
  /// Draws a new master for every zone. Code::Conflict when `directory` already holds one.
  static Result<KeyRing> create(Env& env, const Path& directory);
  /// The keys of a warehouse that holds nothing yet: those that an interrupted complete() or
  /// create() wrote, and new masters for the zones that still have none.
  static Result<KeyRing> complete(Env& env, const Path& directory);
  /// Reads the masters. Code::Corrupt when a key file is not as it was written. The audit's may be
  /// elsewhere, with the audit's own process.
  static Result<KeyRing> open(Env& env, const Path& directory);
  /// Reads the master of one zone alone.
  static Result<KeyRing> open_zone(Env& env, const Path& directory, Zone zone);

  bool holds(Zone zone) const { return has_[static_cast<std::size_t>(zone)]; }
  /// Of a zone that it holds.
  Key derive(Purpose purpose) const;

 private:
  KeyRing() = default;
  std::array<Key, kZoneCount> masters_;
  std::array<bool, kZoneCount> has_{};
};

}  // namespace eds::govern
