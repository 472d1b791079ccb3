#include "engine/session_stays.h"

#include <unordered_map>
#include <vector>

#include "duck/duck.h"
#include "lake/part.h"
#include "model/table.h"

namespace eds::engine {
namespace {

Result<std::string> rows_of(lake::Warehouse& warehouse, const lake::Release& release,
                            std::string_view name) {
  const model::Table& table = model::table(name);
  return lake::scan_sql(warehouse, table, TRY(warehouse.catalogue().files(name, release.id)));
}

Status add_stays(duck::Connection& connection, const std::string& rows, govern::StayIndex& index) {
  duck::Rows stays = TRY(connection.query("SELECT care_site_id, person_id FROM (" + rows +
                                          ") WHERE care_site_id IS NOT NULL"));
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> by_site;
  const auto settle = [&] {
    for (auto& [site, persons] : by_site) {
      index.add_stays(site, persons);
      persons.clear();
    }
  };
  std::size_t held = 0;
  while (std::optional<duck::Chunk> chunk = TRY(stays.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      by_site[chunk->int_at(0, row)].push_back(chunk->int_at(1, row));
    }
    held += chunk->row_count();
    if (held >= 1'000'000) {
      settle();
      held = 0;
    }
  }
  settle();
  return {};
}

}  // namespace

Result<std::shared_ptr<const govern::StayIndex>> LakeStays::stays() {
  if (index_ != nullptr) return index_;
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  std::vector<std::int64_t> persons;
  duck::Rows ids = TRY(connection.query("SELECT person_id FROM (" +
                                        TRY(rows_of(*warehouse_, release_, "person")) + ")"));
  while (std::optional<duck::Chunk> chunk = TRY(ids.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (!chunk->is_null(0, row)) persons.push_back(chunk->int_at(0, row));
    }
  }
  auto index = std::make_shared<govern::StayIndex>(std::move(persons));
  for (const std::string_view table : {"visit_detail", "visit_occurrence"}) {
    TRY(add_stays(connection, TRY(rows_of(*warehouse_, release_, table)), *index));
  }
  index_ = std::move(index);
  return index_;
}

Result<std::vector<govern::CareSite>> care_sites_of(lake::Warehouse& warehouse,
                                                    const lake::Release& release) {
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  duck::Rows rows = TRY(connection.query(
      "SELECT care_site_id, coalesce(care_site_source_value, ''), coalesce(care_site_name, '') "
      "FROM (" +
      TRY(rows_of(warehouse, release, "care_site")) + ") ORDER BY 2, 1"));
  std::vector<govern::CareSite> sites;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      sites.push_back({chunk->int_at(0, row), std::string(chunk->text_at(1, row)),
                       std::string(chunk->text_at(2, row))});
    }
  }
  return sites;
}

}  // namespace eds::engine
