// Random small populations and random cohort definitions, a function of their seed alone: every
// kind of event, attribute, window, group, limit, end strategy, censoring and era. Included by
// tests only.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/calendar.h"
#include "cohort/domain.h"
#include "cohort/table_shape.h"
#include "cohort/tables_for_test.h"

namespace eds::cohort {

class Dice {
 public:
  /// Neighbouring seeds must not give the same throws, one later.
  explicit Dice(std::uint64_t seed) : state_(seed) {
    state_ = static_cast<std::uint64_t>(below(1 << 30)) << 32U ^
             static_cast<std::uint64_t>(below(1 << 30));
  }
  /// In [0, bound).
  int below(int bound) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<int>((mixed ^ (mixed >> 31U)) % static_cast<std::uint64_t>(bound));
  }
  bool chance(int percent) { return below(100) < percent; }
  template <class List>
  auto one_of(const List& list) {
    return std::begin(list)[below(static_cast<int>(std::size(list)))];
  }

 private:
  std::uint64_t state_;
};

/// A day of the small world, which is 2010-01-01 to 2010-04-30.
inline std::string day_number_text(int day) {
  const Date date = date_from_days(14610 + day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

using Cell = std::optional<std::string>;

/// `repeats`: overlapping observation periods and second deaths, whose row ids occur twice.
class RandomPopulation {
 public:
  /// `few_units`: measurements of two units, so that many can be compared.
  RandomPopulation(std::uint64_t seed, bool repeats, bool few_units = false)
      : dice_(seed), repeats_(repeats), few_units_(few_units) {}

  JsonTables make() {
    vocabulary();
    put("person", {"person_id", "year_of_birth", "gender_concept_id", "race_concept_id",
                   "ethnicity_concept_id"});
    put("provider", {"provider_id", "specialty_concept_id"});
    put("care_site", {"care_site_id", "place_of_service_concept_id"});
    for (int id = 1; id <= 3; ++id) {
      add("provider", {number(id), concept_id()});
      add("care_site", {number(id), concept_id()});
    }
    person_count_ = 2 + dice_.below(5);
    for (int person = 1; person <= person_count_; ++person) {
      if (!dice_.chance(90)) continue;
      add("person", {number(person), maybe(90, 1990 + dice_.below(22)),
                     maybe(90, 1 + dice_.below(2)), concept_id(), concept_id()});
    }
    for (std::size_t index = 0; index < kDomainCount; ++index) {
      const Domain domain = static_cast<Domain>(index);
      if (domain != Domain::LocationRegion) events(domain);
    }
    JsonTables made;
    for (auto& [name, table] : tables_) made.put("cdm." + name, std::move(table));
    return made;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  static Cell number(std::int64_t value) { return std::to_string(value); }
  Cell maybe(int percent, std::int64_t value) {
    return dice_.chance(percent) ? number(value) : Cell();
  }
  Cell concept_id() { return maybe(85, 1 + dice_.below(9)); }

  void put(const std::string& name, std::vector<std::string> columns) {
    tables_[name].columns = std::move(columns);
  }
  void add(const std::string& name, Cells cells) { tables_[name].rows.push_back(std::move(cells)); }

  void vocabulary() {
    put("concept", {"concept_id", "invalid_reason"});
    put("concept_ancestor", {"ancestor_concept_id", "descendant_concept_id"});
    put("concept_relationship",
        {"concept_id_1", "concept_id_2", "relationship_id", "invalid_reason"});
    for (int id = 1; id <= 8; ++id) {
      add("concept", {number(id), dice_.chance(15) ? Cell("D") : Cell()});
    }
    for (int pair = 0; pair < 8; ++pair) {
      add("concept_ancestor", {number(1 + dice_.below(4)), number(1 + dice_.below(9))});
    }
    for (int pair = 0; pair < 4; ++pair) {
      add("concept_relationship",
          {number(1 + dice_.below(9)), number(1 + dice_.below(9)),
           dice_.chance(80) ? "Maps to" : "Is a", dice_.chance(15) ? Cell("D") : Cell()});
    }
  }

  Cell value(const FieldColumn& field, int person) {
    constexpr std::string_view kTexts[] = {"alpha", "beta", "alphabet", "b", ""};
    if (dice_.chance(15)) return std::nullopt;
    if (field.column == "visit_occurrence_id") return visit_of(person);
    if (field.column == "provider_id" || field.column == "care_site_id") {
      return number(1 + dice_.below(4));
    }
    if (field.field == Field::Unit && few_units_) return number(dice_.below(3));
    if (field.field == Field::ValueConcept && dice_.chance(20)) return number(4155142);
    if (field.field >= kFirstText) return std::string(dice_.one_of(kTexts));
    if (field.field >= kFirstDecimal) return fmt::format("{}", 0.5 * dice_.below(9));
    return number(dice_.below(10));
  }
  // Sometimes midnight, or on another day than the row says.
  Cell moment_on(int day) {
    if (dice_.chance(25)) return std::nullopt;
    const int shown = dice_.chance(95) ? day : day + 1;
    return day_number_text(shown) + fmt::format(" {:02}:00:00", 6 * dice_.below(4));
  }
  // Mostly one of the person's own: visits are numbered by person.
  Cell visit_of(int person) {
    if (!dice_.chance(90)) return number(1 + dice_.below(40));
    return number(person * 10 + dice_.below(3));
  }

  void events(Domain domain) {
    const TableShape& shape = shape_of(domain);
    const std::string name(shape.table);
    std::vector<std::string> columns = {"person_id", std::string(shape.start)};
    const auto column = [&](std::string_view each) {
      for (const std::string& known : columns) {
        if (known == each) return false;
      }
      columns.emplace_back(each);
      return true;
    };
    const bool has_id = column(shape.id);
    const bool has_end = !shape.end.empty() && column(shape.end);
    const bool has_concept = column(shape.concept_id);
    const bool has_source = !shape.source_concept_id.empty() && column(shape.source_concept_id);
    const bool has_visit = !shape.visit.empty() && column(shape.visit);
    std::vector<FieldColumn> fields;
    for (const FieldColumn& field : shape.fields) {
      if (column(field.column)) fields.push_back(field);
    }
    const bool has_moment = !shape.moment.empty() && column(shape.moment);
    put(name, columns);
    names_.push_back(name);
    int next_id = 0;
    for (int person = 1; person <= person_count_; ++person) {
      for (const auto& [start, length] : spans(domain)) {
        const bool is_visit = domain == Domain::VisitOccurrence;
        const int place = next_id++;
        Cells row = {number(person), day_number_text(start)};
        if (has_id) row.push_back(number(is_visit ? person * 10 + place : 1 + place));
        if (has_end) {
          const bool may_miss = domain != Domain::ObservationPeriod && shape.visit.size() != 0;
          row.push_back(may_miss && dice_.chance(25) ? Cell()
                                                     : Cell(day_number_text(start + length)));
        }
        if (has_concept) row.push_back(concept_id());
        if (has_source) row.push_back(concept_id());
        if (has_visit) row.push_back(dice_.chance(80) ? visit_of(person) : Cell());
        for (const FieldColumn& field : fields) row.push_back(value(field, person));
        if (has_moment) row.push_back(moment_on(start));
        add(name, std::move(row));
      }
      if (domain == Domain::VisitOccurrence) next_id = 0;
    }
  }

  // Start and length of a person's rows, periods in their order.
  std::vector<std::pair<int, int>> spans(Domain domain) {
    std::vector<std::pair<int, int>> found;
    if (domain == Domain::ObservationPeriod) {
      if (dice_.chance(8)) return found;
      const int first = dice_.below(30);
      const int length = 10 + dice_.below(80);
      found.emplace_back(first, length);
      if (!dice_.chance(35)) return found;
      const int next = repeats_ ? first + dice_.below(length) : first + length + 1 + dice_.below(9);
      found.emplace_back(next, dice_.below(60));
      return found;
    }
    const int most = domain == Domain::Death ? (repeats_ ? 2 : 1) : 4;
    for (int left = dice_.below(most + 1); left > 0; --left) {
      found.emplace_back(dice_.below(100), dice_.chance(70) ? dice_.below(6) : dice_.below(40));
    }
    return found;
  }

  Dice dice_;
  bool repeats_;
  bool few_units_;
  int person_count_ = 0;
  std::map<std::string, TextTable> tables_;
  std::vector<std::string> names_;
};

class RandomDefinition {
 public:
  /// `beyond`: with what Circe has no part for.
  explicit RandomDefinition(std::uint64_t seed, bool beyond = false)
      : dice_(seed), beyond_(beyond) {}

  std::string make() {
    if (!beyond_ || !dice_.chance(40)) return make_one();
    constexpr std::string_view kOperations[] = {"Union", "Intersection", "Difference"};
    const std::string_view operation = dice_.one_of(kOperations);
    std::string json =
        fmt::format("{{\"{}\":", operation) + list(2 + dice_.below(2), [&] { return make_one(); });
    if (operation != "Union" && dice_.chance(60)) json += ",\"By\":\"Day\"";
    return json + "}";
  }

 private:
  std::string make_one() {
    std::string json = "{\"ConceptSets\":[";
    for (int set = 0; set < kSets; ++set) json += (set == 0 ? "" : ",") + concept_set(set);
    json += "],\"PrimaryCriteria\":{\"CriteriaList\":" +
            list(1 + dice_.below(3), [&] { return criteria(1); });
    json +=
        fmt::format(",\"ObservationWindow\":{{\"PriorDays\":{},\"PostDays\":{}}}",
                    dice_.chance(80) ? 0 : dice_.below(15), dice_.chance(80) ? 0 : dice_.below(15));
    json += ",\"PrimaryCriteriaLimit\":" + limit() + "}";
    if (dice_.chance(30)) json += ",\"AdditionalCriteria\":" + group(2);
    if (dice_.chance(60)) json += ",\"QualifiedLimit\":" + limit();
    if (dice_.chance(40)) {
      json += ",\"InclusionRules\":" + list(1 + dice_.below(2), [&] {
                return "{\"name\":\"rule\",\"expression\":" + group(2) + "}";
              });
    }
    if (dice_.chance(70)) json += ",\"ExpressionLimit\":" + limit();
    json += end_strategy();
    if (dice_.chance(25)) {
      json += ",\"CensoringCriteria\":" + list(1, [&] { return criteria(1); });
    }
    json += fmt::format(",\"CollapseSettings\":{{\"CollapseType\":\"ERA\",\"EraPad\":{}}}",
                        dice_.chance(60) ? 0 : dice_.below(15));
    if (dice_.chance(20)) json += ",\"CensorWindow\":" + period();
    return json + "}";
  }

  static constexpr int kSets = 4;

  template <class Make>
  std::string list(int count, Make make) {
    std::string json = "[";
    for (int at = 0; at < count; ++at) json += (at == 0 ? "" : ",") + make();
    return json + "]";
  }
  const char* truth(int percent) { return dice_.chance(percent) ? "true" : "false"; }
  std::string quoted_day() { return "\"" + day_number_text(dice_.below(120)) + "\""; }

  std::string concept_set(int id) {
    const int items = dice_.chance(8) ? 0 : 1 + dice_.below(4);
    return fmt::format("{{\"id\":{},\"name\":\"set\",\"expression\":{{\"items\":", id) +
           list(items,
                [&] {
                  return fmt::format(
                      "{{\"concept\":{{\"CONCEPT_ID\":{}}},\"isExcluded\":{},"
                      "\"includeDescendants\":{},"
                      "\"includeMapped\":{}}}",
                      1 + dice_.below(9), truth(15), truth(50), truth(20));
                }) +
           "}}";
  }

  std::string limit() {
    constexpr std::string_view kTypes[] = {"All", "All", "First", "Last", "ALL", "last"};
    return fmt::format("{{\"Type\":\"{}\"}}", dice_.one_of(kTypes));
  }

  std::string period() {
    const bool has_start = dice_.chance(70);
    std::string json = "{";
    if (has_start) json += "\"StartDate\":" + quoted_day();
    if (!has_start || dice_.chance(50)) {
      json += (has_start ? "," : "") + std::string("\"EndDate\":") + quoted_day();
    }
    return json + "}";
  }

  std::string end_strategy() {
    if (dice_.chance(40)) return "";
    if (dice_.chance(60)) {
      return fmt::format(
          ",\"EndStrategy\":{{\"DateOffset\":{{\"DateField\":\"{}\",\"Offset\":{}}}}}",
          dice_.chance(50) ? "StartDate" : "EndDate", dice_.below(40));
    }
    std::string json = fmt::format(
        ",\"EndStrategy\":{{\"CustomEra\":{{\"DrugCodesetId\":{},\"GapDays\":{},\"Offset\":{}",
        dice_.below(kSets), dice_.below(15), dice_.below(8));
    if (dice_.chance(30)) json += fmt::format(",\"DaysSupplyOverride\":{}", dice_.below(20));
    return json + "}}";
  }

  std::string attribute(const Attribute& each) {
    constexpr std::string_view kOps[] = {"lt", "lte", "eq", "!eq", "gt", "gte", "bt", "!bt"};
    constexpr std::string_view kTextOps[] = {"startsWith",  "contains",  "endsWith",
                                             "!startsWith", "!contains", "!endsWith"};
    constexpr std::string_view kTexts[] = {"a", "alpha", "b", "bet", "zz"};
    const bool is_age = each.field == Field::AgeAtStart || each.field == Field::AgeAtEnd;
    const auto concepts = [&] {
      return list(dice_.below(4), [&] {
        return fmt::format("{{\"CONCEPT_ID\":{}}}",
                           1 + dice_.below(each.field == Field::Gender ? 2 : 9));
      });
    };
    switch (each.shape) {
      case Shape::Integer: {
        const int low = dice_.below(is_age ? 25 : 9);
        const char* fraction = dice_.chance(10) ? ".7" : "";
        return fmt::format("{{\"Value\":{}{},\"Op\":\"{}\",\"Extent\":{}}}", low, fraction,
                           dice_.one_of(kOps), low + dice_.below(6));
      }
      case Shape::Decimal: {
        const double low = 0.25 * dice_.below(17);
        return fmt::format("{{\"Value\":{},\"Op\":\"{}\",\"Extent\":{}}}", low, dice_.one_of(kOps),
                           low + 0.5 * dice_.below(5));
      }
      case Shape::Normal: {
        const std::string range =
            fmt::format("{{\"Value\":{},\"Op\":\"{}\",\"Extent\":{}", 0.25 * dice_.below(9),
                        dice_.one_of(kOps), 0.5 * dice_.below(9));
        if (dice_.chance(30)) return range + "}";
        return range + fmt::format(",\"Otherwise\":{},\"Unit\":[{{\"CONCEPT_ID\":{}}}]}}",
                                   0.5 * (1 + dice_.below(4)), dice_.below(3));
      }
      case Shape::Date:
        return fmt::format("{{\"Value\":{},\"Op\":\"{}\",\"Extent\":{}}}", quoted_day(),
                           dice_.one_of(kOps), quoted_day());
      case Shape::Concepts: return concepts();
      case Shape::Selection:
        if (dice_.chance(15)) return fmt::format("{{\"IsExclusion\":{}}}", truth(50));
        return fmt::format("{{\"CodesetId\":{},\"IsExclusion\":{}}}", dice_.below(kSets),
                           truth(40));
      case Shape::SetId: return std::to_string(dice_.below(kSets));
      case Shape::Text:
        return fmt::format("{{\"Text\":\"{}\",\"Op\":\"{}\"}}", dice_.one_of(kTexts),
                           dice_.one_of(kTextOps));
      case Shape::Exclude:
      case Shape::Flag: return truth(50);
      case Shape::Period: return period();
    }
    return "null";
  }

  static bool is_supported(Field field) {
    return field < kFirstUnsupported && field != Field::EffectiveDose && field != Field::DoseUnit;
  }

  std::string attributes(std::span<const Attribute> all, int percent) {
    std::string json;
    for (const Attribute& each : all) {
      const bool is_beyond = each.shape == Shape::Normal;
      if (is_beyond && !beyond_) continue;
      if (!dice_.chance(is_beyond ? 10 : percent) || !is_supported(each.field)) continue;
      json += (json.empty() ? "" : ",") + fmt::format("\"{}\":", each.name) + attribute(each);
    }
    return json;
  }

  std::string criteria(int depth) {
    const Domain domain = static_cast<Domain>(dice_.below(static_cast<int>(kDomainCount) - 1));
    const DomainGrammar& kind = grammar(domain);
    std::vector<std::string> parts;
    if (kind.has_codeset && dice_.chance(70)) {
      parts.push_back(fmt::format("\"CodesetId\":{}", dice_.below(kSets)));
    }
    if (!kind.source_concept.empty() && dice_.chance(12)) {
      parts.push_back(fmt::format("\"{}\":{}", kind.source_concept, dice_.below(kSets)));
    }
    if (kind.has_first && dice_.chance(25)) parts.push_back("\"First\":true");
    const std::string own = attributes(kind.attributes, 4);
    if (!own.empty()) parts.push_back(own);
    const bool has_adjustment =
        kind.has_codeset && domain != Domain::VisitDetail ? dice_.chance(12) : false;
    if (has_adjustment) parts.push_back("\"DateAdjustment\":" + adjustment());
    if (depth > 0 && dice_.chance(12)) {
      parts.push_back("\"CorrelatedCriteria\":" + group(depth - 1));
    }
    std::string json = fmt::format("{{\"{}\":{{", kind.name);
    for (std::size_t at = 0; at < parts.size(); ++at) json += (at == 0 ? "" : ",") + parts[at];
    return json + "}}";
  }

  std::string adjustment() {
    const auto side = [&] { return dice_.chance(60) ? "START_DATE" : "END_DATE"; };
    return fmt::format(
        "{{\"StartWith\":\"{}\",\"StartOffset\":{},\"EndWith\":\"{}\",\"EndOffset\":{}}}", side(),
        dice_.below(20) - 10, side(), dice_.below(20) - 5);
  }

  std::string window() {
    const auto bound = [&](int before_percent) {
      const std::string days = dice_.chance(20) ? "null" : std::to_string(dice_.below(40));
      return fmt::format("{{\"Days\":{},\"Coeff\":{}}}", days,
                         dice_.chance(before_percent) ? -1 : 1);
    };
    std::string json = "{\"Start\":" + bound(75) + ",\"End\":" + bound(25);
    if (dice_.chance(50)) json += fmt::format(",\"UseIndexEnd\":{}", truth(50));
    if (dice_.chance(50)) json += fmt::format(",\"UseEventEnd\":{}", truth(50));
    return json + "}";
  }

  std::string correlated(int depth) {
    const std::string events = criteria(depth);
    std::string json = "{\"Criteria\":" + events + ",\"StartWindow\":" + window();
    if (dice_.chance(30)) json += ",\"EndWindow\":" + window();
    if (dice_.chance(20)) json += ",\"RestrictVisit\":true";
    if (dice_.chance(20)) json += ",\"IgnoreObservationPeriod\":true";
    json += fmt::format(",\"Occurrence\":{{\"Type\":{},\"Count\":{}", dice_.below(3),
                        dice_.chance(60) ? dice_.below(2) : dice_.below(4));
    const std::string name = events.substr(2, events.find('"', 2) - 2);
    if (dice_.chance(25)) json += ",\"IsDistinct\":true" + count_column(*find_domain(name));
    return json + "}}";
  }

  std::string count_column(Domain domain) {
    if (dice_.chance(30)) return "";
    for (int tries = 0; tries < 20; ++tries) {
      const CountColumn column = static_cast<CountColumn>(dice_.below(16));
      const std::optional<Field> field = counted_field(domain, column);
      if (field) return fmt::format(",\"CountColumn\":\"{}\"", count_column_name(column));
    }
    return "";
  }

  std::string group(int depth) {
    constexpr std::string_view kTypes[] = {"ALL", "ANY", "AT_LEAST", "AT_MOST"};
    std::string json =
        fmt::format("{{\"Type\":\"{}\",\"Count\":{}", dice_.one_of(kTypes), dice_.below(3));
    json += ",\"CriteriaList\":" +
            list(dice_.chance(10) ? 0 : 1 + dice_.below(2), [&] { return correlated(depth - 1); });
    json += ",\"DemographicCriteriaList\":" + list(dice_.chance(25) ? 1 : 0, [&] {
              return "{" + attributes(demographic_attributes(), 20) + "}";
            });
    const bool is_deeper = depth > 0 && dice_.chance(25);
    json += ",\"Groups\":" + list(is_deeper ? 1 : 0, [&] { return group(depth - 1); });
    if (beyond_) {
      json += ",\"Trends\":" + list(dice_.below(2), [&] { return trend(); });
      json += ",\"Sequences\":" + list(dice_.below(2), [&] { return sequence(); });
    }
    return json + "}";
  }

  std::string trend() {
    constexpr std::string_view kOps[] = {"lt", "lte", "gt", "gte"};
    const bool is_ratio = dice_.chance(50);
    std::string json = "{\"Criteria\":{\"Measurement\":{";
    if (dice_.chance(40)) json += fmt::format("\"CodesetId\":{}", dice_.below(kSets));
    json += fmt::format("}}}},\"Change\":{{\"By\":\"{}\",\"Op\":\"{}\",\"Value\":{}}}",
                        is_ratio ? "Ratio" : "Difference", dice_.one_of(kOps),
                        is_ratio ? 0.5 * (1 + dice_.below(4)) : 0.5 * (dice_.below(7) - 3));
    json += dice_.chance(50)
                ? fmt::format(",\"Within\":{{\"Hours\":{}}}", 12 * (1 + dice_.below(60)))
                : fmt::format(",\"Within\":{{\"Days\":{}}}", 1 + dice_.below(40));
    json += ",\"StartWindow\":" + window();
    if (!is_ratio || dice_.chance(30)) {
      json += ",\"Unit\":" + list(1 + dice_.below(2), [&] {
                return fmt::format("{{\"CONCEPT_ID\":{}}}", dice_.below(3));
              });
    }
    if (dice_.chance(40)) json += ",\"UnitText\":[\"alpha\",\"beta\"]";
    if (dice_.chance(15)) json += ",\"Same\":\"Visit\"";
    return json + "}";
  }

  std::string sequence() {
    std::string steps = "[{\"Criteria\":" + criteria(0) + "}";
    for (int left = 1 + dice_.below(2); left > 0; --left) {
      const int least = dice_.below(6);
      steps += ",{\"Criteria\":" + criteria(0) + fmt::format(",\"After\":{{\"Min\":{}", least);
      if (dice_.chance(50)) steps += fmt::format(",\"Max\":{}", least + dice_.below(50));
      if (dice_.chance(30)) steps += ",\"From\":\"End\"";
      steps += "}}";
    }
    std::string json = "{\"Steps\":" + steps + "],\"StartWindow\":" + window();
    if (dice_.chance(15)) json += ",\"Same\":\"Visit\"";
    return json + "}";
  }

  Dice dice_;
  bool beyond_;
};

}  // namespace eds::cohort
