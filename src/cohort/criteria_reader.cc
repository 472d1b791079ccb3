// Domain criteria, windows and groups; definition_reader.cc reads what holds them.
#include <algorithm>
#include <array>
#include <cctype>

#include "cohort/definition_reader.h"
#include "cohort/limits.h"

namespace eds::cohort {
namespace {

constexpr std::array<std::string_view, 8> kCompareNames = {"lt", "lte", "eq", "!eq",
                                                           "gt", "gte", "bt", "!bt"};
constexpr std::string_view kTextOps[] = {"startsWith",  "contains",  "endsWith",
                                         "!startsWith", "!contains", "!endsWith"};

bool needs_extent(Compare op) {
  return op == Compare::Between || op == Compare::NotBetween;
}

Result<NumericRange> read_numeric(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  NumericRange range = TRY(read_range(object));
  range.extras = TRY(object.finish());
  return range;
}

Result<DateRange> read_dates(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  DateRange range;
  range.op = TRY(read_compare(object));
  std::optional<DateText> date = TRY(object.date("Value"));
  if (!date) return refusal(place.member("Value"), "a date is missing");
  range.value = std::move(*date);
  if (needs_extent(range.op)) {
    range.extent = TRY(object.date("Extent"));
    if (!range.extent) return refusal(place.member("Extent"), "a date is missing");
  } else if (object.has("Extent")) {
    // A page leaves what was typed before the operator changed; it means nothing.
    const std::optional<json::Value> unused = object.take("Extent");
    if (unused) range.extras.push_back({"Extent", json_text(*unused)});
  }
  for (Extra& extra : TRY(object.finish())) range.extras.push_back(std::move(extra));
  return range;
}

Result<SetSelection> read_selection(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  SetSelection selection;
  selection.codeset = TRY(object.integer("CodesetId"));
  selection.is_exclusion = TRY(object.boolean("IsExclusion"));
  selection.extras = TRY(object.finish());
  return selection;
}

Result<TextFilter> read_text_filter(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  TextFilter filter;
  filter.text = TRY(object.required_text("Text"));
  filter.op = TRY(object.required_text("Op"));
  if (std::find(std::begin(kTextOps), std::end(kTextOps), filter.op) == std::end(kTextOps)) {
    return refusal(place.member("Op"),
                   "startsWith, contains or endsWith is expected, with or without !");
  }
  filter.extras = TRY(object.finish());
  return filter;
}

Result<decltype(AttributeUse::value)> read_attribute_value(const Attribute& attribute,
                                                           json::Value value, const Place& place,
                                                           Reading reading) {
  using Value = decltype(AttributeUse::value);
  switch (attribute.shape) {
    case Shape::Integer:
    case Shape::Decimal: return Value(TRY(read_numeric(value, place, reading)));
    case Shape::Date: return Value(TRY(read_dates(value, place, reading)));
    case Shape::Concepts: return Value(TRY(read_concepts(value, place)));
    case Shape::Selection: return Value(TRY(read_selection(value, place, reading)));
    case Shape::Text: return Value(TRY(read_text_filter(value, place, reading)));
    case Shape::Normal: return Value(TRY(read_normal(value, place, reading)));
    case Shape::Period: {
      JsonObject object = TRY(JsonObject::of(value, place, reading));
      return Value(TRY(read_period(object)));
    }
    case Shape::SetId:
    case Shape::Exclude:
    case Shape::Flag: break;
  }
  return Error{Code::Internal, "an attribute of no known shape"};
}

Result<std::vector<AttributeUse>> read_attributes(JsonObject& object, json::Value value,
                                                  std::span<const Attribute> attributes) {
  std::vector<AttributeUse> uses;
  for (const auto& [name, unused] : value.members()) {
    const Attribute* attribute = find_attribute(attributes, name);
    if (attribute == nullptr) continue;
    if (attribute->shape == Shape::SetId) {
      const std::optional<std::int64_t> id = TRY(object.integer(name));
      if (id) uses.push_back({attribute, *id});
      continue;
    }
    if (attribute->shape == Shape::Exclude || attribute->shape == Shape::Flag) {
      const std::optional<bool> flag = TRY(object.boolean(name));
      if (flag) uses.push_back({attribute, *flag});
      continue;
    }
    const std::optional<json::Value> member = object.take(name);
    if (!member) continue;
    const Place place = object.place().member(name);
    uses.push_back(
        {attribute, TRY(read_attribute_value(*attribute, *member, place, object.reading()))});
  }
  return uses;
}

Result<std::optional<DateSide>> read_side(JsonObject& object, std::string_view name,
                                          std::string_view start, std::string_view end) {
  const std::optional<std::string> word = TRY(object.text(name));
  if (!word) return std::optional<DateSide>();
  if (*word == start) return std::optional<DateSide>(DateSide::Start);
  if (*word == end) return std::optional<DateSide>(DateSide::End);
  return refusal(object.place().member(name),
                 std::string(start) + " or " + std::string(end) + " is expected");
}

Result<DateAdjustment> read_adjustment(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  DateAdjustment adjustment;
  adjustment.start_with = TRY(read_side(object, "StartWith", "START_DATE", "END_DATE"));
  adjustment.start_offset = TRY(read_days(object, "StartOffset"));
  adjustment.end_with = TRY(read_side(object, "EndWith", "START_DATE", "END_DATE"));
  adjustment.end_offset = TRY(read_days(object, "EndOffset"));
  adjustment.extras = TRY(object.finish());
  return adjustment;
}

Result<Endpoint> read_endpoint(JsonObject& window, std::string_view name) {
  const Place place = window.place().member(name);
  const std::optional<json::Value> value = window.take(name);
  if (!value) return refusal(place, "an end of the window is missing");
  JsonObject object = TRY(JsonObject::of(*value, place, window.reading()));
  Endpoint endpoint;
  endpoint.days = TRY(read_days(object, "Days"));
  endpoint.coefficient = TRY(object.integer("Coeff")).value_or(0);
  const bool is_sign = endpoint.coefficient == -1 || endpoint.coefficient == 1;
  if (!is_sign && object.reading() == Reading::Strict) {
    return refusal(place.member("Coeff"), "-1 (before) or 1 (after) is expected");
  }
  endpoint.extras = TRY(object.finish());
  return endpoint;
}

Result<Occurrence> read_occurrence(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  Occurrence occurrence;
  occurrence.type = TRY(object.required_integer("Type"));
  if (occurrence.type < 0 || occurrence.type > 2) {
    return refusal(place.member("Type"), "0 (exactly), 1 (at most) or 2 (at least) is expected");
  }
  occurrence.count = TRY(object.required_integer("Count"));
  occurrence.is_distinct = TRY(object.boolean("IsDistinct"));
  const std::optional<std::string> column = TRY(object.text("CountColumn"));
  if (column) {
    occurrence.count_column = find_count_column(*column);
    if (!occurrence.count_column) {
      return refusal(place.member("CountColumn"), "an unknown column to count");
    }
  }
  occurrence.extras = TRY(object.finish());
  return occurrence;
}

std::size_t depth_of(const Place& place) {
  std::size_t depth = 0;
  for (const Place* at = &place; at != nullptr; at = at->parent) ++depth;
  return depth;
}

Result<GroupType> read_group_type(const std::string& text, const Place& place) {
  std::string upper = text;
  for (char& letter : upper) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  if (upper == "ALL") return GroupType::All;
  if (upper == "ANY") return GroupType::Any;
  if (upper == "AT_LEAST") return GroupType::AtLeast;
  if (upper == "AT_MOST") return GroupType::AtMost;
  return refusal(place, "ALL, ANY, AT_LEAST or AT_MOST is expected");
}

// A list of parts of a group, or nothing when it is absent.
template <class Part, class Read>
Result<std::optional<std::vector<Part>>> read_list(JsonObject& object, std::string_view name,
                                                   Read read) {
  const std::optional<json::Value> value = object.take(name);
  if (!value) return std::optional<std::vector<Part>>();
  const Place place = object.place().member(name);
  if (value->type() != json::Type::Array) return refusal(place, "a list is expected");
  if (value->size() > kCriteriaMax) {
    return Error{Code::Limit,
                 "cohort definition: more members than kCriteriaMax, at " + place.text()};
  }
  std::vector<Part> parts;
  parts.reserve(value->size());
  for (json::Value element : value->elements()) {
    const Place each = place.element(parts.size());
    parts.push_back(TRY(read(element, each, object.reading())));
  }
  return std::optional<std::vector<Part>>(std::move(parts));
}

Result<DemographicCriteria> read_demographic(json::Value value, const Place& place,
                                             Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  DemographicCriteria criteria;
  criteria.attributes = TRY(read_attributes(object, value, demographic_attributes()));
  criteria.extras = TRY(object.finish());
  return criteria;
}

}  // namespace

Result<NumericRange> read_range(JsonObject& object) {
  const Place& place = object.place();
  NumericRange range;
  range.op = TRY(read_compare(object));
  const std::optional<double> number = TRY(object.number("Value"));
  if (!number) return refusal(place.member("Value"), "a number is missing");
  range.value = *number;
  range.extent = TRY(object.number("Extent"));
  if (needs_extent(range.op) && !range.extent) {
    return refusal(place.member("Extent"), "a number is missing");
  }
  return range;
}

Result<Compare> read_compare(JsonObject& object) {
  const std::string op = TRY(object.required_text("Op"));
  const auto found = std::find(kCompareNames.begin(), kCompareNames.end(), op);
  if (found == kCompareNames.end()) {
    return refusal(object.place().member("Op"), "lt, lte, eq, !eq, gt, gte, bt or !bt is expected");
  }
  return static_cast<Compare>(found - kCompareNames.begin());
}

Result<std::vector<Concept>> read_concepts(json::Value value, const Place& place) {
  if (value.type() != json::Type::Array) return refusal(place, "a list of concepts is expected");
  std::vector<Concept> concepts;
  for (json::Value element : value.elements()) {
    concepts.push_back(TRY(read_concept(element, place.element(concepts.size()))));
  }
  return concepts;
}

Result<Window> read_window(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  Window window;
  window.start = TRY(read_endpoint(object, "Start"));
  window.end = TRY(read_endpoint(object, "End"));
  window.use_index_end = TRY(object.boolean("UseIndexEnd"));
  window.use_event_end = TRY(object.boolean("UseEventEnd"));
  window.extras = TRY(object.finish());
  return window;
}

Result<Concept> read_concept(json::Value value, const Place& place) {
  // Names and codes inform the reader; only the id has a meaning.
  JsonObject object = TRY(JsonObject::of(value, place, Reading::Lenient));
  return Concept{TRY(object.required_integer("CONCEPT_ID")),
                 std::string(value.string_or("CONCEPT_NAME", "")), json_text(value)};
}

std::string_view compare_name(Compare compare) {
  return kCompareNames[static_cast<std::size_t>(compare)];
}

Result<std::optional<std::int64_t>> read_days(JsonObject& object, std::string_view name) {
  const std::optional<std::int64_t> days = TRY(object.integer(name));
  if (days && (*days > kOffsetDaysMax || *days < -kOffsetDaysMax)) {
    return Error{Code::Limit, "cohort definition: more days than kOffsetDaysMax, at " +
                                  object.place().member(name).text()};
  }
  return days;
}

Result<Period> read_period(JsonObject& object) {
  Period period;
  // Atlas leaves empty texts behind when a date is cleared.
  for (const auto& [name, date] :
       {std::pair{"StartDate", &period.start}, {"EndDate", &period.end}}) {
    const std::optional<json::Value> value = object.take(name);
    if (value && value->string().ok() && value->string()->empty()) {
      period.extras.push_back({name, "\"\""});
    } else if (value) {
      *date = TRY(object.date(name));
    }
  }
  for (Extra& extra : TRY(object.finish())) period.extras.push_back(std::move(extra));
  return period;
}

Result<Criteria> read_criteria(json::Value value, const Place& place, Reading reading) {
  if (value.type() != json::Type::Object || value.size() != 1) {
    return refusal(place, "an object with one member, the kind of event, is expected");
  }
  const auto [name, body] = *value.members().begin();
  const std::optional<Domain> domain = find_domain(name);
  const Place inside = place.member(name);
  Criteria criteria;
  if (!domain && reading == Reading::Strict) criteria.declared = find_declared(name);
  if (!domain && criteria.declared == nullptr) return refusal(inside, "an unknown kind of event");
  JsonObject object = TRY(JsonObject::of(body, inside, reading));
  const DomainGrammar& words = domain ? grammar(*domain) : *criteria.declared;
  if (domain) criteria.domain = *domain;
  if (words.has_codeset) criteria.codeset = TRY(object.integer("CodesetId"));
  if (!words.source_concept.empty()) {
    criteria.source_codeset = TRY(object.integer(words.source_concept));
  }
  if (words.has_first) criteria.first = TRY(object.boolean("First"));
  if (const std::optional<json::Value> adjustment = object.take("DateAdjustment")) {
    criteria.date_adjustment =
        TRY(read_adjustment(*adjustment, inside.member("DateAdjustment"), reading));
  }
  if (const std::optional<json::Value> group = object.take("CorrelatedCriteria")) {
    criteria.correlated.push_back(
        TRY(read_group(*group, inside.member("CorrelatedCriteria"), reading)));
  }
  criteria.attributes = TRY(read_attributes(object, body, words.attributes));
  criteria.extras = TRY(object.finish());
  return criteria;
}

Result<CorrelatedCriteria> read_correlated(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  CorrelatedCriteria correlated;
  const std::optional<json::Value> criteria = object.take("Criteria");
  if (!criteria) return refusal(place.member("Criteria"), "a criterion is missing");
  correlated.criteria = TRY(read_criteria(*criteria, place.member("Criteria"), reading));
  const std::optional<json::Value> start = object.take("StartWindow");
  if (!start) return refusal(place.member("StartWindow"), "a window is missing");
  correlated.start_window = TRY(read_window(*start, place.member("StartWindow"), reading));
  if (const std::optional<json::Value> end = object.take("EndWindow")) {
    correlated.end_window = TRY(read_window(*end, place.member("EndWindow"), reading));
  }
  if (const std::optional<json::Value> occurrence = object.take("Occurrence")) {
    correlated.occurrence = TRY(read_occurrence(*occurrence, place.member("Occurrence"), reading));
  }
  correlated.restrict_visit = TRY(object.boolean("RestrictVisit"));
  correlated.ignore_observation_period = TRY(object.boolean("IgnoreObservationPeriod"));
  correlated.extras = TRY(object.finish());
  return correlated;
}

Result<Group> read_group(json::Value value, const Place& place, Reading reading) {
  // A group inside a group stands two places deeper.
  if (depth_of(place) > 2 * kGroupDepthMax) {
    return Error{Code::Limit, "cohort definition: groups are nested deeper than kGroupDepthMax"};
  }
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  Group group;
  group.criteria = TRY(read_list<CorrelatedCriteria>(object, "CriteriaList", read_correlated));
  group.demographics =
      TRY(read_list<DemographicCriteria>(object, "DemographicCriteriaList", read_demographic));
  group.groups = TRY(read_list<Group>(object, "Groups", read_group));
  group.trends = TRY(read_list<Trend>(object, "Trends", read_trend));
  group.sequences = TRY(read_list<Sequence>(object, "Sequences", read_sequence));
  group.cohorts = TRY(read_list<CohortMember>(object, "Cohorts", read_cohort_member));
  group.count = TRY(object.integer("Count"));
  const std::optional<std::string> type = TRY(object.text("Type"));
  if (type) {
    group.type_text = *type;
    group.type = TRY(read_group_type(*type, place.member("Type")));
  } else if (!group.is_empty()) {
    return refusal(place.member("Type"), "a text is missing");
  }
  const bool counts = group.type == GroupType::AtLeast || group.type == GroupType::AtMost;
  if (counts && !group.count && !group.is_empty()) {
    return refusal(place.member("Count"), "a number is missing");
  }
  for (std::size_t index = 0; group.criteria && index < group.criteria->size(); ++index) {
    if ((*group.criteria)[index].occurrence) continue;
    const Place list = place.member("CriteriaList");
    return refusal(list.element(index).member("Occurrence"), "a count is missing");
  }
  group.extras = TRY(object.finish());
  return group;
}

}  // namespace eds::cohort
