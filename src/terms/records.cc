#include "terms/records.h"

#include <algorithm>

#include <fmt/format.h>

#include "format/text/encoding.h"
#include "format/text/numbers.h"

namespace eds::terms {
namespace {

constexpr std::size_t kSampleBytes = 64U << 10;

/// Gives a source's first bytes back before the rest.
class Replayed : public csv::ByteSource {
 public:
  Replayed(std::string front, std::unique_ptr<csv::ByteSource> rest)
      : front_(std::move(front)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::span<char> into) override {
    if (at_ == front_.size()) return rest_->read(into);
    const std::size_t count = front_.copy(into.data(), into.size(), at_);
    at_ += count;
    return count;
  }

 private:
  std::string front_;
  std::size_t at_ = 0;
  std::unique_ptr<csv::ByteSource> rest_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_json_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

Error bad_json(const char* what) {
  return Error{Code::Malformed, what};
}

/// Reads a JSON object of scalars, front to back.
class FlatParser {
 public:
  explicit FlatParser(std::string_view text) : text_(text) {}

  Result<FlatObject> parse() {
    FlatObject object;
    if (!take('{')) return bad_json("JSON object expected");
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        if (object.members.size() >= kFieldsMax) return bad_json("JSON object is too wide");
        std::string name = TRY(string());
        skip_space();
        if (!take(':')) return bad_json("JSON object lacks a colon");
        skip_space();
        object.members.emplace_back(std::move(name), TRY(scalar()));
        skip_space();
      } while (take(','));
      if (!take('}')) return bad_json("JSON object is not closed");
    }
    object.size = at_;
    return object;
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
  }

  Result<std::string> scalar() {
    if (at_ < text_.size() && text_[at_] == '"') return string();
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_json_space(text_[at_]) && text_[at_] != ',' &&
           text_[at_] != '}') {
      if (text_[at_] == '{' || text_[at_] == '[') return bad_json("JSON record is nested");
      ++at_;
    }
    const std::string_view word = text_.substr(start, at_ - start);
    if (word == "null") return std::string();
    if (word != "true" && word != "false" && !text::parse_decimal(word)) {
      return bad_json("JSON value expected");
    }
    return std::string(word);
  }

  std::int32_t hex4() {
    std::int32_t value = 0;
    if (at_ + 4 > text_.size()) return -1;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const std::int32_t digit = c >= '0' && c <= '9'   ? c - '0'
                                 : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                 : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                        : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  Status escape(std::string& out) {
    if (at_ >= text_.size()) return bad_json("JSON string is not closed");
    const char c = text_[at_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const std::size_t found = kFrom.find(c); found != std::string_view::npos) {
      out += kTo[found];
      return {};
    }
    if (c != 'u') return bad_json("JSON escape is not known");
    std::int32_t unit = hex4();
    if (unit < 0) return bad_json("JSON escape is not known");
    if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const std::int32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) return bad_json("JSON surrogate is alone");
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    text::append_code_point(out, static_cast<char32_t>(unit));
    return {};
  }

  Result<std::string> string() {
    if (!take('"')) return bad_json("JSON string expected");
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return out;
      if (c == '\\') {
        TRY(escape(out));
      } else {
        out += c;
      }
    }
    return bad_json("JSON string is not closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Where the object that begins at `at` ends, or npos: braces outside strings are counted.
std::size_t object_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return at + 1;
      --depth;
    }
  }
  return std::string_view::npos;
}

}  // namespace

Result<FlatObject> parse_flat_object(std::string_view text) {
  return FlatParser(text).parse();
}

Result<Records> Records::open(Env& env, const Path& path, std::span<const std::string_view> names) {
  return from(TRY(csv::open_input(env, path)), names);
}

Result<Records> Records::over(std::string_view bytes, std::span<const std::string_view> names) {
  return from(csv::memory_source(bytes), names);
}

Result<Records> Records::from(std::unique_ptr<csv::ByteSource> source,
                              std::span<const std::string_view> names) {
  std::string sample(kSampleBytes, '\0');
  std::size_t count = 0;
  while (count < sample.size()) {
    const std::size_t more = TRY(source->read({sample.data() + count, sample.size() - count}));
    if (more == 0) break;
    count += more;
  }
  sample.resize(count);
  Records records;
  std::size_t first = sample.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (first < sample.size() && is_json_space(sample[first])) ++first;
  if (first < sample.size() && (sample[first] == '[' || sample[first] == '{')) {
    records.at_ = first;
    records.buffer_ = std::move(sample);
    records.source_ = std::move(source);
    return records;
  }
  records.eight_bit_cp850_ = text::detect_encoding(sample) == text::Encoding::Cp850;
  csv::Dialect dialect = csv::detect_dialect(sample);
  // The columns of a headerless file are known: its first row is then data unless it names them.
  if (!names.empty()) {
    const std::string_view first_line =
        std::string_view(sample).substr(first, sample.find_first_of("\r\n", first) - first);
    const std::size_t end = first_line.find(dialect.separator);
    std::string_view first_field = text::trim(first_line.substr(0, end));
    if (first_field.starts_with('"')) first_field = first_field.substr(1, first_field.size() - 2);
    const bool named = equals_ignoring_case(first_field, names[0]);
    dialect.header = named ? csv::Header::Present : csv::Header::Absent;
  }
  auto replayed = std::make_unique<Replayed>(std::move(sample), std::move(source));
  const bool headerless = dialect.header == csv::Header::Absent;
  records.reader_ = TRY(csv::Reader::open(std::move(replayed), dialect));
  if (headerless) {
    for (const std::string_view name : names) records.fields_.emplace_back(name, "");
  } else {
    for (const std::string& name : records.reader_->header()) {
      records.fields_.emplace_back(text::trim(name), "");
    }
  }
  return records;
}

Result<bool> Records::next() {
  return reader_ ? next_csv() : next_json();
}

Result<bool> Records::next_csv() {
  while (true) {
    switch (TRY(reader_->next())) {
      case csv::Step::End: return false;
      case csv::Step::Bad:
        refuse(reader_->bad().line, std::string(csv::bad_reason_name(reader_->bad().reason)));
        continue;
      case csv::Step::Row: break;
    }
    text::LineDecoder decoder(eight_bit_cp850_ ? text::Encoding::Cp850
                                               : text::Encoding::Windows1252);
    const csv::Row& row = reader_->row();
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      fields_[i].second = i < row.size() ? text::trim(decoder.decode(row[i])) : std::string_view();
    }
    ++record_count_;
    return true;
  }
}

Status Records::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + csv::kReadBlockBytes);
  const auto count = source_->read({buffer_.data() + held, csv::kReadBlockBytes});
  buffer_.resize(held + (count.ok() ? *count : 0));
  if (!count.ok()) return count.error();
  at_end_ = *count == 0;
  return {};
}

Result<bool> Records::next_json() {
  while (true) {
    while (at_ < buffer_.size() &&
           (is_json_space(buffer_[at_]) || buffer_[at_] == ',' || buffer_[at_] == '[')) {
      ++at_;
    }
    const bool here = at_ < buffer_.size();
    if (here && buffer_[at_] == ']') return false;
    if (here && buffer_[at_] != '{') {
      return Error{Code::Malformed, "JSON array of objects expected"};
    }
    const std::size_t end = here ? object_end(buffer_, at_) : std::string::npos;
    if (end == std::string::npos) {
      if (at_end_ && !here) return false;
      if (at_end_) return Error{Code::Malformed, "JSON input is cut short"};
      if (buffer_.size() - at_ > kRecordBytesMax) {
        return Error{Code::Limit,
                     fmt::format("JSON record exceeds kRecordBytesMax ({})", kRecordBytesMax)};
      }
      TRY(fill());
      continue;
    }
    auto object = parse_flat_object(std::string_view(buffer_).substr(at_, end - at_));
    at_ = end;
    if (!object.ok() || object->size == 0) {
      refuse(record_count_ + bad_count_ + 1, object.ok() ? "empty" : object.error().message);
      continue;
    }
    fields_ = std::move(object->members);
    for (Field& field : fields_) field.second = std::string(text::trim(field.second));
    ++record_count_;
    return true;
  }
}

void Records::refuse(std::uint64_t line, std::string reason) {
  ++bad_count_;
  if (bad_.size() < kBadRecordsKept) bad_.push_back({line, std::move(reason)});
}

std::string_view Records::operator[](std::string_view name) const {
  for (const Field& field : fields_) {
    if (equals_ignoring_case(field.first, name)) return field.second;
  }
  return {};
}

bool Records::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const Field& field) { return equals_ignoring_case(field.first, name); });
}

}  // namespace eds::terms
