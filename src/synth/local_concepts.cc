#include "synth/local_concepts.h"

#include <map>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "synth/medicine.h"

namespace eds::synth {
namespace {

constexpr std::int64_t kDiagnoses = 2'000'010'000;
constexpr std::int64_t kActs = 2'000'020'000;
constexpr std::int64_t kAnalytes = 2'000'030'000;
constexpr std::int64_t kDrugs = 2'000'040'000;
/// Groups are numbered from here in the range of their codes.
constexpr std::int64_t kGroups = 5'000;

struct Coded {
  std::int64_t id = 0;
  std::int64_t group = 0;  ///< 0: none
  std::string_view domain;
  std::string_view vocabulary;
  std::string_view code;
  std::string_view label;
};

// Adds codes, each list followed by its groups.
class Lists {
 public:
  void add(std::int64_t first, std::size_t index, std::string_view domain,
           std::string_view vocabulary, std::string_view code, std::string_view label,
           std::string_view group) {
    const std::int64_t next = first + kGroups + static_cast<std::int64_t>(groups_.size());
    const auto [found, is_new] = groups_.try_emplace({first, group}, next);
    if (is_new) all_.push_back({next, 0, domain, vocabulary, group, group});
    all_.push_back(
        {first + static_cast<std::int64_t>(index), found->second, domain, vocabulary, code, label});
  }
  std::vector<Coded> all() && { return std::move(all_); }

 private:
  std::map<std::pair<std::int64_t, std::string_view>, std::int64_t> groups_;
  std::vector<Coded> all_;
};

std::vector<Coded> coded() {
  static constexpr std::string_view kPanels[] = {
      "panel 0", "panel 1", "panel 2",  "panel 3",  "panel 4",  "panel 5",  "panel 6",  "panel 7",
      "panel 8", "panel 9", "panel 10", "panel 11", "panel 12", "panel 13", "panel 14", "panel 15"};
  Lists lists;
  for (std::size_t at = 0; at < diagnoses().size(); ++at) {
    const Diagnosis& each = diagnoses()[at];
    lists.add(kDiagnoses, at, "Condition", "CIM10", each.code, each.label, each.code.substr(0, 3));
  }
  for (std::size_t at = 0; at < acts().size(); ++at) {
    const Act& each = acts()[at];
    lists.add(kActs, at, "Procedure", "CCAM", each.code, each.label, each.code.substr(0, 1));
  }
  for (std::size_t at = 0; at < analytes().size(); ++at) {
    const Analyte& each = analytes()[at];
    const std::size_t panel = static_cast<std::size_t>(each.panel) % std::size(kPanels);
    lists.add(kAnalytes, at, "Measurement", "LOINC", each.loinc, each.label, kPanels[panel]);
  }
  for (std::size_t at = 0; at < drugs().size(); ++at) {
    const Drug& each = drugs()[at];
    lists.add(kDrugs, at, "Drug", "ATC", each.atc, each.label, each.atc.substr(0, 4));
  }
  std::vector<Coded> all = std::move(lists).all();
  all.push_back({kTobaccoConcept, 0, "Observation", "LOINC", "72166-2", "Tobacco smoking status"});
  return all;
}

}  // namespace

std::int64_t diagnosis_concept(std::size_t diagnosis) {
  return kDiagnoses + static_cast<std::int64_t>(diagnosis);
}
std::int64_t act_concept(std::size_t act) {
  return kActs + static_cast<std::int64_t>(act);
}
std::int64_t analyte_concept(std::size_t analyte) {
  return kAnalytes + static_cast<std::int64_t>(analyte);
}
std::int64_t drug_concept(std::size_t drug) {
  return kDrugs + static_cast<std::int64_t>(drug);
}

Status write_concepts(model::RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t id = t.column("concept_id"), name = t.column("concept_name"),
                    domain = t.column("domain_id"), vocabulary = t.column("vocabulary_id"),
                    kind = t.column("concept_class_id"), standard = t.column("standard_concept"),
                    code = t.column("concept_code"), from = t.column("valid_start_date"),
                    to = t.column("valid_end_date");
  for (const Coded& each : coded()) {
    rows.set(id, each.id).set_text(name, each.label).set_text(domain, each.domain);
    rows.set_text(vocabulary, each.vocabulary).set_text(code, each.code);
    rows.set_text(kind, each.group == 0 ? "Group" : "Code").set_text(standard, "S");
    rows.set(from, days_from_date({1970, 1, 1})).set(to, days_from_date({2099, 12, 31}));
    TRY(rows.end_row());
  }
  return {};
}

Status write_concept_ancestors(model::RowWriter& rows) {
  const model::Table& t = rows.table();
  const std::size_t above = t.column("ancestor_concept_id"),
                    below = t.column("descendant_concept_id"),
                    least = t.column("min_levels_of_separation"),
                    most = t.column("max_levels_of_separation");
  for (const Coded& each : coded()) {
    rows.set(above, each.id).set(below, each.id).set(least, 0).set(most, 0);
    TRY(rows.end_row());
    if (each.group == 0) continue;
    rows.set(above, each.group).set(below, each.id).set(least, 1).set(most, 1);
    TRY(rows.end_row());
  }
  return {};
}

}  // namespace eds::synth
