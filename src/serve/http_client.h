// HttpClient: one question to another server, over TLS, with its answer in memory.
//
// Invariants: TLS 1.2 or later, the certificate checked against the trusted authorities and the
// name asked for; plain HTTP goes to this machine's own addresses alone. The whole question, name
// resolution apart, takes five seconds at most, and an answer has as many bytes as was said, at
// most. Redirections, proxies and compression are not followed, used or asked for.
// Threads: ask() may be called from any number; each call has a connection of its own.
// Source: RFC 9110, RFC 9112, RFC 9525 (names in certificates).
#pragma once

#include <memory>
#include <string>

#include "serve/auth/web_client.h"

namespace eds::serve {

class HttpClient final : public WebClient {
 public:
  /// `authority`: a PEM file of who signs certificates; "": those that this machine trusts.
  static Result<std::unique_ptr<HttpClient>> open(const std::string& authority);
  ~HttpClient() override;
  Result<WebAnswer> ask(const WebQuestion& question) override;

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace eds::serve
