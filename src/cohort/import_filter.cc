// The filters of Cohort360: searches of FHIR, as far as they have an exact meaning here.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/ascii.h"
#include "cohort/import.h"
#include "format/text/encoding.h"

namespace eds::cohort {
namespace {

struct Resource {
  std::string_view name;  ///< in lower case, without "aphp"
  std::string_view kind;
  std::string_view vocabulary;  ///< of codes without a system
};

constexpr Resource kResources[] = {
    {"condition", "ConditionOccurrence", "CIM10"},
    {"procedure", "ProcedureOccurrence", "CCAM"},
    {"medicationrequest", "DrugExposure", "ATC"},
    {"medicationadministration", "DrugExposure", "ATC"},
    {"observation", "Measurement", "ANABIO"},
    {"encounter", "VisitOccurrence", ""},
};

constexpr std::pair<std::string_view, std::string_view> kSystems[] = {
    {"cim-10", "CIM10"}, {"cim10", "CIM10"}, {"icd-10", "CIM10"},  {"ccam", "CCAM"},
    {"atc", "ATC"},      {"loinc", "LOINC"}, {"anabio", "ANABIO"},
};

Error refused(std::string_view why, const std::string& place) {
  return Error{Code::Malformed, "cohort definition: " + std::string(why) + ", at " + place};
}

int hex_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "%20" is a space; what is no escape stays.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = text[at] == '%' && at + 2 < text.size() && hex_of(text[at + 1]) >= 0 &&
                           hex_of(text[at + 2]) >= 0;
    if (!is_escape) {
      plain.push_back(text[at]);
      continue;
    }
    plain.push_back(static_cast<char>(hex_of(text[at + 1]) * 16 + hex_of(text[at + 2])));
    at += 2;
  }
  return plain;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "R26", "https://.../terminologie-cim-10/|K625".
Status add_codes(std::string_view values, const Resource& resource, const std::string& place,
                 ImportedCriterion& into) {
  for (std::string_view value : split(values, ',')) {
    ImportedCode code;
    code.place = place;
    code.vocabulary = resource.vocabulary;
    const std::size_t bar = value.find('|');
    if (bar != std::string_view::npos) {
      const std::string system = lower_ascii(std::string(value.substr(0, bar)));
      code.vocabulary.clear();
      for (const auto& [part, vocabulary] : kSystems) {
        if (system.find(part) != std::string::npos) code.vocabulary = vocabulary;
      }
      value.remove_prefix(bar + 1);
    }
    code.code = unescaped(value);
    if (code.vocabulary.empty()) return refused("codes of an unknown system", place);
    if (code.code.empty()) return refused("an empty code", place);
    if (!text::is_utf8(code.code)) return refused("a code that is no text", place);
    code.has_narrower = code.vocabulary == "CIM10" || code.vocabulary == "ATC";
    into.codes.push_back(std::move(code));
  }
  return {};
}

// "ge3.5": a comparison and a number.
Status add_value(std::string_view value, const std::string& place, ImportedCriterion& into) {
  constexpr std::pair<std::string_view, std::string_view> kComparisons[] = {
      {"ge", "gte"}, {"gt", "gt"}, {"le", "lte"}, {"lt", "lt"}, {"eq", "eq"}, {"ne", "!eq"}};
  std::string_view op = "eq";
  for (const auto& [prefix, ours] : kComparisons) {
    if (!value.starts_with(prefix)) continue;
    op = ours;
    value.remove_prefix(2);
    break;
  }
  double number = 0;
  const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_whole = end.ec == std::errc() && end.ptr == value.data() + value.size();
  if (!is_whole || !std::isfinite(number)) {
    return refused("a comparison and a number are expected", place);
  }
  if (into.attributes.find("ValueAsNumber") != std::string::npos) {
    return refused("a second comparison of the value", place);
  }
  into.attributes += into.attributes.empty() ? "" : ",";
  into.attributes += fmt::format(R"("ValueAsNumber":{{"Value":{},"Op":"{}"}})", number, op);
  return {};
}

// The kind of a visit is its own concept; VisitType is how it was recorded.
Status add_class(std::string_view values, const std::string& place, ImportedCriterion& into) {
  constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
      {"hosp", "IP"}, {"imp", "IP"}, {"urg", "ER"}, {"ext", "OP"}};
  if (!into.codes.empty()) return refused("a second class of encounters", place);
  for (std::string_view value : split(values, ',')) {
    const auto found = std::find_if(std::begin(kClasses), std::end(kClasses),
                                    [&](const auto& each) { return each.first == value; });
    if (found == std::end(kClasses)) return refused("an unknown class of encounters", place);
    into.codes.push_back({"Visit", std::string(found->second), place, false});
  }
  return {};
}

Status add_gender(std::string_view values, const std::string& place, ImportedCriterion& into) {
  std::string concepts;
  for (std::string_view value : split(values, ',')) {
    const bool is_female = value == "f" || value == "female";
    if (!is_female && value != "m" && value != "male") return refused("an unknown gender", place);
    concepts += (concepts.empty() ? "" : ",") + std::string(R"({"CONCEPT_ID":)") +
                (is_female ? "8532}" : "8507}");
  }
  into.person = R"("Gender":[)" + concepts + "]";
  return {};
}

Status read_parameter(std::string_view name, std::string_view value, const Resource& resource,
                      const std::string& place, ImportedCriterion& into) {
  // True of every row here: erased and merged persons have none.
  if (name == "subject.active" && value == "true") return {};
  const bool has_codes = !resource.vocabulary.empty();
  const bool asks_codes = name == "code" || name == "codeList" || name == "_list-code";
  if (asks_codes && has_codes) return add_codes(value, resource, place, into);
  if (name == "value-quantity" && resource.kind == "Measurement") {
    return add_value(value, place, into);
  }
  if (name == "class" && resource.kind == "VisitOccurrence") return add_class(value, place, into);
  return refused("a filter without an exact meaning here", place + "." + std::string(name));
}

Status read_filter(json::Value value, const std::string& place, ImportedCriterion& into) {
  std::string type = lower_ascii(std::string(value.string_or("resourceType", "")));
  if (type.ends_with("aphp")) type.resize(type.size() - 4);
  const std::string filter(value.string_or("filterFhir", ""));
  const std::string at = place + ".filterFhir";
  if (!value.find("filterFhir") && value.find("filterSolr")) {
    return refused("only the filter of FHIR can be read", place + ".filterSolr");
  }
  Resource resource;
  if (type == "patient") {
    resource.name = "patient";
    // Everybody: a person whom nothing is asked of.
    into.person = R"("Age":{"Value":-1000000,"Op":"gte"})";
  } else {
    const auto found = std::find_if(std::begin(kResources), std::end(kResources),
                                    [&](const Resource& each) { return each.name == type; });
    if (found == std::end(kResources)) {
      return refused("no such kind of data here", place + ".resourceType");
    }
    resource = *found;
    into.kind = resource.kind;
  }
  if (filter.empty()) return {};
  for (std::string_view part : split(filter, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return refused("a filter without a value", at);
    const std::string name = unescaped(part.substr(0, equals));
    const std::string_view said = part.substr(equals + 1);
    const bool is_gender = resource.name == "patient" && name == "gender";
    TRY(is_gender ? add_gender(said, at, into) : read_parameter(name, said, resource, at, into));
  }
  return {};
}

}  // namespace

Result<Imported> read_cohort360(std::string_view text) {
  return read_cohort360(text, read_filter);
}

}  // namespace eds::cohort
