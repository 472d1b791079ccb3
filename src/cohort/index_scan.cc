#include "cohort/index_scan.h"

#include <algorithm>
#include <cmath>

#include "cohort/bits.h"
#include "cohort/compare.h"
#include "cohort/index_unpack.h"

namespace eds::cohort {
namespace {

double number_of(const ColumnView& column, Field field, std::uint64_t code) {
  if (field >= kFirstDecimal) return column.decimal_of(code);
  const std::int64_t value = column.integer_of(code);
  return value == kMissing || value == kNoRow ? std::numeric_limits<double>::quiet_NaN()
                                              : static_cast<double>(value);
}

double constant_of(const ColumnView& column, Field field) {
  if (field >= kFirstDecimal) return column.decimal_at(0);
  const std::int64_t value = column.integer_at(0);
  return value == kMissing || value == kNoRow ? std::numeric_limits<double>::quiet_NaN()
                                              : static_cast<double>(value);
}

bool is_negation(Compare op) {
  return op == Compare::NotEqual || op == Compare::NotBetween;
}

// The condition whose negation `op` is.
Compare negated(Compare op) {
  return op == Compare::NotEqual ? Compare::Equal : Compare::Between;
}

}  // namespace

// A condition on one column of a list, as a test of its codes.
struct IndexScan::Early {
  ColumnView column;
  bool by_table = false;
  bool is_inverted = false;
  std::uint64_t first = 1;  ///< codes in [first, last] pass; none when last < first
  std::uint64_t last = 0;
  std::array<bool, kDictionaryMax> passes{};

  static Early of(const ColumnView& column, const Condition& condition) {
    Early early;
    early.column = column;
    const auto test = [&](std::uint64_t code, Compare op) {
      return compare(op, number_of(column, condition.field, code), condition.low, condition.high);
    };
    if (column.packing() == Packing::Dictionary) {
      early.by_table = true;
      for (std::size_t code = 0; code < early.passes.size(); ++code) {
        early.passes[code] = test(code, condition.op);
      }
      return early;
    }
    // Numbers grow with their codes: those that pass stand together, the missing one (0) apart.
    const Compare op = is_negation(condition.op) ? negated(condition.op) : condition.op;
    early.is_inverted = op != condition.op;
    const std::uint64_t least = column.has_missing() ? 1 : 0;
    const std::uint64_t most = (std::uint64_t{1} << column.width()) - 1;
    const auto number = [&](std::uint64_t code) {
      return number_of(column, condition.field, code);
    };
    const bool has_low = op != Compare::Less && op != Compare::LessOrEqual;
    const bool has_high = op == Compare::Less || op == Compare::LessOrEqual ||
                          op == Compare::Equal || op == Compare::Between;
    early.first = least;
    early.last = most;
    if (has_low) {
      const bool is_open = op == Compare::Greater;
      early.first = first_code(least, most, [&](std::uint64_t code) {
        return is_open ? number(code) > condition.low : number(code) >= condition.low;
      });
    }
    if (has_high) {
      const double bound = op == Compare::Between ? condition.high : condition.low;
      const bool is_open = op == Compare::Less;
      const std::uint64_t beyond = first_code(least, most, [&](std::uint64_t code) {
        return is_open ? number(code) >= bound : number(code) > bound;
      });
      if (beyond == 0) {
        early.first = 1;
        early.last = 0;
      } else {
        early.last = beyond - 1;
      }
    }
    return early;
  }

  // The first code in [least, most] for which `holds`, which then holds for all beyond; most + 1
  // when there is none.
  template <class Holds>
  static std::uint64_t first_code(std::uint64_t least, std::uint64_t most, Holds holds) {
    std::uint64_t from = least;
    std::uint64_t to = most + 1;
    while (from < to) {
      const std::uint64_t middle = from + (to - from) / 2;
      if (holds(middle)) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  /// Clears the marks of the rows that fail.
  void test(std::size_t begin, std::size_t row_count, std::uint64_t* marks) const {
    if (column.width() <= kUnpackWidthMax) {
      std::uint32_t codes[kStepRows];
      column.read_codes(begin, begin + row_count, codes);
      if (!by_table) {
        const CodeTest range = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last),
                                is_inverted, column.has_missing()};
        cohort::test_codes(codes, row_count, range, marks);
        return;
      }
      for (std::size_t at = 0; at < row_count; ++at) {
        const std::uint64_t holds = passes[codes[at] & (kDictionaryMax - 1)] ? 1 : 0;
        marks[at / 64] &= ~((holds ^ 1) << (at % 64));
      }
      return;
    }
    for (std::size_t at = 0; at < row_count; ++at) {
      const std::uint64_t code = column.code_at(begin + at);
      const bool within = first <= code && code <= last;
      if (within == is_inverted || (column.has_missing() && code == 0)) {
        marks[at / 64] &= ~(std::uint64_t{1} << (at % 64));
      }
    }
  }
};

IndexScan::IndexScan(const ScanRequest& request, const PersonTable& table, Among among,
                     EventTable& into)
    : request_(&request),
      table_(&table),
      fields_(segment_fields(request.domain)),
      among_(among),
      into_(&into) {}

IndexScan::~IndexScan() = default;

// The tests of the list's codes; false when no row can pass.
bool IndexScan::prepare(const ListView& list) {
  early_.clear();
  last_taken_ = kUnknownPerson;
  takes_entries_ = request_->early_is_all && request_->purpose.is_entry;
  for (const Condition* condition : request_->early) {
    const auto found = std::find(fields_.begin(), fields_.end(), condition->field);
    if (found == fields_.end()) {
      takes_entries_ = false;
      continue;
    }
    const ColumnView& column = list.fields[static_cast<std::size_t>(found - fields_.begin())];
    if (column.is_constant()) {
      const double value = constant_of(column, condition->field);
      if (!compare(condition->op, value, condition->low, condition->high)) return false;
    } else if (column.has_codes() && column.width() < 56) {
      early_.push_back(Early::of(column, *condition));
    } else {
      takes_entries_ = false;
    }
  }
  return true;
}

// Calls `visit` with the rows of each block in which somebody asked of may have some; it says
// whether every person it met is one of the segment's.
template <class Visit>
Status IndexScan::each_block(const ListView& list, std::span<const Person> persons, Visit visit) {
  // The segment's numbers of the persons in the range: the first not below its begin, ...
  const auto number_at = [&](Person person) {
    const auto found = std::partition_point(persons.begin(), persons.end(), [&](Person each) {
      return (each & ~kUnknownPerson) < person;
    });
    return found - persons.begin();
  };
  const std::int64_t first = number_at(among_.range.begin);
  const std::int64_t last = number_at(among_.range.end);
  const std::size_t blocks = list.person.block_count();
  std::size_t from = 0;
  std::size_t to = blocks;
  while (from < to) {
    const std::size_t middle = from + (to - from) / 2;
    if (list.person.block_first(middle) < first) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  for (std::size_t block = from == 0 ? 0 : from - 1; block < blocks; ++block) {
    if (list.person.block_first(block) >= last) break;
    if (!is_asked(list, block, persons)) continue;
    const std::size_t begin = block * kStepRows;
    const std::size_t end = std::min(list.row_count, begin + kStepRows);
    touched_.events += static_cast<std::int64_t>(end - begin);
    if (!visit(begin, end)) {
      return Error{Code::Corrupt, "the cohort index names a person that its segment has not"};
    }
  }
  return {};
}

Status IndexScan::append(const ListView& list, std::int64_t concept_id,
                         std::span<const Person> persons) {
  if (!prepare(list)) return {};
  return each_block(list, persons, [&](std::size_t begin, std::size_t end) {
    if (!select_rows(list, begin, end, persons)) return false;
    if (request_->sources != nullptr && kept_count_ > 0) {
      keep_sources(list.source_concept, begin, end);
    }
    if (kept_count_ == 0) return true;
    touched_.kept += static_cast<std::int64_t>(kept_count_);
    append_rows(list, concept_id, begin, end);
    return true;
  });
}

// Leaves, of the marked rows, the first of each run of rows, which `begins` tells apart: all first.
// Adding one at the begin of a run to the rows that are not marked carries to the first that is.
void IndexScan::mark_firsts(std::span<const std::uint64_t, kStepRows / 64> begins) {
  std::uint64_t carry = 0;
  for (std::size_t word = 0; word < marks_.size(); ++word) {
    const std::uint64_t marked = marks_[word];
    const std::uint64_t unmarked_begins = begins[word] & ~marked;
    std::uint64_t sum = 0;
    const bool over = __builtin_add_overflow(~marked, unmarked_begins, &sum);
    const bool over_again = __builtin_add_overflow(sum, carry, &sum);
    carry = over || over_again ? 1 : 0;
    firsts_[word] = marked & (begins[word] | sum);
  }
}

Result<bool> IndexScan::first_days(const ListView& list, std::span<const Person> persons,
                                   FirstDays& days) {
  if (!prepare(list)) return true;
  if (!takes_entries_) return false;
  TRY(each_block(list, persons, [&](std::size_t begin, std::size_t end) {
    return !test_codes(begin, end - begin) || take_first_days(list, begin, end, persons, days);
  }));
  return true;
}

bool IndexScan::take_first_days(const ListView& list, std::size_t begin, std::size_t end,
                                std::span<const Person> persons, FirstDays& days) {
  const Purpose& purpose = request_->purpose;
  std::array<std::uint64_t, kStepRows / 64> begins;
  list.person.read_block(begin / kStepRows, end - begin, unpacked_.data(), begins.data());
  mark_firsts(begins);
  bool is_sound = true;
  each_bit(firsts_, [&](std::size_t at) {
    const auto local = static_cast<std::uint64_t>(unpacked_[at]);
    if (local >= persons.size()) {
      is_sound = false;
      return;
    }
    const Person person = persons[local];
    if (person < among_.range.begin || person >= among_.range.end) return;
    // Those of the person's rows that pass, until one lies in a period.
    do {
      const Day day = static_cast<Day>(list.start.integer_at(begin + at));
      if (table_->has_period(person, day, purpose.prior_days, purpose.post_days)) {
        ++touched_.kept;
        days.offer(person, day);
        return;
      }
      do {
        ++at;
      } while (at < end - begin && !has_bit(begins, at) && !has_bit(marks_, at));
    } while (at < end - begin && !has_bit(begins, at));
  });
  return is_sound;
}

bool IndexScan::is_asked(const ListView& list, std::size_t block,
                         std::span<const Person> persons) const {
  if (among_.bits == nullptr) return true;
  const auto number = [&](std::int64_t local) {
    const std::size_t at = std::min<std::size_t>(static_cast<std::size_t>(local), persons.size());
    return at == persons.size() ? among_.range.end : persons[at] & ~kUnknownPerson;
  };
  const bool is_last = block + 1 == list.person.block_count();
  const Person first = std::max(number(list.person.block_first(block)), among_.range.begin);
  const Person next = is_last ? among_.range.end : number(list.person.block_first(block + 1));
  // A person's rows may go on in the next block.
  return among_.bits->any_of(first, std::min(next + 1, among_.range.end));
}

// Marks the rows that pass; false when none does.
bool IndexScan::test_codes(std::size_t begin, std::size_t row_count) {
  for (std::size_t word = 0; word < marks_.size(); ++word) {
    const std::size_t left = row_count - std::min(row_count, word * 64);
    marks_[word] = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
  }
  for (const Early& each : early_) each.test(begin, row_count, marks_.data());
  return std::any_of(marks_.begin(), marks_.end(), [](std::uint64_t word) { return word != 0; });
}

bool IndexScan::select_rows(const ListView& list, std::size_t begin, std::size_t end,
                            std::span<const Person> persons) {
  kept_count_ = 0;
  if (!test_codes(begin, end - begin)) return true;
  list.person.read(begin, end, unpacked_.data());
  const Purpose& purpose = request_->purpose;
  const bool first_only = takes_entries_ && purpose.first_only;
  bool is_sound = true;
  each_bit(marks_, [&](std::size_t at) {
    const auto local = static_cast<std::uint64_t>(unpacked_[at]);
    if (local >= persons.size()) {
      is_sound = false;
      return;
    }
    const Person person = persons[local];
    if (person < among_.range.begin || person >= among_.range.end) return;
    if (first_only && person == last_taken_) return;
    if (among_.bits != nullptr && !among_.bits->contains(person)) return;
    if (takes_entries_) {
      const Day day = static_cast<Day>(list.start.integer_at(begin + at));
      if (!table_->has_period(person, day, purpose.prior_days, purpose.post_days)) return;
      last_taken_ = person;
    }
    kept_[kept_count_] = static_cast<std::uint16_t>(at);
    kept_persons_[kept_count_++] = person;
  });
  return is_sound;
}

// The column's values of the kept rows.
void IndexScan::unpack(const ColumnView& column, std::size_t begin, std::size_t end) {
  if (kept_count_ == end - begin || column.packing() == Packing::Steps) {
    const std::size_t last = kept_[kept_count_ - 1];
    column.read(begin, begin + last + 1, unpacked_.data());
    for (std::size_t at = 0; at < kept_count_; ++at) unpacked_[at] = unpacked_[kept_[at]];
    return;
  }
  for (std::size_t at = 0; at < kept_count_; ++at) {
    unpacked_[at] = column.integer_at(begin + kept_[at]);
  }
}

void IndexScan::keep_sources(const ColumnView& column, std::size_t begin, std::size_t end) {
  unpack(column, begin, end);
  std::size_t kept = 0;
  for (std::size_t at = 0; at < kept_count_; ++at) {
    if (!std::binary_search(request_->sources->begin(), request_->sources->end(), unpacked_[at])) {
      continue;
    }
    kept_[kept] = kept_[at];
    kept_persons_[kept++] = kept_persons_[at];
  }
  kept_count_ = kept;
}

void IndexScan::append_rows(const ListView& list, std::int64_t concept_id, std::size_t begin,
                            std::size_t end) {
  EventTable& table = *into_;
  const std::size_t before = table.start.size();
  table.person.insert(table.person.end(), kept_persons_.begin(),
                      kept_persons_.begin() + static_cast<std::ptrdiff_t>(kept_count_));
  unpack(list.start, begin, end);
  for (std::size_t at = 0; at < kept_count_; ++at) {
    table.start.push_back(static_cast<Day>(unpacked_[at]));
  }
  unpack(list.length, begin, end);
  for (std::size_t at = 0; at < kept_count_; ++at) {
    const std::int64_t length = unpacked_[at];
    table.end.push_back(length == kMissing ? kNoDay
                                           : static_cast<Day>(table.start[before + at] + length));
  }
  const auto append = [&](const ColumnView& column, std::vector<std::int64_t>& to) {
    unpack(column, begin, end);
    to.insert(to.end(), unpacked_.begin(),
              unpacked_.begin() + static_cast<std::ptrdiff_t>(kept_count_));
  };
  append(list.id, table.id);
  append(list.visit, table.visit);
  table.concept_id.resize(table.start.size(), concept_id);
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    if (!request_->fields[index_of(fields_[field])]) continue;
    if (fields_[field] < kFirstDecimal) {
      append(list.fields[field], table.integers[index_of(fields_[field])]);
      continue;
    }
    std::vector<double>& to = table.decimals[index_of(fields_[field])];
    for (std::size_t at = 0; at < kept_count_; ++at) {
      to.push_back(list.fields[field].decimal_at(begin + kept_[at]));
    }
  }
}

}  // namespace eds::cohort
