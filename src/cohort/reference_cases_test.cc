// The database tests of the reference, captured as data (circe_unit_cases.jsonl): each loads
// tables, evaluates cohorts, single criteria, windows or groups, and says which rows come out.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "cohort/definition_for_test.h"
#include "cohort/definition_reader.h"
#include "cohort/evaluate.h"
#include "cohort/tables_for_test.h"

namespace eds::cohort {
namespace {

using Lines = std::vector<std::string>;

std::string day_text(Day day) {
  if (day == kNoDay) return "null";
  const Date date = date_from_days(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string id_text(std::int64_t id) {
  return id == kMissing ? "null" : std::to_string(id);
}

// "5.0000" and "5" are one number; a date may carry a midnight.
std::string plain(const std::optional<std::string>& cell) {
  if (!cell) return "null";
  const std::optional<Day> day = day_of(*cell);
  if (day) return day_text(*day);
  double number = 0;
  const auto parsed = std::from_chars(cell->data(), cell->data() + cell->size(), number);
  return parsed.ptr == cell->data() + cell->size() ? fmt::format("{}", number) : *cell;
}

std::string joined(const Lines& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : " ") + cell;
  return line;
}

// The rows as lines of "column=value", in one order.
Lines lines_of(const TextTable& table) {
  Lines lines;
  for (const Cells& row : table.rows) {
    Lines cells;
    for (std::size_t index = 0; index < table.columns.size(); ++index) {
      cells.push_back(table.columns[index] + "=" + plain(row[index]));
    }
    std::sort(cells.begin(), cells.end());
    lines.push_back(joined(cells));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void add_row(TextTable& table, std::vector<std::string> cells) {
  Cells row;
  for (std::string& cell : cells) {
    row.push_back(cell == "null" ? std::nullopt : std::optional<std::string>(std::move(cell)));
  }
  table.rows.push_back(std::move(row));
}

// One test of the reference: its tables and what was evaluated on them.
class Case {
 public:
  void load(json::Value tables) {
    for (const auto& [name, table] : tables.members()) {
      tables_.put(std::string(name), TextTable::of(table));
    }
  }

  // False: the input has no JSON form to evaluate.
  bool query(json::Value step) {
    const std::string target(step.string_or("table", ""));
    const auto inputs = step.at("inputs");
    for (json::Value input : inputs->elements()) evaluate(target, input);
    return results_.count(target) > 0;
  }

  const TextTable& result(const std::string& name) { return results_[name]; }
  bool has_result(const std::string& name) const { return results_.count(name) > 0; }

 private:
  void evaluate(const std::string& target, json::Value input) {
    const std::string_view kind = input.string_or("kind", "");
    if (kind == "cohort") return evaluate_cohort(target, input);
    Plan plan;
    ResolvedSets sets;
    use_codesets(target, plan, sets);
    plan.counts_repeated_keys = true;
    plan.has_dose_columns = true;
    const Place root;
    const json::Value expression = *input.at("expr");
    if (kind == "criteria") {
      const auto criteria = read_criteria(expression, root, Reading::Strict);
      REQUIRE(criteria.ok());
      evaluate_criteria(target, *plan_events(*criteria, Mode::Circe, plan), plan, sets);
    } else if (kind == "windowed") {
      const auto windowed = read_correlated(expression, root, Reading::Strict);
      REQUIRE(windowed.ok());
      const auto correlated = plan_correlated(*windowed, Mode::Circe, plan);
      evaluate_windowed(target, *correlated, input, plan, sets);
    } else {
      const auto group = read_group(expression, root, Reading::Strict);
      REQUIRE(group.ok());
      evaluate_group(target, *plan_group(*group, Mode::Circe, plan), input, plan, sets);
    }
  }

  void evaluate_cohort(const std::string& target, json::Value input) {
    const Place root;
    const auto definition = read_expression(*input.at("expr"), root, Reading::Strict);
    const bool is_rejected = input.find("throws").has_value() && !input.find("throws")->is_null();
    CHECK(definition.ok() == !is_rejected);
    if (!definition.ok()) return;
    const Result<Plan> plan = make_plan(*definition, Mode::Circe);
    REQUIRE(plan.ok());
    Needs needs;
    needs.add(*plan);
    const Store store = *load_store(tables_, needs);
    const ResolvedSets sets = resolve_sets(*plan, *load_vocabulary(tables_));
    const Outcome outcome = Evaluator(StoreBase(store), *plan, sets).run({0, store.person_count()});
    const std::string id = std::to_string(input.integer_or("cohortId", 0));
    TextTable& table = results_[target];
    table.columns = {"cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date"};
    std::erase_if(table.rows, [&](const Cells& row) { return row[0] == id; });
    for (const CohortRow& row : outcome.rows) {
      add_row(table, {id, std::to_string(store.person_ids[row.person]), day_text(row.start),
                      day_text(row.end)});
    }
    write_statistics(target.substr(0, target.find('.')), id, *plan, outcome.attrition);
  }

  void write_statistics(const std::string& schema, const std::string& id, const Plan& plan,
                        const Attrition& attrition) {
    TextTable& lost = results_[schema + ".cohort_censor_stats"];
    lost.columns = {"cohort_definition_id", "lost_count"};
    if (plan.window_start || plan.window_end) {
      add_row(lost, {id, std::to_string(attrition.cohort_persons_before_window -
                                        attrition.cohort_persons)});
    }
    TextTable& masks = results_[schema + ".cohort_inclusion_result"];
    masks.columns = {"cohort_definition_id", "mode_id", "inclusion_rule_mask", "person_count"};
    for (const auto& [mode, counts] : {std::pair{"0", &attrition.events}, {"1", &attrition.best}}) {
      for (const auto& [mask, count] : counts->by_mask) {
        add_row(masks, {id, mode, std::to_string(mask), std::to_string(count)});
      }
    }
  }

  void evaluate_criteria(const std::string& target, const EventQuery& query, const Plan& plan,
                         const ResolvedSets& sets) {
    Needs needs;
    needs.add(query);
    const Store store = *load_store(tables_, needs);
    TextTable& table = results_[target];
    table.columns = {"person_id",           "event_id", "start_date", "end_date",
                     "visit_occurrence_id", "sort_date"};
    Evaluator evaluator(StoreBase(store), plan, sets);
    for (const Event& event : evaluator.events(query, {0, store.person_count()})) {
      add_row(table, {std::to_string(store.person_ids[event.person]), std::to_string(event.id),
                      day_text(event.start), day_text(event.end), id_text(event.visit),
                      day_text(event.sort)});
    }
  }

  void evaluate_windowed(const std::string& target, const CorrelatedPlan& correlated,
                         json::Value input, const Plan& plan, const ResolvedSets& sets) {
    std::vector<CountColumn> columns;
    for (json::Value name : input.at("additionalColumns")->elements()) {
      columns.push_back(*find_count_column(*name.string()));
    }
    const Domain domain = correlated.events.domain;
    Needs needs;
    for (CountColumn column : columns) {
      CorrelatedPlan counted = correlated;
      counted.distinct = counted_field(domain, column);
      needs.add(counted);
    }
    needs.add(correlated);
    const Store store = *load_store(tables_, needs);
    Evaluator evaluator(StoreBase(store), plan, sets);
    const std::vector<IndexEvent> index = index_events(store, input);
    const std::vector<Event> events =
        evaluator.events(correlated.events, {0, store.person_count()});
    TextTable& table = results_[target];
    table.columns = {"person_id", "event_id"};
    for (CountColumn column : columns) table.columns.push_back(column_text(column));
    evaluator.pairs(correlated, index, events, [&](std::size_t at, const Event& event) {
      std::vector<std::string> cells = {std::to_string(store.person_ids[index[at].person]),
                                        std::to_string(index[at].key)};
      for (CountColumn column : columns) {
        double value = 0;
        const bool has = evaluator.counted_value(domain, *counted_field(domain, column),
                                                 store.table(domain), event, value);
        const bool is_date = column == CountColumn::StartDate || column == CountColumn::EndDate;
        cells.push_back(!has      ? "null"
                        : is_date ? day_text(static_cast<Day>(value))
                                  : fmt::format("{}", value));
      }
      add_row(table, std::move(cells));
    });
  }

  void evaluate_group(const std::string& target, const GroupPlan& group, json::Value input,
                      const Plan& plan, const ResolvedSets& sets) {
    Needs needs;
    needs.add(group);
    const Store store = *load_store(tables_, needs);
    Evaluator evaluator(StoreBase(store), plan, sets);
    const std::vector<IndexEvent> index = index_events(store, input);
    const std::vector<char> holds = evaluator.group_holds(group, index);
    TextTable& table = results_[target];
    table.rows.clear();
    table.columns = {"index_id", "person_id", "event_id"};
    for (std::size_t at = 0; at < index.size(); ++at) {
      if (!holds[at]) continue;
      add_row(table, {"0", std::to_string(store.person_ids[index[at].person]),
                      std::to_string(index[at].key)});
    }
  }

  // The rows of a cohort table as index events, numbered by start, in their observation period.
  std::vector<IndexEvent> index_events(const Store& store, json::Value input) {
    const std::string sql(input.string_or("eventTable", ""));
    const std::size_t from = sql.find("FROM ") + 5;
    const TextTable* cohort = tables_.find(sql.substr(from, sql.find(' ', from) - from));
    REQUIRE(cohort != nullptr);
    const EventTable& periods = store.table(Domain::ObservationPeriod);
    std::vector<IndexEvent> index;
    for (const Cells& row : cohort->rows) {
      const Day start = *day_of(*row[2]);
      const Day end = *day_of(*row[3]);
      for (Row period = 0; period < periods.row_count(); ++period) {
        const Person person = periods.person[period];
        if (std::to_string(store.person_ids[person]) != *row[1]) continue;
        if (start < periods.start[period] || start > periods.end[period]) continue;
        index.push_back(
            {person, start, 0, start, end, periods.start[period], periods.end[period], kMissing});
      }
    }
    std::sort(index.begin(), index.end(), [](const IndexEvent& a, const IndexEvent& b) {
      return a.person != b.person ? a.person < b.person : a.start < b.start;
    });
    for (std::size_t at = 0; at < index.size(); ++at) {
      const bool is_new = at == 0 || index[at - 1].person != index[at].person;
      index[at].key = is_new ? 1 : index[at - 1].key + 1;
    }
    return index;
  }

  static std::string column_text(CountColumn column) {
    switch (column) {
      case CountColumn::DomainConcept: return "domain_concept_id";
      case CountColumn::EraOccurrences: return "occurrence_count";
      case CountColumn::Unit: return "unit_concept_id";
      default: break;
    }
    std::string name(count_column_name(column));
    for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
    return name;
  }

  void use_codesets(const std::string& target, Plan& plan, ResolvedSets& sets) {
    const std::string own = target.substr(0, target.find('.')) + ".codesets";
    const TextTable* codesets = tables_.find(own);
    if (codesets == nullptr) codesets = tables_.find("temp.codesets");
    if (codesets == nullptr) return;
    std::map<std::int64_t, std::vector<std::int64_t>> ids;
    for (const Cells& row : codesets->rows) ids[std::stoll(*row[0])].push_back(std::stoll(*row[1]));
    for (auto& [id, concepts] : ids) {
      SetRecipe recipe;
      recipe.id = id;
      plan.sets.push_back(std::move(recipe));
      std::sort(concepts.begin(), concepts.end());
      sets.push_back(concepts);
    }
  }

  JsonTables tables_;
  std::map<std::string, TextTable> results_;
};

}  // namespace

TEST_CASE("the reference's own database tests give the same rows") {
  std::ifstream file(shared_ohdsi(EDS_SOURCE_DIR, "circe_unit/circe_unit_cases.jsonl"));
  if (!file) MESSAGE("skipped: ../shared/data/ohdsi/circe_unit is not present");
  int checked = 0;
  int skipped = 0;
  std::string line;
  while (std::getline(file, line)) {
    const Result<json::Document> document = json::Document::parse(line);
    REQUIRE(document.ok());
    const std::string name = std::string(document->root().string_or("suite", "")) + "." +
                             std::string(document->root().string_or("test", ""));
    INFO(name);
    Case test;
    bool has_checks = false;
    for (json::Value step : document->root().at("steps")->elements()) {
      const std::string_view op = step.string_or("op", "");
      const std::string table(step.string_or("table", ""));
      INFO(table);
      if (op == "load") test.load(*step.at("tables"));
      if (op == "query" && test.query(step)) {
        CHECK(lines_of(test.result(table)) == lines_of(TextTable::of(*step.at("actual"))));
      }
      if (op != "verify") continue;
      if (!test.has_result(table)) {
        MESSAGE("skipped: " << name << ": the captured case has no input to evaluate");
        ++skipped;
        continue;
      }
      has_checks = true;
      const TextTable expected = TextTable::of(*step.at("expected"));
      CHECK(lines_of(test.result(table)) == lines_of(expected));
    }
    checked += has_checks ? 1 : 0;
  }
  MESSAGE("tests of the reference checked: " << checked << ", without input: " << skipped);
}

}  // namespace eds::cohort
