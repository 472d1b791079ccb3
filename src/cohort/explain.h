// Explain: what a plan means, sentence by sentence, in French and in English, and what each step
// keeps when the plan was evaluated.
//
// Invariants: every part of the plan that changes who is in, or when, has a sentence; the words
// come from the plan, so what is read aloud is what is evaluated. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cohort/evaluate.h"
#include "cohort/plan.h"

namespace eds::cohort {

enum class Language : std::uint8_t { French, English };

struct Sentence {
  int depth = 0;  ///< 0: a step; deeper: a part of the sentence above
  std::string text;
  std::optional<std::int64_t> events;   ///< that the step keeps
  std::optional<std::int64_t> persons;  ///< that it keeps
};

/// `outcome` is that of the plan on some release, or nullptr.
std::vector<Sentence> explain(const Plan& plan, Language language, const Outcome* outcome);

}  // namespace eds::cohort
