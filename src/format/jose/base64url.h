// Base64url without padding, the only spelling that JOSE allows.
//
// Invariants: decode() accepts exactly what encode() can produce: no padding, no white space, no
// other alphabet, unused bits zero. So a text has one decoding and a value one spelling.
// Threads: pure functions. Source: RFC 4648 section 5, RFC 7515 section 2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eds::jose {

std::string base64url_encode(std::string_view bytes);
/// Code::Malformed for anything but the canonical spelling.
Result<std::string> base64url_decode(std::string_view text);

}  // namespace eds::jose
