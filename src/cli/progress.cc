#include "cli/progress.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/env.h"

namespace eds::cli {
namespace {

std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_interrupt(int) {
  if (g_interrupted.exchange(true)) ::_exit(130);
}

}  // namespace

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)),
      terminal_(::isatty(2) != 0),
      start_us_(Env::posix().monotonic_us()) {}

ProgressBar::~ProgressBar() {
  finish();
}

void ProgressBar::show(double fraction, std::string_view detail) {
  fraction = std::clamp(fraction, 0.0, 1.0);
  const std::int64_t now = Env::posix().monotonic_us();
  const double seconds = static_cast<double>(now - start_us_) / 1e6;
  if (!terminal_) {
    const int tenth = static_cast<int>(fraction * 10);
    if (tenth <= last_tenth_) return;
    last_tenth_ = tenth;
    std::fputs(fmt::format("{} {:3.0f} % {} ({:.0f} s)\n", title_, fraction * 100, detail, seconds)
                   .c_str(),
               stderr);
    return;
  }
  if (drawn_ && now - last_draw_us_ < 100'000 && fraction < 1.0) return;
  last_draw_us_ = now;
  drawn_ = true;
  constexpr int kCells = 30;
  const int full = static_cast<int>(fraction * kCells);
  const std::string bar = std::string(static_cast<std::size_t>(full), '#') +
                          std::string(static_cast<std::size_t>(kCells - full), '.');
  std::fputs(fmt::format("\r{} [{}] {:3.0f} % {} {:.0f} s\x1b[K", title_, bar, fraction * 100,
                         detail, seconds)
                 .c_str(),
             stderr);
  std::fflush(stderr);
}

void ProgressBar::finish() {
  if (drawn_) std::fputs("\n", stderr);
  drawn_ = false;
}

const std::atomic<bool>& interrupt_flag() {
  return g_interrupted;
}

bool interrupted() {
  return g_interrupted.load();
}

void watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace eds::cli
