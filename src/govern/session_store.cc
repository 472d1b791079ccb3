#include "govern/session_store.h"

#include <sodium.h>

#include <array>
#include <charconv>

#include "govern/sealing.h"

namespace eds::govern {
namespace {

/// Writing each look down would cost a disk sync a request.
constexpr std::int64_t kSeenStepUs = 15'000'000;
constexpr std::size_t kTicketDigits = 64;

Error ended() {
  return Error{Code::Refused, "no such session, or it has ended: sign in again"};
}

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Result<std::unique_ptr<SessionStore>> SessionStore::open(Env& env, RightsStore& rights,
                                                         const Path& directory,
                                                         const SessionLimits& limits) {
  std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(directory, "accounts.db")));
  return std::unique_ptr<SessionStore>(new SessionStore(env, rights, std::move(database), limits));
}

Result<std::string> SessionStore::begin(const NewSession& wanted) {
  const std::int64_t now = env_->now_us();
  return begin_until(wanted, now, now + limits_.whole_us);
}

Result<std::string> SessionStore::begin_until(const NewSession& wanted, std::int64_t start_us,
                                              std::int64_t end_us) {
  const std::int64_t now = env_->now_us();
  const std::int64_t seconds = (end_us - now + 999'999) / 1'000'000;
  const std::string ticket =
      TRY(rights_->open_session({0, wanted.user}, wanted.user, wanted.acr, wanted.source, seconds));
  const Principal principal = TRY(rights_->principal_of(ticket));
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement old = TRY(database_->prepare("DELETE FROM web_session WHERE end_us < ?"));
  TRY(old.bind(now).run());
  sqlite::Statement put = TRY(database_->prepare(
      "INSERT INTO web_session(session_id, method, start_us, end_us, seen_us, proved_us) VALUES "
      "(?, ?, ?, ?, ?, ?)"));
  TRY(put.bind(number_of(principal.session))
          .bind(std::string_view(wanted.method))
          .bind(start_us)
          .bind(end_us)
          .bind(now)
          .bind(wanted.proved_us == 0 ? now : wanted.proved_us)
          .run());
  return ticket;
}

Result<SignedIn> SessionStore::use(std::string_view ticket) {
  if (ticket.size() != kTicketDigits) return ended();
  SignedIn session;
  session.principal = TRY(rights_->principal_of(ticket));
  const std::int64_t id = number_of(session.principal.session);
  const std::int64_t now = env_->now_us();
  bool is_idle = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    sqlite::Statement find = TRY(database_->prepare(
        "SELECT method, start_us, end_us, seen_us, proved_us FROM web_session WHERE session_id = "
        "?"));
    if (!TRY(find.bind(id).step())) return ended();
    session.method = find.text_at(0);
    session.start_us = find.int_at(1);
    session.end_us = find.int_at(2);
    session.seen_us = find.int_at(3);
    session.proved_us = find.int_at(4);
    find.reset();
    const std::int64_t since = now - session.seen_us;
    is_idle = since >= limits_.idle_us || since < -kClockToleranceUs || now >= session.end_us;
    if (!is_idle && since >= kSeenStepUs) {
      sqlite::Statement seen =
          TRY(database_->prepare("UPDATE web_session SET seen_us = ? WHERE session_id = ?"));
      TRY(seen.bind(now).bind(id).run());
      session.seen_us = now;
    }
  }
  if (!is_idle) return session;
  TRY(rights_->close_session({session.principal.user, session.principal.name}, ticket));
  return ended();
}

Result<std::string> SessionStore::renew(std::string_view ticket, int acr, std::int64_t proved_us) {
  const SignedIn session = TRY(use(ticket));
  const Principal& person = session.principal;
  const std::string renewed =
      TRY(begin_until({person.name, acr, person.source, session.method, proved_us},
                      session.start_us, session.end_us));
  TRY(rights_->close_session({person.user, person.name}, ticket));
  return renewed;
}

Status SessionStore::end(std::string_view ticket) {
  const Principal principal = TRY(rights_->principal_of(ticket));
  return rights_->close_session({principal.user, principal.name}, ticket);
}

bool SessionStore::is_fresh(const SignedIn& session) const {
  const std::int64_t since = env_->now_us() - session.proved_us;
  return since >= -kClockToleranceUs && since < limits_.proof_us;
}

std::string csrf_token(std::string_view ticket) {
  constexpr std::string_view kUse = "eds csrf 1";
  std::array<unsigned char, 24> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(kUse.data()),
                     kUse.size(), reinterpret_cast<const unsigned char*>(ticket.data()),
                     std::min<std::size_t>(ticket.size(), crypto_generichash_KEYBYTES_MAX));
  return hex_of(hash);
}

bool same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace eds::govern
