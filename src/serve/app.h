// App: the API of docs/reference/api.md and the pages, over one warehouse.
//
// Invariants: every read of a person leaves an audit event before its first byte. Identities are
// answered only when the options say so, to a POST that states a reason in its body, and nothing of
// them stands in an address, a log or a cache (every answer of the API is no-store). Each thread
// has its own open warehouse; all share one engine and its caches. A new release is picked up by
// the next request. Threads: handle() may be called from any number.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/env.h"
#include "engine/session.h"
#include "govern/audit.h"
#include "govern/identity_store.h"
#include "govern/keys.h"
#include "serve/http.h"

namespace eds::serve {

struct AppOptions {
  Path warehouse;
  std::string name;        ///< shown by the pages
  bool synthetic = false;  ///< the pages then say that the persons are invented
  std::string actor;
  bool identity = false;  ///< POST .../identity is answered; else it is refused
};

class App final : public HttpHandler {
 public:
  static Result<std::unique_ptr<App>> open(Env& env, const AppOptions& options,
                                           const govern::KeyRing& keys, govern::Audit& audit);
  ~App() override;
  HttpResponse handle(const HttpRequest& request) override;

 private:
  struct Worker;
  class Lease;
  App(Env& env, AppOptions options, const govern::KeyRing& keys, govern::Audit& audit);
  Result<HttpResponse> route(const HttpRequest& request);
  Result<HttpResponse> session(Worker& worker);
  Result<HttpResponse> patients(Worker& worker, const HttpRequest& request);
  Result<HttpResponse> patient(Worker& worker, const std::string& id);
  Result<HttpResponse> identity(Worker& worker, const HttpRequest& request, const std::string& id);
  Result<HttpResponse> source(Worker& worker, const std::string& id);
  HttpResponse page(const HttpRequest& request) const;
  Result<std::unique_ptr<Worker>> new_worker();
  Status refresh(Worker& worker);
  std::int32_t today() const;  ///< days since 1970
  Status note(std::string_view action, std::string_view object, std::string_view release);
  Status refused(std::string_view action, std::string_view object, std::string_view reason);

  Env* env_;
  AppOptions options_;
  const govern::KeyRing* keys_;
  govern::Audit* audit_;
  std::unique_ptr<engine::Engine> engine_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;
  std::mutex identity_mutex_;  ///< the store takes one thread at a time
  std::unique_ptr<govern::IdentityStore> identities_;
};

/// The address without anything of who asks or of whom: parts that the API does not name are "{}".
std::string route_shape(std::string_view path);

}  // namespace eds::serve
