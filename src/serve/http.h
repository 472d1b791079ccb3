// HTTP: one server, one handler. Boost.Beast is included by http.cc alone.
//
// Invariants: bodies and headers are bounded; a handler's answer always carries the security
// headers; nothing of a request is logged but its method, its route's shape, its status and its
// time. Threads: the handler is called from several threads at once. Source: RFC 9110, RFC 9112.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eds::serve {

struct HttpRequest {
  std::string method;
  std::string path;                          ///< decoded, without the query
  std::map<std::string, std::string> query;  ///< decoded
  std::string content_type;                  ///< lower case, without its parameters
  std::string host;                          ///< as the client names the server, with its port
  bool accepts_gzip = false;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  bool immutable = false;  ///< the address names this content for ever; others are never kept
  bool is_gzip = false;    ///< `body` is compressed
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
};

/// Serves until `stop` is true. `on_ready` gets the port that was bound.
Status serve_http(const HttpOptions& options, HttpHandler& handler, const std::atomic<bool>& stop,
                  const std::function<void(std::uint16_t)>& on_ready);

/// Splits and decodes "/a%20b?x=1&y=2". Code::Malformed for a bad escape.
Result<HttpRequest> parse_target(std::string_view target);

}  // namespace eds::serve
