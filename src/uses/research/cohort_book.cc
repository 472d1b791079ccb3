#include "uses/research/cohort_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "duck/duck.h"
#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "model/rows.h"
#include "model/table.h"

namespace eds::research {
namespace {

constexpr std::int64_t kFormatVersion = 1;

std::string steps_json(const std::vector<CohortStep>& steps) {
  json::Writer out;
  out.begin_array();
  for (const CohortStep& step : steps) {
    out.begin_object().member("name", step.name);
    out.member("events", step.events).member("persons", step.persons).end_object();
  }
  out.end_array();
  return out.take();
}

Result<std::vector<CohortStep>> read_steps(const std::string& text) {
  const json::Document document = TRY(json::Document::parse(text));
  std::vector<CohortStep> steps;
  for (json::Value value : document.root().elements()) {
    steps.push_back({std::string(value.string_or("name", "")), value.integer_or("events", 0),
                     value.integer_or("persons", 0)});
  }
  return steps;
}

}  // namespace

bool is_cohort_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || name.size() > 64 || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || c == '-' || c == '_' || c == '.'; });
}

bool CohortBook::exists(Env& env, const Path& warehouse) {
  return env.exists(join(warehouse, "cohorts/cohorts.db"));
}

Result<CohortBook> CohortBook::open(Env& env, const Path& warehouse) {
  const Path folder = join(warehouse, "cohorts");
  if (!env.exists(folder)) {
    TRY(env.make_directories(folder));
    TRY(env.set_mode(folder, 0700));
    TRY(env.sync_directory(warehouse));
  }
  CohortBook book(env, folder, TRY(sqlite::Database::open(join(folder, "cohorts.db"))));
  TRY(book.settle());
  return book;
}

Status CohortBook::settle() {
  const std::int64_t version = TRY(database_->number("PRAGMA user_version")).value_or(0);
  if (version == kFormatVersion) return {};
  if (version != 0) {
    return Error{Code::Corrupt, "saved cohorts of a later version of EDS: " + folder_};
  }
  return database_->execute(fmt::format(
      "BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS cohort (id INTEGER PRIMARY KEY, user_id INTEGER "
      "NOT NULL, name TEXT NOT NULL, UNIQUE (user_id, name)); "
      "CREATE TABLE IF NOT EXISTS version (cohort_id INTEGER NOT NULL REFERENCES cohort (id), "
      "version INTEGER NOT NULL, definition TEXT NOT NULL, mode INTEGER NOT NULL, release_id "
      "INTEGER NOT NULL, release TEXT NOT NULL, author TEXT NOT NULL, made_us INTEGER NOT NULL, "
      "row_count INTEGER NOT NULL, person_count INTEGER NOT NULL, steps TEXT NOT NULL, file TEXT "
      "NOT NULL, PRIMARY KEY (cohort_id, version)); PRAGMA user_version = {}; COMMIT",
      kFormatVersion));
}

Status CohortBook::write_rows(const std::string& file, const std::vector<CohortPeriod>& rows) {
  const model::Table& table = model::table("cohort");
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute(duck::create_table_sql(table, "rows")));
  const std::unique_ptr<duck::Appender> appender =
      TRY(duck::Appender::open(connection, table, "rows"));
  model::RowWriter writer(table, *appender);
  const std::size_t person = table.column("subject_id");
  const std::size_t start = table.column("cohort_start_date");
  const std::size_t end = table.column("cohort_end_date");
  for (const CohortPeriod& row : rows) {
    writer.set(person, row.person).set(start, row.start).set(end, row.end);
    writer.set(table.column("cohort_definition_id"), 0);
    TRY(writer.end_row());
  }
  TRY(writer.flush());
  TRY(appender->flush());
  const Path path = join(folder_, file);
  const Path building = path + ".building";
  TRY(connection.execute(
      "COPY (SELECT subject_id, cohort_start_date, cohort_end_date FROM rows ORDER BY ALL) TO " +
      duck::quote_text(building) + " (FORMAT parquet, COMPRESSION zstd)"));
  const std::unique_ptr<WritableFile> written = TRY(env_->append_to(building));
  TRY(written->sync());
  TRY(written->close());
  TRY(env_->rename(building, path));
  return env_->sync_directory(folder_);
}

Result<CohortVersion> CohortBook::save(const govern::Author& author, CohortVersion wanted,
                                       const std::vector<CohortPeriod>& rows) {
  if (!is_cohort_name(wanted.name)) {
    return Error{Code::Usage, "a cohort's name is letters, digits, '-', '_' and '.', at most 64: " +
                                  wanted.name};
  }
  if (wanted.definition.size() > kDefinitionBytesMax) {
    return Error{Code::Limit, "a definition has at most 16 MB"};
  }
  // The file's name says nothing, so that no two savings ever meet in one.
  wanted.file = fmt::format("{:016x}{:016x}.parquet", env_->random_u64(), env_->random_u64());
  wanted.made_us = env_->now_us();
  wanted.author = author.name;
  wanted.row_count = static_cast<std::int64_t>(rows.size());
  wanted.person_count = 0;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    wanted.person_count += at == 0 || rows[at].person != rows[at - 1].person ? 1 : 0;
  }
  TRY(write_rows(wanted.file, rows));
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement add =
      TRY(database_->prepare("INSERT OR IGNORE INTO cohort (user_id, name) VALUES (?, ?)"));
  TRY(add.with(author.user, wanted.name).run());
  sqlite::Statement find = TRY(database_->prepare(
      "SELECT c.id, coalesce(max(v.version), 0) + 1 FROM cohort c LEFT JOIN version v ON "
      "v.cohort_id = c.id WHERE c.user_id = ? AND c.name = ? GROUP BY c.id"));
  find.with(author.user, wanted.name);
  ENSURE(TRY(find.step()));
  wanted.cohort_id = find.int_at(0);
  const std::int64_t next = find.int_at(1);
  find.reset();
  if (wanted.version != 0 && wanted.version != next) {
    return Error{Code::Conflict, "somebody else saved a version meanwhile: " + wanted.name};
  }
  wanted.version = next;
  sqlite::Statement insert =
      TRY(database_->prepare("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.with(wanted.cohort_id, wanted.version, std::string_view(wanted.definition),
              static_cast<std::int64_t>(wanted.mode), wanted.release_id,
              std::string_view(wanted.release), std::string_view(wanted.author), wanted.made_us,
              wanted.row_count, wanted.person_count, std::string_view(steps_json(wanted.steps)),
              std::string_view(wanted.file));
  TRY(insert.run());
  TRY(transaction.commit());
  return wanted;
}

Result<std::vector<CohortVersion>> CohortBook::select(std::string_view where,
                                                      const govern::Author& author,
                                                      std::string_view name, std::int64_t version) {
  sqlite::Statement select = TRY(database_->prepare(
      "SELECT c.id, c.name, v.version, v.definition, v.mode, v.release_id, v.release, v.author, "
      "v.made_us, v.row_count, v.person_count, v.steps, v.file FROM cohort c JOIN version v ON "
      "v.cohort_id = c.id WHERE " +
      std::string(where) + " ORDER BY c.name, c.user_id, v.version"));
  select.with(author.user, name, version);
  std::vector<CohortVersion> found;
  while (TRY(select.step())) {
    CohortVersion row;
    row.cohort_id = select.int_at(0);
    row.name = select.text_at(1);
    row.version = select.int_at(2);
    row.definition = select.text_at(3);
    row.mode = static_cast<CohortMode>(select.int_at(4));
    row.release_id = select.int_at(5);
    row.release = select.text_at(6);
    row.author = select.text_at(7);
    row.made_us = select.int_at(8);
    row.row_count = select.int_at(9);
    row.person_count = select.int_at(10);
    row.steps = TRY(read_steps(select.text_at(11)));
    row.file = select.text_at(12);
    found.push_back(std::move(row));
  }
  return found;
}

Result<std::vector<CohortVersion>> CohortBook::list(const govern::Author& author) {
  return select(
      "(c.user_id = ?1 OR ?1 = 0) AND ?2 = '' AND ?3 = 0 AND v.version = (SELECT max(version) FROM "
      "version w WHERE w.cohort_id = c.id)",
      author, "", 0);
}

Result<CohortVersion> CohortBook::find(const govern::Author& author, std::string_view name,
                                       std::int64_t version) {
  std::vector<CohortVersion> found = TRY(
      select("c.user_id = ?1 AND c.name = ?2 AND (v.version = ?3 OR ?3 = 0 AND v.version = (SELECT "
             "max(version) FROM version w WHERE w.cohort_id = c.id))",
             author, name, version));
  if (found.empty()) {
    return Error{Code::NotFound,
                 fmt::format("no such saved cohort, or no such version of it: {}", name)};
  }
  return std::move(found.front());
}

Result<std::vector<CohortPeriod>> CohortBook::rows(const CohortVersion& version) {
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  duck::Rows answer = TRY(
      connection.query("SELECT subject_id, cohort_start_date, cohort_end_date FROM read_parquet(" +
                       duck::quote_text(join(folder_, version.file)) + ") ORDER BY ALL"));
  std::vector<CohortPeriod> rows;
  while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      rows.push_back({chunk->int_at(0, row), static_cast<std::int32_t>(chunk->int_at(1, row)),
                      static_cast<std::int32_t>(chunk->int_at(2, row))});
    }
  }
  return rows;
}

Result<std::int64_t> CohortBook::forget(std::int64_t person) {
  std::int64_t touched = 0;
  const std::vector<CohortVersion> all =
      TRY(select("?1 = 0 AND ?2 = '' AND ?3 = 0", govern::Author{}, "", 0));
  for (const CohortVersion& version : all) {
    std::vector<CohortPeriod> rows = TRY(this->rows(version));
    const std::size_t before = rows.size();
    std::erase_if(rows, [&](const CohortPeriod& row) { return row.person == person; });
    if (rows.size() == before) continue;
    ++touched;
    TRY(write_rows(version.file, rows));
    sqlite::Statement update =
        TRY(database_->prepare("UPDATE version SET row_count = ?, person_count = person_count - 1 "
                               "WHERE cohort_id = ? AND version = ?"));
    TRY(update.with(static_cast<std::int64_t>(rows.size()), version.cohort_id, version.version)
            .run());
  }
  return touched;
}

CohortDiff diff(const std::vector<CohortPeriod>& before, const std::vector<CohortPeriod>& after) {
  CohortDiff found;
  auto left = before.begin();
  auto right = after.begin();
  const auto end_of = [](auto at, auto end) {
    const std::int64_t person = at->person;
    while (at != end && at->person == person) ++at;
    return at;
  };
  while (left != before.end() || right != after.end()) {
    if (right == after.end() || (left != before.end() && left->person < right->person)) {
      const auto end = end_of(left, before.end());
      found.left.insert(found.left.end(), left, end);
      left = end;
    } else if (left == before.end() || right->person < left->person) {
      const auto end = end_of(right, after.end());
      found.entered.insert(found.entered.end(), right, end);
      right = end;
    } else {
      const auto left_end = end_of(left, before.end());
      const auto right_end = end_of(right, after.end());
      if (std::equal(left, left_end, right, right_end)) {
        ++found.same_persons;
      } else {
        found.moved.push_back({left->person, {left, left_end}, {right, right_end}});
      }
      left = left_end;
      right = right_end;
    }
  }
  return found;
}

}  // namespace eds::research
