#include "terms/loaders.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "format/text/dates.h"
#include "format/text/numbers.h"
#include "terms/codes.h"
#include "terms/records.h"

namespace eds::terms {
namespace {

/// Names what a load did not understand; a few sentences are kept, all are counted.
void refuse(LoadReport& report, const Records& records, std::string_view why) {
  ++report.bad_count;
  report.warn(fmt::format("record {}: {}", records.record_count(), why));
}

void close(LoadReport& report, const Records& records) {
  report.record_count += records.record_count();
  report.bad_count += records.bad_count();
  for (const BadRecord& bad : records.bad()) {
    report.warn(fmt::format("line {}: {}", bad.line, bad.reason));
  }
}

Result<Loaded> finish(Loaded loaded, std::string_view what) {
  TRY(loaded.terminology.finish(loaded.report));
  if (loaded.terminology.code_count() == 0) {
    return Error{Code::Malformed, fmt::format("no code was understood: {}", what)};
  }
  return loaded;
}

std::int32_t day_or(std::string_view text, std::int32_t otherwise) {
  static const auto french = text::DatePattern::compile("dd/MM/yyyy");
  if (const auto iso = text::parse_iso_date(text)) return *iso;
  return french->parse_days(text).value_or(otherwise);
}

std::int32_t day_of(std::int32_t year, std::int32_t month, std::int32_t day) {
  return days_from_date({year, month, day});
}

/// CIM-10's chapters and groups, by their first and last (excluded) category.
struct Range {
  std::string code;
  std::string first;
  std::string end;
};

Result<std::vector<Range>> add_cim10_ranges(Env& env, const Path& path, Loaded& loaded) {
  constexpr std::array<std::string_view, 4> kNames = {"hiera", "diag_deb", "diag_fin", "lib"};
  Records records = TRY(Records::open(env, path, kNames));
  std::vector<Range> ranges;
  while (TRY(records.next())) {
    Term term;
    term.code = records["hiera"];
    term.label_fr = records["lib"];
    if (term.code.empty() || records["diag_deb"].empty()) {
      refuse(loaded.report, records, "chapter without bounds");
      continue;
    }
    const std::size_t point = term.code.rfind('.');
    if (point != std::string::npos) term.parents.push_back(term.code.substr(0, point));
    term.domain_id = "Condition";
    term.class_id = point == std::string::npos ? "CIM10 Chapter" : "CIM10 Group";
    ranges.push_back(
        {term.code, std::string(records["diag_deb"]), std::string(records["diag_fin"])});
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return ranges;
}

/// The deepest range that holds a category: the one with the longest code.
std::string_view range_of(const std::vector<Range>& ranges, std::string_view category) {
  std::string_view best;
  for (const Range& range : ranges) {
    if (range.first <= category && category < range.end && range.code.size() > best.size()) {
      best = range.code;
    }
  }
  return best;
}

/// CCAM's tree holds acts and, above them, sections of six digits.
Status add_ccam_tree(Env& env, const Path& path, Loaded& loaded,
                     std::map<std::string, std::string, std::less<>>& parents) {
  Records records = TRY(Records::open(env, path));
  while (TRY(records.next())) {
    const std::string_view code = records["code"];
    const std::string_view parent = records["parent"];
    if (code.empty()) {
      refuse(loaded.report, records, "section without code");
      continue;
    }
    if (records["type"] == "A") {
      parents.emplace(code, parent);
      continue;
    }
    Term term;
    term.code = code;
    term.label_fr = records["libelle"];
    term.domain_id = "Procedure";
    term.class_id = "CCAM Section";
    term.kind = records["strate"];
    if (parent != "000000" && !parent.empty()) term.parents.emplace_back(parent);
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return {};
}

std::string_view first_of(const Records& records, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::string_view value = records[name]; !value.empty()) return value;
  }
  return {};
}

Result<std::map<std::string, std::string, std::less<>>> french_loinc_labels(Env& env,
                                                                            const Path& path) {
  std::map<std::string, std::string, std::less<>> labels;
  if (path.empty()) return labels;
  Records records = TRY(Records::open(env, path));
  while (TRY(records.next())) {
    const auto code = normalise_loinc(first_of(records, {"loinc", "loinc_num"}));
    if (!code.ok()) continue;
    const std::string_view label =
        first_of(records, {"display_fr", "long_common_name", "linguisticvariantdisplayname"});
    if (!label.empty()) labels[*code] = label;
  }
  return labels;
}

/// One label of a code over consecutive years.
struct Span {
  std::string label;
  std::string detail;
  std::int32_t first_year = 0;
  std::int32_t last_year = 0;
};

using Yearly = std::map<std::string, std::map<std::int32_t, Span>>;

/// Adds each code's labels as versions: years that follow one another with one label are one. A
/// year begins on `month`, day 1; the last version of a code seen in the file's last year is open.
Status add_yearly(const Yearly& yearly, std::int32_t month, Loaded& loaded,
                  const std::function<void(Term&, const Span&)>& complete) {
  std::int32_t last_year = 0;
  for (const auto& [code, years] : yearly) last_year = std::max(last_year, years.rbegin()->first);
  for (const auto& [code, years] : yearly) {
    std::vector<Span> spans;
    for (const auto& [year, span] : years) {
      const bool goes_on =
          !spans.empty() && spans.back().label == span.label && spans.back().last_year + 1 == year;
      if (goes_on) {
        spans.back().last_year = year;
      } else {
        spans.push_back({span.label, span.detail, year, year});
      }
    }
    for (const Span& span : spans) {
      Term term;
      term.code = code;
      term.label_fr = span.label;
      term.valid_from = day_of(span.first_year, month, 1);
      if (span.last_year < last_year) {
        term.valid_to = day_of(span.last_year + 1, month, 1) - 1;
      }
      complete(term, span);
      TRY(loaded.terminology.add(std::move(term)));
    }
  }
  return {};
}

/// Which fields of a yearly file hold what.
struct YearlyFields {
  std::string_view code;
  std::string_view label;
  std::string_view year;
  std::string_view detail;
};

Result<Yearly> read_yearly(Env& env, const Path& path, const YearlyFields& names, Loaded& loaded) {
  Records records = TRY(Records::open(env, path));
  Yearly yearly;
  while (TRY(records.next())) {
    const auto year = text::parse_integer(records[names.year]);
    if (records[names.code].empty() || !year || *year < 1990 || *year > 2100) {
      refuse(loaded.report, records, "no code or no year");
      continue;
    }
    const auto number = static_cast<std::int32_t>(*year);
    Span& span = yearly[std::string(records[names.code])][number];
    span.label = records[names.label];
    span.detail = records[names.detail];
  }
  close(loaded.report, records);
  return yearly;
}

}  // namespace

Result<Loaded> load_cim10(Env& env, const Path& codes, const Path& hierarchy) {
  Loaded loaded{{"CIM10", "CIM-10 FR PMSI (ATIH)", ""}, {}};
  std::vector<Range> ranges;
  if (!hierarchy.empty()) ranges = TRY(add_cim10_ranges(env, hierarchy, loaded));
  constexpr std::array<std::string_view, 6> kNames = {"code", "type",  "ssr",
                                                      "psy",  "short", "long"};
  Records records = TRY(Records::open(env, codes, kNames));
  std::vector<Term> terms;
  std::set<std::string, std::less<>> known;
  while (TRY(records.next())) {
    Result<std::string> code = normalise_cim10(records["code"]);
    if (!code.ok()) {
      refuse(loaded.report, records, code.error().message);
      continue;
    }
    Term term;
    term.code = *code;
    term.label_fr = first_of(records, {"long", "libelle", "short"});
    term.kind = records["type"];
    term.domain_id = "Condition";
    term.class_id = term.code.size() == 3 ? "CIM10 Category" : "CIM10 Code";
    if (const std::string_view brief = records["short"]; brief != term.label_fr) {
      term.synonyms.emplace_back(brief);
    }
    known.insert(term.code);
    terms.push_back(std::move(term));
  }
  close(loaded.report, records);
  for (Term& term : terms) {
    // The parent is the longest shorter code that exists; a category's parent is its group.
    std::string_view prefix = term.code;
    do {
      prefix.remove_suffix(1);
    } while (prefix.size() >= 3 && known.find(prefix) == known.end());
    if (prefix.size() < 3) prefix = range_of(ranges, std::string_view(term.code).substr(0, 3));
    if (!prefix.empty()) term.parents.emplace_back(prefix);
    TRY(loaded.terminology.add(std::move(term)));
  }
  return finish(std::move(loaded), "CIM-10");
}

Result<std::vector<SeverityLevel>> load_cma_levels(Env& env, const Path& path) {
  Records records = TRY(Records::open(env, path));
  std::vector<SeverityLevel> levels;
  while (TRY(records.next())) {
    const auto code = normalise_cim10(records["code"]);
    const auto level = text::parse_integer(records["niveau"]);
    if (!code.ok() || !level || *level < 2 || *level > 4) continue;
    levels.push_back({*code, static_cast<std::int32_t>(*level)});
  }
  if (levels.empty()) return Error{Code::Malformed, "no severity level was understood"};
  return levels;
}

Result<Loaded> load_ccam(Env& env, const Path& acts, const Path& hierarchy) {
  Loaded loaded{{"CCAM", "Classification commune des actes médicaux", ""}, {}};
  std::map<std::string, std::string, std::less<>> parents;
  if (!hierarchy.empty()) TRY(add_ccam_tree(env, hierarchy, loaded, parents));
  Records records = TRY(Records::open(env, acts));
  while (TRY(records.next())) {
    const auto code = normalise_ccam(records["code"]);
    if (!code.ok()) {
      refuse(loaded.report, records, code.error().message);
      continue;
    }
    Term term;
    term.code = *code;
    term.label_fr = first_of(records, {"libelle_long", "libelle", "libelle_court"});
    if (const std::string_view brief = records["libelle_court"]; !brief.empty()) {
      term.synonyms.emplace_back(brief);
    }
    term.kind = records["type_acte"];
    term.domain_id = "Procedure";
    term.class_id = "Procedure";
    term.valid_from = day_or(records["date_debut"], kAlwaysFrom);
    // date_fin is the first day on which the act no longer exists.
    const std::int32_t end = day_or(records["date_fin"], kAlwaysUntil + 1);
    term.valid_to = std::max(term.valid_from, end - 1);
    if (const auto parent = parents.find(term.code); parent != parents.end()) {
      term.parents.push_back(parent->second);
    }
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return finish(std::move(loaded), "CCAM");
}

Result<Loaded> load_loinc(Env& env, const Path& path, const Path& french) {
  Loaded loaded{{"LOINC", "Logical Observation Identifiers Names and Codes", ""}, {}};
  const auto labels = TRY(french_loinc_labels(env, french));
  Records records = TRY(Records::open(env, path));
  while (TRY(records.next())) {
    const auto code = normalise_loinc(first_of(records, {"loinc_num", "loinc"}));
    if (!code.ok()) {
      refuse(loaded.report, records, code.error().message);
      continue;
    }
    Term term;
    term.code = *code;
    term.label_fr = records["display_fr"];
    term.label_en = records["long_common_name"];
    if (const auto label = labels.find(term.code); label != labels.end()) {
      term.label_fr = label->second;
    }
    if (const std::string_view brief = records["shortname"]; !brief.empty()) {
      term.synonyms.emplace_back(brief);
    }
    term.kind = records["status"];
    // CLASSTYPE 1 is laboratory, 2 clinical; what has no class is taken for a measurement.
    const std::string_view type = records["classtype"];
    term.domain_id = type.empty() || type == "1" ? "Measurement" : "Observation";
    term.class_id = type.empty() || type == "1" ? "Lab Test" : "Clinical Observation";
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return finish(std::move(loaded), "LOINC");
}

Result<Loaded> load_atc(Env& env, const Path& path) {
  constexpr std::array<std::string_view, 2> kNames = {"atc", "name"};
  Loaded loaded{{"ATC", "WHO Anatomic Therapeutic Chemical Classification", ""}, {}};
  Records records = TRY(Records::open(env, path, kNames));
  std::map<std::string, std::vector<std::string>> names;
  while (TRY(records.next())) {
    const auto code = normalise_atc(first_of(records, {"atc", "code", "code_atc"}));
    if (!code.ok()) {
      refuse(loaded.report, records, code.error().message);
      continue;
    }
    names[*code].emplace_back(first_of(records, {"name", "libelle", "libelle_atc"}));
    for (const std::size_t size : {1, 3, 4, 5}) {
      if (size < code->size()) names.try_emplace(code->substr(0, size));
    }
  }
  close(loaded.report, records);
  for (auto& [code, labels] : names) {
    Term term;
    term.code = code;
    // Brand names come in capitals; the substance's own name has small letters.
    const auto substance = std::find_if(labels.begin(), labels.end(), [](const std::string& label) {
      return std::any_of(label.begin(), label.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    });
    if (substance != labels.end()) std::rotate(labels.begin(), substance, substance + 1);
    term.label_fr = labels.empty() ? code : labels.front();
    if (!labels.empty()) term.synonyms.assign(labels.begin() + 1, labels.end());
    const std::int32_t level = atc_level(code);
    term.kind = std::to_string(level);
    constexpr std::array<std::size_t, 6> kSizes = {0, 0, 1, 3, 4, 5};
    if (level > 1) term.parents.push_back(code.substr(0, kSizes[static_cast<std::size_t>(level)]));
    static constexpr std::array<std::string_view, 6> kOrdinals = {"",    "1st", "2nd",
                                                                  "3rd", "4th", "5th"};
    term.class_id = fmt::format("ATC {}", kOrdinals[static_cast<std::size_t>(level)]);
    term.domain_id = "Drug";
    TRY(loaded.terminology.add(std::move(term)));
  }
  return finish(std::move(loaded), "ATC");
}

Result<Loaded> load_ghm(Env& env, const Path& path, const Path& roots) {
  Loaded loaded{{"GHM", "Groupes homogènes de malades (ATIH)", ""}, {}};
  const Yearly groups =
      TRY(read_yearly(env, path, {"ghm", "libelle_ghm", "anseqta", "aso"}, loaded));
  Yearly root_labels;
  if (!roots.empty()) {
    constexpr YearlyFields kRoot = {"racine", "libelle_racine", "anseqta", "aso"};
    root_labels = TRY(read_yearly(env, roots, kRoot, loaded));
  }
  // 01C031: major category 01, type C, number 03, level 1; the root is 01C03.
  std::set<std::string> categories;
  for (const auto& [code, years] : groups) {
    if (code.size() >= 5 && root_labels.find(code.substr(0, 5)) == root_labels.end()) {
      root_labels[code.substr(0, 5)][years.rbegin()->first].label = "Racine " + code.substr(0, 5);
    }
  }
  // The classification of a year applies to discharges from 1 March.
  TRY(add_yearly(groups, 3, loaded, [](Term& term, const Span& span) {
    term.kind = span.detail;
    term.class_id = "GHM";
    if (term.code.size() >= 5) term.parents.push_back(term.code.substr(0, 5));
  }));
  TRY(add_yearly(root_labels, 3, loaded, [&](Term& term, const Span& span) {
    term.kind = span.detail;
    term.class_id = "GHM Root";
    term.parents.push_back(term.code.substr(0, 2));
    categories.insert(term.code.substr(0, 2));
  }));
  for (const std::string& category : categories) {
    Term term;
    term.code = category;
    term.label_fr = "Catégorie majeure " + category;
    term.class_id = "GHM Major Category";
    TRY(loaded.terminology.add(std::move(term)));
  }
  return finish(std::move(loaded), "GHM");
}

Result<Loaded> load_um(Env& env, const Path& path) {
  Loaded loaded{{"UM", "Types d'unités médicales MCO (ATIH)", ""}, {}};
  Records records = TRY(Records::open(env, path));
  std::map<std::string, std::string> groups;
  std::set<std::string> known;
  while (TRY(records.next())) {
    Term term;
    term.code = records["code_um"];
    known.insert(term.code);
    if (term.code.empty()) {
      refuse(loaded.report, records, "unit without code");
      continue;
    }
    term.label_fr = records["libelle_code_um"];
    term.kind = records["type_hospitalisation"];
    term.domain_id = "Visit";
    const std::string group(records["code_um2"]);
    if (!group.empty() && group != term.code) {
      term.parents.push_back(group);
      groups.emplace(group, records["libelle_code_um2"]);
    }
    TRY(loaded.terminology.add(std::move(term)));
  }
  for (auto& [code, label] : groups) {
    if (known.contains(code)) continue;  // most units are their own group
    Term term;
    term.code = code;
    term.label_fr = std::move(label);
    term.domain_id = "Visit";
    term.class_id = "UM Group";
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return finish(std::move(loaded), "UM");
}

Result<Loaded> load_communes(Env& env, const Path& path) {
  Loaded loaded{{"COMMUNE", "Communes (INSEE), with PMSI geographic codes", ""}, {}};
  const Yearly communes =
      TRY(read_yearly(env, path, {"code_com", "lib_com", "annee", "code_geo"}, loaded));
  TRY(add_yearly(communes, 1, loaded, [](Term& term, const Span& span) {
    term.kind = span.detail;
    term.domain_id = "Geography";
    term.class_id = "Commune";
  }));
  return finish(std::move(loaded), "communes");
}

Result<Loaded> load_ucd(Env& env, const Path& path) {
  Loaded loaded{{"UCD", "Unités communes de dispensation", ""}, {}};
  Records records = TRY(Records::open(env, path));
  while (TRY(records.next())) {
    const auto code = normalise_ucd(first_of(records, {"code_ucd", "ucd"}));
    if (!code.ok()) {
      refuse(loaded.report, records, code.error().message);
      continue;
    }
    Term term;
    term.code = *code;
    term.label_fr = first_of(records, {"libelle_long_rcp", "libelle_long_ucd"});
    if (const std::string_view other = records["libelle_long_ucd"]; other != term.label_fr) {
      term.synonyms.emplace_back(other);
    }
    term.kind = records["code_atc"];
    term.domain_id = "Drug";
    TRY(loaded.terminology.add(std::move(term)));
  }
  close(loaded.report, records);
  return finish(std::move(loaded), "UCD");
}

Result<Loaded> load_terminology(Env& env, std::string_view kind, const std::vector<Path>& paths) {
  if (paths.empty() || paths.size() > 2) {
    return Error{Code::Usage, "a terminology is one file, or two: codes and their hierarchy"};
  }
  const Path second = paths.size() == 2 ? paths[1] : Path();
  if (kind == "cim10") return load_cim10(env, paths[0], second);
  if (kind == "ccam") return load_ccam(env, paths[0], second);
  if (kind == "loinc") return load_loinc(env, paths[0], second);
  if (kind == "ghm") return load_ghm(env, paths[0], second);
  if (paths.size() == 2) return Error{Code::Usage, fmt::format("one file only for: {}", kind)};
  if (kind == "atc") return load_atc(env, paths[0]);
  if (kind == "um") return load_um(env, paths[0]);
  if (kind == "communes") return load_communes(env, paths[0]);
  if (kind == "ucd") return load_ucd(env, paths[0]);
  return Error{Code::Usage, fmt::format("terminology is not known: {}", kind)};
}

}  // namespace eds::terms
