// Requests of Cohort360: docs/reference/cohort-import.md.
#include <algorithm>
#include <charconv>

#include "base/calendar.h"
#include "cohort/import.h"
#include "cohort/json_object.h"
#include "cohort/limits.h"

namespace eds::cohort {
namespace {

struct Constraint {
  std::string type;
  bool is_all = false;
  std::vector<std::int64_t> ids;
  std::int64_t days_min = 0;
  std::int64_t days_max = -1;
  std::string place;
};

// {"hours": 2}, {"days": 1}: whole days alone have a meaning here.
Result<std::optional<std::int64_t>> read_duration(JsonObject& object, std::string_view name) {
  const std::optional<json::Value> value = object.take(name);
  if (!value) return std::optional<std::int64_t>();
  const Place place = object.place().member(name);
  JsonObject duration = TRY(JsonObject::of(*value, place, Reading::Strict));
  const std::int64_t hours = TRY(duration.integer("hours")).value_or(0);
  const std::int64_t minutes = TRY(duration.integer("minutes")).value_or(0);
  const std::int64_t days = TRY(duration.integer("days")).value_or(0);
  if (hours % 24 != 0 || minutes != 0) {
    return refusal(place, "a sequence counts whole days here");
  }
  if (days < 0 || hours < 0 || days > kOffsetDaysMax || hours > kOffsetDaysMax) {
    return refusal(place, "no length of time");
  }
  TRY(duration.finish());
  return std::optional<std::int64_t>(days + hours / 24);
}

Result<Constraint> read_constraint(json::Value value, const Place& place) {
  JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
  Constraint constraint;
  constraint.place = place.text();
  constraint.type = TRY(object.required_text("constraintType"));
  const std::optional<json::Value> ids = object.take("idList");
  const Place list = place.member("idList");
  if (!ids) return refusal(list, "a list of criteria is missing");
  if (ids->type() == json::Type::String && *ids->string() == "all") {
    constraint.is_all = true;
  } else if (ids->type() == json::Type::Array) {
    for (json::Value id : ids->elements()) {
      const Result<std::int64_t> number = id.integer();
      if (!number.ok()) return refusal(list, "a list of numbers is expected");
      constraint.ids.push_back(*number);
    }
  } else {
    return refusal(list, "all, or a list of numbers, is expected");
  }
  const std::optional<std::int64_t> least = TRY(read_duration(object, "timeRelationMinDuration"));
  const std::optional<std::int64_t> most = TRY(read_duration(object, "timeRelationMaxDuration"));
  constraint.days_min = least.value_or(0);
  constraint.days_max = most.value_or(-1);
  TRY(object.finish());
  const bool is_known = constraint.type == "sameEncounter" ||
                        (constraint.type == "directChronologicalOrdering" && !constraint.is_all);
  if (!is_known) {
    return refusal(place.member("constraintType"),
                   "sameEncounter, or directChronologicalOrdering of a list, is expected");
  }
  return constraint;
}

Result<std::vector<Constraint>> read_constraints(JsonObject& object) {
  std::vector<Constraint> constraints;
  const std::optional<json::Value> value = object.take("temporalConstraints");
  if (!value) return constraints;
  const Place list = object.place().member("temporalConstraints");
  if (value->type() != json::Type::Array) return refusal(list, "a list is expected");
  for (json::Value each : value->elements()) {
    constraints.push_back(TRY(read_constraint(each, list.element(constraints.size()))));
  }
  return constraints;
}

// A member that must be empty to have no meaning.
Status refuse_any(JsonObject& object, std::string_view name, std::string_view why) {
  const std::optional<json::Value> value = object.take(name);
  if (!value) return {};
  const bool is_list = value->type() == json::Type::Array;
  if (is_list && value->size() == 0) return {};
  return refusal(object.place().member(name), why);
}

ImportedGroup negated(ImportedGroup group) {
  ImportedGroup none;
  none.type = "AT_MOST";
  none.groups.push_back(std::move(group));
  return none;
}

// "2022-01-01T00:00:00Z": the day.
Result<std::string> read_day(JsonObject& object, std::string_view name) {
  const std::optional<std::string> text = TRY(object.text(name));
  if (!text) return std::string();
  const bool is_midnight = text->size() == 10 || text->find("T00:00:00") == 10;
  const bool is_day = text->size() >= 10 && (*text)[4] == '-' && (*text)[7] == '-' &&
                      std::all_of(text->begin(), text->begin() + 10, [](char each) {
                        return each == '-' || (each >= '0' && each <= '9');
                      });
  int parts[3] = {0, 0, 0};
  for (std::size_t at = 0; is_day && at < 3; ++at) {
    const char* begin = text->data() + (at == 0 ? 0 : at * 3 + 2);
    std::from_chars(begin, begin + (at == 0 ? 4 : 2), parts[at]);
  }
  const bool is_real = is_day && checked_days({parts[0], parts[1], parts[2]}).has_value();
  if (!is_midnight || !is_real) return refusal(object.place().member(name), "a day is expected");
  return text->substr(0, 10);
}

class Request {
 public:
  explicit Request(const ReadFilter& read_filter) : read_filter_(&read_filter) {}

  Result<Imported> read(json::Value root) {
    const Place place;
    JsonObject object = TRY(JsonObject::of(root, place, Reading::Strict));
    for (const char* name : {"_type", "id", "instance_id", "version", "resourceType"}) {
      object.take(name);
    }
    TRY(read_population(object));
    const std::optional<json::Value> request = object.take("request");
    const Place inside = place.member("request");
    if (!request) return refusal(inside, "a request is missing");
    Imported imported;
    const std::vector<Constraint> outer = TRY(read_constraints(object));
    TRY(object.finish());
    ImportedGroup group = TRY(read_member(*request, inside));
    TRY(constrain(group, outer));
    imported.root = std::move(group);
    imported.unmapped = std::move(unmapped_);
    return imported;
  }

 private:
  // Which persons the hospital's perimeter holds is known to that hospital alone.
  Status read_population(JsonObject& object) {
    const std::optional<json::Value> value = object.take("sourcePopulation");
    if (!value) return {};
    const Place place = object.place().member("sourcePopulation");
    JsonObject population = TRY(JsonObject::of(*value, place, Reading::Strict));
    const std::optional<json::Value> sites = population.take("caresiteCohortList");
    if (sites)
      unmapped_.push_back(place.member("caresiteCohortList").text() + ": " + json_text(*sites));
    TRY(population.finish());
    return {};
  }

  // A group, or one criterion as a group of one.
  Result<ImportedGroup> read_member(json::Value value, const Place& place) {
    if (++count_ > kCriteriaMax) {
      return Error{Code::Limit, "cohort definition: more members than kCriteriaMax"};
    }
    JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
    const std::string type = TRY(object.required_text("_type"));
    const std::optional<std::int64_t> id = TRY(object.integer("_id"));
    const bool is_inclusive = TRY(object.boolean("isInclusive")).value_or(true);
    object.take("name");
    TRY(refuse_any(object, "uniqueFields", "distinct values of a field cannot be asked"));
    TRY(refuse_any(object, "patientAge", "ages in years, months and days cannot be asked"));
    ImportedGroup group;
    if (type == "basicResource") {
      group = TRY(read_resource(value, object, id.value_or(0)));
    } else {
      group = TRY(read_group(object, type));
    }
    TRY(object.finish());
    return is_inclusive ? group : negated(std::move(group));
  }

  Result<ImportedGroup> read_group(JsonObject& object, const std::string& type) {
    const Place& place = object.place();
    ImportedGroup group;
    std::vector<std::pair<std::string, std::int64_t>> bounds;
    TRY(refuse_any(object, "dateRangeList", "dates of a whole group cannot be asked"));
    TRY(refuse_any(object, "occurrence", "a group is not counted"));
    const std::optional<json::Value> options = object.take("nAmongMOptions");
    if (type == "orGroup") {
      group.type = "ANY";
    } else if (type == "nAmongM") {
      const Place inside = place.member("nAmongMOptions");
      if (!options) return refusal(inside, "how many of them is missing");
      JsonObject how = TRY(JsonObject::of(*options, inside, Reading::Strict));
      TRY(read_how_many(how, group, bounds));
      TRY(refuse_any(how, "timeDelayMin", "a delay between members cannot be asked"));
      TRY(refuse_any(how, "timeDelayMax", "a delay between members cannot be asked"));
      TRY(how.finish());
    } else if (type != "andGroup") {
      return refusal(place.member("_type"),
                     "andGroup, orGroup, nAmongM or basicResource is expected");
    }
    const std::optional<json::Value> list = object.take("criteria");
    const Place members = place.member("criteria");
    if (!list || list->type() != json::Type::Array || list->size() == 0) {
      return refusal(members, "a list of criteria is expected");
    }
    std::size_t index = 0;
    for (json::Value each : list->elements()) {
      const Place at = members.element(index++);
      const bool is_exclusive = !each.boolean_or("isInclusive", true);
      // Its own engine does not answer "or not": what it does answer is nowhere said.
      if (is_exclusive && group.type != "ALL") {
        return refusal(at.member("isInclusive"), "an exclusion is understood in an andGroup alone");
      }
      ImportedGroup member = TRY(read_member(each, at));
      const bool is_one = member.type == "ALL" && member.groups.empty() && !member.one_visit &&
                          member.sequences.empty() && member.criteria.size() == 1;
      if (is_one) {
        group.criteria.push_back(std::move(member.criteria.front()));
      } else {
        group.groups.push_back(std::move(member));
      }
    }
    TRY(constrain(group, TRY(read_constraints(object))));
    return bounded(std::move(group), bounds);
  }

  // "2 among 3": as bounds of AT_LEAST and AT_MOST. Nobody is counted who has none of them.
  static Status read_how_many(JsonObject& how, ImportedGroup& group,
                              std::vector<std::pair<std::string, std::int64_t>>& bounds) {
    const std::int64_t count = TRY(how.required_integer("n"));
    const std::string op = TRY(how.required_text("operator"));
    if (count < 1 || count > kOffsetDaysMax) {
      return refusal(how.place().member("n"), "1 or more is expected");
    }
    const bool is_below = op == "<=" || op == "<";
    if (op != ">=" && op != ">" && op != "=" && !is_below) {
      return refusal(how.place().member("operator"), ">=, >, =, < or <= is expected");
    }
    bounds.emplace_back("AT_LEAST", is_below ? 1 : op == ">" ? count + 1 : count);
    if (is_below || op == "=") bounds.emplace_back("AT_MOST", op == "<" ? count - 1 : count);
    group.type = "AT_LEAST";
    return {};
  }

  static ImportedGroup bounded(ImportedGroup group,
                               const std::vector<std::pair<std::string, std::int64_t>>& bounds) {
    if (bounds.empty()) return group;
    group.count = bounds.front().second;
    if (bounds.size() == 1) return group;
    ImportedGroup both;
    for (const auto& [type, count] : bounds) {
      both.groups.push_back(group);
      both.groups.back().type = type;
      both.groups.back().count = count;
    }
    return both;
  }

  Result<ImportedGroup> read_resource(json::Value value, JsonObject& object, std::int64_t id) {
    const Place& place = object.place();
    ImportedCriterion criterion;
    criterion.id = id;
    TRY((*read_filter_)(value, place.text(), criterion));
    for (const char* name : {"resourceType", "filterFhir", "filterSolr"}) object.take(name);
    TRY(refuse_any(object, "criteria", "a criterion has no members"));
    TRY(refuse_any(object, "temporalConstraints", "a criterion has no members to order"));
    TRY(read_dates(object, criterion));
    ImportedGroup group;
    if (const std::optional<json::Value> occurrence = object.take("occurrence")) {
      TRY(read_occurrence(*occurrence, place.member("occurrence"), criterion, group));
    }
    if (!criterion.person.empty() && (criterion.count_type != 2 || criterion.count != 1)) {
      return refusal(place.member("occurrence"), "a person is there once");
    }
    group.criteria.push_back(std::move(criterion));
    return group;
  }

  static Status read_occurrence(json::Value value, const Place& place, ImportedCriterion& criterion,
                                ImportedGroup& group) {
    JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
    const std::int64_t count = TRY(object.required_integer("n"));
    if (count < 0 || count > kOffsetDaysMax)
      return refusal(place.member("n"), "no number of events");
    const std::string op = TRY(object.required_text("operator"));
    const bool same_visit = TRY(object.boolean("sameEncounter")).value_or(false);
    const bool same_day = TRY(object.boolean("sameDay")).value_or(false);
    if (same_visit && same_day) {
      return refusal(place, "of one encounter and of one day at once cannot be asked");
    }
    TRY(refuse_any(object, "timeDelayMin", "a delay between occurrences cannot be asked"));
    TRY(refuse_any(object, "timeDelayMax", "a delay between occurrences cannot be asked"));
    TRY(object.finish());
    criterion.count = count;
    criterion.same_visit = same_visit && count > 1;
    criterion.same_day = same_day && count > 1;
    if (op == ">=") return {};
    if (op == ">") {
      ++criterion.count;
      return {};
    }
    if (op == "=" && count > 0) {
      criterion.count_type = 0;
      return {};
    }
    // Only who has such an event is counted there: fewer than two is one.
    const bool is_below = op == "<" || op == "<=";
    if (!is_below || same_visit || same_day) {
      return refusal(place.member("operator"), ">=, >, =, < or <= is expected");
    }
    criterion.count_type = 1;
    criterion.count = op == "<" ? count - 1 : count;
    ImportedCriterion any = criterion;
    any.count_type = 2;
    any.count = 1;
    group.criteria.push_back(std::move(any));
    return {};
  }

  static Status read_dates(JsonObject& object, ImportedCriterion& criterion) {
    const std::optional<json::Value> value = object.take("dateRangeList");
    if (!value) return {};
    const Place list = object.place().member("dateRangeList");
    if (value->type() != json::Type::Array) return refusal(list, "a list is expected");
    if (value->size() == 0) return {};
    if (value->size() > 1) return refusal(list, "one range of dates is expected");
    const Place place = list.element(0);
    JsonObject range = TRY(JsonObject::of(*value->elements().begin(), place, Reading::Strict));
    const std::string first = TRY(read_day(range, "minDate"));
    const std::string last = TRY(read_day(range, "maxDate"));
    TRY(refuse_any(range, "datePreference", "another date than the event's cannot be asked"));
    // Every row here has a date.
    TRY(range.boolean("dateIsNotNull"));
    TRY(range.finish());
    if (first.empty() && last.empty()) return {};
    if (!criterion.person.empty()) return refusal(place, "a person has no dates");
    std::string& members = criterion.attributes;
    members += members.empty() ? "" : ",";
    const bool has_both = !first.empty() && !last.empty();
    members += R"("OccurrenceStartDate":{"Value":")" + (first.empty() ? last : first) +
               R"(","Op":")" +
               (has_both        ? "bt"
                : first.empty() ? "lte"
                                : "gte") +
               "\"" + (has_both ? R"(,"Extent":")" + last + "\"" : "") + "}";
    return {};
  }

  // The criteria of `ids`, taken out of the group that holds them all; false: none does.
  static bool take_out(ImportedGroup& group, const std::vector<std::int64_t>& ids,
                       ImportedGroup*& holder, std::vector<ImportedCriterion>& taken) {
    const auto find = [&](std::int64_t id) {
      return std::find_if(group.criteria.begin(), group.criteria.end(),
                          [&](const ImportedCriterion& each) { return each.id == id; });
    };
    const bool has_all = std::all_of(
        ids.begin(), ids.end(), [&](std::int64_t id) { return find(id) != group.criteria.end(); });
    if (has_all && group.type == "ALL" && !group.one_visit) {
      for (std::int64_t id : ids) {
        const auto found = find(id);
        if (found == group.criteria.end()) return false;
        taken.push_back(std::move(*found));
        group.criteria.erase(found);
      }
      holder = &group;
      return true;
    }
    for (ImportedGroup& each : group.groups) {
      if (each.type == "ALL" && take_out(each, ids, holder, taken)) return true;
    }
    return false;
  }

  static bool is_simple(const ImportedCriterion& criterion) {
    return criterion.person.empty() && criterion.count_type == 2 && criterion.count == 1;
  }

  static Status constrain(ImportedGroup& group, const std::vector<Constraint>& constraints) {
    for (const Constraint& each : constraints) {
      const auto refuse = [&](std::string_view why) {
        return Error{Code::Malformed,
                     "cohort definition: " + std::string(why) + ", at " + each.place};
      };
      if (each.is_all) {
        if (group.one_visit) return refuse("all of it is of one encounter already");
        group.one_visit = true;
        continue;
      }
      if (each.ids.size() < 2) return refuse("two criteria or more are expected");
      ImportedGroup* holder = nullptr;
      std::vector<ImportedCriterion> taken;
      if (!take_out(group, each.ids, holder, taken)) {
        return refuse(
            "no andGroup has all of these criteria as its own, inclusive and not in "
            "another constraint");
      }
      if (!std::all_of(taken.begin(), taken.end(), is_simple)) {
        return refuse("a constraint is of criteria that ask one event or more");
      }
      if (each.type == "sameEncounter") {
        if (each.days_min != 0 || each.days_max >= 0) return refuse("one encounter has no delay");
        ImportedGroup together;
        together.one_visit = true;
        together.criteria = std::move(taken);
        holder->groups.push_back(std::move(together));
      } else {
        holder->sequences.push_back({std::move(taken), each.days_min, each.days_max});
      }
    }
    return {};
  }

  const ReadFilter* read_filter_;
  std::vector<std::string> unmapped_;
  std::size_t count_ = 0;
};

}  // namespace

Result<Imported> read_cohort360(std::string_view text, const ReadFilter& read_filter) {
  if (text.size() > kDefinitionBytesMax) {
    return Error{Code::Limit, "cohort definition: larger than kDefinitionBytesMax"};
  }
  Result<json::Document> document = json::Document::parse(text);
  if (!document.ok()) return std::move(document).error().within("cohort definition");
  return Request(read_filter).read(document->root());
}

}  // namespace eds::cohort
