// The bytes of one sealed file: compressed, encrypted chunk by chunk, and checked on the way back.
//
// Invariants: memory is a few chunks whatever the file's size. A SealedWriter that was not finished
// leaves bytes that no reader accepts.
// Threads: one thread at a time for each object.
// Bytes on disk: docs/internals/formats/vault.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/keys.h"
#include "govern/vault.h"

namespace eds::govern {

/// The keyed BLAKE2b-256 by which a file is addressed.
class AddressHash {
 public:
  explicit AddressHash(const Key& key);
  ~AddressHash();
  AddressHash(const AddressHash&) = delete;
  AddressHash& operator=(const AddressHash&) = delete;
  void add(std::string_view bytes);
  VaultId finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class SealedWriter {
 public:
  SealedWriter(WritableFile& file, const Key& content_key, const Key& address_key);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  Status start(std::string_view name);
  Status add(std::string_view bytes);
  Result<VaultId> finish();
  std::uint64_t sealed_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A reader of `file`, its header and name already checked. `content_key` is used now and not kept.
Result<std::unique_ptr<VaultReader>> open_sealed(std::unique_ptr<ReadableFile> file,
                                                 const Key& content_key, const Key& address_key,
                                                 const VaultId& id);

}  // namespace eds::govern
