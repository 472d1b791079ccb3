#include "cohort/index_column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "cohort/index_unpack.h"
#include "cohort/store.h"

namespace eds::cohort {
namespace {

// Bits are read by loads of 8 bytes at any byte: so many stand behind the last.
constexpr std::size_t kSlackBytes = 8;
// Wider codes would not come out of one such load.
constexpr unsigned kWidthMax = 56;
// But for whole numbers, which begin at a byte.
constexpr unsigned kWholeWidth = 64;
constexpr std::size_t kHeaderBytes = 16;
constexpr double kPowers[] = {1, 10, 100, 1000, 10000};
constexpr double kFractions[] = {1, 0.1, 0.01, 0.001, 0.0001};
constexpr std::uint8_t kScaleMax = 4;
constexpr std::uint8_t kMissingFlag = 1;
constexpr unsigned kFormShift = 1;

template <class Value>
void put(std::string& into, Value value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  into.append(bytes, sizeof value);
}

void put_header(std::string& into, Packing packing, unsigned width, std::uint8_t flags,
                unsigned scale, std::uint32_t count, std::int64_t base) {
  put(into, static_cast<std::uint8_t>(packing));
  put(into, static_cast<std::uint8_t>(width));
  put(into, flags);
  put(into, static_cast<std::uint8_t>(scale));
  put(into, count);
  put(into, base);
}

unsigned width_of(std::uint64_t largest) {
  return static_cast<unsigned>(64 - std::countl_zero(largest));
}

std::size_t bit_bytes(std::size_t row_count, unsigned width) {
  return (row_count * width + 7) / 8 + kSlackBytes;
}

// Appends codes of `width` bits each.
class BitWriter {
 public:
  BitWriter(std::string& into, std::size_t row_count, unsigned width) : width_(width) {
    const std::size_t begin = into.size();
    into.resize(begin + bit_bytes(row_count, width));
    to_ = into.data() + begin;
  }
  void add(std::uint64_t code) {
    word_ |= code << filled_;
    filled_ += width_;
    while (filled_ >= 8) {
      *to_++ = static_cast<char>(word_);
      word_ >>= 8;
      filled_ -= 8;
    }
  }
  void end() {
    if (filled_ > 0) *to_++ = static_cast<char>(word_);
  }

 private:
  char* to_;
  std::uint64_t word_ = 0;
  unsigned filled_ = 0;
  unsigned width_;
};

template <class Code>
void put_bits(std::string& into, std::size_t row_count, unsigned width, Code code_of) {
  BitWriter bits(into, row_count, width);
  for (std::size_t row = 0; row < row_count; ++row) bits.add(code_of(row));
  bits.end();
}

// The distinct values of a column while they are few.
class Distinct {
 public:
  bool is_few() const { return is_few_; }
  void add(std::int64_t value) {
    if (!is_few_ || (!values_.empty() && values_[last_] == value)) return;
    std::size_t at = slot(value);
    while (slots_[at] != 0) {
      if (values_[slots_[at] - 1] == value) {
        last_ = slots_[at] - 1;
        return;
      }
      at = (at + 1) % slots_.size();
    }
    if (values_.size() == kDictionaryMax) {
      is_few_ = false;
      return;
    }
    last_ = values_.size();
    values_.push_back(value);
    slots_[at] = static_cast<std::uint16_t>(values_.size());
  }
  std::uint64_t code_of(std::int64_t value) const {
    std::size_t at = slot(value);
    while (values_[slots_[at] - 1] != value) at = (at + 1) % slots_.size();
    return slots_[at] - std::uint64_t{1};
  }
  const std::vector<std::int64_t>& values() const { return values_; }
  unsigned width() const { return width_of(values_.empty() ? 0 : values_.size() - 1); }

 private:
  std::size_t slot(std::int64_t value) const {
    return (static_cast<std::uint64_t>(value) * 0x9E3779B97F4A7C15ULL >> 54) % slots_.size();
  }
  std::vector<std::int64_t> values_;
  std::array<std::uint16_t, 1024> slots_{};
  std::size_t last_ = 0;
  bool is_few_ = true;
};

void put_dictionary(const Distinct& distinct, std::span<const std::int64_t> values,
                    std::string& into) {
  const auto count = static_cast<std::uint32_t>(distinct.values().size());
  put_header(into, Packing::Dictionary, distinct.width(), 0, 0, count, 0);
  for (std::int64_t value : distinct.values()) put(into, value);
  put_bits(into, values.size(), distinct.width(),
           [&](std::size_t row) { return distinct.code_of(values[row]); });
}

void put_raw(std::span<const std::int64_t> values, std::string& into) {
  put_header(into, Packing::Raw, 64, 0, 0, 0, 0);
  for (std::int64_t value : values) put(into, value);
}

struct StepBlock {
  std::uint64_t first = 0;
  std::uint64_t step_min = 0;
  unsigned width = 0;
};

// Steps are differences without overflow: as unsigned numbers they wrap and come back.
StepBlock step_block(std::span<const std::int64_t> values) {
  StepBlock block;
  block.first = static_cast<std::uint64_t>(values[0]);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  for (std::size_t row = 1; row < values.size(); ++row) {
    const auto step = static_cast<std::int64_t>(static_cast<std::uint64_t>(values[row]) -
                                                static_cast<std::uint64_t>(values[row - 1]));
    least = std::min(least, step);
    most = std::max(most, step);
  }
  if (values.size() < 2) return block;
  block.step_min = static_cast<std::uint64_t>(least);
  block.width = width_of(static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least));
  if (block.width > kWidthMax) block.width = kWholeWidth;
  return block;
}

constexpr std::size_t kStepHeaderBytes = 8 + 8 + 4 + 1;

struct StepPlan {
  std::vector<StepBlock> blocks;
  std::size_t bytes = 0;
  bool fits = true;
};

StepPlan plan_steps(std::span<const std::int64_t> values) {
  StepPlan plan;
  plan.bytes = kSlackBytes;
  for (std::size_t begin = 0; begin < values.size(); begin += kStepRows) {
    const std::size_t rows = std::min(kStepRows, values.size() - begin);
    plan.blocks.push_back(step_block(values.subspan(begin, rows)));
    plan.bytes += kStepHeaderBytes + (rows * plan.blocks.back().width + 7) / 8;
  }
  plan.fits = plan.bytes < std::numeric_limits<std::uint32_t>::max();
  return plan;
}

void put_steps(const StepPlan& plan, std::span<const std::int64_t> values, std::string& into) {
  put_header(into, Packing::Steps, 0, 0, 0, static_cast<std::uint32_t>(plan.blocks.size()), 0);
  for (const StepBlock& block : plan.blocks) put(into, block.first);
  for (const StepBlock& block : plan.blocks) put(into, block.step_min);
  std::uint32_t offset = 0;
  for (std::size_t at = 0; at < plan.blocks.size(); ++at) {
    put(into, offset);
    const std::size_t rows = std::min(kStepRows, values.size() - at * kStepRows);
    offset += static_cast<std::uint32_t>((rows * plan.blocks[at].width + 7) / 8);
  }
  for (const StepBlock& block : plan.blocks) put(into, static_cast<std::uint8_t>(block.width));
  for (std::size_t at = 0; at < plan.blocks.size(); ++at) {
    const std::size_t begin = at * kStepRows;
    const std::size_t rows = std::min(kStepRows, values.size() - begin);
    put_bits(into, rows, plan.blocks[at].width, [&](std::size_t row) {
      if (row == 0) return std::uint64_t{0};
      return static_cast<std::uint64_t>(values[begin + row]) -
             static_cast<std::uint64_t>(values[begin + row - 1]) - plan.blocks[at].step_min;
    });
    into.resize(into.size() - kSlackBytes);
  }
  into.append(kSlackBytes, '\0');
}

// How a decimal follows from an integer: programs that wrote 6.3 left one of three doubles.
enum class Form : std::uint8_t {
  Quotient,  ///< 63 / 10.0, as a parser reads it
  Single,    ///< the same in single precision
  Product,   ///< 63 * 0.1, which is 6.300000000000001
};
constexpr unsigned kForms = 3;

struct Scale {
  std::uint8_t places = 0;
  Form form = Form::Quotient;
  double decimal(double number) const {
    if (form == Form::Product) return number * kFractions[places];
    const double value = number / kPowers[places];
    return form == Form::Single ? static_cast<double>(static_cast<float>(value)) : value;
  }
};

// What the values of a column span, the missing ones left out.
struct Extent {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  bool has_missing = false;

  void add(std::int64_t value) {
    if (value == kMissing) {
      has_missing = true;
      return;
    }
    least = std::min(least, value);
    most = std::max(most, value);
  }
  /// Code 0 stands for a missing value.
  std::uint64_t code_of(std::int64_t value) const {
    if (value == kMissing) return 0;
    return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base());
  }
  std::int64_t base() const { return has_missing ? least - 1 : least; }
  bool is_narrow() const {
    if (has_missing && least == std::numeric_limits<std::int64_t>::min() + 1) return false;
    return width() <= kWidthMax;
  }
  unsigned width() const {
    return width_of(static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(base()));
  }
};

void put_packed(std::span<const std::int64_t> values, const Extent& extent, Packing packing,
                Scale scale, std::string& into) {
  const unsigned form = static_cast<unsigned>(scale.form) << kFormShift;
  const auto flags = static_cast<std::uint8_t>((extent.has_missing ? kMissingFlag : 0) | form);
  put_header(into, packing, extent.width(), flags, scale.places, 0, extent.base());
  put_bits(into, values.size(), extent.width(),
           [&](std::size_t row) { return extent.code_of(values[row]); });
}

// The decimals as integers, where this scale gives every one of them back.
bool scaled(std::span<const double> values, Scale scale, std::vector<std::int64_t>& into) {
  into.resize(values.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (std::isnan(values[row])) {
      into[row] = kMissing;
      continue;
    }
    const double number = std::nearbyint(values[row] * kPowers[scale.places]);
    if (!(std::abs(number) < 4e15) || scale.decimal(number) != values[row]) return false;
    into[row] = static_cast<std::int64_t>(number);
  }
  return true;
}

bool is_constant(std::span<const std::int64_t> values) {
  return std::all_of(values.begin(), values.end(),
                     [&](std::int64_t value) { return value == values.front(); });
}

}  // namespace

void write_integers(std::span<const std::int64_t> values, Run run, std::string& into) {
  if (values.empty() || is_constant(values)) {
    put_header(into, Packing::Constant, 0, 0, 0, 0, values.empty() ? 0 : values.front());
    return;
  }
  Extent extent;
  Distinct distinct;
  for (std::int64_t value : values) {
    extent.add(value);
    distinct.add(value);
  }
  std::size_t least = extent.is_narrow() ? bit_bytes(values.size(), extent.width()) : SIZE_MAX;
  if (distinct.is_few()) {
    const std::size_t bytes =
        bit_bytes(values.size(), distinct.width()) + 8 * distinct.values().size();
    if (bytes < least) return put_dictionary(distinct, values, into);
  }
  if (run == Run::Stepping && !extent.has_missing) {
    const StepPlan plan = plan_steps(values);
    if (plan.fits && plan.bytes < least) return put_steps(plan, values, into);
  }
  if (least == SIZE_MAX) return put_raw(values, into);
  put_packed(values, extent, Packing::Packed, Scale(), into);
}

void write_steps(std::span<const std::int64_t> values, std::string& into) {
  const StepPlan plan = plan_steps(values);
  ENSURE(plan.fits);
  put_steps(plan, values, into);
}

void write_decimals(std::span<const double> values, std::string& into) {
  std::vector<std::int64_t> bits(values.size());
  Distinct distinct;
  for (std::size_t row = 0; row < values.size(); ++row) {
    // One kind of NaN, so that it is one value.
    const double value =
        std::isnan(values[row]) ? std::numeric_limits<double>::quiet_NaN() : values[row];
    bits[row] = std::bit_cast<std::int64_t>(value);
    distinct.add(bits[row]);
  }
  if (values.empty() || is_constant(bits)) {
    put_header(into, Packing::Constant, 0, 0, 0, 0, values.empty() ? 0 : bits.front());
    return;
  }
  std::vector<std::int64_t> integers;
  const std::span<const double> sample = values.first(std::min<std::size_t>(values.size(), 64));
  for (unsigned step = 0; step < kForms * (kScaleMax + 1); ++step) {
    const Scale scale{static_cast<std::uint8_t>(step / kForms), static_cast<Form>(step % kForms)};
    if (!scaled(sample, scale, integers) || !scaled(values, scale, integers)) continue;
    Extent extent;
    for (std::int64_t value : integers) extent.add(value);
    if (!extent.is_narrow()) break;
    if (distinct.is_few() && distinct.width() < extent.width()) break;
    return put_packed(integers, extent, Packing::Scaled, scale, into);
  }
  if (distinct.is_few()) return put_dictionary(distinct, bits, into);
  put_raw(bits, into);
}

Result<ColumnView> ColumnView::parse(std::string_view& bytes, std::size_t row_count) {
  const Error broken{Code::Corrupt, "a column of a cohort index is broken"};
  if (bytes.size() < kHeaderBytes) return broken;
  ColumnView view;
  const auto packing = static_cast<std::uint8_t>(bytes[0]);
  if (packing > static_cast<std::uint8_t>(Packing::Raw)) return broken;
  view.packing_ = static_cast<Packing>(packing);
  view.width_ = static_cast<std::uint8_t>(bytes[1]);
  view.has_missing_ = (static_cast<std::uint8_t>(bytes[2]) & kMissingFlag) != 0;
  view.form_ = static_cast<std::uint8_t>(static_cast<std::uint8_t>(bytes[2]) >> kFormShift);
  view.scale_ = static_cast<std::uint8_t>(bytes[3]);
  view.count_ = load<std::uint32_t>(bytes.data() + 4);
  view.base_ = load<std::int64_t>(bytes.data() + 8);
  bytes.remove_prefix(kHeaderBytes);
  view.payload_ = bytes.data();
  std::size_t payload = 0;
  switch (view.packing_) {
    case Packing::Constant: return view;
    case Packing::Steps: TRY(view.parse_steps(bytes, row_count)); return view;
    case Packing::Raw:
      view.bits_ = bytes.data();
      payload = row_count * 8;
      break;
    case Packing::Dictionary:
      if (view.count_ == 0 || view.count_ > kDictionaryMax) return broken;
      payload = view.count_ * std::size_t{8};
      [[fallthrough]];
    case Packing::Packed:
    case Packing::Scaled:
      if (view.width_ > kWidthMax || view.scale_ > kScaleMax || view.form_ >= kForms) return broken;
      view.mask_ = (std::uint64_t{1} << view.width_) - 1;
      view.bits_ = bytes.data() + payload;
      payload += bit_bytes(row_count, view.width_);
      break;
  }
  if (bytes.size() < payload) return broken;
  bytes.remove_prefix(payload);
  view.bits_end_ = view.payload_ + payload;
  return view;
}

Status ColumnView::parse_steps(std::string_view& bytes, std::size_t row_count) {
  const Error broken{Code::Corrupt, "the steps of a column of a cohort index are broken"};
  const std::size_t blocks = (row_count + kStepRows - 1) / kStepRows;
  if (count_ != blocks || bytes.size() < blocks * kStepHeaderBytes) return broken;
  const char* offsets = payload_ + blocks * 16;
  const char* widths = payload_ + blocks * 20;
  bits_ = payload_ + blocks * kStepHeaderBytes;
  bytes.remove_prefix(blocks * kStepHeaderBytes);
  std::size_t expected = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    const auto width = static_cast<std::uint8_t>(widths[block]);
    if (width > kWidthMax && width != kWholeWidth) return broken;
    if (load<std::uint32_t>(offsets + block * 4) != expected) return broken;
    const std::size_t rows = std::min(kStepRows, row_count - block * kStepRows);
    expected += (rows * width + 7) / 8;
  }
  if (bytes.size() < expected + kSlackBytes) return broken;
  bytes.remove_prefix(expected + kSlackBytes);
  bits_end_ = bits_ + expected + kSlackBytes;
  return {};
}

ColumnView::StepsBlock ColumnView::steps_block(std::size_t block) const {
  const std::size_t blocks = count_;
  StepsBlock steps;
  steps.width = static_cast<std::uint8_t>(payload_[blocks * 20 + block]);
  steps.least = load<std::uint64_t>(payload_ + blocks * 8 + block * 8);
  steps.first = load<std::uint64_t>(payload_ + block * 8);
  steps.bits = bits_ + load<std::uint32_t>(payload_ + blocks * 16 + block * 4);
  return steps;
}

namespace {

// The values that steps lead to, from `first` on; the code of the first row is not a step.
void add_up(std::uint64_t first, std::uint64_t least, const std::uint32_t* codes,
            std::size_t row_count, std::int64_t* into) {
  into[0] = static_cast<std::int64_t>(first);
  for (std::size_t row = 1; row < row_count; ++row) {
    first += least + codes[row];
    into[row] = static_cast<std::int64_t>(first);
  }
}

}  // namespace

void ColumnView::read_steps(std::size_t begin, std::size_t end, std::int64_t* into) const {
  for (std::size_t row = begin; row < end; row += kStepRows) {
    const StepsBlock steps = steps_block(row / kStepRows);
    const std::size_t row_count = std::min(end - row, kStepRows);
    if (steps.width <= kUnpackWidthMax) {
      std::uint32_t codes[kStepRows];
      unpack_codes(steps.bits, bits_end_, steps.width, 0, row_count, codes);
      add_up(steps.first, steps.least, codes, row_count, into);
    } else {
      const std::uint64_t mask =
          steps.width == kWholeWidth ? ~std::uint64_t{0} : (std::uint64_t{1} << steps.width) - 1;
      std::uint64_t value = steps.first;
      into[0] = static_cast<std::int64_t>(value);
      for (std::size_t at = 1; at < row_count; ++at) {
        const std::size_t bit = at * steps.width;
        value += steps.least + ((load<std::uint64_t>(steps.bits + bit / 8) >> (bit % 8)) & mask);
        into[at] = static_cast<std::int64_t>(value);
      }
    }
    into += row_count;
  }
}

void ColumnView::read_block(std::size_t block, std::size_t row_count, std::int64_t* into,
                            std::uint64_t* begins) const {
  std::fill(begins, begins + kStepRows / 64, 0);
  const StepsBlock steps = steps_block(block);
  if (steps.width <= kUnpackWidthMax && steps.least == 0) {
    // The least step is none: a code that is not zero is a step to another value.
    std::uint32_t codes[kStepRows];
    unpack_codes(steps.bits, bits_end_, steps.width, 0, row_count, codes);
    for (std::size_t word = 0; word * 64 < row_count; ++word) begins[word] = ~std::uint64_t{0};
    test_codes(codes, row_count, {0, 0, true, false}, begins);
    add_up(steps.first, 0, codes, row_count, into);
  } else {
    const std::size_t first = block * kStepRows;
    read_steps(first, first + row_count, into);
    for (std::size_t row = 1; row < row_count; ++row) {
      begins[row / 64] |= std::uint64_t{into[row] != into[row - 1]} << (row % 64);
    }
  }
  begins[0] |= 1;
}

void ColumnView::read_codes(std::size_t begin, std::size_t end, std::uint32_t* into) const {
  unpack_codes(bits_, bits_end_, width_, begin, end - begin, into);
}

std::int64_t ColumnView::integer_of(std::uint64_t code) const {
  if (packing_ == Packing::Dictionary) {
    return load<std::int64_t>(payload_ + std::min<std::uint64_t>(code, count_ - 1) * 8);
  }
  if (has_missing_ && code == 0) return kMissing;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_) + code);
}

double ColumnView::decimal_of(std::uint64_t code) const {
  if (packing_ == Packing::Dictionary) return std::bit_cast<double>(integer_of(code));
  if (has_missing_ && code == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto number = static_cast<std::int64_t>(static_cast<std::uint64_t>(base_) + code);
  return Scale{scale_, static_cast<Form>(form_)}.decimal(static_cast<double>(number));
}

// Calls `take` with each code of [begin, end), in order.
template <class Take>
void ColumnView::each_code(std::size_t begin, std::size_t end, Take take) const {
  if (width_ > kUnpackWidthMax || begin % kUnpackGroup != 0) {
    for (std::size_t row = begin; row < end; ++row) take(code_at(row));
    return;
  }
  std::uint32_t codes[kStepRows];
  for (; begin < end; begin += kStepRows) {
    const std::size_t stop = std::min(end, begin + kStepRows);
    read_codes(begin, stop, codes);
    for (std::size_t at = 0; at < stop - begin; ++at) take(codes[at]);
  }
}

void ColumnView::read(std::size_t begin, std::size_t end, std::int64_t* into) const {
  if (begin == end) return;
  switch (packing_) {
    case Packing::Constant: std::fill(into, into + (end - begin), base_); return;
    case Packing::Raw: std::memcpy(into, bits_ + begin * 8, (end - begin) * 8); return;
    case Packing::Steps: read_steps(begin, end, into); return;
    case Packing::Packed:
      if (!has_missing_) {
        const auto base = static_cast<std::uint64_t>(base_);
        each_code(begin, end,
                  [&](std::uint64_t code) { *into++ = static_cast<std::int64_t>(base + code); });
        return;
      }
      [[fallthrough]];
    default: each_code(begin, end, [&](std::uint64_t code) { *into++ = integer_of(code); });
  }
}

void ColumnView::read(std::size_t begin, std::size_t end, double* into) const {
  if (begin == end) return;
  switch (packing_) {
    case Packing::Constant:
      std::fill(into, into + (end - begin), std::bit_cast<double>(base_));
      return;
    case Packing::Raw: std::memcpy(into, bits_ + begin * 8, (end - begin) * 8); return;
    case Packing::Steps:
      std::fill(into, into + (end - begin), std::numeric_limits<double>::quiet_NaN());
      return;
    default: each_code(begin, end, [&](std::uint64_t code) { *into++ = decimal_of(code); });
  }
}

std::int64_t ColumnView::integer_at(std::size_t row) const {
  if (packing_ == Packing::Constant) return base_;
  if (packing_ == Packing::Raw) return load<std::int64_t>(bits_ + row * 8);
  if (packing_ != Packing::Steps) return integer_of(code_at(row));
  std::int64_t values[kStepRows];
  const std::size_t begin = row / kStepRows * kStepRows;
  read_steps(begin, row + 1, values);
  return values[row - begin];
}

double ColumnView::decimal_at(std::size_t row) const {
  if (packing_ == Packing::Constant) return std::bit_cast<double>(base_);
  if (packing_ == Packing::Raw) return load<double>(bits_ + row * 8);
  if (packing_ == Packing::Steps) return std::numeric_limits<double>::quiet_NaN();
  return decimal_of(code_at(row));
}

}  // namespace eds::cohort
