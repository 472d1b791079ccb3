// The result file of the Data Quality Dashboard, as its R package writes it: every value of the top
// and of the overview is an array of one, a result has no member for what is missing.
#include <fmt/format.h>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "uses/quality/omop_report.h"
#include "uses/quality/omop_sql.h"

namespace eds::quality {
namespace {

// "2026-11-24 02:23:10"
std::string moment(std::int64_t us) {
  const std::int32_t days = day_of(us);
  const Date date = date_from_days(days);
  const std::int64_t second = us / kMicrosecondsPerSecond - std::int64_t{days} * 86'400;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", date.year, date.month, date.day,
                     second / 3600, second / 60 % 60, second % 60);
}

std::string upper(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return upper;
}

// "cdm_source_name" -> "cdmSourceName"
std::string camel(std::string_view text) {
  std::string camel;
  bool is_start = false;
  for (char letter : text) {
    if (letter == '_') {
      is_start = true;
    } else {
      camel.push_back(is_start && letter >= 'a' && letter <= 'z'
                          ? static_cast<char>(letter - 'a' + 'A')
                          : letter);
      is_start = false;
    }
  }
  return camel;
}

void write_finding(const OmopFinding& finding, json::Writer& out) {
  const OmopCheck& check = *finding.check;
  const KindFacts& kind = facts(check.kind);
  out.begin_object();
  out.member("numViolatedRows", finding.violated);
  out.member("pctViolatedRows", finding.fraction());
  out.member("numDenominatorRows", finding.denominator);
  out.member("executionTime", "0 secs");
  out.member("queryText", omop_sql(check));
  out.member("checkName", kind.name);
  out.member("checkLevel", kind.level);
  out.member("checkDescription", sentence(check));
  out.member("cdmTableName", check.table);
  if (!check.field.empty()) out.member("cdmFieldName", upper(check.field));
  if (!check.concepts.empty()) out.member("conceptId", check.concepts);
  out.member("category", kind.category);
  if (!kind.subcategory.empty()) out.member("subcategory", kind.subcategory);
  out.member("context", kind.context);
  out.member("checkId", check_id(check));
  out.member("failed", finding.status == CheckStatus::Failed ? 1 : 0);
  out.member("passed", finding.status == CheckStatus::Passed ? 1 : 0);
  out.member("isError", finding.status == CheckStatus::Error ? 1 : 0);
  out.member("notApplicable", finding.status == CheckStatus::NotApplicable ? 1 : 0);
  if (finding.status == CheckStatus::NotApplicable) {
    out.member("notApplicableReason", finding.reason);
  }
  if (finding.status == CheckStatus::Error) out.member("error", finding.reason);
  if (check.threshold) out.member("thresholdValue", *check.threshold);
  out.end_object();
}

struct Tally {
  std::int64_t total = 0;
  std::int64_t failed = 0;
  std::int64_t passed = 0;
};

Tally tally_of(const OmopReport& report, std::string_view category) {
  Tally tally;
  for (const OmopFinding& finding : report.findings) {
    if (!category.empty() && facts(finding.check->kind).category != category) continue;
    ++tally.total;
    tally.failed += finding.status == CheckStatus::Failed ? 1 : 0;
    tally.passed += finding.status == CheckStatus::Passed ? 1 : 0;
  }
  return tally;
}

void write_overview(const OmopReport& report, json::Writer& out) {
  const auto number = [&](std::string_view name, auto value) {
    out.key(name).begin_array();
    if constexpr (std::is_same_v<decltype(value), double>) {
      out.number(value);
    } else {
      out.integer(value);
    }
    out.end_array();
  };
  // The reference counts what is not applicable among what passed, here and only here.
  const Tally all = tally_of(report, "");
  const std::int64_t passed = all.total - all.failed;
  const auto percent = [&](std::int64_t part) {
    if (all.total == 0) return 0.0;
    return static_cast<double>(part * 10'000 / all.total) / 100;
  };
  out.begin_object();
  number("countTotal", all.total);
  number("countPassed", passed);
  number("countErrorFailed", std::int64_t{0});
  number("countThresholdFailed", all.failed);
  number("countOverallFailed", all.failed);
  number("percentPassed", percent(passed));
  number("percentFailed", percent(all.failed));
  for (std::string_view category : {"Plausibility", "Conformance", "Completeness"}) {
    const Tally tally = tally_of(report, category);
    number("countTotal" + std::string(category), tally.total);
    number("countFailed" + std::string(category), tally.failed);
    number("countPassed" + std::string(category), tally.passed);
  }
  out.end_object();
}

}  // namespace

std::string dashboard_json(const OmopReport& report) {
  json::Writer out;
  const auto text = [&](std::string_view name, std::string_view value) {
    out.key(name).begin_array().string(value).end_array();
  };
  const double seconds = static_cast<double>(report.ended_us - report.started_us) / 1e6;
  out.begin_object();
  text("startTimestamp", moment(report.started_us));
  text("endTimestamp", moment(report.ended_us));
  text("executionTime", fmt::format("{:.0f} secs", seconds));
  out.key("executionTimeSeconds").begin_array().number(seconds).end_array();
  out.key("CheckResults").begin_array();
  for (const OmopFinding& finding : report.findings) write_finding(finding, out);
  out.end_array();
  out.key("Metadata").begin_array().begin_object();
  for (const auto& [name, value] : report.source) out.member(camel(name), value);
  // The dashboard whose checks these are; the viewer shows it.
  out.member("dqdVersion", "2.8.4");
  out.end_object().end_array();
  out.key("Overview");
  write_overview(report, out);
  out.end_object();
  return out.take();
}

}  // namespace eds::quality
