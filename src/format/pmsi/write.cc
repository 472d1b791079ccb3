#include "format/pmsi/write.h"

#include <algorithm>
#include <array>
#include <string>

namespace eds::pmsi {
namespace {

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Field names may go into messages: they are our own words. Values may not.
Error refusal(std::string_view what, std::string_view field) {
  return Error{Code::Malformed, std::string(what) + ": " + std::string(field)};
}

// Writes `value` into `place`, which is as long as the field.
Status put(const Field& field, std::string_view value, char* place) {
  if (value.size() > field.length) return refusal("value longer than its field", field.name);
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return refusal("value with a line end or NUL", field.name);
  }
  const std::size_t padding = field.length - value.size();
  if (value.empty() || field.align != Align::RightZero) {
    std::copy(value.begin(), value.end(), place);
    std::fill_n(place + value.size(), padding, ' ');
    return {};
  }
  if (!all_digits(value)) return refusal("number field given anything else", field.name);
  std::fill_n(place, padding, '0');
  std::copy(value.begin(), value.end(), place + padding);
  return {};
}

// `count` in the digits of a count field; refuses what they cannot say.
Status put_count(const Field& field, std::size_t count, char* place) {
  const std::string digits = std::to_string(count);
  if (digits.size() > field.length) {
    return refusal("more blocks than the field can count", field.name);
  }
  return put(field, digits, place);
}

std::string_view one(const char& c) {
  return {&c, 1};
}

/// What was given, or "" when it was not.
struct DigitsOf {
  std::string text;
  explicit DigitsOf(const std::optional<std::uint32_t>& value)
      : text(value ? std::to_string(*value) : std::string()) {}
};

struct DateOf {
  std::array<char, 8> bytes{};
  std::size_t size = 0;
  explicit DateOf(const std::optional<Day>& day) {
    if (!day) return;
    bytes = format_date(*day);
    size = bytes.size();
  }
  std::string_view view() const { return {bytes.data(), size}; }
};

}  // namespace

Draft::Draft(const Layout& layout)
    : layout_(&layout), fixed_(layout.fixed_bytes, ' '), blocks_(layout.blocks.size()) {
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    if (layout.blocks[i].count_in == kCountOnce) blocks_[i].assign(layout.blocks[i].bytes, ' ');
  }
  // The version stands where parse() looks for it; a kind without version has an empty one.
  if (layout.version.empty()) return;
  std::string probe(layout.fixed_bytes, ' ');
  const std::string_view place = version_of(layout.kind, probe);
  std::copy(layout.version.begin(), layout.version.end(),
            fixed_.begin() + (place.data() - probe.data()));
}

Draft Draft::copy_of(const Record& record) {
  Draft draft(record.layout());
  draft.copied_ = true;
  const std::string_view bytes = record.bytes(Reason::Write);
  for (const Field& field : record.layout().fields) {
    draft.fixed_.replace(field.start - 1U, field.length, bytes, field.start - 1U, field.length);
  }
  for (std::size_t i = 0; i < draft.blocks_.size(); ++i) {
    draft.blocks_[i].clear();
    for (std::size_t j = 0; j < record.block_count(i); ++j) draft.blocks_[i] += record.block(i, j);
  }
  return draft;
}

Status Draft::set(std::size_t field_index, std::string_view value) {
  const Field& field = layout_->fields[field_index];
  return put(field, value, fixed_.data() + field.start - 1);
}

Status Draft::set(std::string_view field_name, std::string_view value) {
  const std::optional<std::size_t> index = layout_->find(field_name);
  if (!index) return refusal("this version has no such field", field_name);
  return set(*index, value);
}

Status Draft::set_number(std::string_view field_name, std::uint64_t value) {
  return set(field_name, std::to_string(value));
}

Status Draft::set_date(std::string_view field_name, Day day) {
  const std::array<char, 8> bytes = format_date(day);
  return set(field_name, std::string_view(bytes.data(), bytes.size()));
}

Result<std::size_t> Draft::add_block(std::string_view block_name) {
  const std::optional<std::size_t> block = layout_->find_block(block_name);
  if (!block) return refusal("this version has no such block", block_name);
  const BlockLayout& layout = layout_->blocks[*block];
  if (layout.count_in == kCountOnce) return std::size_t{0};
  blocks_[*block].append(layout.bytes, ' ');
  return blocks_[*block].size() / layout.bytes - 1;
}

Status Draft::set_in_block(std::string_view block_name, std::size_t index,
                           std::string_view field_name, std::string_view value) {
  const std::optional<std::size_t> block = layout_->find_block(block_name);
  if (!block) return refusal("this version has no such block", block_name);
  const BlockLayout& layout = layout_->blocks[*block];
  const std::optional<std::size_t> found = layout.find(field_name);
  if (!found) return refusal("this version has no such field", field_name);
  if ((index + 1) * layout.bytes > blocks_[*block].size()) {
    return refusal("no such repetition of the block", block_name);
  }
  const Field& field = layout.fields[*found];
  return put(field, value, blocks_[*block].data() + index * layout.bytes + field.start - 1);
}

Result<std::string> Draft::line() const {
  std::string line = fixed_;
  std::vector<std::string> blocks = blocks_;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const BlockLayout& layout = layout_->blocks[i];
    if (layout.count_in == kCountOnce) continue;
    const std::size_t count = blocks[i].size() / layout.bytes;
    const bool fixed = layout.count_in == kCountFixed;
    const Field& field = fixed ? layout_->fields[layout.count_field]
                               : layout_->blocks[layout.count_in].fields[layout.count_field];
    std::string& holder = fixed ? line : blocks[layout.count_in];
    // A copied record may have a blank count, read as zero: it stays as it was.
    const std::string_view was = std::string_view(holder).substr(field.start - 1U, field.length);
    if (count == 0 && copied_ && trim(was).empty()) continue;
    TRY(put_count(field, count, holder.data() + field.start - 1));
  }
  for (const std::string& block : blocks) line += block;
  return line;
}

namespace {

// Writes fields by name and remembers the first refusal, so that a draft reads as a list of fields.
class Filler {
 public:
  explicit Filler(Draft& draft) : draft_(draft) {}
  void set(std::string_view name, std::string_view value) {
    if (status_.ok()) status_ = draft_.set(name, value);
  }
  void set_in(std::string_view block, std::size_t index, std::string_view name,
              std::string_view value) {
    if (status_.ok()) status_ = draft_.set_in_block(block, index, name, value);
  }
  const Status& status() const { return status_; }

 private:
  Draft& draft_;
  Status status_;
};

void fill_fixed(Filler& to, const RumDraft& rum, const Layout& layout) {
  if (layout.kind == Kind::RssGrouped) {
    const std::string_view ghm = rum.ghm;
    to.set("classification", rum.classification);
    to.set("cmd", ghm.substr(0, std::min<std::size_t>(2, ghm.size())));
    to.set("ghm_suffix", ghm.size() > 2 ? ghm.substr(2) : std::string_view());
    to.set("grouper_return", rum.grouper_return);
    const std::string rum_version = "0" + std::string(layout.version.substr(1));
    to.set("rum_version", rum_version);
  }
  to.set("finess", rum.finess);
  to.set("rss_number", rum.rss_number);
  to.set("stay_number", rum.stay_number);
  to.set("rum_number", rum.rum_number);
  to.set("birth_date", DateOf(rum.birth_date).view());
  to.set("sex", one(rum.sex));
  to.set("unit", rum.unit);
  to.set("bed_authorisation", rum.bed_authorisation);
  to.set("entry_date", DateOf(rum.entry).view());
  to.set("entry_mode", one(rum.entry_mode));
  to.set("provenance", one(rum.provenance));
  to.set("exit_date", DateOf(rum.exit).view());
  to.set("exit_mode", one(rum.exit_mode));
  to.set("destination", one(rum.destination));
  to.set("residence", rum.residence);
  to.set("weight_g", DigitsOf(rum.weight_g).text);
  to.set("gestational_age_weeks", DigitsOf(rum.gestational_age_weeks).text);
  if (layout.find("last_menses_date")) {
    to.set("last_menses_date", DateOf(rum.last_menses).view());
  }
  to.set("session_count", std::to_string(rum.session_count));
  to.set("dp", rum.dp);
  to.set("dr", rum.dr);
  to.set("igs2", DigitsOf(rum.igs2).text);
  to.set("coding_confirmed", one(rum.coding_confirmed));
}

void fill_act(Filler& to, std::size_t index, const ActDraft& act, const BlockLayout& block) {
  to.set_in("act", index, "date", DateOf(act.date).view());
  to.set_in("act", index, "code", act.code);
  // Versions before 017 have nowhere to put a PMSI extension, nor those before 023 a dialysis.
  if (block.find("extension")) to.set_in("act", index, "extension", act.extension);
  to.set_in("act", index, "phase", one(act.phase));
  to.set_in("act", index, "activity", one(act.activity));
  to.set_in("act", index, "documentary_extension", one(act.documentary_extension));
  to.set_in("act", index, "modifiers", act.modifiers);
  to.set_in("act", index, "exceptional_reimbursement", one(act.exceptional_reimbursement));
  to.set_in("act", index, "unplanned_association", one(act.unplanned_association));
  to.set_in("act", index, "count", std::to_string(act.count));
  if (block.find("dialysis_start")) {
    to.set_in("act", index, "dialysis_start", one(act.dialysis_start));
    to.set_in("act", index, "dialysis_modality", act.dialysis_modality);
  }
}

Status append_line(std::string& out, const Draft& draft, std::string_view line_end) {
  out += TRY(draft.line());
  out += line_end;
  return {};
}

}  // namespace

Status append_rum(std::string& out, const RumDraft& rum, std::string_view version,
                  std::string_view line_end) {
  const bool grouped = !version.empty() && version[0] == '1';
  const Layout* chosen = layout(grouped ? Kind::RssGrouped : Kind::RssUngrouped, version);
  if (chosen == nullptr) return Error{Code::Usage, "no such version of the RSS"};
  Draft draft(*chosen);
  Filler filler(draft);
  fill_fixed(filler, rum, *chosen);
  for (const std::string& code : rum.das) {
    filler.set_in("da", TRY(draft.add_block("da")), "code", code);
  }
  for (const std::string& code : rum.dads) {
    filler.set_in("dad", TRY(draft.add_block("dad")), "code", code);
  }
  for (const ActDraft& act : rum.acts) {
    fill_act(filler, TRY(draft.add_block("act")), act, chosen->blocks[2]);
  }
  if (!filler.status().ok()) return filler.status();
  return append_line(out, draft, line_end);
}

Status append_vid_hosp(std::string& out, const VidHospDraft& vid_hosp, std::string_view version,
                       std::string_view line_end) {
  const Layout* chosen = layout(Kind::VidHosp, version);
  if (chosen == nullptr) return Error{Code::Usage, "no such version of the VID-HOSP"};
  Draft draft(*chosen);
  Filler to(draft);
  // Amounts are mandatory; who writes a VidHospDraft has no invoice, hence zeros.
  for (const Field& field : chosen->fields) {
    const bool amount = field.type == FieldType::Number && field.required == Required::Always;
    if (amount) to.set(field.name, "0");
  }
  to.set("insured_nir", vid_hosp.insured_nir);
  to.set("insured_nir_key", vid_hosp.insured_nir_key);
  to.set("scheme", vid_hosp.scheme);
  to.set("birth_date", DateOf(vid_hosp.birth_date).view());
  to.set("sex", one(vid_hosp.sex));
  to.set("stay_number", vid_hosp.stay_number);
  to.set("finess", vid_hosp.finess);
  to.set("nir", vid_hosp.nir);
  to.set("nir_key", vid_hosp.nir_key);
  to.set("mother_stay_number", vid_hosp.mother_stay_number);
  to.set("hospitalisation_date", DateOf(vid_hosp.entry).view());
  to.set("birth_rank", DigitsOf(vid_hosp.birth_rank).text);
  to.set("entry_date", DateOf(vid_hosp.entry).view());
  to.set("exit_date", DateOf(vid_hosp.exit).view());
  if (chosen->find("ipp")) to.set("ipp", vid_hosp.ipp);
  if (chosen->find("ins")) to.set("ins", vid_hosp.ins);
  if (!to.status().ok()) return to.status();
  return append_line(out, draft, line_end);
}

Status append_hosp_pmsi(std::string& out, std::string_view rss_number, std::string_view stay_number,
                        std::string_view line_end) {
  Draft draft(layouts(Kind::HospPmsi)[0]);
  Filler to(draft);
  to.set("rss_number", rss_number);
  to.set("stay_number", stay_number);
  if (!to.status().ok()) return to.status();
  return append_line(out, draft, line_end);
}

}  // namespace eds::pmsi
