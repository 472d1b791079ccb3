#include "tests/readers/lake_story.h"

#include <cmath>
#include <limits>
#include <memory>

#include "lake/part.h"
#include "tests/readers/lake_book.h"

namespace eds::readers {
namespace {

constexpr std::int64_t kBigDay = 2'932'896;                      // 9999-12-31
constexpr std::int64_t kOldDay = -142'450;                       // 1579-12-27
constexpr std::int64_t kBigMoment = 253'402'300'799'999'999;     // 9999-12-31 23:59:59.999999
constexpr std::int64_t kOldMoment = -5'364'662'400'000'000 + 1;  // 1800-01-01 00:00:00.000001

/// Whether an act's outcome is written down; reading 204 versions of each reader takes too long.
enum class Told { Everything, Nothing };

/// Whether a commit says which columns the table has.
enum class Declare { Fields, Nothing };

// The table as it was before later columns were added at its end.
model::Table first_columns(const model::Table& full, std::size_t count) {
  model::Table narrow = full;
  narrow.columns = full.columns.first(count);
  narrow.source_column = model::kNoColumn;
  narrow.key_column = model::kNoColumn;
  return narrow;
}

class Story {
 public:
  explicit Story(std::string directory) : directory_(std::move(directory)) {}
  Status tell();

 private:
  Status open();
  Status begin_load(std::int64_t staged_rows_max = 1'000'000);
  Status feed(const std::string& table, const Row& row);
  /// Writes down what each named table must be, under the version that it now has.
  Status tell_of(const std::string& kind, const std::vector<std::string>& tables);
  /// Commits, and writes down what every table that the release touched must be.
  Status end_load(const std::string& kind, Told told = Told::Everything);

  Row measurement(std::int64_t number, std::int64_t person, std::int64_t key) const;
  Row condition(std::int64_t number, std::int64_t person, std::int64_t key) const;
  Status create_and_append();
  Status rewrite();
  Status special_values();
  Status merge_persons();
  Status erase_person();
  Status empty_table();
  Status compact(const std::string& name);
  Status append_narrow(const model::Table& narrow, const Row& row, Declare declare);
  Status grow_schema();
  Status grow_past_checkpoint();
  Status many_versions();

  std::string directory_;
  std::string steps_;
  Book book_;
  std::unique_ptr<lake::Warehouse> warehouse_;
  std::unique_ptr<lake::Loader> loader_;
  std::int64_t source_ = 0;
  std::int64_t position_ = 0;
};

Status Story::open() {
  Env& env = Env::posix();
  for (const char* folder : {"expected", "ours"})
    TRY(env.make_directories(join(directory_, folder)));
  const Path place = join(directory_, "warehouse");
  TRY(lake::Warehouse::create(env, place));
  warehouse_ = TRY(lake::Warehouse::open(env, place));
  return {};
}

Status Story::begin_load(std::int64_t staged_rows_max) {
  lake::LoaderOptions options;
  options.staged_rows_max = staged_rows_max;
  loader_ = TRY(lake::Loader::open(*warehouse_, options));
  ++source_;
  position_ = 0;
  return {};
}

Status Story::feed(const std::string& name, const Row& given) {
  Row row = given;
  row["eds_source_id"] = source_;
  row["eds_source_position"] = ++position_;
  const model::Table& table = model::table(name);
  model::RowWriter& writer = *TRY(loader_->rows(table));
  for (const auto& [column_name, cell] : row) {
    const std::size_t column = table.column(column_name);
    ENSURE(column != model::kNoColumn);
    if (const std::int64_t* number = std::get_if<std::int64_t>(&cell)) writer.set(column, *number);
    if (const double* number = std::get_if<double>(&cell)) writer.set_float(column, *number);
    if (const std::string* text = std::get_if<std::string>(&cell)) writer.set_text(column, *text);
  }
  TRY(writer.end_row());
  const auto key = row.find("eds_record_key");
  if (key != row.end()) {
    TRY(loader_->record(std::get<std::int64_t>(key->second), source_, position_));
    book_.drop_record(std::get<std::int64_t>(key->second));
  }
  book_.add(name, row);
  return loader_->relieve();
}

Status Story::tell_of(const std::string& kind, const std::vector<std::string>& tables) {
  Env& env = Env::posix();
  const lake::Release latest = TRY(warehouse_->catalogue().latest());
  for (const std::string& name : tables) {
    const model::Table& table = model::table(name);
    const std::optional<std::int64_t> version =
        TRY(warehouse_->catalogue().version_at(name, latest.id));
    ENSURE(version.has_value());
    const std::string file = name + "." + std::to_string(*version) + ".csv";
    steps_ += name + "\t" + std::to_string(*version) + "\t" + kind + "\n";
    TRY(env.write_durably(join(directory_, "expected/" + file), book_.csv(table)));
    TRY(env.write_durably(join(directory_, "ours/" + file),
                          TRY(our_csv(*warehouse_, table, book_.column_count(table), *version))));
  }
  return {};
}

Status Story::end_load(const std::string& kind, Told told) {
  const lake::LoadOutcome outcome = TRY(loader_->commit("driver", kind, {}));
  ENSURE(outcome.release.has_value());
  loader_.reset();
  std::vector<std::string> touched;
  for (const lake::TableOutcome& table : outcome.tables) touched.push_back(table.table);
  ENSURE(told == Told::Nothing || !touched.empty());
  return told == Told::Nothing ? Status() : tell_of(kind, touched);
}

// Arithmetic facts: a value in every type, and NULL in each now and then.
Row Story::measurement(std::int64_t number, std::int64_t person, std::int64_t key) const {
  Row row;
  row["measurement_id"] = number;
  row["person_id"] = person;
  row["measurement_concept_id"] = 3'000'000 + number % 7;
  row["measurement_date"] = 18'000 + number % 900;
  row["measurement_type_concept_id"] = std::int64_t{32'856};
  if (number % 3 != 0) row["measurement_datetime"] = 1'600'000'000'123'456 + number * 1'000'001;
  if (number % 5 != 0) row["value_as_number"] = static_cast<double>(number) / 7;
  if (number % 4 != 0) row["value_source_value"] = "µmol/l é " + std::to_string(number);
  if (key != 0) row["eds_record_key"] = key;
  return row;
}

Row Story::condition(std::int64_t number, std::int64_t person, std::int64_t key) const {
  Row row;
  row["condition_occurrence_id"] = number;
  row["person_id"] = person;
  row["condition_concept_id"] = 200'000 + number;
  row["condition_start_date"] = 17'000 + number;
  row["condition_source_value"] = "I" + std::to_string(number);
  row["eds_record_key"] = key;
  return row;
}

Status Story::create_and_append() {
  TRY(begin_load());
  for (std::int64_t number = 1; number <= 5'000; ++number) {
    TRY(feed("measurement", measurement(number, number % 50 + 1, 10'000 + number)));
  }
  for (std::int64_t number = 1; number <= 40; ++number) {
    TRY(feed("condition_occurrence", condition(number, number % 50 + 1, 90'000 + number)));
  }
  TRY(end_load("create"));
  TRY(begin_load(1'000));  // Several parts in one commit.
  for (std::int64_t number = 5'001; number <= 8'500; ++number) {
    TRY(feed("measurement", measurement(number, number % 90 + 1, 10'000 + number)));
  }
  return end_load("append");
}

Status Story::rewrite() {
  TRY(begin_load());
  for (std::int64_t number = 100; number <= 6'000; number += 100) {
    Row row = measurement(number, number % 50 + 1, 10'000 + number);
    row["value_as_number"] = -1.5;
    TRY(feed("measurement", row));
  }
  // The same record twice in one load: the later place wins.
  TRY(feed("condition_occurrence", condition(500, 3, 90'001)));
  TRY(feed("condition_occurrence", condition(501, 3, 90'001)));
  return end_load("rewrite");
}

Status Story::special_values() {
  TRY(begin_load());
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> numbers = {0.0,
                                       -0.0,
                                       infinity,
                                       -infinity,
                                       std::nan(""),
                                       std::numeric_limits<double>::denorm_min(),
                                       std::numeric_limits<double>::max(),
                                       0.1};
  const std::vector<std::string> texts = {
      "", "\\N", "a\"b,c\nd\r\n\te", "日本語 🩺", std::string(100'000, 'z'), "null", " ", "'"};
  for (std::size_t index = 0; index < numbers.size(); ++index) {
    Row row = measurement(20'000 + static_cast<std::int64_t>(index), 77, 0);
    row["value_as_number"] = numbers[index];
    row["value_source_value"] = texts[index];
    row["measurement_date"] = index % 2 == 0 ? kBigDay : kOldDay;
    row["measurement_datetime"] = index % 2 == 0 ? kBigMoment : kOldMoment;
    row["measurement_event_id"] = index % 2 == 0 ? std::numeric_limits<std::int64_t>::max()
                                                 : std::numeric_limits<std::int64_t>::min();
    TRY(feed("measurement", row));
  }
  return end_load("special values");
}

Status Story::merge_persons() {
  TRY(begin_load());
  TRY(feed("measurement", measurement(30'000, 9, 0)));
  TRY(loader_->merge_person(9, 1));
  TRY(loader_->merge_person(10, 2));
  book_.merge_person(9, 1);
  book_.merge_person(10, 2);
  return end_load("person merge");
}

Status Story::erase_person() {
  TRY(begin_load());
  for (const std::int64_t key : book_.records_of_person(5)) {
    TRY(loader_->record(key, source_, ++position_));
    book_.drop_record(key);
  }
  TRY(end_load("erase"));
  ENSURE(book_.records_of_person(5).empty());
  return {};
}

Status Story::empty_table() {
  TRY(begin_load());
  for (std::int64_t key = 90'001; key <= 90'040; ++key) {
    TRY(loader_->record(key, source_, ++position_));
    book_.drop_record(key);
  }
  ENSURE(book_.row_count("condition_occurrence") == 0);
  TRY(end_load("erase all"));
  TRY(begin_load());
  TRY(feed("condition_occurrence", condition(900, 12, 91'000)));
  return end_load("append after erase all");
}

// As a compaction does: the same rows in one file, marked as no change of data.
Status Story::compact(const std::string& name) {
  const model::Table& table = model::table(name);
  lake::Catalogue& catalogue = warehouse_->catalogue();
  const lake::Release latest = TRY(catalogue.latest());
  const std::vector<lake::DataFile> files = TRY(catalogue.files(name, latest.id));
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  lake::TableChange change;
  change.table = name;
  change.operation = "OPTIMIZE";
  change.data_change = false;
  for (const lake::DataFile& file : files) change.removed.push_back(file.path);
  change.added.push_back(
      TRY(lake::write_part(*warehouse_, connection, table,
                           "SELECT * FROM (" + lake::scan_sql(*warehouse_, table, files) + ")" +
                               lake::order_sql(table))));
  TRY(warehouse_->commit(lake::NewRelease{"driver", "compaction", {change}, {}}));
  return tell_of("compaction", {name});
}

// One row in one part with only the table's first columns, as an older EDS wrote it.
Status Story::append_narrow(const model::Table& narrow, const Row& row, Declare declare) {
  const std::string name(narrow.name);
  book_.set_column_count(name, narrow.columns.size());
  book_.add(name, row);
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  std::string columns;
  for (const model::Column& column : narrow.columns) {
    const auto cell = row.find(std::string(column.name));
    std::string value = "NULL";
    if (cell != row.end()) value = std::to_string(std::get<std::int64_t>(cell->second));
    if (column.type == model::Type::Date && cell != row.end()) {
      value = "DATE '1970-01-01' + " + value;
    }
    columns += (columns.empty() ? "CAST(" : ", CAST(") + value + " AS " +
               std::string(duck::sql_type(column.type)) + ") AS " + duck::quote_name(column.name);
  }
  lake::TableChange change;
  change.table = name;
  if (declare == Declare::Fields) change.fields = lake::delta_fields(narrow);
  change.added.push_back(
      TRY(lake::write_part(*warehouse_, connection, narrow, "SELECT " + columns)));
  TRY(warehouse_->commit(lake::NewRelease{"driver", "older", {change}, {}}));
  return {};
}

// An older EDS wrote device_exposure with its first seven columns; this one adds the others.
Status Story::grow_schema() {
  const model::Table& full = model::table("device_exposure");
  const model::Table narrow = first_columns(full, 7);
  for (std::int64_t number = 1; number <= 8; ++number) {
    Row row;
    row["device_exposure_id"] = number;
    row["person_id"] = number % 4 + 1;
    row["device_concept_id"] = 45'000 + number;
    row["device_exposure_start_date"] = 17'000 + number;
    TRY(append_narrow(narrow, row, number == 1 ? Declare::Fields : Declare::Nothing));
    TRY(tell_of("create narrow", {"device_exposure"}));
  }
  book_.set_column_count("device_exposure", full.columns.size());
  TRY(begin_load());
  Row row;
  row["device_exposure_id"] = std::int64_t{100};
  row["person_id"] = std::int64_t{1};
  row["device_concept_id"] = std::int64_t{45'100};
  row["device_exposure_start_date"] = std::int64_t{19'000};
  row["unique_device_id"] = "UDI-100";
  row["quantity"] = std::int64_t{2};
  row["eds_record_key"] = std::int64_t{95'000};
  TRY(feed("device_exposure", row));
  TRY(end_load("schema addition"));

  TRY(begin_load());
  TRY(loader_->merge_person(3, 4));
  book_.merge_person(3, 4);
  return end_load("rewrite of a narrow file");
}

// The same, with a checkpoint between the older columns and the newer.
Status Story::grow_past_checkpoint() {
  const model::Table& full = model::table("procedure_occurrence");
  const model::Table narrow = first_columns(full, 4);
  for (std::int64_t version = 0; version <= 105; ++version) {
    Row row;
    row["procedure_occurrence_id"] = version;
    row["person_id"] = version % 4 + 1;
    row["procedure_concept_id"] = version * 10;
    row["procedure_date"] = 18'000 + version;
    TRY(append_narrow(narrow, row, version == 0 ? Declare::Fields : Declare::Nothing));
    if (version >= 99) TRY(tell_of("narrow past a checkpoint", {"procedure_occurrence"}));
  }
  book_.set_column_count("procedure_occurrence", full.columns.size());
  TRY(begin_load());
  Row row;
  row["procedure_occurrence_id"] = std::int64_t{1'000};
  row["person_id"] = std::int64_t{1};
  row["procedure_date"] = std::int64_t{19'000};
  row["procedure_source_value"] = "YYYY001";
  TRY(feed("procedure_occurrence", row));
  return end_load("schema addition past a checkpoint");
}

// Past two checkpoints, with files that come and go on both sides of them.
Status Story::many_versions() {
  for (std::int64_t version = 0; version <= 203; ++version) {
    TRY(begin_load());
    Row row;
    row["observation_id"] = version + 1;
    row["person_id"] = version % 6 + 1;
    row["observation_concept_id"] = 4'000'000 + version;
    row["observation_date"] = 18'000 + version;
    row["value_as_string"] = "v" + std::to_string(version);
    // Every seventh version replaces what the version seven before it wrote.
    row["eds_record_key"] = 700'000 + (version % 7 == 0 && version > 0 ? version - 7 : version);
    TRY(feed("observation", row));
    const bool is_told = version < 2 || version == 50 || version == 150 ||
                         (version >= 98 && version <= 101) || version >= 198;
    const std::string kind = version < 100 ? "many versions" : "past a checkpoint";
    TRY(end_load(kind, is_told ? Told::Everything : Told::Nothing));
  }
  return {};
}

Status Story::tell() {
  TRY(open());
  TRY(create_and_append());
  TRY(rewrite());
  TRY(special_values());
  TRY(merge_persons());
  TRY(compact("measurement"));
  TRY(erase_person());
  TRY(empty_table());
  TRY(grow_schema());
  TRY(compact("device_exposure"));
  TRY(grow_past_checkpoint());
  TRY(many_versions());
  return Env::posix().write_durably(join(directory_, "steps.tsv"), steps_);
}

}  // namespace

Status tell_story(const std::string& directory) {
  return Story(directory).tell();
}

}  // namespace eds::readers
