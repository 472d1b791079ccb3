#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "base/calendar.h"

namespace eds::log {
namespace {

constexpr std::size_t kLabelBytesMax = 64;
// Another process may have moved the file away: looked at every so often.
constexpr std::int64_t kLookUs = kMicrosecondsPerSecond;

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error", "off"};

std::string time_text(std::int64_t us) {
  const std::int32_t days = day_of(us);
  const Date date = date_from_days(days);
  const std::int64_t in_day = us - days * kMicrosecondsPerDay;
  const std::int64_t seconds = in_day / kMicrosecondsPerSecond;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.year, date.month, date.day,
                     seconds / 3600, seconds / 60 % 60, seconds % 60,
                     in_day % kMicrosecondsPerSecond);
}

// Nothing here needs escapes: Word and Label hold plain characters only.
std::string value_text(const Value& value, std::string_view quote) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) {
    return std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  }
  std::string_view text;
  if (const auto* word = std::get_if<Word>(&value)) text = word->text();
  if (const auto* code = std::get_if<Code>(&value)) text = code_name(*code);
  if (const auto* label = std::get_if<Label>(&value)) text = label->text();
  return fmt::format("{}{}{}", quote, text, quote);
}

std::string json_line(std::int64_t now_us, Level level, Word component, Word message,
                      Fields fields) {
  std::string line = fmt::format(
      R"({{"time":"{}","level":"{}","process":{},"component":"{}","message":"{}")",
      time_text(now_us), level_name(level), ::getpid(), component.text(), message.text());
  for (const Field& field : fields) {
    line += fmt::format(R"(,"{}":{})", field.name.text(), value_text(field.value, "\""));
  }
  return line + "}\n";
}

std::string plain_line(Level level, Word component, Word message, Fields fields) {
  std::string line =
      fmt::format("eds: {}: {}: {}", level_name(level), component.text(), message.text());
  for (const Field& field : fields) {
    line += fmt::format(" {}={}", field.name.text(), value_text(field.value, ""));
  }
  return line + "\n";
}

std::atomic<Log*> installed{nullptr};

}  // namespace

Result<Level> parse_level(std::string_view name) {
  for (std::size_t index = 0; index < std::size(kLevelNames); ++index) {
    if (kLevelNames[index] == name) return static_cast<Level>(index);
  }
  return Error{Code::Usage, "a log level is debug, info, warning, error or off"};
}

std::string_view level_name(Level level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

Label::Label(std::string_view name) : text_(name.substr(0, kLabelBytesMax)) {
  for (char& letter : text_) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z') ||
                       std::string_view("._:/{}-").find(letter) != std::string_view::npos;
    if (!plain) letter = '?';
  }
}

struct Log::State {
  Env* env;
  Options options;
  std::mutex mutex;
  std::unique_ptr<WritableFile> file;
  std::uint64_t file_bytes = 0;
  std::int64_t looked_us = 0;
  std::int64_t lost_count = 0;

  Path path(int number) const {
    const Path base = join(options.directory, "eds.log");
    return number == 0 ? base : base + "." + std::to_string(number);
  }

  Status reopen() {
    file.reset();
    TRY(env->make_directories(options.directory));
    file = TRY(env->append_to(path(0)));
    const Result<FileInfo> info = env->info(path(0));
    file_bytes = info.ok() ? info->bytes : 0;
    return {};
  }

  // The oldest goes, each other takes the next number. Two processes that do so at once lose
  // nothing but an early turn, since each looks at the size again first.
  Status make_room(std::size_t line_bytes) {
    const Result<FileInfo> info = env->info(path(0));
    if (info.ok() && info->bytes + line_bytes > options.file_bytes_max) {
      static_cast<void>(env->remove(path(options.files_max - 1)).ok());
      for (int number = options.files_max - 1; number > 0; --number) {
        static_cast<void>(env->rename(path(number - 1), path(number)).ok());
      }
    }
    return reopen();
  }

  Status append(std::string_view line) {
    const std::int64_t now = env->now_us();
    if (file == nullptr || std::abs(now - looked_us) >= kLookUs) {
      looked_us = now;
      TRY(reopen());
    }
    if (file_bytes + line.size() > options.file_bytes_max) TRY(make_room(line.size()));
    TRY(file->append(line));
    file_bytes += line.size();
    return {};
  }

  void keep(std::string_view line) {
    if (lost_count > 0) {
      const std::string lost = json_line(env->now_us(), Level::Warning, "log", "lines were lost",
                                         {{"lines", lost_count}});
      if (append(lost).ok()) lost_count = 0;
    }
    if (!append(line).ok()) ++lost_count;
  }
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::~Log() {
  Log* self = this;
  installed.compare_exchange_strong(self, nullptr);
}

std::unique_ptr<Log> Log::open(Env& env, const Options& options) {
  auto state = std::make_unique<State>();
  state->env = &env;
  state->options = options;
  return std::unique_ptr<Log>(new Log(std::move(state)));
}

void Log::write(Level level, Word component, Word message, Fields fields) {
  const bool to_file = level >= state_->options.file_level && !state_->options.directory.empty();
  const bool to_stderr = level >= state_->options.stderr_level;
  if (!to_file && !to_stderr) return;
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (to_file) state_->keep(json_line(state_->env->now_us(), level, component, message, fields));
  if (to_stderr) {
    const std::string line = plain_line(level, component, message, fields);
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

void install(Log* log) {
  installed = log;
}

void write(Level level, Word component, Word message, Fields fields) {
  Log* const log = installed;
  if (log != nullptr) log->write(level, component, message, fields);
}

}  // namespace eds::log
