// Result<T>: the value of an operation that input, disk or network can make fail.
//
// Invariants: a Result holds a value or an Error, never both, never neither. An Error's message is
// fixed words first, values last, and never a value that names a person.
// Threads: a Result is a plain value; nothing is shared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace eds {

/// What went wrong, coarse enough to choose an exit code or an HTTP status from.
enum class Code : std::uint8_t {
  Malformed,    ///< the input breaks its format
  Refused,      ///< understood, and not allowed
  NotFound,     ///< a thing named does not exist
  Conflict,     ///< somebody else changed it first, or it exists already
  Limit,        ///< a named bound was exceeded
  Usage,        ///< the caller's command or request makes no sense
  Io,           ///< the disk or the network failed
  NoSpace,      ///< the disk is full
  Unavailable,  ///< try again later
  Cancelled,    ///< the caller asked to stop, or the budget ran out
  Corrupt,      ///< bytes we wrote are not what we wrote
  Internal,     ///< a library failed in a way that we have no word for
};

/// The word for `code`, as printed in messages and JSON ("malformed", "not-found", ...).
std::string_view code_name(Code code);

/// An error: its kind and a sentence that says what, where and what to do.
struct [[nodiscard]] Error {
  Code code = Code::Internal;
  std::string message;

  /// The same error, said from one level further out: "reading FILE: message".
  Error within(std::string_view context) const;
};

/// A value of type T, or the Error that stands in its way.
template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  // Implicit on purpose: `return value;` and `return Error{...};` are how functions end.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Done, or the Error that stood in the way.
template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  void value() const {}
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

namespace detail {
[[noreturn]] void check_failed(const char* what, const char* file, int line);
}  // namespace detail

}  // namespace eds

/// Evaluates to the value of a Result, or returns its Error from the enclosing function.
#define TRY(expression)                                           \
  ({                                                              \
    auto try_result_ = (expression);                              \
    if (!try_result_.ok()) return std::move(try_result_).error(); \
    std::move(try_result_).value();                               \
  })

/// Named ENSURE because CHECK belongs to the test library.
/// Stops the process when our own code is wrong. Never for what input, disk or network can cause.
#define ENSURE(condition)                                                          \
  do {                                                                             \
    if (!(condition)) ::eds::detail::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
