#include "terms/athena.h"

#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "format/csv/csv_reader.h"
#include "format/csv/input.h"
#include "format/text/dates.h"
#include "format/text/numbers.h"

namespace eds::terms {
namespace {

constexpr std::size_t kSampleBytes = 16U << 10;

/// One table being read: columns by name, rows counted, bad ones named.
class Table {
 public:
  static Result<std::optional<Table>> open(const csv::Bundle& bundle, std::string_view name) {
    if (!bundle.has_table(name)) return std::optional<Table>();
    // The separator is the header's; the file is opened a second time to start again.
    const auto peek = TRY(bundle.open_table(name));
    // A source may give its first bytes in pieces: those that told what it is come alone.
    std::string sample(kSampleBytes, '\0');
    std::size_t size = 0;
    while (size < sample.size()) {
      const std::size_t more = TRY(peek->read(std::span(sample).subspan(size)));
      if (more == 0) break;
      size += more;
    }
    sample.resize(size);
    csv::Dialect dialect;
    const std::string_view header = std::string_view(sample).substr(0, sample.find('\n'));
    if (header.find('\t') != std::string_view::npos) {
      dialect.separator = '\t';
      dialect.quote = '\0';
    }
    if (header.empty()) return std::optional<Table>();
    Table table;
    table.name_ = name;
    table.reader_ = TRY(csv::Reader::open(TRY(bundle.open_table(name)), dialect));
    return std::optional<Table>(std::move(table));
  }

  Result<bool> next(LoadReport& report) {
    while (true) {
      switch (TRY(reader_->next())) {
        case csv::Step::End: return false;
        case csv::Step::Row: ++report.record_count; return true;
        case csv::Step::Bad:
          refuse(report, reader_->bad().line, csv::bad_reason_name(reader_->bad().reason));
      }
    }
  }
  void refuse(LoadReport& report, std::string_view why) {
    refuse(report, reader_->row().line(), why);
  }

  std::size_t column(std::string_view name) const {
    return reader_->column(name).value_or(static_cast<std::size_t>(-1));
  }
  std::string_view text(std::size_t column) const {
    return column < reader_->row().size() ? reader_->row()[column] : std::string_view();
  }
  std::optional<std::int64_t> integer(std::size_t column) const {
    return text::parse_integer(text(column));
  }

 private:
  void refuse(LoadReport& report, std::uint64_t line, std::string_view why) {
    ++report.bad_count;
    report.warn(fmt::format("{} line {}: {}", name_, line, why));
  }

  std::string name_;
  std::optional<csv::Reader> reader_;
};

struct Validity {
  std::size_t start;
  std::size_t end;
  std::size_t reason;
  explicit Validity(const Table& table)
      : start(table.column("valid_start_date")),
        end(table.column("valid_end_date")),
        reason(table.column("invalid_reason")) {}
  template <class Row>
  bool read(const Table& table, Row& row) const {
    const auto from = text::parse_vocabulary_date(table.text(start));
    const auto until = text::parse_vocabulary_date(table.text(end));
    if (!from || !until) return false;
    row.valid_start = *from;
    row.valid_end = *until;
    row.invalid_reason = table.text(reason);
    return true;
  }
};

/// Calls `read` for every row of a table; it answers with the count of rows given to the sink.
template <class Read>
Result<std::uint64_t> each_row(std::optional<Table>& table, LoadReport& report, Read read) {
  std::uint64_t count = 0;
  if (!table) return count;
  while (TRY(table->next(report))) {
    const bool understood = TRY(read(*table));
    if (understood) {
      ++count;
    } else {
      table->refuse(report, "an id or a date cannot be read");
    }
  }
  return count;
}

Result<std::uint64_t> load_concepts(const csv::Bundle& bundle, LoadReport& report, OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "concept"));
  if (!table) return Error{Code::NotFound, "no CONCEPT table in the vocabulary bundle"};
  const Validity validity(*table);
  const std::size_t id = table->column("concept_id");
  const std::size_t name = table->column("concept_name");
  const std::size_t domain = table->column("domain_id");
  const std::size_t vocabulary = table->column("vocabulary_id");
  const std::size_t kind = table->column("concept_class_id");
  const std::size_t standard = table->column("standard_concept");
  const std::size_t code = table->column("concept_code");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    ConceptRow row;
    const auto number = from.integer(id);
    if (!number || !validity.read(from, row)) return false;
    row.concept_id = *number;
    row.concept_name = from.text(name);
    row.domain_id = from.text(domain);
    row.vocabulary_id = from.text(vocabulary);
    row.concept_class_id = from.text(kind);
    row.standard_concept = from.text(standard);
    row.concept_code = from.text(code);
    TRY(sink.add(row));
    return true;
  });
}

Result<std::uint64_t> load_relationships(const csv::Bundle& bundle, LoadReport& report,
                                         OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "concept_relationship"));
  if (!table) return std::uint64_t{0};
  const Validity validity(*table);
  const std::size_t first = table->column("concept_id_1");
  const std::size_t second = table->column("concept_id_2");
  const std::size_t relation = table->column("relationship_id");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    ConceptRelationshipRow row;
    const auto a = from.integer(first);
    const auto b = from.integer(second);
    if (!a || !b || !validity.read(from, row)) return false;
    row.concept_id_1 = *a;
    row.concept_id_2 = *b;
    row.relationship_id = from.text(relation);
    TRY(sink.add(row));
    return true;
  });
}

Result<std::uint64_t> load_ancestors(const csv::Bundle& bundle, LoadReport& report,
                                     OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "concept_ancestor"));
  if (!table) return std::uint64_t{0};
  const std::size_t ancestor = table->column("ancestor_concept_id");
  const std::size_t descendant = table->column("descendant_concept_id");
  const std::size_t min_levels = table->column("min_levels_of_separation");
  const std::size_t max_levels = table->column("max_levels_of_separation");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    const auto a = from.integer(ancestor);
    const auto b = from.integer(descendant);
    const auto low = from.integer(min_levels);
    const auto high = from.integer(max_levels);
    if (!a || !b || !low || !high) return false;
    TRY(sink.add(ConceptAncestorRow{*a, *b, static_cast<std::int32_t>(*low),
                                    static_cast<std::int32_t>(*high)}));
    return true;
  });
}

Result<std::uint64_t> load_synonyms(const csv::Bundle& bundle, LoadReport& report, OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "concept_synonym"));
  if (!table) return std::uint64_t{0};
  const std::size_t id = table->column("concept_id");
  const std::size_t name = table->column("concept_synonym_name");
  const std::size_t language = table->column("language_concept_id");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    const auto number = from.integer(id);
    const auto tongue = from.integer(language);
    if (!number || !tongue) return false;
    TRY(sink.add(ConceptSynonymRow{*number, from.text(name), *tongue}));
    return true;
  });
}

Result<std::uint64_t> load_vocabularies(const csv::Bundle& bundle, LoadReport& report,
                                        OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "vocabulary"));
  if (!table) return std::uint64_t{0};
  const std::size_t id = table->column("vocabulary_id");
  const std::size_t name = table->column("vocabulary_name");
  const std::size_t reference = table->column("vocabulary_reference");
  const std::size_t version = table->column("vocabulary_version");
  const std::size_t concept_column = table->column("vocabulary_concept_id");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    const auto number = from.integer(concept_column);
    if (!number) return false;
    TRY(sink.add(VocabularyRow{from.text(id), from.text(name), from.text(reference),
                               from.text(version), *number}));
    return true;
  });
}

Result<std::uint64_t> load_mappings(const csv::Bundle& bundle, LoadReport& report, OmopSink& sink) {
  auto table = TRY(Table::open(bundle, "source_to_concept_map"));
  if (!table) return std::uint64_t{0};
  const Validity validity(*table);
  const std::size_t code = table->column("source_code");
  const std::size_t source = table->column("source_concept_id");
  const std::size_t vocabulary = table->column("source_vocabulary_id");
  const std::size_t description = table->column("source_code_description");
  const std::size_t target = table->column("target_concept_id");
  const std::size_t target_vocabulary = table->column("target_vocabulary_id");
  return each_row(table, report, [&](const Table& from) -> Result<bool> {
    SourceToConceptRow row;
    const auto number = from.integer(target);
    if (!number || !validity.read(from, row)) return false;
    row.source_code = from.text(code);
    row.source_vocabulary_id = from.text(vocabulary);
    row.source_code_description = from.text(description);
    row.source_concept_id = from.integer(source).value_or(0);
    row.target_concept_id = *number;
    row.target_vocabulary_id = from.text(target_vocabulary);
    TRY(sink.add(row));
    return true;
  });
}

}  // namespace

Result<AthenaReport> load_athena(Env& env, const Path& path, OmopSink& sink) {
  const csv::Bundle bundle = TRY(csv::Bundle::open(env, path));
  AthenaReport report;
  report.concept_count = TRY(load_concepts(bundle, report.load, sink));
  report.relationship_count = TRY(load_relationships(bundle, report.load, sink));
  report.ancestor_count = TRY(load_ancestors(bundle, report.load, sink));
  report.synonym_count = TRY(load_synonyms(bundle, report.load, sink));
  report.vocabulary_count = TRY(load_vocabularies(bundle, report.load, sink));
  report.mapping_count = TRY(load_mappings(bundle, report.load, sink));
  return report;
}

}  // namespace eds::terms
