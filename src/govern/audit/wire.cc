#include "govern/audit/wire.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "govern/limits.h"

namespace eds::audit {
namespace {

constexpr char kEventFrame = 'E';
constexpr char kDigestFrame = 'D';

template <class Integer>
void put(std::string& into, Integer value) {
  std::array<char, sizeof(Integer)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  into.append(bytes.data(), bytes.size());
}

void put_text(std::string& into, std::string_view text) {
  put(into, static_cast<std::uint32_t>(text.size()));
  into += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer take() {
    Integer value{};
    if (bytes_.size() < sizeof value) {
      is_bad_ = true;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = take<std::uint32_t>();
    if (is_bad_ || size > bytes_.size()) {
      is_bad_ = true;
      return {};
    }
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  void refuse() { is_bad_ = true; }
  bool is_bad() const { return is_bad_; }
  bool is_whole() const { return !is_bad_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool is_bad_ = false;
};

// The order of the texts of an event in a frame.
template <class Event>
auto texts_of(Event& event) {
  using Text = std::conditional_t<std::is_const_v<Event>, const std::string, std::string>;
  return std::array<Text*, 12>{&event.actor,   &event.action,     &event.object,
                               &event.release, &event.reason,     &event.on_behalf_of,
                               &event.origin,  &event.ground,     &event.zone,
                               &event.classes, &event.request_id, &event.persons.hash};
}

Error bad_frame() {
  return Error{Code::Malformed, "audit frame is not as it is drawn"};
}

}  // namespace

std::string encode_event(const govern::AuditEvent& event) {
  std::string frame(1, kEventFrame);
  frame.reserve(256);
  for (const std::string* text : texts_of(event)) put_text(frame, *text);
  put(frame, static_cast<std::uint8_t>(event.outcome));
  put(frame, event.row_count);
  put(frame, event.persons.count);
  put(frame, static_cast<std::uint32_t>(event.persons.ids.size()));
  for (const std::int64_t id : event.persons.ids) put(frame, id);
  return frame;
}

std::string encode_digest(std::string_view text) {
  std::string frame(1, kDigestFrame);
  frame += text;
  return frame;
}

Result<Wish> decode_wish(std::string_view frame) {
  if (frame.empty()) return bad_frame();
  const char kind = frame.front();
  frame.remove_prefix(1);
  if (kind == kDigestFrame) return Wish(DigestWish{std::string(frame)});
  if (kind != kEventFrame) return bad_frame();
  Reader reader(frame);
  govern::AuditEvent event;
  for (std::string* text : texts_of(event)) *text = reader.text();
  const auto outcome = reader.take<std::uint8_t>();
  if (outcome > static_cast<std::uint8_t>(govern::Outcome::Begun)) reader.refuse();
  event.outcome = static_cast<govern::Outcome>(outcome);
  event.row_count = reader.take<std::int64_t>();
  event.persons.count = reader.take<std::uint64_t>();
  const auto ids = reader.take<std::uint32_t>();
  if (ids > govern::kAuditPersonsMax) reader.refuse();
  for (std::uint32_t at = 0; at < ids && !reader.is_bad(); ++at) {
    event.persons.ids.push_back(reader.take<std::int64_t>());
  }
  if (!reader.is_whole()) return bad_frame();
  return Wish(std::move(event));
}

std::string encode_answer(const Result<std::string>& answer) {
  std::string frame(
      1, answer.ok() ? '\0' : static_cast<char>(1 + static_cast<int>(answer.error().code)));
  frame += answer.ok() ? *answer : answer.error().message;
  return frame;
}

Result<std::string> decode_answer(std::string_view frame) {
  if (frame.empty()) return bad_frame();
  const auto code = static_cast<std::uint8_t>(frame.front());
  std::string text(frame.substr(1));
  if (code == 0) return text;
  if (code - 1 > static_cast<int>(Code::Internal)) return bad_frame();
  return Error{static_cast<Code>(code - 1), std::move(text)};
}

}  // namespace eds::audit
