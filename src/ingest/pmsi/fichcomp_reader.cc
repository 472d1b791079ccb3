// FICHCOMP: what a stay used beside its GHM: drugs (06, 09, 14), implanted devices (02), and the
// rest (organs, inter-hospital services, peritoneal dialysis, transports) as observations.
#include <cstdlib>
#include <map>
#include <string>

#include "format/pmsi/check.h"
#include "format/pmsi/date.h"
#include "format/text/encoding.h"
#include "format/text/numbers.h"
#include "ingest/people.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/line_file.h"
#include "ingest/pmsi/pmsi_files.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

class FichcompFile final : public LineFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-fichcomp", "FICHCOMP, fixed positions, types 02 03 04 06 07 09 14 15", false,
            false};
  }

 protected:
  Status begin(Load&, FeedFile&) override {
    times_.clear();
    return {};
  }
  Status take(Load& load, FeedFile& file, const formats::Line& line) override;

 private:
  struct Use {
    std::string_view type, code;
    std::int64_t day = 0;
    std::optional<std::int64_t> amount;
    StayOf stay;
    Provenance from;
  };
  Status write_drug(Load& load, const Use& use);
  Status write_device(Load& load, const Use& use);
  Status write_other(Load& load, const Use& use);
  static void place(model::RowWriter& row, const Use& use);

  formats::Checker checker_;
  std::map<std::string, int> times_;  ///< how often the same use came in this file
};

bool is_drug(std::string_view type) {
  return type == "06" || type == "09" || type == "14";
}

Status FichcompFile::take(Load& load, FeedFile& file, const formats::Line& line) {
  const formats::Parsed parsed = formats::parse(formats::Kind::Fichcomp, line.bytes);
  if (!parsed.whole) {
    return reject(load, file, line, parsed.field,
                  parsed.finding.has_value() ? formats::code_word(*parsed.finding) : "not-whole",
                  "the line is not a FICHCOMP record of a known type");
  }
  const std::span<const formats::Finding> findings =
      checker_.check_record(parsed.record, line.number);
  for (const formats::Finding& finding : findings) {
    if (finding.severity == formats::Severity::Error) return reject(load, file, line, findings);
  }
  warn(load, file, findings);
  const auto field = [&](std::string_view name) {
    return formats::trim(parsed.record.field(name).value_or(""));
  };
  Use use;
  use.type = field("type");
  const std::string_view authority = authority_of(load, field("finess"));
  use.code = is_drug(use.type) ? field("ucd") : use.type == "15" ? field("package") : field("code");
  const std::string_view written =
      use.type == "02" || use.type == "03" || use.type == "04" || use.type == "07"
          ? field("start_date")
          : field("date");
  const formats::Date day = formats::parse_date(written);
  if (!day.present()) {
    return reject(load, file, line, "date", "date-missing", "the use has no date");
  }
  use.day = day.day;
  use.amount =
      text::parse_integer(is_drug(use.type) ? field("quantity_thousandths") : field("count"));
  const std::string_view number =
      formats::trim(parsed.record.identifying("stay_number").reveal(Reason::Match));
  const std::optional<StayOf> stay =
      TRY(People(load).stay(People::named(govern::IdentifierKind::Nda, authority, number)));
  if (!stay.has_value()) {
    return reject(load, file, line, "stay_number", "identifier-malformed",
                  "the stay number cannot be one");
  }
  use.stay = *stay;
  use.from.source_id = file.source_id;
  use.from.position = static_cast<std::int64_t>(file.original_line(line.number));
  std::string key = "fichcomp|";
  key.append(authority).append("|").append(use.type).append("|").append(number).append("|");
  key.append(written).append("|").append(use.code);
  // Two equal lines are two uses: the nth of a file replaces the nth of its former version.
  key += "|" + std::to_string(++times_[key]);
  use.from.record_key = load.identities().record_key(key);
  TRY(load.loader().record(use.from.record_key, use.from.source_id, use.from.position));
  load.claims().saw(use.stay.person, use.day, use.day);
  const char* table = is_drug(use.type)  ? "drug_exposure"
                      : use.type == "02" ? "device_exposure"
                                         : "observation";
  ++file.report.rows_by_table[table];
  if (is_drug(use.type)) return write_drug(load, use);
  return use.type == "02" ? write_device(load, use) : write_other(load, use);
}

void FichcompFile::place(model::RowWriter& row, const Use& use) {
  const model::Table& table = row.table();
  row.set(table.person_column, use.stay.person);
  row.set(table.date_column, use.day);
  row.set(table.column("visit_occurrence_id"), use.stay.visit);
  Load::stamp(row, use.from);
}

Status FichcompFile::write_drug(Load& load, const Use& use) {
  model::RowWriter& row = *TRY(load.rows("drug_exposure"));
  const model::Table& table = row.table();
  const Mapped mapped = TRY(load.concepts().find("UCD", use.code));
  if (!mapped.known()) load.concepts().count_unmapped("UCD", use.code, 1);
  const std::int64_t id = TRY(load.next_id(table));
  place(row, use);
  row.set(table.id_column, id);
  row.set(table.column("drug_concept_id"), mapped.standard);
  row.set(table.column("drug_exposure_end_date"), use.day);
  row.set(table.column("drug_type_concept_id"), kInpatientClaim);
  if (use.amount.has_value()) {
    row.set_float(table.column("quantity"), static_cast<double>(*use.amount) / 1000.0);
  }
  put(row, table.column("drug_source_value"), use.code);
  row.set(table.column("drug_source_concept_id"), mapped.source);
  return row.end_row();
}

Status FichcompFile::write_device(Load& load, const Use& use) {
  model::RowWriter& row = *TRY(load.rows("device_exposure"));
  const model::Table& table = row.table();
  const std::int64_t id = TRY(load.next_id(table));
  place(row, use);
  row.set(table.id_column, id);
  row.set(table.column("device_concept_id"), 0);
  row.set(table.column("device_type_concept_id"), kInpatientClaim);
  if (use.amount.has_value()) row.set(table.column("quantity"), *use.amount);
  put(row, table.column("device_source_value"), use.code);
  return row.end_row();
}

Status FichcompFile::write_other(Load& load, const Use& use) {
  model::RowWriter& row = *TRY(load.rows("observation"));
  const model::Table& table = row.table();
  const std::int64_t id = TRY(load.next_id(table));
  place(row, use);
  row.set(table.id_column, id);
  row.set(table.column("observation_concept_id"), 0);
  row.set(table.column("observation_type_concept_id"), kInpatientClaim);
  put(row, table.column("observation_source_value"), use.code);
  row.set_text(table.column("qualifier_source_value"), "FICHCOMP " + std::string(use.type));
  if (use.amount.has_value()) {
    row.set_float(table.column("value_as_number"), static_cast<double>(*use.amount));
  }
  return row.end_row();
}

}  // namespace

std::unique_ptr<FormatReader> fichcomp_reader() {
  return std::make_unique<FichcompFile>();
}

}  // namespace eds::ingest::pmsi
