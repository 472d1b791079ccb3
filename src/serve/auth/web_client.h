// WebClient: how the sign-in room asks something of another server.
//
// Invariants: an answer is whole, within the bound that was asked for, and came from the very
// address that was named: no redirection is followed. Threads: any.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace eds::serve {

struct WebQuestion {
  std::string address;        ///< "https://host[:port]/path?query"
  std::string form;           ///< posted as application/x-www-form-urlencoded; "": a GET
  std::string authorization;  ///< the header, or ""
  std::size_t answer_bytes_max = 0;
};

struct WebAnswer {
  int status = 0;
  std::string media_type;  ///< lower case, without its parameters
  std::string body;
};

class WebClient {
 public:
  virtual ~WebClient() = default;
  /// Code::Unavailable when the server cannot be reached or trusted in time, Code::Limit when it
  /// says too much. No message holds what it said.
  virtual Result<WebAnswer> ask(const WebQuestion& question) = 0;
};

}  // namespace eds::serve
