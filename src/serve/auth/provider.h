// Provider: a sign-in provider as its own discovery document describes it, and its keys.
//
// Invariants: the document is the configured issuer's own, to the letter. Every address in it is
// https, but for a provider of this very machine. Keys count for ten minutes, and for an hour when
// the provider does not answer meanwhile; a token that names a key we lack has them fetched again
// at once, three times in five minutes at most, so that nobody can make us knock at the provider at
// will. A failed fetch is not tried again for ten seconds. One thread fetches at a time and the
// others go on with what is there, or are told to try again: a provider that hangs holds up one.
// Threads: any.
// Source: OpenID Connect Discovery 1.0 sections 3, 4; RFC 8414; RFC 9207; OpenID Connect Core 1.0
// section 10.1.1 (rotation); requirement ids IAM-1, IAM-3.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "serve/auth/issuer_keys.h"
#include "serve/auth/web_client.h"

namespace eds::serve {

/// What of a discovery document sign-in uses.
struct ProviderFacts {
  std::string issuer;
  std::string authorization;  ///< endpoint
  std::string token;          ///< endpoint
  std::string keys;           ///< jwks_uri
  std::string end_session;    ///< endpoint, or ""
  bool takes_basic = true;    ///< client_secret_basic; else client_secret_post
  bool names_itself = false;  ///< its redirections carry "iss" (RFC 9207)
};

/// Reads a discovery document of `issuer`. Code::Malformed or Code::Refused says what is wrong.
Result<ProviderFacts> parse_discovery(std::string_view json, std::string_view issuer);
/// "https://...", or "http://" at this machine when `issuer` is such a one.
bool is_allowed_address(std::string_view address, std::string_view issuer);

/// Discovery documents of large providers have 8 KiB.
inline constexpr std::size_t kDiscoveryBytesMax = std::size_t{64} << 10;
inline constexpr std::int64_t kFactsUs = 3'600'000'000LL;
inline constexpr std::int64_t kKeysUs = 600'000'000LL;
/// For so long keys go on to count when the provider does not answer.
inline constexpr std::int64_t kKeysUsMax = 3'600'000'000LL;
inline constexpr std::int64_t kRetryUs = 10'000'000LL;
inline constexpr std::size_t kExtraFetches = 3;
inline constexpr std::int64_t kExtraFetchesUs = 300'000'000LL;

class Provider final : public IssuerKeys {
 public:
  Provider(Env& env, WebClient& web, std::string issuer);

  const std::string& issuer() const { return issuer_; }
  /// Code::Unavailable when the provider cannot be asked, or its document makes no sense; the
  /// reason goes to the log.
  Result<std::shared_ptr<const ProviderFacts>> facts();
  Result<std::shared_ptr<const jose::KeySet>> keys_for(std::string_view key_id) override;
  WebClient& web() { return *web_; }

 private:
  /// Something fetched, and when.
  template <class T>
  struct Kept {
    std::shared_ptr<const T> value;
    std::int64_t at_us = 0;      ///< monotonic
    std::int64_t failed_us = 0;  ///< when the last fetch failed; 0: it did not
  };
  template <class T>
  Kept<T> look(const Kept<T>& kept);
  template <class T>
  void keep(Kept<T>& kept, const Result<std::shared_ptr<const T>>& fetched);
  Result<std::shared_ptr<const ProviderFacts>> fetch_facts();
  Result<std::shared_ptr<const jose::KeySet>> fetch_keys(const std::string& address);
  bool may_fetch_extra();

  Env* env_;
  WebClient* web_;
  std::string issuer_;
  std::mutex fetching_;  ///< held across the network
  std::mutex mutex_;     ///< of what follows, never held across the network
  Kept<ProviderFacts> facts_;
  Kept<jose::KeySet> keys_;
  std::array<std::int64_t, kExtraFetches> extra_us_{};  ///< the last ones; 0: none
};

}  // namespace eds::serve
