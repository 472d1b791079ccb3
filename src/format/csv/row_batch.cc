#include "format/csv/row_batch.h"

#include <functional>

namespace eds::csv {

Result<bool> RowBatch::fill(Reader& reader) {
  rows_.clear();
  fields_.clear();
  bad_.clear();
  text_.clear();
  bad_bytes_ = 0;
  while (rows_.size() < kBatchRows && text_.size() + bad_bytes_ < kBatchBytes) {
    const Step step = TRY(reader.next());
    if (step == Step::End) return false;
    if (step == Step::Row) {
      add(reader.row());
    } else {
      add(reader.bad());
    }
  }
  return true;
}

void RowBatch::add(const Row& row) {
  const std::string_view raw = row.raw();
  const auto begin = static_cast<std::uint32_t>(text_.size());
  text_.append(raw);
  rows_.push_back(
      Place{row.line(), row.offset(), Span{begin, static_cast<std::uint32_t>(raw.size())}, 0});
  const std::less_equal<const char*> is_before;
  for (const std::size_t column : columns_) {
    const std::string_view field = column < row.size() ? row[column] : std::string_view();
    Span span{begin, static_cast<std::uint32_t>(field.size())};
    const bool is_in_raw = is_before(raw.data(), field.data()) &&
                           is_before(field.data() + field.size(), raw.data() + raw.size());
    if (is_in_raw) {
      span.begin += static_cast<std::uint32_t>(field.data() - raw.data());
    } else if (!field.empty()) {
      // Its doubled quotes were undone: it stands nowhere in the file.
      span.begin = static_cast<std::uint32_t>(text_.size());
      text_.append(field);
    }
    fields_.push_back(span);
  }
}

void RowBatch::add(const BadRow& bad) {
  bad_.push_back(bad);
  rows_.push_back(Place{bad.line, bad.offset, Span{}, static_cast<std::uint32_t>(bad_.size())});
  fields_.resize(fields_.size() + columns_.size());
  bad_bytes_ += bad.raw.size();
}

}  // namespace eds::csv
