// The part of RightsStore that gives and takes accesses.
#include <algorithm>

#include "govern/rights_store.h"

namespace eds::govern {
namespace {

template <class T>
const T* named(const std::vector<T>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const Perimeter* coded(const RightsState& state, const std::string& code) {
  const auto found = std::find_if(state.perimeters.begin(), state.perimeters.end(),
                                  [&](const Perimeter& each) { return each.code == code; });
  return found == state.perimeters.end() ? nullptr : &*found;
}

Result<AccessId> insert_access(sqlite::Database& database, const Access& access) {
  sqlite::Statement insert = TRY(database.prepare(
      "INSERT INTO access(user_id, role_id, perimeter_id, start_us, end_us, review_due_us, ground, "
      "break_glass, source, reason, granted_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(insert.bind(access.user)
          .bind(access.role)
          .bind(access.perimeter)
          .bind(access.start_us)
          .bind(access.end_us)
          .bind(access.review_due_us)
          .bind(static_cast<std::int64_t>(access.ground))
          .bind(static_cast<std::int64_t>(access.is_break_glass ? 1 : 0))
          .bind(std::string_view(access.source))
          .bind(std::string_view(access.reason))
          .bind(access.granted_by)
          .run());
  return database.last_insert_id();
}

bool is_below(const RightsState& state, PerimeterId node, PerimeterId top) {
  for (std::size_t step = 0; step <= state.perimeters.size() && node != top; ++step) {
    const auto found = std::find_if(state.perimeters.begin(), state.perimeters.end(),
                                    [&](const Perimeter& each) { return each.id == node; });
    if (found == state.perimeters.end()) return false;
    node = found->parent;
  }
  return node == top;
}

}  // namespace

Result<AccessId> RightsStore::grant(const Author& author, const AccessWish& wish) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  const User* user = named(state->users, wish.user);
  if (user == nullptr) return Error{Code::NotFound, "no such account: " + wish.user};
  const Role* role = named(state->roles, wish.role);
  if (role == nullptr) return Error{Code::NotFound, "no such role: " + wish.role};
  const Perimeter* perimeter = coded(*state, wish.perimeter);
  if (perimeter == nullptr) return Error{Code::NotFound, "no such perimeter: " + wish.perimeter};
  if (wish.ground == Ground::Permit) {
    return Error{Code::Usage, "a permit gives rights by itself: grant under care or mandate"};
  }
  const std::int64_t now = env_->now_us();
  const std::string what = wish.user + " " + wish.role + " " + wish.perimeter;
  const Status allowed = may_grant(*state, author.user, user->id, *role, perimeter->id, now);
  if (!allowed.ok()) {
    TRY(note(author, "access grant", what, Outcome::Refused, allowed.error().message));
    return allowed.error();
  }
  Access access;
  access.user = user->id;
  access.role = role->id;
  access.perimeter = perimeter->id;
  access.start_us = wish.start_us == 0 ? now : wish.start_us;
  access.end_us = wish.end_us == 0 ? access.start_us + kAccessDays * kDayUs : wish.end_us;
  access.review_due_us = now + kReviewDays * kDayUs;
  access.ground = wish.ground;
  access.source = wish.source;
  access.granted_by = author.user;
  if (access.end_us <= access.start_us) {
    return Error{Code::Usage, "an access ends after its start"};
  }
  if (access.end_us > access.start_us + kAccessDays * kDayUs) {
    return Error{Code::Limit, "an access lasts 365 days at most: grant it again then"};
  }
  const AccessId id = TRY(insert_access(*database_, access));
  TRY(note(author, "access grant", what, Outcome::Done, "access " + std::to_string(id)));
  TRY(finish(transaction));
  return id;
}

Status RightsStore::change_access(const Author& author, AccessId access,
                                  const AccessChange& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  const std::int64_t now = env_->now_us();
  for (const Access& each : state->accesses) {
    if (each.id != access || each.revoked_us != 0) continue;
    const Status allowed = may_revoke(*state, author.user, each, now);
    if (!allowed.ok()) {
      TRY(note(author, change.verb, std::to_string(access), Outcome::Refused,
               allowed.error().message));
      return allowed.error();
    }
    sqlite::Statement update = TRY(database_->prepare(change.sql));
    TRY(update.bind(now + change.after_us).bind(access).run());
    TRY(note(author, change.verb, std::to_string(access), Outcome::Done, change.reason));
    return finish(transaction);
  }
  return Error{Code::NotFound, "no such access in force: " + std::to_string(access)};
}

Status RightsStore::revoke(const Author& author, AccessId access) {
  return change_access(
      author, access,
      {"access revoke", "UPDATE access SET revoked_us = ? WHERE access_id = ?", 0, ""});
}

Status RightsStore::review(const Author& author, AccessId access) {
  return change_access(author, access,
                       {"access review", "UPDATE access SET review_due_us = ? WHERE access_id = ?",
                        kReviewDays * kDayUs, "kept"});
}

Result<std::int64_t> RightsStore::open_review(const Author& author, std::int64_t due_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (author.user != 0) {
    return Error{Code::Refused, "only the warehouse's owner opens a review of all accesses"};
  }
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE access SET review_due_us = min(review_due_us, ?1) WHERE revoked_us = 0 AND end_us > "
      "?2"));
  TRY(update.bind(due_us).bind(env_->now_us()).run());
  const std::int64_t count = update.changes();
  TRY(note(author, "access review", "all", Outcome::Done, "campaign opened"));
  TRY(finish(transaction));
  return count;
}

Result<AccessId> RightsStore::break_glass(const Author& author, const std::string& hospital_code,
                                          const std::string& reason, std::int64_t seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::shared_ptr<const RightsState> state = TRY(state_locked());
  const std::int64_t now = env_->now_us();
  const auto refuse = [&](const std::string& why) -> Status {
    TRY(note(author, "break-glass", hospital_code, Outcome::Refused, why));
    return Error{Code::Refused, why};
  };
  if (reason.size() < 10) TRY(refuse("[B01] breaking the glass needs a reason in words"));
  const std::int64_t length_us = seconds * 1'000'000;
  if (seconds <= 0 || length_us > kBreakGlassUsMax) TRY(refuse("[B02] four hours at most"));
  const Perimeter* hospital = coded(*state, hospital_code);
  if (hospital == nullptr || hospital->kind != PerimeterKind::Hospital) {
    TRY(refuse("[B03] no such hospital"));
  }
  const User* user = nullptr;
  for (const User& each : state->users) {
    if (each.id == author.user && !each.is_disabled) user = &each;
  }
  if (user == nullptr) TRY(refuse("[B04] only a signed-in user breaks the glass"));
  // His own hospital: he holds the right, for care, somewhere in it.
  bool is_his_own = false;
  for (const AllowedNode& node : effective_rights(*state, user->id, Ground::Care, now)) {
    if (!node.rights.has_all({Right::BreakGlass, Right::ReadNominative})) continue;
    is_his_own = is_his_own || is_below(*state, node.perimeter, hospital->id);
  }
  if (!is_his_own) TRY(refuse("[B05] this is not the user's own hospital"));
  const Role* role = named(state->roles, "break-glass");
  if (role == nullptr) TRY(refuse("[B06] the role break-glass is missing"));
  Access access;
  access.user = user->id;
  access.role = role->id;
  access.perimeter = hospital->id;
  access.start_us = now;
  access.end_us = now + length_us;
  access.review_due_us = now + 7 * kDayUs;
  access.is_break_glass = true;
  access.source = "break-glass";
  access.reason = reason;
  access.granted_by = user->id;
  const AccessId id = TRY(insert_access(*database_, access));
  // The notice: its own event, which the DPO's watch reads (and not only one among grants).
  // The reason may speak of a patient: it stays in the store.
  TRY(note(author, "break-glass", hospital_code, Outcome::Done, "access " + std::to_string(id)));
  TRY(finish(transaction));
  return id;
}

}  // namespace eds::govern
