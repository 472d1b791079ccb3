#include "uses/quality/omop_sql.h"

#include <fmt/format.h>

#include <set>

#include "base/ascii.h"
#include "model/table.h"

namespace eds::quality {
namespace {

// The check's names in lower case, as fmt arguments: {t} {f} {b} {c}, and {o}, the field in `bound`
// behind the dot.
struct Names {
  std::string table, field, other, concepts, bound;
  explicit Names(const OmopCheck& check)
      : table(lower_ascii(check.table)),
        field(lower_ascii(check.field)),
        other(lower_ascii(check.bound)),
        concepts(check.concepts),
        bound(check.bound) {
    // "offset" is a word of SQL.
    if (field == "offset") field = "\"offset\"";
  }
};

std::string fill(std::string_view pattern, const Names& names) {
  const std::size_t dot = names.other.find('.');
  const std::string last = dot == std::string::npos ? names.other : names.other.substr(dot + 1);
  return fmt::format(fmt::runtime(pattern), fmt::arg("t", names.table), fmt::arg("f", names.field),
                     fmt::arg("b", names.bound), fmt::arg("c", names.concepts), fmt::arg("o", last),
                     fmt::arg("ot", names.other.substr(0, dot)));
}

// What counts the rows of {t}: all, and those for which `violated` is true.
std::string rows(const Names& names, std::string_view violated, std::string_view among = "true",
                 std::string_view joins = "") {
  return fill(fmt::format("SELECT count(*) FILTER (WHERE {}), count(*) FROM {{t}} t {} WHERE {}",
                          violated, joins, among),
              names);
}

std::string bound_sql(const OmopCheck& check) {
  if (check.bound == "today+1") return "CAST(current_date AS DATE) + 1";
  if (check.bound == "year+1") return "extract(year FROM current_date) + 1";
  const model::Table* table = model::find_table(lower_ascii(check.table));
  const std::size_t column =
      table == nullptr ? model::kNoColumn : table->column(lower_ascii(check.field));
  const bool is_day =
      column != model::kNoColumn && (table->columns[column].type == model::Type::Date ||
                                     table->columns[column].type == model::Type::Timestamp);
  if (!is_day) return check.bound;
  return fmt::format("DATE '{}-{}-{}'", check.bound.substr(0, 4), check.bound.substr(4, 2),
                     check.bound.substr(6, 2));
}

std::string value_sql(const OmopCheck& check) {
  const std::string bound = bound_sql(check);
  return bound.starts_with("DATE") || bound.starts_with("CAST") ? "CAST(t.{f} AS DATE)" : "t.{f}";
}

// The birth day, or the first day of what is known of it.
constexpr char kBirth[] =
    "coalesce(CAST(p.birth_datetime AS DATE), CAST(p.year_of_birth || '-' || "
    "lpad(CAST(coalesce(p.month_of_birth, 1) AS VARCHAR), 2, '0') || '-' || "
    "lpad(CAST(coalesce(p.day_of_birth, 1) AS VARCHAR), 2, '0') AS DATE))";
constexpr char kLate[] = "CAST(t.{f} AS DATE) > CAST(d.death_date AS DATE) + 60";
constexpr char kJoinDeath[] = "JOIN death d ON d.person_id = t.person_id";

std::string table_sql(const OmopCheck& check, const Names& names) {
  switch (check.kind) {
    case CheckKind::PersonCompleteness:
      return fill(
          "SELECT count(*) FILTER (WHERE person_id NOT IN (SELECT person_id FROM {t} "
          "WHERE person_id IS NOT NULL)), count(*) FROM person",
          names);
    case CheckKind::ConditionEraCompleteness:
      return "SELECT count(DISTINCT c.person_id) FILTER (WHERE e.person_id IS NULL), "
             "count(DISTINCT c.person_id) FROM condition_occurrence c LEFT JOIN "
             "(SELECT DISTINCT person_id FROM condition_era) e ON e.person_id = c.person_id "
             "WHERE c.condition_concept_id <> 0";
    case CheckKind::PeriodOverlap:
      return "SELECT (SELECT count(DISTINCT a.person_id) FROM observation_period a JOIN "
             "observation_period b ON a.person_id = b.person_id AND a.observation_period_id <> "
             "b.observation_period_id WHERE (a.observation_period_start_date <= "
             "b.observation_period_end_date AND a.observation_period_end_date >= "
             "b.observation_period_start_date) OR a.observation_period_end_date + 1 = "
             "b.observation_period_start_date OR b.observation_period_end_date + 1 = "
             "a.observation_period_start_date), count(DISTINCT person_id) FROM observation_period";
    default: return fill("SELECT 0 * count(*), 1 FROM {t}", names);
  }
}

std::string concept_sql(const OmopCheck& check, const Names& names) {
  const std::string right = check.bound == "Male" ? "8507" : "8532";
  if (check.kind == CheckKind::Gender) {
    return rows(names, "p.gender_concept_id <> " + right, "t.{f} = {c}",
                "LEFT JOIN person p ON p.person_id = t.person_id");
  }
  if (check.kind == CheckKind::GenderBelow) {
    return rows(names, "p.gender_concept_id <> " + right, "a.ancestor_concept_id IN ({c})",
                "JOIN concept_ancestor a ON a.descendant_concept_id = t.{f} "
                "LEFT JOIN person p ON p.person_id = t.person_id");
  }
  return rows(names, "t.unit_concept_id NOT IN ({b}, 0)",
              "t.{f} = {c} AND (t.unit_concept_id <> 0 OR t.unit_concept_id IS NULL)");
}

std::string mapped_sql(const Names& names) {
  const std::string beside = source_value_beside(names.table, names.field);
  if (beside.empty()) return rows(names, "t.{f} = 0", "t.{f} IS NOT NULL");
  return rows(names, fmt::format("t.{{f}} = 0 OR (t.{{f}} IS NULL AND t.{} IS NOT NULL)", beside),
              fmt::format("t.{{f}} IS NOT NULL OR t.{} IS NOT NULL", beside));
}

constexpr char kJoinConcept[] = "LEFT JOIN concept k ON k.concept_id = t.{f}";

std::string vocabulary_sql(const OmopCheck& check, const Names& names) {
  if (check.kind == CheckKind::Domain) {
    return rows(names, "k.concept_id <> 0 AND k.domain_id <> '{b}'", "true", kJoinConcept);
  }
  if (check.kind == CheckKind::Class) {
    return rows(names, "k.concept_id <> 0 AND k.concept_class_id <> '{b}'", "true", kJoinConcept);
  }
  return rows(names,
              "k.concept_id <> 0 AND (k.standard_concept <> 'S' OR k.standard_concept IS NULL OR "
              "k.invalid_reason IS NOT NULL)",
              "t.{f} IS NOT NULL", kJoinConcept);
}

std::string time_sql(const OmopCheck& check, const Names& names) {
  switch (check.kind) {
    case CheckKind::TemporalAfter:
      if (check.bound.starts_with("PERSON.")) {
        return rows(names,
                    "coalesce(CAST(p.{o} AS DATE), CAST(p.year_of_birth || '-06-01' AS DATE)) > "
                    "CAST(t.{f} AS DATE)",
                    "true", "LEFT JOIN person p ON p.person_id = t.person_id");
      }
      return rows(names, "CAST(t.{o} AS DATE) > CAST(t.{f} AS DATE)");
    case CheckKind::StartBeforeEnd:
      return rows(names, "CAST(t.{f} AS DATE) > CAST(t.{o} AS DATE)",
                  "t.{f} IS NOT NULL AND t.{o} IS NOT NULL");
    case CheckKind::AfterBirth:
      return rows(names, fmt::format("CAST(t.{{f}} AS DATE) < {}", kBirth), "t.{f} IS NOT NULL",
                  "LEFT JOIN person p ON p.person_id = t.person_id");
    case CheckKind::BeforeDeath: return rows(names, kLate, "t.{f} IS NOT NULL", kJoinDeath);
    case CheckKind::DuringLife:
      return fill(fmt::format("SELECT (SELECT count(*) FROM {{t}} t {} WHERE {}), (SELECT count(*) "
                              "FROM {{t}} WHERE person_id IN (SELECT person_id FROM death))",
                              kJoinDeath, kLate),
                  names);
    default:
      return rows(names, "t.{f} < v.visit_start_date - 7 OR t.{f} > v.visit_end_date + 7", "true",
                  "JOIN visit_occurrence v ON v.visit_occurrence_id = t.visit_occurrence_id");
  }
}

std::string field_sql(const OmopCheck& check, const Names& names) {
  switch (check.kind) {
    case CheckKind::Required:
    case CheckKind::ValueCompleteness: return rows(names, "t.{f} IS NULL");
    case CheckKind::Datatype:
      return rows(names, "NOT regexp_matches(CAST(t.{f} AS VARCHAR), '^[0-9]+$')");
    case CheckKind::PrimaryKey:
      return rows(names, "t.{f} IN (SELECT {f} FROM {t} GROUP BY {f} HAVING count(*) > 1)");
    case CheckKind::ForeignKey:
      return rows(
          names, "t.{f} IS NOT NULL AND t.{f} NOT IN (SELECT {o} FROM {ot} WHERE {o} IS NOT NULL)");
    case CheckKind::ConceptMapped:
    case CheckKind::SourceConceptMapped: return mapped_sql(names);
    case CheckKind::SourceValuesMapped:
      return fill(
          "SELECT (SELECT count(*) FROM (SELECT DISTINCT {f} FROM {t} WHERE {o} = 0) u), "
          "(SELECT count(*) FROM (SELECT DISTINCT {f} FROM {t}) d)",
          names);
    case CheckKind::Low:
      return rows(names, value_sql(check) + " < " + bound_sql(check), "t.{f} IS NOT NULL");
    case CheckKind::High:
      return rows(names, value_sql(check) + " > " + bound_sql(check), "t.{f} IS NOT NULL");
    case CheckKind::Domain:
    case CheckKind::Class:
    case CheckKind::StandardConcept: return vocabulary_sql(check, names);
    case CheckKind::CdmField: return fill("SELECT 0 * count({f}), 1 FROM {t}", names);
    default: return time_sql(check, names);
  }
}

}  // namespace

std::string omop_sql(const OmopCheck& check) {
  const Names names(check);
  const std::string_view level = facts(check.kind).level;
  return level == "TABLE"     ? table_sql(check, names)
         : level == "CONCEPT" ? concept_sql(check, names)
                              : field_sql(check, names);
}

std::string source_value_beside(std::string_view table, std::string_view field) {
  static const std::set<std::string, std::less<>> kStems = {
      "unit",          "admitted_from",  "discharged_to", "condition_status",
      "route",         "modifier",       "qualifier",     "cause",
      "anatomic_site", "disease_status", "country",       "place_of_service",
      "specialty",     "payer",          "plan",          "sponsor",
      "stop_reason"};
  std::string stem = lower_ascii(field);
  for (std::string_view end : {"_source_concept_id", "_concept_id"}) {
    if (!stem.ends_with(end)) continue;
    stem.resize(stem.size() - end.size());
    break;
  }
  const bool is_listed = kStems.count(stem) > 0 || (stem == "gender" && table == "provider");
  return is_listed && table != "dose_era" ? stem + "_source_value" : "";
}

}  // namespace eds::quality
