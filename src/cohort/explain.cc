#include "cohort/explain.h"

#include <fmt/format.h>

#include "cohort/phrases.h"
#include "format/text/dates.h"

namespace eds::cohort {
namespace {

// "un diagnostic", "one condition", "3 conditions".
std::string number_of(std::int64_t count, Domain domain, Language language) {
  if (count != 1) return fmt::format("{} {}", count, many_of(domain).in(language));
  const std::string_view one = one_of(domain).in(language);
  if (language == Language::French) return std::string(one);
  // "a condition" without its article.
  return fmt::format("one {}", one.substr(one.find(' ') + 1));
}

class Speaker {
 public:
  Speaker(const Plan& plan, Language language, const Outcome* outcome)
      : plan_(&plan), language_(language), outcome_(outcome) {}

  std::vector<Sentence> speak();

 private:
  bool is_french() const { return language_ == Language::French; }
  std::string_view in(std::string_view french, std::string_view english) const {
    return is_french() ? french : english;
  }
  template <class... Values>
  std::string words(std::string_view french, std::string_view english,
                    const Values&... values) const {
    return fmt::format(fmt::runtime(in(french, english)), values...);
  }
  void say(int depth, std::string text) { sentences_.push_back({depth, std::move(text), {}, {}}); }
  void kept(std::int64_t Attrition::*events, std::int64_t Attrition::*persons) {
    if (outcome_ == nullptr) return;
    sentences_.back().events = outcome_->attrition.*events;
    sentences_.back().persons = outcome_->attrition.*persons;
  }

  std::string details(const EventQuery& query) const;
  std::string bound(const Bound& bound, DateSide of_index, bool is_upper) const;
  std::string window(const WindowPlan& window) const;
  std::string counted(const CorrelatedPlan& plan) const;
  void nested(int depth, const EventQuery& query);
  void group(int depth, const GroupPlan& group);
  std::string group_head(const GroupPlan& group) const;
  void entry();
  void limit(Keep keep);
  void rules();
  void exit();
  void periods();
  void trend(int depth, const TrendPlan& trend);
  void sequence(int depth, const SequencePlan& sequence);
  std::string_view operation_words() const;
  void members();
  void cohort_member(int depth, const CohortMemberPlan& member);

  const Plan* plan_;
  Language language_;
  const Outcome* outcome_;
  bool is_member_ = false;  ///< its counts are known, its rows are not
  std::vector<Sentence> sentences_;
};

// What follows the noun: concept sets, first, shift, attributes.
std::string Speaker::details(const EventQuery& query) const {
  std::string text;
  if (query.concepts) text += " " + set_words(*plan_, *query.concepts, language_);
  if (query.source_concepts) {
    text += words(", code source {}", ", source code {}",
                  set_words(*plan_, *query.source_concepts, language_));
  }
  if (query.is_first) {
    text += in(", le premier de l'histoire de la personne", ", the first in the person's history");
  }
  if (query.shift) {
    const auto side = [&](DateSide from) {
      return from == DateSide::Start ? in("début", "start") : in("fin", "end");
    };
    text +=
        words(", dates recalculées : début = {} {:+} j, fin = {} {:+} j",
              ", dates shifted: start = {} {:+} d, end = {} {:+} d", side(query.shift->start_from),
              query.shift->start_days, side(query.shift->end_from), query.shift->end_days);
  }
  if (query.start_override) {
    text += words(", à partir du {}", ", from {}", text::format_date(*query.start_override));
  }
  if (query.end_override) {
    text += words(", jusqu'au {}", ", until {}", text::format_date(*query.end_override));
  }
  for (const Condition& condition : query.conditions) {
    text += ", " + condition_words(condition, *plan_, language_);
  }
  return text;
}

std::string Speaker::bound(const Bound& bound, DateSide of_index, bool is_upper) const {
  const std::string_view side =
      of_index == DateSide::End ? in("la fin de l'événement index", "the index event's end")
                                : in("le début de l'événement index", "the index event's start");
  switch (bound.kind) {
    case BoundKind::None:
      return std::string(is_upper ? in("n'importe quand après", "any time after")
                                  : in("n'importe quand avant", "any time before"));
    case BoundKind::PeriodStart:
      return std::string(
          in("le début de la période d'observation", "the start of the observation period"));
    case BoundKind::PeriodEnd:
      return std::string(
          in("la fin de la période d'observation", "the end of the observation period"));
    case BoundKind::Offset: break;
  }
  if (bound.days == 0) return words("le jour même ({})", "the same day ({})", side);
  const std::int64_t days = bound.days < 0 ? -static_cast<std::int64_t>(bound.days) : bound.days;
  const std::string length = days_words(days, language_);
  return bound.days < 0 ? words("{} avant {}", "{} before {}", length, side)
                        : words("{} après {}", "{} after {}", length, side);
}

std::string Speaker::window(const WindowPlan& window) const {
  const std::string from = bound(window.from, window.of_index, false);
  const std::string to = bound(window.to, window.of_index, true);
  return window.of_event == DateSide::Start
             ? words("commençant entre {} et {}", "starting between {} and {}", from, to)
             : words("finissant entre {} et {}", "ending between {} and {}", from, to);
}

std::string Speaker::counted(const CorrelatedPlan& plan) const {
  std::string count;
  const bool is_none = plan.count == 0 && plan.test != CountTest::AtLeast;
  if (is_none) {
    count =
        words("aucun parmi les {}", "none of the {}", many_of(plan.events.domain).in(language_));
  } else {
    const std::string_view how = plan.test == CountTest::Exactly  ? in("exactement", "exactly")
                                 : plan.test == CountTest::AtMost ? in("au plus", "at most")
                                                                  : in("au moins", "at least");
    count = fmt::format("{} {}", how, number_of(plan.count, plan.events.domain, language_));
  }
  std::string text = count + details(plan.events) + ", " + window(plan.start);
  if (plan.end) text += words(" et {}", " and {}", window(*plan.end));
  if (plan.distinct) {
    text += words(", chaque valeur de « {} » comptée une fois", ", each value of “{}” counted once",
                  field_name(*plan.distinct).in(language_));
  }
  if (plan.same_visit) text += in(", pendant le même séjour", ", in the same visit");
  if (!plan.within_period) {
    text += in(", même hors de la période d'observation", ", even outside the observation period");
  }
  return text;
}

std::string Speaker::group_head(const GroupPlan& group) const {
  switch (group.type) {
    case GroupType::All: return std::string(in("tout ce qui suit :", "all of the following:"));
    case GroupType::Any:
      return std::string(in("au moins une des conditions :", "at least one of the following:"));
    case GroupType::AtLeast:
      return words("au moins {} des conditions :", "at least {} of the following:", group.count);
    case GroupType::AtMost:
      return words("au plus {} des conditions :", "at most {} of the following:", group.count);
  }
  return {};
}

void Speaker::nested(int depth, const EventQuery& query) {
  for (const GroupPlan& inner : query.nested) {
    say(depth, words("lui-même avec {}", "itself with {}", group_head(inner)));
    group(depth + 1, inner);
  }
}

void Speaker::group(int depth, const GroupPlan& group_) {
  if (group_.is_empty()) say(depth, std::string(in("(aucune condition)", "(no condition)")));
  for (const CorrelatedPlan& each : group_.criteria) {
    say(depth, counted(each));
    nested(depth + 1, each.events);
  }
  for (const DemographicPlan& each : group_.demographics) {
    std::string text;
    for (const Condition& condition : each.conditions) {
      text += (text.empty() ? "" : ", ") + condition_words(condition, *plan_, language_);
    }
    if (text.empty()) text = in("une personne connue", "a known person");
    say(depth, std::move(text));
  }
  for (const GroupPlan& each : group_.groups) {
    say(depth, group_head(each));
    group(depth + 1, each);
  }
  for (const TrendPlan& each : group_.trends) trend(depth, each);
  for (const SequencePlan& each : group_.sequences) sequence(depth, each);
  for (const CohortMemberPlan& each : group_.cohorts) cohort_member(depth, each);
}

void Speaker::cohort_member(int depth, const CohortMemberPlan& member) {
  const std::string name =
      words("la cohorte enregistrée « {} » (version {})", "the saved cohort “{}” (version {})",
            member.saved.name, member.saved.version);
  const std::string_view not_ = member.is_absent ? in("sans", "without") : in("avec", "with");
  switch (member.relation) {
    case Relation::Ever:
      return say(depth, words("{} une période dans {}", "{} a period in {}", not_, name));
    case Relation::During:
      return say(depth, words("{} une période dans {} qui contient le début de l'événement index",
                              "{} a period in {} that holds the index event's start", not_, name));
    case Relation::Starts:
      return say(depth, words("{} une période dans {}, {}", "{} a period in {}, {}", not_, name,
                              window(member.start.start)));
  }
}

void Speaker::trend(int depth, const TrendPlan& trend) {
  std::string units;
  for (const std::string& unit : trend.unit_names) units += (units.empty() ? " " : ", ") + unit;
  constexpr std::string_view kSigns[] = {"<", "≤", "=", "≠", ">", "≥"};
  const std::string_view sign = kSigns[static_cast<std::size_t>(trend.op)];
  const bool is_ratio = trend.by == ChangeBy::Ratio;
  const std::string change =
      is_ratio ? words("rapport {} {}", "ratio {} {}", sign, trend.value)
               : words("écart {} {}{}", "difference {} {}{}", sign, trend.value, units);
  const std::string length = trend.hours ? words("{} heures", "{} hours", *trend.hours)
                                         : days_words(*trend.days, language_);
  std::string text = words("deux {}{}, {} de la plus ancienne à la plus récente, en {} au plus",
                           "two {}{}, {} from the earlier to the later, within {}",
                           many_of(trend.rows.events.domain).in(language_),
                           details(trend.rows.events), change, length);
  if (is_ratio && !units.empty()) text += words(", mesures en{}", ", measured in{}", units);
  if (trend.same == Same::Visit) text += in(", dans un même séjour", ", within one visit");
  say(depth, text + ", " + window(trend.rows.start));
  nested(depth + 1, trend.rows.events);
}

void Speaker::sequence(int depth, const SequencePlan& sequence) {
  say(depth, std::string(sequence.same == Same::Visit ? in("dans cet ordre, dans un même séjour :",
                                                           "in this order, within one visit:")
                                                      : in("dans cet ordre :", "in this order:")));
  say(depth + 1, std::string(one_of(sequence.first.events.domain).in(language_)) +
                     details(sequence.first.events) + ", " + window(sequence.first.start));
  nested(depth + 2, sequence.first.events);
  for (const NextStepPlan& step : sequence.next) {
    const std::string_view side = step.from == DateSide::End
                                      ? in("la fin du précédent", "the end of the one before")
                                      : in("le début du précédent", "the start of the one before");
    const std::string after = step.days_max
                                  ? words("de {} à {} après {}", "{} to {} after {}", step.days_min,
                                          days_words(*step.days_max, language_), side)
                                  : words("{} ou plus après {}", "{} or more after {}",
                                          days_words(step.days_min, language_), side);
    say(depth + 1, words("puis {}{}, commençant {}", "then {}{}, starting {}",
                         one_of(step.events.domain).in(language_), details(step.events), after));
    nested(depth + 2, step.events);
  }
}

std::string_view Speaker::operation_words() const {
  const bool by_day = plan_->by == SetUnit::Day;
  switch (plan_->operation) {
    case SetOperation::None:
    case SetOperation::Saved: break;
    case SetOperation::Union:
      return in("Les périodes de l'une ou l'autre de ces cohortes :",
                "The periods of any of these cohorts:");
    case SetOperation::Intersection:
      return by_day ? in("Les jours de la première cohorte qui sont aussi dans les autres :",
                         "The days of the first cohort that are in the others too:")
                    : in("Les périodes de la première cohorte, des personnes qui sont aussi dans "
                         "les autres :",
                         "The periods of the first cohort, of persons who are in the others too:");
    case SetOperation::Difference:
      return by_day ? in("Les jours de la première cohorte qui ne sont dans aucune autre :",
                         "The days of the first cohort that are in no other:")
                    : in("Les périodes de la première cohorte, des personnes qui ne sont dans "
                         "aucune autre :",
                         "The periods of the first cohort, of persons who are in no other:");
  }
  return {};
}

// A set of cohorts: the rule, then each of them.
void Speaker::members() {
  say(0, plan_->operation == SetOperation::Saved
             ? words("La cohorte enregistrée « {} » (version {})",
                     "The saved cohort “{}” (version {})", plan_->saved.name, plan_->saved.version)
             : std::string(operation_words()));
  if (outcome_ != nullptr) {
    if (!is_member_) sentences_.back().events = static_cast<std::int64_t>(outcome_->rows.size());
    sentences_.back().persons = outcome_->attrition.cohort_persons;
  }
  for (std::size_t at = 0; at < plan_->members.size(); ++at) {
    say(1, words("Cohorte {} :", "Cohort {}:", at + 1));
    Outcome member;
    if (outcome_ != nullptr) {
      member.attrition = outcome_->attrition.members[at];
      sentences_.back().persons = member.attrition.cohort_persons;
    }
    Speaker speaker(plan_->members[at], language_, outcome_ != nullptr ? &member : nullptr);
    speaker.is_member_ = true;
    for (Sentence& sentence : speaker.speak()) {
      sentence.depth += 2;
      sentences_.push_back(std::move(sentence));
    }
  }
}

void Speaker::entry() {
  say(0, std::string(plan_->entry.size() == 1
                         ? in("Événement d'entrée :", "Entry event:")
                         : in("Événements d'entrée, l'un de :", "Entry events, any of:")));
  kept(&Attrition::entry_events, &Attrition::entry_persons);
  for (const EventQuery& query : plan_->entry) {
    say(1, std::string(one_of(query.domain).in(language_)) + details(query));
    nested(2, query);
  }
  if (plan_->prior_days == 0 && plan_->post_days == 0) {
    say(1, std::string(in("pendant une période d'observation", "within an observation period")));
  } else {
    say(1,
        words("avec au moins {} d'observation avant et {} après",
              "with at least {} of observation before and {} after",
              days_words(plan_->prior_days, language_), days_words(plan_->post_days, language_)));
  }
  limit(plan_->entry_keep);
}

void Speaker::limit(Keep keep) {
  if (keep == Keep::First) {
    say(1, std::string(in("seul le premier de chaque personne est gardé",
                          "only the first of each person is kept")));
  } else if (keep == Keep::Last) {
    say(1, std::string(in("seul le dernier de chaque personne est gardé",
                          "only the last of each person is kept")));
  }
}

void Speaker::rules() {
  if (plan_->additional) {
    say(0, words("L'événement d'entrée doit avoir {}", "The entry event must have {}",
                 group_head(*plan_->additional)));
    kept(&Attrition::qualified_events, &Attrition::qualified_persons);
    group(1, *plan_->additional);
    limit(plan_->qualified_keep);
  }
  for (std::size_t rule = 0; rule < plan_->rules.size(); ++rule) {
    const RulePlan& each = plan_->rules[rule];
    say(0, words("Règle d'inclusion {}, « {} » : {}", "Inclusion rule {}, “{}”: {}", rule + 1,
                 each.name, group_head(each.group)));
    if (outcome_ != nullptr) {
      const std::vector<std::int64_t>& counts = outcome_->attrition.events.by_rule;
      sentences_.back().events = rule < counts.size() ? counts[rule] : 0;
    }
    group(1, each.group);
  }
  const bool limits = plan_->included_keep != Keep::All;
  if (plan_->rules.empty() && !limits) return;
  say(0, std::string(in("Sont inclus les événements qui satisfont toutes les règles",
                        "Included are the events that satisfy every rule")));
  kept(&Attrition::included_events, &Attrition::included_persons);
  limit(plan_->included_keep);
}

void Speaker::exit() {
  say(0, std::string(
             in("Sortie, à la première de ces dates :", "Exit, at the earliest of these dates:")));
  const std::string period_end(
      in("la fin de la période d'observation", "the end of the observation period"));
  if (const auto* offset = std::get_if<OffsetEnd>(&plan_->end)) {
    const std::string_view side = offset->from == DateSide::End
                                      ? in("la fin de l'événement", "the event's end")
                                      : in("le début de l'événement", "the event's start");
    say(1, words("{} après {}, au plus {}", "{} after {}, at most {}",
                 days_words(offset->days, language_), side, period_end));
  } else {
    say(1, period_end);
  }
  if (const auto* era = std::get_if<EraEnd>(&plan_->end)) {
    say(1, words("la fin du traitement continu par {}, interruptions de {} au plus, {} ajoutés",
                 "the end of continuous exposure to {}, gaps of at most {}, {} added",
                 set_words(*plan_, era->set, language_), days_words(era->gap_days, language_),
                 days_words(era->offset_days, language_)));
    if (era->supply_days) {
      say(2, words("chaque exposition dure {}", "each exposure lasts {}",
                   days_words(*era->supply_days, language_)));
    }
  }
  for (const EventQuery& query : plan_->censoring) {
    say(1, words("{}{} (censure)", "{}{} (censoring)", one_of(query.domain).in(language_),
                 details(query)));
    nested(2, query);
  }
}

void Speaker::periods() {
  if (plan_->era_pad_days != 0) {
    say(0, words("Les périodes d'une personne séparées de {} au plus n'en font qu'une",
                 "Periods of one person at most {} apart become one",
                 days_words(plan_->era_pad_days, language_)));
  } else {
    say(0, std::string(in("Les périodes d'une personne qui se touchent n'en font qu'une",
                          "Periods of one person that touch become one")));
  }
  if (plan_->window_start) {
    say(0, words("Rien avant le {} n'est gardé", "Nothing before {} is kept",
                 text::format_date(*plan_->window_start)));
  }
  if (plan_->window_end) {
    say(0, words("Rien après le {} n'est gardé", "Nothing after {} is kept",
                 text::format_date(*plan_->window_end)));
  }
  if (outcome_ == nullptr || is_member_) return;
  say(0, std::string(
             in("La cohorte, en périodes et en personnes", "The cohort, in periods and persons")));
  sentences_.back().events = static_cast<std::int64_t>(outcome_->rows.size());
  sentences_.back().persons = outcome_->attrition.cohort_persons;
}

std::vector<Sentence> Speaker::speak() {
  if (plan_->operation != SetOperation::None) {
    members();
    return std::move(sentences_);
  }
  entry();
  rules();
  exit();
  periods();
  return std::move(sentences_);
}

}  // namespace

std::vector<Sentence> explain(const Plan& plan, Language language, const Outcome* outcome) {
  return Speaker(plan, language, outcome).speak();
}

}  // namespace eds::cohort
