// Routes: every address that `eds serve` answers under /api/, and who may knock there.
//
// Invariants: nothing is answered that does not stand in the table; a route without a word of its
// own asks for a session. `eds serve --routes` prints the table, and a test knocks at each.
// Threads: pure functions over a constant.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eds::serve {

enum class Opening : std::uint8_t {
  Anyone,    ///< no session: nothing of a person, of an account or of the data is told
  Provider,  ///< the sign-in provider itself, which signs what it sends
  SignedIn,  ///< a session, a bearer token or a service's certificate
  Proved,    ///< a session whose person has proved to be there within minutes
};
std::string_view opening_name(Opening opening);

enum class RouteName : std::uint8_t {
  Health,
  SignInWays,
  SignIn,
  SignOut,
  StepUp,
  LeaveToSignIn,
  ComeBack,
  LeaveToProve,
  ProviderSignOut,
  Me,
  Session,
  Patients,
  Patient,
  Identity,
  Source,
};

struct Route {
  RouteName name;
  std::string_view method;
  std::string_view pattern;  ///< "/api/v1/patients/{id}"
  Opening opening;
};

std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;    ///< nullptr: no such address, or not by this method
  bool is_known_path = false;      ///< some method answers there
  std::vector<std::string> parts;  ///< what stood at {id}
};
Match match_route(std::string_view method, std::string_view path);

/// The address without anything of who asks or of whom: parts that no pattern names are "{}".
std::string route_shape(std::string_view path);

}  // namespace eds::serve
