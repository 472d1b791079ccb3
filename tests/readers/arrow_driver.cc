// arrow_driver DIR: writes Arrow files whose content test_arrow.py knows by the same arithmetic.
//
// Each case is written as a stream (NAME.arrows) and as a file (NAME.arrow). The rules of the
// values stand here and, independently, in test_arrow.py; change both.
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "format/arrow/model_rows.h"
#include "format/arrow/stream_writer.h"
#include "model/rows.h"
#include "model/table.h"

namespace eds::arrow {
namespace {

class FileSink final : public ByteSink {
 public:
  explicit FileSink(WritableFile& file) : file_(&file) {}
  Status write(std::string_view bytes) override { return file_->append(bytes); }

 private:
  WritableFile* file_;
};

std::vector<Field> all_types() {
  return {{"flag", Type::Bool},  {"number", Type::Int64},       {"amount", Type::Float64},
          {"day", Type::Date32}, {"moment", Type::TimestampUs}, {"text", Type::Utf8}};
}

// Row `row` of the rule: column c is null when (row + c) % nulls == 0 (never when nulls is 0).
void append_row(StreamWriter& writer, std::int64_t row, std::int64_t nulls) {
  const auto is_null = [&](std::int64_t column) {
    return nulls != 0 && (row + column) % nulls == 0;
  };
  const auto append_int = [&](std::int64_t column, std::int64_t value) {
    ColumnBuilder& builder = writer.column(static_cast<std::size_t>(column));
    if (is_null(column)) {
      builder.append_null();
    } else {
      builder.append_int(value);
    }
  };
  append_int(0, row % 3 == 0 ? 1 : 0);
  append_int(1, row * 1'000'003 - 7);
  if (is_null(2)) {
    writer.column(2).append_null();
  } else {
    writer.column(2).append_float(static_cast<double>(row) / 8 - 1);
  }
  append_int(3, row % 40'000 - 20'000);
  append_int(4, row * 86'400'000'001 - 1'000'000'000'000);
  if (is_null(5)) {
    writer.column(5).append_null();
  } else {
    writer.column(5).append_text("é" + std::to_string(row) + std::string(row % 5, 'x'));
  }
}

Status rows(StreamWriter& writer, std::int64_t count, std::int64_t nulls) {
  for (std::int64_t row = 0; row < count; ++row) {
    append_row(writer, row, nulls);
    if (writer.is_full()) TRY(writer.write_batch());
  }
  return writer.write_batch();
}

Status batches_of(StreamWriter& writer, const std::vector<int>& sizes) {
  std::int64_t row = 0;
  for (int size : sizes) {
    for (int index = 0; index < size; ++index) append_row(writer, row++, 3);
    TRY(writer.write_batch_always());
  }
  return {};
}

Status long_texts(StreamWriter& writer) {
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{70'000},
                             std::size_t{40} << 20, std::size_t{30} << 20, std::size_t{3}}) {
    writer.column(0).append_text(std::string(length, 'a'));
    if (writer.is_full()) TRY(writer.write_batch());
  }
  return writer.write_batch();
}

Status extremes(StreamWriter& writer) {
  for (const std::uint64_t bits :
       {0x8000'0000'0000'0000ULL, 0x7FFF'FFFF'FFFF'FFFFULL, 0ULL, 0xFFFF'FFFF'FFFF'FFFFULL}) {
    writer.column(0).append_slots(&bits, nullptr, 1);
    writer.column(1).append_slots(&bits, nullptr, 1);
  }
  return writer.write_batch();
}

using Fill = std::function<Status(StreamWriter&)>;

Status write_case(const std::string& directory, const std::string& name,
                  const std::vector<Field>& fields, const Fill& fill) {
  for (const Container container : {Container::Stream, Container::File}) {
    const char* suffix = container == Container::Stream ? ".arrows" : ".arrow";
    const std::unique_ptr<WritableFile> file =
        TRY(Env::posix().create(join(directory, name + suffix)));
    FileSink sink(*file);
    StreamWriter writer(fields, sink, container);
    TRY(writer.begin());
    TRY(fill(writer));
    TRY(writer.end());
    TRY(file->close());
  }
  return {};
}

// Through the model's own chunks: rows of condition_occurrence, every third without a date.
Status write_model_case(const std::string& directory) {
  const model::Table& table = model::table("condition_occurrence");
  const std::unique_ptr<WritableFile> file =
      TRY(Env::posix().create(join(directory, "model.arrows")));
  FileSink sink(*file);
  ModelWriter writer(table, sink);
  TRY(writer.begin());
  model::RowWriter rows(table, writer);
  for (std::int64_t row = 0; row < 100'000; ++row) {
    rows.set(table.id_column, row).set(table.person_column, row / 10);
    if (row % 3 != 0) rows.set(table.date_column, row % 20'000);
    if (row % 2 == 0) rows.set_text(table.column("condition_source_value"), std::to_string(row));
    TRY(rows.end_row());
  }
  TRY(rows.flush());
  TRY(writer.finish());
  return file->close();
}

Status write_all(const std::string& directory) {
  TRY(write_case(directory, "no_nulls", all_types(),
                 [](StreamWriter& w) { return rows(w, 1000, 0); }));
  TRY(write_case(directory, "nulls", all_types(),
                 [](StreamWriter& w) { return rows(w, 1001, 4); }));
  TRY(write_case(directory, "only_nulls", all_types(),
                 [](StreamWriter& w) { return rows(w, 9, 1); }));
  TRY(write_case(directory, "large", all_types(),
                 [](StreamWriter& w) { return rows(w, 100'000, 7); }));
  TRY(write_case(directory, "no_batch", all_types(), [](StreamWriter&) { return Status(); }));
  TRY(write_case(directory, "empty_batches", all_types(), [](StreamWriter& w) {
    return batches_of(w, {0, 5, 0, 0, 64, 1, 0});
  }));
  TRY(write_case(directory, "no_columns", {},
                 [](StreamWriter& w) { return w.write_batch_always(); }));
  TRY(write_case(directory, "names",
                 {{"âge à l'entrée", Type::Int64}, {"", Type::Utf8}, {"日本", Type::Bool}},
                 [](StreamWriter& w) {
                   w.column(0).append_int(1);
                   w.column(1).append_text("né");
                   w.column(2).append_int(1);
                   return w.write_batch();
                 }));
  TRY(write_case(directory, "long_texts", {{"text", Type::Utf8}}, long_texts));
  TRY(write_case(directory, "extremes", {{"number", Type::Int64}, {"amount", Type::Float64}},
                 extremes));
  return write_model_case(directory);
}

}  // namespace
}  // namespace eds::arrow

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: arrow_driver DIR\n", stderr);
    return 2;
  }
  const eds::Status done = eds::arrow::write_all(words[1]);
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done.ok() ? 0 : 3;
}
