// Writes a cohort definition as Circe JSON.
//
// Invariants: reading what was written gives the same definition; every member of the JSON that a
// definition was read from comes back, with its value, known or not. Members come in the order of
// the reference's classes, not in that of the file. Threads: any.
#pragma once

#include <string>

#include "cohort/definition.h"

namespace eds::cohort {

std::string write_definition(const Definition& definition);

}  // namespace eds::cohort
