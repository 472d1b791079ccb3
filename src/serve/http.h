// HTTP: one server, one handler, in the clear on this machine alone and under TLS everywhere else.
//
// Invariants: bodies, headers and waits are bounded; a handler's answer always carries the security
// headers; nothing of a request is logged but its method, its route's shape, its status and its
// time. TLS is 1.2 or later, with forward secrecy. A certificate that a peer shows and that our
// authority did not sign ends the connection.
// Threads: the handler is called from several threads at once.
// Source: RFC 9110, RFC 9112, RFC 8446, RFC 9325 (use of TLS); OWASP secure headers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::serve {

struct HttpRequest {
  std::string method;
  std::string path;                          ///< decoded, without the query
  std::map<std::string, std::string> query;  ///< decoded
  std::string content_type;                  ///< lower case, without its parameters
  std::string host;                          ///< as the client names the server, with its port
  std::string cookie, authorization, csrf, origin, fetch_site;  ///< headers, "" when absent
  std::string ground;                                           ///< the header EDS-Ground
  std::string address;                                          ///< of the peer
  std::string client_certificate;  ///< subject of the certificate the peer showed and proved
  bool accepts_gzip = false;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  bool immutable = false;  ///< the address names this content for ever; others are never kept
  bool is_gzip = false;    ///< `body` is compressed
  std::vector<std::string> set_cookies;
  std::string location;            ///< of a redirection
  std::int64_t retry_seconds = 0;  ///< when to try again; 0: not said
  std::string request_id;          ///< what ties answer, log and audit together
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual HttpResponse handle(const HttpRequest& request) = 0;
};

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free one
  int threads = 4;
  std::string certificate;       ///< PEM file with its chain; "": plain HTTP, on loopback alone
  std::string key;               ///< PEM file
  std::string client_authority;  ///< PEM file; "": no certificate is asked for
};

/// Plain HTTP is for this machine: Code::Usage with what to do when the options say otherwise.
Status check_exposure(const HttpOptions& options);

/// Serves until `stop` is true. `on_ready` gets the port that was bound.
Status serve_http(const HttpOptions& options, HttpHandler& handler, const std::atomic<bool>& stop,
                  const std::function<void(std::uint16_t)>& on_ready);

/// Splits and decodes "/a%20b?x=1&y=2". Code::Malformed for a bad escape.
Result<HttpRequest> parse_target(std::string_view target);

}  // namespace eds::serve
