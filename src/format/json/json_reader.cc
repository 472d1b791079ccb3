#include "format/json/json_reader.h"

// Debian's libsimdjson is compiled with exceptions, but only the inline conversions of its header
// throw; without them every call returns an error code, and the library's ABI is the same.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <bit>
#include <limits>
#include <string>
#include <type_traits>

#include <fmt/format.h>

namespace eds::json {

namespace dom = simdjson::dom;

/// A Value, an Elements::Iterator and a Members::Iterator hold what simdjson's element and
/// iterators hold: the document and a place on its tape.
struct Access {
  struct Place {
    const void* document;
    std::size_t index;
  };
  template <class To, class From>
  static To as(const From& from) {
    static_assert(sizeof(From) == sizeof(Place) && std::is_trivially_copyable_v<From>);
    static_assert(sizeof(To) == sizeof(Place) && std::is_trivially_copyable_v<To>);
    return std::bit_cast<To>(from);
  }
  static dom::element element(const Value& value) { return as<dom::element>(value); }
};

struct Document::State {
  dom::parser parser{kDocumentBytesMax + simdjson::SIMDJSON_PADDING};
  dom::element root;
};

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > kDocumentBytesMax) {
    return Error{Code::Limit,
                 fmt::format("JSON exceeds kDocumentBytesMax ({} bytes)", kDocumentBytesMax)};
  }
  auto state = std::make_unique<State>();
  if (state->parser.allocate(text.size(), kDepthMax) != simdjson::SUCCESS) {
    return Error{Code::Limit, "JSON needs more memory than there is"};
  }
  const simdjson::error_code error =
      state->parser.parse(text.data(), text.size(), true).get(state->root);
  if (error == simdjson::DEPTH_ERROR) {
    return Error{Code::Limit, fmt::format("JSON exceeds kDepthMax ({})", kDepthMax)};
  }
  if (error != simdjson::SUCCESS) {
    return Error{Code::Malformed,
                 fmt::format("JSON cannot be read: {}", simdjson::error_message(error))};
  }
  return Document(std::move(state));
}

Value Document::root() const {
  return Access::as<Value>(state_->root);
}

Type Value::type() const {
  if (document_ == nullptr) return Type::Null;
  switch (Access::element(*this).type()) {
    case dom::element_type::ARRAY: return Type::Array;
    case dom::element_type::OBJECT: return Type::Object;
    case dom::element_type::INT64: return Type::Integer;
    case dom::element_type::UINT64: return Type::Unsigned;
    case dom::element_type::DOUBLE: return Type::Number;
    case dom::element_type::STRING: return Type::String;
    case dom::element_type::BOOL: return Type::Boolean;
    case dom::element_type::NULL_VALUE: return Type::Null;
  }
  return Type::Null;
}

Result<std::string_view> Value::string() const {
  if (type() != Type::String) return Error{Code::Malformed, "JSON string expected"};
  return Access::element(*this).get_string().value_unsafe();
}

Result<std::int64_t> Value::integer() const {
  if (type() != Type::Integer) return Error{Code::Malformed, "JSON integer expected"};
  return Access::element(*this).get_int64().value_unsafe();
}

Result<double> Value::number() const {
  const Type found = type();
  if (found != Type::Integer && found != Type::Unsigned && found != Type::Number) {
    return Error{Code::Malformed, "JSON number expected"};
  }
  return Access::element(*this).get_double().value_unsafe();
}

Result<bool> Value::boolean() const {
  if (type() != Type::Boolean) return Error{Code::Malformed, "JSON boolean expected"};
  return Access::element(*this).get_bool().value_unsafe();
}

std::optional<Value> Value::find(std::string_view name) const {
  if (type() != Type::Object) return std::nullopt;
  dom::element found;
  if (Access::element(*this).at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  return Access::as<Value>(found);
}

Result<Value> Value::at(std::string_view name) const {
  if (type() != Type::Object) {
    return Error{Code::Malformed, fmt::format("JSON object expected around member: {}", name)};
  }
  if (const std::optional<Value> found = find(name)) return *found;
  return Error{Code::NotFound, fmt::format("JSON member is missing: {}", name)};
}

std::string_view Value::string_or(std::string_view name, std::string_view otherwise) const {
  const std::optional<Value> found = find(name);
  return found && found->type() == Type::String ? *found->string() : otherwise;
}

std::int64_t Value::integer_or(std::string_view name, std::int64_t otherwise) const {
  const std::optional<Value> found = find(name);
  return found && found->type() == Type::Integer ? *found->integer() : otherwise;
}

double Value::number_or(std::string_view name, double otherwise) const {
  const std::optional<Value> found = find(name);
  if (!found) return otherwise;
  const Result<double> number = found->number();
  return number.ok() ? *number : otherwise;
}

bool Value::boolean_or(std::string_view name, bool otherwise) const {
  const std::optional<Value> found = find(name);
  return found && found->type() == Type::Boolean ? *found->boolean() : otherwise;
}

Elements Value::elements() const {
  Elements elements;
  if (type() != Type::Array) return elements;
  const dom::array array = Access::element(*this).get_array().value_unsafe();
  elements.begin_ = Access::as<Elements::Iterator>(array.begin());
  elements.end_ = Access::as<Elements::Iterator>(array.end());
  return elements;
}

Members Value::members() const {
  Members members;
  if (type() != Type::Object) return members;
  const dom::object object = Access::element(*this).get_object().value_unsafe();
  members.begin_ = Access::as<Members::Iterator>(object.begin());
  members.end_ = Access::as<Members::Iterator>(object.end());
  return members;
}

std::size_t Value::size() const {
  // simdjson's own count stops at 2^24 - 1, so beyond it the values are counted.
  constexpr std::size_t kSaturated = 0xFFFFFF;
  const Type found = type();
  if (found == Type::Array) {
    const std::size_t count = Access::element(*this).get_array().value_unsafe().size();
    if (count < kSaturated) return count;
    std::size_t counted = 0;
    const Elements all = elements();
    for (auto at = all.begin(); !(at == all.end()); ++at) ++counted;
    return counted;
  }
  if (found == Type::Object) return Access::element(*this).get_object().value_unsafe().size();
  return 0;
}

Value Elements::Iterator::operator*() const {
  return Access::as<Value>(*Access::as<dom::array::iterator>(*this));
}

Elements::Iterator& Elements::Iterator::operator++() {
  auto at = Access::as<dom::array::iterator>(*this);
  ++at;
  *this = Access::as<Iterator>(at);
  return *this;
}

std::pair<std::string_view, Value> Members::Iterator::operator*() const {
  const auto at = Access::as<dom::object::iterator>(*this);
  return {at.key(), Access::as<Value>(at.value())};
}

Members::Iterator& Members::Iterator::operator++() {
  auto at = Access::as<dom::object::iterator>(*this);
  ++at;
  *this = Access::as<Iterator>(at);
  return *this;
}

}  // namespace eds::json
