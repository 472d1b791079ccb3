// Measures: lines cut, RUM read, RUM checked, stays checked; then a plain reader on the same bytes.
//
// Sketch: a RUM is about 280 bytes; at 1 M RUM/s that is 280 MB/s, thirty times under what memchr
// cuts into lines. The rest is a dozen short fields to trim, three to six dates and as many codes.
#include <sys/resource.h>

#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/env.h"
#include "format/pmsi/bench.h"
#include "format/pmsi/check.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/write.h"

namespace eds::pmsi {
namespace {

// SplitMix64: the bench must give the same file on every machine.
struct Random {
  std::uint64_t state = 20260301;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
};

std::string random_diagnosis(Random& random) {
  return fmt::format("{:c}{:02}{}", 'A' + random.below(26), random.below(100), random.below(10));
}

RumDraft random_rum(Random& random, std::uint32_t stay, std::uint32_t rum_index) {
  RumDraft rum;
  rum.finess = "750100125";
  rum.rss_number = fmt::format("{:010}", stay);
  rum.stay_number = fmt::format("8{:09}", stay);
  rum.rum_number = fmt::format("{:03}", rum_index + 1);
  rum.birth_date = day_of(1930, 1, 1) + static_cast<Day>(stay % 30000);
  rum.sex = stay % 2 == 0 ? '1' : '2';
  rum.unit = fmt::format("{:04}", 1000 + random.below(400));
  rum.entry = day_of(2024, 1, 1) + static_cast<Day>(stay % 300) + static_cast<Day>(rum_index * 3);
  rum.exit = *rum.entry + 3;
  rum.entry_mode = rum_index == 0 ? '8' : '6';
  if (rum_index != 0) rum.provenance = '1';
  rum.exit_mode = '8';
  rum.residence = fmt::format("75{:03}", 1 + stay % 20);
  rum.ghm = "05M092";
  rum.dp = random_diagnosis(random);
  for (std::uint32_t i = random.below(7); i > 0; --i) rum.das.push_back(random_diagnosis(random));
  for (std::uint32_t i = random.below(4); i > 0; --i) {
    ActDraft act;
    act.date = *rum.entry + static_cast<Day>(random.below(4));
    act.code = "DZQM006";
    rum.acts.push_back(act);
  }
  // One RUM in fifty has a fault that quarantines it, one in fifty a fault that does not.
  const std::uint32_t fault = random.below(100);
  if (fault == 0) rum.dp.clear();
  if (fault == 1) rum.exit = *rum.entry - 1;
  if (fault == 2) rum.residence = "7501";
  if (fault == 3) rum.das.push_back("??");
  return rum;
}

std::string random_file(std::uint32_t rum_count) {
  constexpr std::string_view kVersions[] = {"117", "120", "122", "123", "019", "022", "023"};
  Random random;
  std::string text;
  text.reserve(std::size_t{rum_count} * 300);
  std::uint32_t stay = 0;
  for (std::uint32_t i = 0; i < rum_count; ++stay) {
    const std::uint32_t rums = random.below(4) == 0 ? 2 : 1;
    for (std::uint32_t j = 0; j < rums && i < rum_count; ++j, ++i) {
      const Status written =
          append_rum(text, random_rum(random, stay, j), kVersions[stay % std::size(kVersions)]);
      ENSURE(written.ok());
    }
  }
  return text;
}

struct Counted {
  std::uint64_t rums = 0;
  std::uint64_t loadable = 0;
  std::uint64_t findings = 0;
  std::uint64_t codes = 0;
  std::int64_t days = 0;  // a sum of what was read, so that nothing can be left out
};

Counted cut_lines(const std::string& text) {
  Counted counted;
  LineScanner lines(text);
  while (const std::optional<Line> line = lines.next()) ++counted.rums;
  return counted;
}

void count_rum(const Rum& rum, Counted& counted) {
  counted.days += rum.exit.day - rum.entry.day;
  for (std::size_t i = 0; i < rum.acts.size(); ++i) counted.days += rum.acts[i].date.day;
  counted.codes += (rum.dp.empty() ? 0 : 1) + rum.das.size() + rum.acts.size();
}

Counted read_rums(const std::string& text) {
  Counted counted;
  LineScanner lines(text);
  while (const std::optional<Line> line = lines.next()) {
    const Parsed parsed = parse_rss(line->bytes);
    if (!parsed.whole) continue;
    ++counted.rums;
    count_rum(read_rum(parsed.record), counted);
  }
  return counted;
}

Counted check_rums(const std::string& text, StayChecker* stays) {
  Counted counted;
  Checker checker;
  LineScanner lines(text);
  while (const std::optional<Line> line = lines.next()) {
    const Checker::RumChecked checked = checker.check_rss_line(*line);
    counted.findings += checked.findings.size();
    if (!checked.whole) continue;
    ++counted.rums;
    counted.loadable += checked.loadable ? 1 : 0;
    count_rum(checked.rum, counted);
    if (stays != nullptr) stays->add(checked.rum, line->number);
  }
  if (stays != nullptr) counted.findings += stays->finish().size();
  return counted;
}

// ------------------------------------------------------------------------------- a plain reader

// What a careful programmer writes in an hour: strings, substr, vectors, stoi, exceptions.
struct PlainAct {
  std::string date, code, extension, phase, activity, modifiers;
  int count = 0;
  std::int64_t day = 0;
};
struct PlainRum {
  std::string finess, rss_number, stay_number, rum_number, sex, unit, entry_mode, provenance;
  std::string exit_mode, destination, residence, dp, dr;
  std::int64_t birth = 0, entry = 0, exit = 0;
  std::vector<std::string> das, dads;
  std::vector<PlainAct> acts;
};

std::string plain_field(const std::string& line, std::size_t start, std::size_t length) {
  std::string text = line.substr(start - 1, length);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::int64_t plain_day(const std::string& text) {
  const int day = std::stoi(text.substr(0, 2));
  const int month = std::stoi(text.substr(2, 2));
  const int year = std::stoi(text.substr(4, 4));
  if (month < 1 || month > 12 || day < 1 || day > 31) throw std::invalid_argument("date");
  return day_of(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

PlainRum plain_rum(const std::string& line) {
  PlainRum rum;
  const bool grouped = line.at(9) == '1';
  const std::size_t base = grouped ? 15 : 0;
  const int version = std::stoi(line.substr(base + 9, 3));
  const std::size_t act_bytes = version >= 23 ? 32 : 29;
  const auto field = [&](std::size_t start, std::size_t length) {
    return plain_field(line, base + start, length);
  };
  rum.finess = field(1, 9);
  rum.rss_number = field(13, 20);
  rum.stay_number = field(33, 20);
  rum.rum_number = field(53, 10);
  rum.birth = plain_day(field(63, 8));
  rum.sex = field(71, 1);
  rum.unit = field(72, 4);
  rum.entry = plain_day(field(78, 8));
  rum.entry_mode = field(86, 1);
  rum.provenance = field(87, 1);
  rum.exit = plain_day(field(88, 8));
  rum.exit_mode = field(96, 1);
  rum.destination = field(97, 1);
  rum.residence = field(98, 5);
  rum.dp = field(126, 8);
  rum.dr = field(134, 8);
  const int da_count = std::stoi(field(119, 2));
  const int dad_count = std::stoi(field(121, 2));
  const int act_count = std::stoi(field(123, 3));
  std::size_t at = version >= 23 ? 191 : 178;
  for (int i = 0; i < da_count; ++i, at += 8) rum.das.push_back(field(at, 8));
  for (int i = 0; i < dad_count; ++i, at += 8) rum.dads.push_back(field(at, 8));
  for (int i = 0; i < act_count; ++i, at += act_bytes) {
    PlainAct act;
    act.date = field(at, 8);
    act.day = plain_day(act.date);
    act.code = field(at + 8, 7);
    act.extension = field(at + 15, 3);
    act.phase = field(at + 18, 1);
    act.activity = field(at + 19, 1);
    act.modifiers = field(at + 21, 4);
    act.count = std::stoi(field(at + 27, 2));
    rum.acts.push_back(act);
  }
  return rum;
}

Counted read_plainly(const std::string& text) {
  Counted counted;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find("\r\n", begin);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 2;
    const PlainRum rum = plain_rum(line);
    ++counted.rums;
    counted.days += rum.exit - rum.entry;
    for (const PlainAct& act : rum.acts) counted.days += act.day;
    counted.codes += (rum.dp.empty() ? 0 : 1) + rum.das.size() + rum.acts.size();
  }
  return counted;
}

// ---------------------------------------------------------------------------------- measurement

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

template <class Work>
Counted measure(std::FILE* out, std::string_view name, const std::string& text, Work&& work) {
  constexpr int kRounds = 3;
  double best_s = 0;
  double cpu_s = 0;
  Counted counted;
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t start_us = Env::posix().monotonic_us();
    const double cpu_start = cpu_seconds();
    counted = work();
    const double wall_s = static_cast<double>(Env::posix().monotonic_us() - start_us) / 1e6;
    if (round == 0 || wall_s < best_s) {
      best_s = wall_s;
      cpu_s = cpu_seconds() - cpu_start;
    }
  }
  fmt::print(out, "{:<26} {:>8.2f} M RUM/s {:>8.0f} MB/s {:>7.3f} s wall {:>7.3f} s CPU\n", name,
             static_cast<double>(counted.rums) / best_s / 1e6,
             static_cast<double>(text.size()) / best_s / 1e6, best_s, cpu_s);
  return counted;
}

}  // namespace

int bench(std::FILE* out, double scale) {
  const auto rum_count = static_cast<std::uint32_t>(scale * 1e6);
  const std::int64_t start_us = Env::posix().monotonic_us();
  const std::string text = random_file(rum_count);
  const double write_s = static_cast<double>(Env::posix().monotonic_us() - start_us) / 1e6;
  fmt::print(out, "pmsi: {} RUM, {:.1f} MB, 7 versions mixed, 4 % with a planted fault, one core\n",
             rum_count, static_cast<double>(text.size()) / 1e6);
  fmt::print(out, "{:<26} {:>8.2f} M RUM/s {:>8.0f} MB/s {:>7.3f} s wall\n", "write (and invent)",
             rum_count / write_s / 1e6, static_cast<double>(text.size()) / write_s / 1e6, write_s);
  measure(out, "cut into lines", text, [&] { return cut_lines(text); });
  const Counted read = measure(out, "read", text, [&] { return read_rums(text); });
  const Counted checked =
      measure(out, "read and check", text, [&] { return check_rums(text, nullptr); });
  const double peak_before_stays = peak_megabytes();
  StayChecker stays;
  measure(out, "read, check, check stays", text, [&] { return check_rums(text, &stays); });
  const double peak_after_stays = peak_megabytes();
  const Counted plain =
      measure(out, "plain reader, no check", text, [&] { return read_plainly(text); });
  fmt::print(out, "loadable {} of {}, findings {}; peak {:.0f} MB, with stays {:.0f} MB\n",
             checked.loadable, checked.rums, checked.findings, peak_before_stays, peak_after_stays);
  const bool agree = read.rums == plain.rums && read.codes == plain.codes &&
                     read.days == plain.days && checked.rums == rum_count;
  fmt::print(out, "the two readers {}\n", agree ? "agree" : "DO NOT agree");
  return agree ? 0 : 1;
}

}  // namespace eds::pmsi
