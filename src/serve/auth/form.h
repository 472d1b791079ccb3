// Forms: names and values as application/x-www-form-urlencoded spells them, in bodies and queries.
//
// Invariants: what is written has letters, digits, "-._~" and escapes alone; what is read has each
// name once. Threads: pure functions. Source: WHATWG URL section 5; RFC 6749 appendix B, section 3
// ("parameters MUST NOT be included more than once").
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace eds::serve {

std::string form_escaped(std::string_view text);
/// '+' and %XX undone. Code::Malformed for a bad escape, said to be in `where` ("a form").
Result<std::string> form_unescaped(std::string_view text, std::string_view where);
/// Pairs whose value is empty are left out.
std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs);
/// Code::Malformed for a bad escape and for a name that comes twice.
Result<std::map<std::string, std::string>> parse_form(std::string_view text);

}  // namespace eds::serve
