// A progress bar on standard error, when that is a terminal; a line every ten percent otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace eds::cli {

class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  /// `detail` is shown behind the bar. Draws at most ten times a second.
  void show(double fraction, std::string_view detail);
  /// Ends the line.
  void finish();

 private:
  std::string title_;
  bool terminal_;
  std::int64_t last_draw_us_ = 0;
  std::int64_t start_us_;
  int last_tenth_ = 0;
  bool drawn_ = false;
};

/// Becomes true when the user pressed Ctrl-C (or the process was asked to end).
const std::atomic<bool>& interrupt_flag();
/// True once the user pressed Ctrl-C; the first press asks, the second kills.
bool interrupted();
/// Installs the handler behind interrupted().
void watch_interrupt();

}  // namespace eds::cli
