#include "serve/auth/issuer_keys.h"

#include <utility>

namespace eds::serve {

Result<std::shared_ptr<const jose::KeySet>> parse_public_keys(std::string_view json) {
  jose::KeySet parsed = TRY(jose::KeySet::parse(json));
  for (const jose::Jwk& key : parsed.keys()) {
    if (key.is_symmetric() || key.has_private_part()) {
      return Error{Code::Refused, "the key set holds a secret: it takes public keys alone"};
    }
  }
  return std::make_shared<const jose::KeySet>(std::move(parsed));
}

Result<std::shared_ptr<const jose::KeySet>> KeyFile::keys_for(std::string_view) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const FileInfo now = TRY(env_->info(path_));
  const bool is_same = now.modified_us == read_.modified_us && now.bytes == read_.bytes;
  if (keys_ != nullptr && is_same) return keys_;
  keys_ = nullptr;
  keys_ = TRY(parse_public_keys(TRY(env_->read_all(path_, jose::kKeySetBytesMax))));
  read_ = now;
  return keys_;
}

}  // namespace eds::serve
