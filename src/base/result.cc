#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace eds {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::Malformed: return "malformed";
    case Code::Refused: return "refused";
    case Code::NotFound: return "not-found";
    case Code::Conflict: return "conflict";
    case Code::Limit: return "limit";
    case Code::Usage: return "usage";
    case Code::Io: return "io";
    case Code::NoSpace: return "no-space";
    case Code::Unavailable: return "unavailable";
    case Code::Cancelled: return "cancelled";
    case Code::Corrupt: return "corrupt";
    case Code::Internal: return "internal";
  }
  return "internal";
}

Error Error::within(std::string_view context) const {
  std::string text(context);
  text += ": ";
  text += message;
  return Error{code, std::move(text)};
}

namespace detail {

void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "eds: internal check failed: %s (%s:%d)\n", what, file, line);
  std::abort();
}

}  // namespace detail
}  // namespace eds
