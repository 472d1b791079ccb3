// App: the API of docs/reference/api.md and the pages, over one warehouse.
//
// Invariants: what stands in the table of routes (routes.h) and is not open to anyone is answered
// to whoever the Gate knows, under the scope that the Governor makes for that person, and to nobody
// else. Every read of a person leaves an audit event before its first byte. Identities are answered
// only when the options say so, to a fresh proof and a POST that states a reason in its body, and
// nothing of them stands in an address, a log or a cache (every answer of the API is no-store). A
// scope is asked whether it still holds before each use. Each thread has its own open warehouse;
// all share one engine and its caches. A new release is picked up by the next request.
// Threads: handle() may be called from any number.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/env.h"
#include "engine/session.h"
#include "govern/audit.h"
#include "govern/identity_store.h"
#include "govern/keys.h"
#include "govern/scope.h"
#include "serve/auth/gate.h"
#include "serve/auth/provider_sign_in.h"
#include "serve/http.h"
#include "serve/routes.h"
#include "serve/scoped_reader.h"

namespace eds::serve {

struct AppOptions {
  Path warehouse;
  std::string name;           ///< shown by the pages
  bool synthetic = false;     ///< the pages then say that the persons are invented
  std::string provider_name;  ///< what pages call the sign-in provider
  bool identity = false;      ///< POST .../identity is answered; else it is refused
  engine::Budget budget;
};

/// What the application stands on; all outlive it.
struct AppParts {
  Env* env = nullptr;
  const govern::KeyRing* keys = nullptr;
  govern::Audit* audit = nullptr;
  govern::RightsStore* rights = nullptr;
  govern::Governor* governor = nullptr;
  Gate* gate = nullptr;
  ProviderSignIn* provider = nullptr;  ///< nullptr: people do not sign in at one
};

class App final : public HttpHandler {
 public:
  static Result<std::unique_ptr<App>> open(const AppParts& parts, const AppOptions& options);
  ~App() override;
  HttpResponse handle(const HttpRequest& request) override;

 private:
  /// One request on its way.
  struct Act {
    const HttpRequest* request = nullptr;
    const Route* route = nullptr;
    std::vector<std::string> parts;
    std::string request_id;
    Caller caller;  ///< of routes that are not open
  };
  App(const AppParts& parts, AppOptions options);
  Result<HttpResponse> route(Act& act);
  Result<HttpResponse> dispatch(Act& act);
  Result<HttpResponse> admit(Act& act);

  // What anyone may ask (app_sign_in.cc).
  Result<HttpResponse> health(Act& act);
  Result<HttpResponse> ways(Act& act);
  Result<HttpResponse> sign_in(Act& act);
  // At the sign-in provider, and back (app_provider.cc).
  Result<HttpResponse> leave(Act& act);
  Result<HttpResponse> come_back(Act& act);
  Result<HttpResponse> provider_sign_out(Act& act);
  Result<HttpResponse> away(std::string_view page, std::string_view ticket);
  // Of whoever is signed in (app_sign_in.cc).
  Result<HttpResponse> sign_out(Act& act);
  Result<HttpResponse> step_up(Act& act);
  Result<HttpResponse> me(Act& act);
  // Data (app_data.cc).
  Result<HttpResponse> session(Act& act);
  Result<HttpResponse> patients(Act& act);
  Result<HttpResponse> patient(Act& act);
  Result<HttpResponse> identity(Act& act);
  Result<HttpResponse> source(Act& act);

  Result<HttpResponse> with_ticket(const Gate::Entry& entry) const;
  /// What the caller asks to do, on the ground the request names or the caller's own.
  Result<govern::Request> asked(const Act& act, govern::Action action);
  std::int32_t today() const;  ///< days since 1970
  govern::AuditEvent event_of(const Act& act, std::string_view action) const;
  Status note(const Act& act, std::string_view action, std::string_view object,
              std::string_view release);
  Status refused(const Act& act, std::string_view action, std::string_view object,
                 std::string_view reason);

  AppParts parts_;
  AppOptions options_;
  ReaderPool readers_;
  std::mutex identity_mutex_;  ///< the store takes one thread at a time
  std::unique_ptr<govern::IdentityStore> identities_;
};

/// Who asks, of what a request carries.
Knock knock_of(const HttpRequest& request);

/// {"error": {"code", "message"}} with its status.
HttpResponse refusal(int status, std::string_view code, std::string_view message);

}  // namespace eds::serve
