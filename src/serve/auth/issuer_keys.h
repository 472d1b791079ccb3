// IssuerKeys: the public keys under which an issuer's tokens count.
//
// Invariants: a set with a secret in it (a symmetric key, a private half) is no set: that mix is
// how "HS256 with the public key as secret" begins. Threads: any.
// Source: RFC 7517; requirement id IAM-3.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "format/jose/key.h"

namespace eds::serve {

class IssuerKeys {
 public:
  virtual ~IssuerKeys() = default;
  /// The keys in force; `key_id` is what a token says signed it, which nobody has checked yet.
  virtual Result<std::shared_ptr<const jose::KeySet>> keys_for(std::string_view key_id) = 0;
};

/// A JSON Web Key Set file, read again when it changes. Keys that were taken out end at once, and
/// so do all when the file can no longer be read.
class KeyFile final : public IssuerKeys {
 public:
  KeyFile(Env& env, Path path) : env_(&env), path_(std::move(path)) {}
  Result<std::shared_ptr<const jose::KeySet>> keys_for(std::string_view key_id) override;

 private:
  Env* env_;
  Path path_;
  std::mutex mutex_;
  FileInfo read_;
  std::shared_ptr<const jose::KeySet> keys_;
};

/// A set of public keys alone: Code::Malformed, Code::Limit or Code::Refused.
Result<std::shared_ptr<const jose::KeySet>> parse_public_keys(std::string_view json);

}  // namespace eds::serve
