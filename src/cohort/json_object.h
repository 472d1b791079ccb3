// JsonObject: one object of a definition, read member by member, with the path in every message.
//
// Invariants: a member is taken once; finish() finds what nobody took: an error when the reading is
// strict, an extra otherwise. Null members count as absent and come back as extras. Numbers may be
// written as text ("18"), as old Atlas pages did. Threads: a plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cohort/definition.h"
#include "format/json/json_reader.h"

namespace eds::cohort {

/// Where in the document something stands; lives on the stack of the functions that walk it.
struct Place {
  const Place* parent = nullptr;
  std::string_view name;  ///< of a member, or empty
  std::size_t index = 0;  ///< of an element, when there is no name

  Place member(std::string_view member_name) const { return {this, member_name, 0}; }
  Place element(std::size_t element_index) const { return {this, {}, element_index}; }
  /// "$.PrimaryCriteria.CriteriaList[0]"
  std::string text() const;
};

/// Code::Malformed: "cohort definition: WHAT, at PATH".
Error refusal(const Place& place, std::string_view what);

enum class Reading : std::uint8_t {
  Strict,   ///< a member that means nothing is an error
  Lenient,  ///< it is kept and means nothing
};

class JsonObject {
 public:
  /// Malformed when `value` is no object.
  static Result<JsonObject> of(json::Value value, const Place& place, Reading reading);

  const Place& place() const { return *place_; }
  Reading reading() const { return reading_; }
  /// The member, unless it is absent or null.
  std::optional<json::Value> take(std::string_view name);
  /// Whether the member exists, null or not.
  bool has(std::string_view name) const { return object_.find(name).has_value(); }
  Result<std::optional<std::int64_t>> integer(std::string_view name);
  Result<std::optional<double>> number(std::string_view name);
  Result<std::optional<bool>> boolean(std::string_view name);
  Result<std::optional<std::string>> text(std::string_view name);
  Result<std::optional<DateText>> date(std::string_view name);
  Result<std::int64_t> required_integer(std::string_view name);
  Result<std::string> required_text(std::string_view name);
  /// What remains.
  Result<Extras> finish();
  /// What remains, whatever it is called: for objects that only inform.
  Extras keep_rest();

 private:
  json::Value object_;
  const Place* place_ = nullptr;
  Reading reading_ = Reading::Strict;
  std::vector<std::string_view> taken_;
};

/// The value as JSON text.
std::string json_text(json::Value value);

}  // namespace eds::cohort
