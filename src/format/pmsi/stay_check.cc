#include <algorithm>
#include <tuple>
#include <utility>

#include "format/pmsi/check.h"

namespace eds::pmsi {
namespace {

template <std::size_t size>
std::array<char, size> padded(std::string_view text) {
  std::array<char, size> bytes{};
  std::copy_n(text.begin(), std::min(size, text.size()), bytes.begin());
  return bytes;
}

// Places inside acute care: a first RUM may come by mutation from elsewhere in the hospital (SMR,
// psychiatry, home care), but not from another RUM that is missing.
bool is_inside_mco(char place) {
  return place == '1' || place == 'R';
}

}  // namespace

void StayChecker::add(const Rum& rum, std::uint64_t line) {
  RumFacts facts;
  const std::string_view rss_number = rum.rss_number.reveal(Reason::Match);
  std::copy_n(rum.finess.begin(), std::min<std::size_t>(9, rum.finess.size()),
              facts.stay_key.begin());
  std::copy_n(rss_number.begin(), std::min<std::size_t>(20, rss_number.size()),
              facts.stay_key.begin() + 9);
  facts.rum_number = padded<10>(rum.rum_number);
  facts.stay_number = padded<20>(rum.stay_number.reveal(Reason::Match));
  facts.ghm = padded<6>(rum.ghm);
  facts.sex = rum.sex;
  facts.entry_mode = rum.entry_mode;
  facts.provenance = rum.provenance;
  facts.exit_mode = rum.exit_mode;
  facts.destination = rum.destination;
  facts.dated = rum.entry.present() && rum.exit.present();
  facts.birth = rum.birth_date.reveal(Reason::Match).day;
  facts.entry = rum.entry.day;
  facts.exit = rum.exit.day;
  facts.line = line;
  rums_.push_back(facts);
}

// By stay, then in the order of the stay; the RUM number decides between RUM of the same day.
bool StayChecker::before(const RumFacts& a, const RumFacts& b) {
  return std::tie(a.stay_key, a.entry, a.exit, a.rum_number, a.line) <
         std::tie(b.stay_key, b.entry, b.exit, b.rum_number, b.line);
}

void StayChecker::report(FindingCode code, std::string_view field, std::uint64_t line) {
  findings_.push_back({line, field, code, severity_of(code), 0});
}

void StayChecker::check_sequence(const RumFacts& earlier, const RumFacts& later) {
  if (earlier.dated && later.dated) {
    if (later.entry > earlier.exit) report(FindingCode::StayGap, "entry_date", later.line);
    if (later.entry < earlier.exit) report(FindingCode::StayOverlap, "entry_date", later.line);
  }
  if (earlier.exit_mode != '6') {
    report(FindingCode::StayMutationExit, "exit_mode", earlier.line);
  }
  if (later.entry_mode != '6') {
    report(FindingCode::StayMutationEntry, "entry_mode", later.line);
  }
}

void StayChecker::check_stay(std::span<const RumFacts> rums) {
  const RumFacts& first = rums.front();
  const RumFacts& last = rums.back();
  if (first.entry_mode == '6' && is_inside_mco(first.provenance)) {
    report(FindingCode::StayMutationEntry, "entry_mode", first.line);
  }
  if (last.exit_mode == '6' && is_inside_mco(last.destination)) {
    report(FindingCode::StayMutationExit, "exit_mode", last.line);
  }
  for (std::size_t i = 1; i < rums.size(); ++i) {
    const RumFacts& rum = rums[i];
    check_sequence(rums[i - 1], rum);
    if (rum.birth != first.birth) {
      report(FindingCode::StayBirthDateDiffers, "birth_date", rum.line);
    }
    if (rum.sex != first.sex) report(FindingCode::StaySexDiffers, "sex", rum.line);
    if (rum.stay_number != first.stay_number) {
      report(FindingCode::StayNumberDiffers, "stay_number", rum.line);
    }
    if (rum.ghm != first.ghm) report(FindingCode::StayGhmDiffers, "ghm", rum.line);
  }
  check_rum_numbers(rums);
}

// Sorted, so that a file which calls all its RUM one stay costs no square of their number.
void StayChecker::check_rum_numbers(std::span<const RumFacts> rums) {
  if (rums.size() < 2) return;
  numbers_.clear();
  for (const RumFacts& rum : rums) numbers_.emplace_back(rum.rum_number, rum.line);
  std::sort(numbers_.begin(), numbers_.end());
  for (std::size_t i = 1; i < numbers_.size(); ++i) {
    if (numbers_[i].first != numbers_[i - 1].first) continue;
    report(FindingCode::StayRumNumberTwice, "rum_number", numbers_[i].second);
  }
}

std::vector<Finding> StayChecker::finish() {
  std::sort(rums_.begin(), rums_.end(), before);
  for (std::size_t i = 0; i < rums_.size();) {
    std::size_t end = i + 1;
    while (end < rums_.size() && rums_[end].stay_key == rums_[i].stay_key) ++end;
    check_stay(std::span<const RumFacts>(rums_).subspan(i, end - i));
    i = end;
  }
  rums_.clear();
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
  return std::exchange(findings_, {});
}

}  // namespace eds::pmsi
