#include "cohort/session_source.h"

#include "cohort/chunk_block.h"

namespace eds::cohort {
Status SessionSource::read(std::string_view table, const std::vector<std::string_view>& columns,
                           const std::function<void(const RowBlock&)>& take) {
  engine::Select select;
  select.table = table;
  for (std::string_view column : columns) {
    select.items.push_back({engine::Expr::column(column), std::string(column)});
  }
  engine::Answer rows = TRY(session_->query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    take(ChunkBlock(*chunk, rows.columns()));
  }
  return {};
}

}  // namespace eds::cohort
