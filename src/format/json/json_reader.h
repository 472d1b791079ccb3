// Document: a JSON text parsed into memory, read through Results.
//
// Invariants: a Document is immutable; Values and the string_views they give live as long as their
// Document (moving the Document keeps them). Asking for the wrong type is Code::Malformed with the
// path's last name, never an exception. simdjson is included by json_reader.cc alone.
// Threads: parse() anywhere; a parsed Document may be read from several threads.
// Source: RFC 8259.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace eds::json {

/// 8 MB of cohort definition is the largest ever seen (Atlas #363: 4 MB); a Delta checkpoint or a
/// terminology of 300,000 rows is 64 MB.
inline constexpr std::size_t kDocumentBytesMax = 256U << 20;
inline constexpr std::size_t kDepthMax = 512;

enum class Type : std::uint8_t { Null, Boolean, Integer, Unsigned, Number, String, Array, Object };

class Elements;
class Members;

/// One value inside a Document; 16 bytes, copied freely.
class Value {
 public:
  Type type() const;
  bool is_null() const { return type() == Type::Null; }

  Result<std::string_view> string() const;
  Result<std::int64_t> integer() const;  ///< an integer that fits; 1.0 is not one
  Result<double> number() const;         ///< any number
  Result<bool> boolean() const;

  /// Member of an object: Code::NotFound when absent, Code::Malformed when this is no object.
  Result<Value> at(std::string_view name) const;
  /// Member of an object, or nothing (absent, or this is no object).
  std::optional<Value> find(std::string_view name) const;
  /// find(name) and the right type, else `otherwise`.
  std::string_view string_or(std::string_view name, std::string_view otherwise) const;
  std::int64_t integer_or(std::string_view name, std::int64_t otherwise) const;
  double number_or(std::string_view name, double otherwise) const;
  bool boolean_or(std::string_view name, bool otherwise) const;

  /// Elements of an array, members of an object; empty ranges for any other type.
  Elements elements() const;
  Members members() const;
  /// Elements of an array or members of an object; 0 for any other type.
  std::size_t size() const;

 private:
  friend class Document;
  friend class Elements;
  friend class Members;
  friend struct Access;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};

/// `for (json::Value value : array.elements())`
class Elements {
 public:
  class Iterator {
   public:
    Value operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class Value;
    const void* document_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }

 private:
  friend class Value;
  Iterator begin_;
  Iterator end_;
};

/// `for (auto [name, value] : object.members())`
class Members {
 public:
  class Iterator {
   public:
    std::pair<std::string_view, Value> operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class Value;
    const void* document_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }

 private:
  friend class Value;
  Iterator begin_;
  Iterator end_;
};

class Document {
 public:
  /// Parses all of `text` (copied; a byte order mark is skipped). Code::Malformed says where, never
  /// what; Code::Limit beyond kDocumentBytesMax or kDepthMax.
  static Result<Document> parse(std::string_view text);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;

 private:
  struct State;
  explicit Document(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace eds::json
