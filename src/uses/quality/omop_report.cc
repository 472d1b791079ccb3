#include "uses/quality/omop_report.h"

#include <fmt/format.h>

#include <map>

#include "base/ascii.h"
#include "base/calendar.h"
#include "model/table.h"
#include "uses/quality/omop_scan.h"

namespace eds::quality {
namespace {

using engine::Expr;

// Concepts asked of the engine at a time.
constexpr std::size_t kConceptBatch = 4096;

class Run {
 public:
  Run(Env& env, engine::Session& session, const std::vector<lake::TableVersion>& tables,
      const std::vector<OmopCheck>& checks)
      : env_(&env), session_(&session), tables_(&tables), checks_(&checks) {}

  Result<OmopReport> run() {
    OmopReport report;
    report.started_us = env_->now_us();
    const std::int32_t today = day_of(report.started_us);
    const Keys keys = TRY(Keys::load(*session_, *checks_));
    group();
    for (auto& [name, checks] : by_table_) {
      const model::Table* table = model::find_table(name);
      if (table == nullptr || rows_of(name) == 0) continue;
      scans_.push_back(std::make_unique<TableScan>(*table, checks, keys, today));
      TRY(scans_.back()->run(*session_, seen_));
    }
    TRY(learn_concepts());
    answer(keys, report);
    settle(report);
    TRY(read_source(report));
    report.ended_us = env_->now_us();
    return report;
  }

 private:
  void group() {
    for (const OmopCheck& check : *checks_) {
      by_table_[lower_ascii(check.table)].push_back(&check);
    }
    // Conditions are asked by the check of condition eras, even when nothing else asks for them.
    by_table_["condition_occurrence"];
  }

  std::int64_t rows_of(std::string_view name) const {
    for (const lake::TableVersion& version : *tables_) {
      if (version.table == name) return version.row_count;
    }
    return 0;
  }

  Status learn_concepts() {
    for (const auto& scan : scans_) scan->add_concepts(concepts_);
    std::vector<Expr> ids;
    for (const auto& [id, known] : concepts_) {
      ids.push_back(Expr::literal(id));
      if (ids.size() < kConceptBatch) continue;
      TRY(learn(std::move(ids)));
      ids.clear();
    }
    return ids.empty() ? Status() : learn(std::move(ids));
  }

  Status learn(std::vector<Expr> ids) {
    engine::Select select;
    select.table = "concept";
    for (const char* name :
         {"concept_id", "domain_id", "concept_class_id", "standard_concept", "invalid_reason"}) {
      select.items.push_back({Expr::column(name), name});
    }
    select.where = Expr::in(Expr::column("concept_id"), std::move(ids));
    engine::Answer rows = TRY(session_->query(select));
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      for (std::size_t row = 0; row < chunk->row_count(); ++row) {
        ConceptFacts& known = concepts_[chunk->int_at(0, row)];
        known.is_known = true;
        if (!chunk->is_null(1, row)) known.domain = chunk->text_at(1, row);
        if (!chunk->is_null(2, row)) known.concept_class = chunk->text_at(2, row);
        known.is_standard = !chunk->is_null(3, row) && chunk->text_at(3, row) == "S";
        known.is_valid = chunk->is_null(4, row);
      }
    }
    return {};
  }

  const IdSet& persons_in(std::string_view table) const {
    static const IdSet kNobody;
    const auto found = seen_.by_table.find(table);
    return found == seen_.by_table.end() ? kNobody : found->second;
  }

  Counts persons_without(const OmopCheck& check, const Keys& keys) const {
    const IdSet& seen = persons_in(lower_ascii(check.table));
    Counts counts{0, static_cast<std::int64_t>(keys.persons().size())};
    for (const PersonFacts& person : keys.persons()) {
      counts.violated += seen.contains(person.id) ? 0 : 1;
    }
    return counts;
  }

  Counts persons_without_era() const {
    const IdSet& seen = persons_in("condition_era");
    Counts counts{0, seen_.with_condition.size()};
    seen_.with_condition.for_each(
        [&](std::int64_t person) { counts.violated += seen.contains(person) ? 0 : 1; });
    return counts;
  }

  void answer(const Keys& keys, OmopReport& report) const {
    std::unordered_map<const OmopCheck*, Counts> counted;
    for (const auto& scan : scans_) {
      for (std::size_t index = 0; index < scan->checks().size(); ++index) {
        counted[scan->checks()[index]] = scan->answer(index, concepts_);
      }
    }
    for (const OmopCheck& check : *checks_) {
      Counts counts;
      if (check.kind == CheckKind::PersonCompleteness) {
        counts = persons_without(check, keys);
      } else if (check.kind == CheckKind::ConditionEraCompleteness) {
        counts = persons_without_era();
      } else if (const auto found = counted.find(&check); found != counted.end()) {
        counts = found->second;
      } else if (check.kind == CheckKind::CdmTable || check.kind == CheckKind::CdmField) {
        counts.denominator = 1;
      }
      report.findings.push_back(
          {&check, counts.violated, counts.denominator, CheckStatus::Passed, ""});
    }
  }

  // Why the check says nothing here; empty when it does.
  std::string not_applicable(const OmopFinding& finding) const {
    const OmopCheck& check = *finding.check;
    const model::Table* table = model::find_table(lower_ascii(check.table));
    if (check.kind == CheckKind::CdmTable) return "";
    if (check.kind == CheckKind::ConditionEraCompleteness) {
      return rows_of("condition_occurrence") == 0 ? "Table CONDITION_OCCURRENCE is empty." : "";
    }
    if (table == nullptr) return fmt::format("Table {} does not exist.", check.table);
    if (check.kind == CheckKind::PersonCompleteness || check.kind == CheckKind::CdmField) return "";
    const bool has_field =
        check.field.empty() || table->column(lower_ascii(check.field)) != model::kNoColumn;
    if (!has_field) return fmt::format("Field {}.{} does not exist.", check.table, check.field);
    if (rows_of(table->name) == 0) return fmt::format("Table {} is empty.", check.table);
    if (check.kind == CheckKind::ValueCompleteness) return "";
    if (empty_fields_.count(place(check)) > 0) {
      return fmt::format("Field {}.{} is not populated.", check.table, check.field);
    }
    if (!check.concepts.empty() && finding.denominator == 0) {
      return fmt::format("{}={} is missing from the {} table.", check.field, check.concepts,
                         check.table);
    }
    return "";
  }

  static std::string place(const OmopCheck& check) {
    return lower_ascii(check.table) + "." + lower_ascii(check.field);
  }

  static bool fails(const OmopFinding& finding) {
    const OmopCheck& check = *finding.check;
    const model::Table* table = model::find_table(lower_ascii(check.table));
    if (check.kind == CheckKind::CdmTable) return table == nullptr;
    if (check.kind == CheckKind::CdmField) {
      return table == nullptr || table->column(lower_ascii(check.field)) == model::kNoColumn;
    }
    if (check.threshold.value_or(0) == 0) return finding.violated > 0;
    return finding.fraction() * 100 > *check.threshold;
  }

  void settle(OmopReport& report) {
    for (const OmopFinding& finding : report.findings) {
      if (finding.check->kind == CheckKind::ValueCompleteness &&
          finding.violated == finding.denominator) {
        empty_fields_[place(*finding.check)] = true;
      }
    }
    for (OmopFinding& finding : report.findings) {
      finding.reason = not_applicable(finding);
      finding.status = !finding.reason.empty() ? CheckStatus::NotApplicable
                       : fails(finding)        ? CheckStatus::Failed
                                               : CheckStatus::Passed;
    }
  }

  Status read_source(OmopReport& report) {
    engine::Select select;
    select.table = "cdm_source";
    select.limit = 1;
    std::vector<const model::Column*> columns;
    for (const model::Column& column : model::table("cdm_source").columns) {
      if (column.is_extension) continue;
      columns.push_back(&column);
      select.items.push_back({Expr::column(column.name), std::string(column.name)});
    }
    engine::Answer rows = TRY(session_->query(select));
    const std::optional<duck::Chunk> chunk = TRY(rows.next());
    if (!chunk || chunk->row_count() == 0) return {};
    for (std::size_t at = 0; at < columns.size(); ++at) {
      if (chunk->is_null(at, 0)) continue;
      std::string text;
      if (columns[at]->type == model::Type::Text) {
        text = chunk->text_at(at, 0);
      } else if (columns[at]->type == model::Type::Date) {
        const Date date = date_from_days(static_cast<std::int32_t>(chunk->int_at(at, 0)));
        text = fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
      } else {
        text = std::to_string(chunk->int_at(at, 0));
      }
      report.source.emplace_back(columns[at]->name, std::move(text));
    }
    return {};
  }

  Env* env_;
  engine::Session* session_;
  const std::vector<lake::TableVersion>* tables_;
  const std::vector<OmopCheck>* checks_;
  std::map<std::string, std::vector<const OmopCheck*>, std::less<>> by_table_;
  std::vector<std::unique_ptr<TableScan>> scans_;
  SeenPersons seen_;
  ConceptTable concepts_;
  std::map<std::string, bool> empty_fields_;
};

}  // namespace

std::string_view status_name(CheckStatus status) {
  switch (status) {
    case CheckStatus::Passed: return "pass";
    case CheckStatus::Failed: return "fail";
    case CheckStatus::NotApplicable: return "not applicable";
    case CheckStatus::Error: return "error";
  }
  return "";
}

Result<OmopReport> run_omop_checks(Env& env, engine::Session& session,
                                   const std::vector<lake::TableVersion>& tables,
                                   const std::vector<OmopCheck>& checks) {
  return Run(env, session, tables, checks).run();
}

}  // namespace eds::quality
