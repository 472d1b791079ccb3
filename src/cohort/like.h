// SQL's LIKE, which the reference's text filters become: % stands for any text, _ for any
// character, a backslash takes the next one as it is. Threads: any.
// Source: PostgreSQL 15, 9.7.1 LIKE.
#pragma once

#include <string_view>

namespace eds::cohort {

bool is_like(std::string_view text, std::string_view pattern);

}  // namespace eds::cohort
