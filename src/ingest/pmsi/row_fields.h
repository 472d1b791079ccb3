// RowFields: fills one row by column name, as PMSI gives its values: blanks are NULL, texts become
// valid UTF-8.
//
// A column is a linear search of twenty short names, some 100 ns a row of the slow tables.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "format/pmsi/rum.h"
#include "format/text/encoding.h"
#include "ingest/load.h"
#include "model/rows.h"

namespace eds::ingest::pmsi {

class RowFields {
 public:
  explicit RowFields(model::RowWriter& row) : row_(&row) {}
  RowFields& number(const char* column, std::int64_t value) {
    row_->set(row_->table().column(column), value);
    return *this;
  }
  RowFields& real(const char* column, double value) {
    row_->set_float(row_->table().column(column), value);
    return *this;
  }
  RowFields& words(const char* column, std::string_view value) {
    value = eds::pmsi::trim(value);
    if (value.empty()) return *this;
    const std::size_t index = row_->table().column(column);
    if (text::is_ascii(value)) {
      row_->set_text(index, value);
    } else {
      row_->set_text(index, text::to_utf8(value, text::detect_encoding(value)).text);
    }
    return *this;
  }
  RowFields& letter(const char* column, const char& value) {
    return words(column, std::string_view(&value, 1));
  }
  RowFields& count(const char* column, const eds::pmsi::Number& value) {
    return value.present() ? number(column, value.value) : *this;
  }
  RowFields& day(const char* column, const eds::pmsi::Date& date) {
    return date.present() ? number(column, date.day) : *this;
  }
  Status end(const Provenance& from) {
    Load::stamp(*row_, from);
    return row_->end_row();
  }

 private:
  model::RowWriter* row_;
};

}  // namespace eds::ingest::pmsi
