#include "serve/routes.h"

#include <algorithm>
#include <array>

namespace eds::serve {
namespace {

constexpr std::array<Route, 15> kRoutes = {{
    {RouteName::Health, "GET", "/api/v1/health", Opening::Anyone},
    {RouteName::SignInWays, "GET", "/api/v1/sign-in", Opening::Anyone},
    {RouteName::SignIn, "POST", "/api/v1/sign-in", Opening::Anyone},
    {RouteName::SignOut, "POST", "/api/v1/sign-out", Opening::SignedIn},
    {RouteName::StepUp, "POST", "/api/v1/step-up", Opening::SignedIn},
    {RouteName::LeaveToSignIn, "POST", "/api/v1/sign-in/provider", Opening::Anyone},
    {RouteName::ComeBack, "GET", "/api/v1/sign-in/callback", Opening::Anyone},
    {RouteName::ProviderSignOut, "POST", "/api/v1/sign-out/provider", Opening::Provider},
    {RouteName::LeaveToProve, "POST", "/api/v1/step-up/provider", Opening::SignedIn},
    {RouteName::Me, "GET", "/api/v1/me", Opening::SignedIn},
    {RouteName::Session, "GET", "/api/v1/session", Opening::SignedIn},
    {RouteName::Patients, "GET", "/api/v1/patients", Opening::SignedIn},
    {RouteName::Patient, "GET", "/api/v1/patients/{id}", Opening::SignedIn},
    {RouteName::Identity, "POST", "/api/v1/patients/{id}/identity", Opening::Proved},
    {RouteName::Source, "GET", "/api/v1/sources/{id}", Opening::SignedIn},
}};

std::string_view next_part(std::string_view& path) {
  const std::size_t end = path.find('/', 1);
  const std::string_view part = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  return part;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parts) {
  parts.clear();
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_part(pattern);
    const std::string_view given = next_part(path);
    if (wanted.starts_with("/{")) {
      if (given.size() < 2) return false;
      parts.emplace_back(given.substr(1));
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

bool is_word(std::string_view part) {
  for (const Route& route : kRoutes) {
    std::string_view pattern = route.pattern;
    while (!pattern.empty()) {
      if (next_part(pattern).substr(1) == part) return true;
    }
  }
  return false;
}

}  // namespace

std::string_view opening_name(Opening opening) {
  switch (opening) {
    case Opening::Anyone: return "open";
    case Opening::Provider: return "provider";
    case Opening::SignedIn: return "session";
    case Opening::Proved: return "fresh-proof";
  }
  return "session";
}

std::span<const Route> routes() {
  return kRoutes;
}

Match match_route(std::string_view method, std::string_view path) {
  Match match;
  std::vector<std::string> parts;
  for (const Route& route : kRoutes) {
    if (!matches(route.pattern, path, parts)) continue;
    match.is_known_path = true;
    if (route.method != method && !(route.method == "GET" && method == "HEAD")) continue;
    match.route = &route;
    match.parts = parts;
    return match;
  }
  return match;
}

std::string route_shape(std::string_view path) {
  if (!path.starts_with("/api/")) {
    return path.starts_with("/assets/") ? "/assets/{file}" : "/{page}";
  }
  std::string shape;
  while (!path.empty() && shape.size() < 64) {
    const std::string_view part = next_part(path);
    shape += is_word(part.substr(1)) ? std::string(part) : "/{}";
  }
  return shape;
}

}  // namespace eds::serve
