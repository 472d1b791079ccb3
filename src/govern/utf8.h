// Whether bytes are UTF-8, as Unicode defines it (no overlong form, no surrogate).
// Threads: a pure function.
// Source: Unicode 15, table 3-7.
#pragma once

#include <string_view>

namespace eds::govern {

bool is_utf8(std::string_view text);

}  // namespace eds::govern
