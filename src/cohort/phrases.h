// Phrases: the words for kinds of events, fields and comparisons, in both languages.
// Threads: immutable.
#pragma once

#include <string>
#include <string_view>

#include "cohort/explain.h"

namespace eds::cohort {

struct Phrase {
  std::string_view french;
  std::string_view english;
  std::string_view in(Language language) const {
    return language == Language::French ? french : english;
  }
};

/// "un diagnostic", "a condition".
Phrase one_of(Domain domain);
/// "diagnostics", "conditions".
Phrase many_of(Domain domain);
/// "âge au début", "age at start".
Phrase field_name(Field field);
/// "365 jours", "1 day".
std::string days_words(std::int64_t days, Language language);
/// "âge au début : de 18 à 64"
std::string condition_words(const Condition& condition, const Plan& plan, Language language);
/// "« Asthme »"
std::string set_words(const Plan& plan, SetIndex set, Language language);

}  // namespace eds::cohort
