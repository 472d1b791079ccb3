// The part of RightsStore that remembers who is signed in.
#include <sodium.h>

#include <array>
#include <cstring>

#include "govern/rights_store.h"
#include "govern/sealing.h"

namespace eds::govern {
namespace {

constexpr std::size_t kTicketBytes = 32;

std::string hash_of(std::string_view ticket) {
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(ticket.data()), ticket.size(), nullptr,
                     0);
  return hex_of(hash);
}

}  // namespace

Result<std::string> RightsStore::open_session(const Author& author, const std::string& user,
                                              int acr, const std::string& source,
                                              std::int64_t seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (acr < 1 || acr > 2 || seconds <= 0 || seconds > 36'000) {
    return Error{Code::Usage, "a session has one or two factors and lasts 10 hours at most"};
  }
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  UserId id = 0;
  for (const User& each : state->users) {
    if (each.name == user && !each.is_disabled) id = each.id;
  }
  if (id == 0) return Error{Code::NotFound, "no such account in use: " + user};
  std::array<unsigned char, kTicketBytes> secret{};
  env_->random_bytes(secret);
  const std::string ticket = hex_of(secret);
  const std::int64_t now = env_->now_us();
  sqlite::Statement insert = TRY(database_->prepare(
      "INSERT INTO session(ticket_hash, user_id, acr, source, start_us, end_us) VALUES (?, ?, ?, "
      "?, ?, ?)"));
  TRY(insert.bind(std::string_view(hash_of(ticket)))
          .bind(id)
          .bind(static_cast<std::int64_t>(acr))
          .bind(std::string_view(source))
          .bind(now)
          .bind(now + seconds * 1'000'000)
          .run());
  TRY(note(author, "session open", user, Outcome::Done,
           "session " + std::to_string(database_->last_insert_id())));
  TRY(transaction.commit());
  return ticket;
}

Result<Principal> RightsStore::principal_of(std::string_view ticket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement find = TRY(database_->prepare(
      "SELECT session_id, user.user_id, user.name, acr, source FROM session JOIN user ON "
      "user.user_id = session.user_id WHERE ticket_hash = ? AND start_us <= ? AND end_us > ? AND "
      "closed_us = 0 AND disabled_us = 0"));
  const std::int64_t now = env_->now_us();
  if (!TRY(find.bind(std::string_view(hash_of(ticket))).bind(now).bind(now).step())) {
    return Error{Code::Refused, "no such session, or it has ended: sign in again"};
  }
  Principal principal;
  principal.session = std::to_string(find.int_at(0));
  principal.user = find.int_at(1);
  principal.name = find.text_at(2);
  principal.acr = static_cast<int>(find.int_at(3));
  principal.source = find.text_at(4);
  return principal;
}

Result<bool> RightsStore::session_lasts(std::string_view number) {
  if (number.empty()) return true;
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement find = TRY(database_->prepare(
      "SELECT count(*) FROM session WHERE CAST(session_id AS TEXT) = ? AND end_us > ? AND "
      "closed_us = 0"));
  TRY(find.bind(number).bind(env_->now_us()).step());
  return find.int_at(0) == 1;
}

Status RightsStore::close_session(const Author& author, std::string_view ticket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE session SET closed_us = ? WHERE ticket_hash = ? AND closed_us = 0"));
  TRY(update.bind(env_->now_us()).bind(std::string_view(hash_of(ticket))).run());
  if (update.changes() == 0) return Error{Code::NotFound, "no such session"};
  TRY(note(author, "session close", author.name, Outcome::Done));
  // A closed session ends what it runs: watchers look again when the epoch moves.
  return finish(transaction);
}

Status RightsStore::close_sessions_of(const Author& author, const std::string& user) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE session SET closed_us = ? WHERE closed_us = 0 AND user_id IN (SELECT user_id FROM "
      "user WHERE name = ?)"));
  TRY(update.bind(env_->now_us()).bind(std::string_view(user)).run());
  if (update.changes() == 0) return {};
  TRY(note(author, "session close", user, Outcome::Done, "all"));
  return finish(transaction);
}

}  // namespace eds::govern
