#include "govern/scope.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "govern/limits.h"

namespace eds::govern {
namespace {

Error refused(const Decision& decision) {
  return Error{Code::Refused, "this is refused [" + std::string(rule_id(decision.rule)) +
                                  "] (eds access why USER says more)"};
}

const Permit* permit_of(const RightsState& state, const Decision& decision) {
  for (const Permit& permit : state.permits) {
    if (permit.id == decision.permit) return &permit;
  }
  return nullptr;
}

RightSet rights_for(LabelMask labels) {
  RightSet needed;
  for (int at = 0; at < kLabelCount; ++at) {
    if ((labels >> at & 1) != 0) needed = needed | RightSet{right_of(static_cast<Label>(at))};
  }
  return needed;
}

ColumnMask mask_of(const RightsState& state, const Request& request, const Decision& decision) {
  const Permit* permit = permit_of(state, decision);
  const bool is_mart = request.action == Action::ReadMart && permit != nullptr;
  return is_mart ? ColumnMask::of_mart(*permit) : ColumnMask::of(decision.level, permit);
}

// Persons with a stay at a node that holds `besides`; all persons when the root does.
PersonSet persons_at(const RightsState& state, const Decision& decision, RightSet besides,
                     const std::shared_ptr<const StayIndex>& index) {
  PersonSet set(index);
  std::unordered_map<PerimeterId, std::int64_t> site_of;
  for (const Perimeter& each : state.perimeters) site_of[each.id] = each.care_site_id;
  for (const AllowedNode& node : decision.nodes) {
    if (!node.rights.has_all(besides)) continue;
    if (node.perimeter == kRootPerimeter) {
      set.add_all();
      return set;
    }
    const std::int64_t site = site_of[node.perimeter];
    if (site != 0) set.add_site(site);
  }
  return set;
}

}  // namespace

PersonSet persons_under(const RightsState& state, const Decision& decision,
                        const std::shared_ptr<const StayIndex>& index) {
  PersonSet set = persons_at(state, decision, {}, index);
  std::map<LabelMask, PersonSet> by_labels;
  for (const PersonLabel& each : state.labels) {
    auto found = by_labels.find(each.labels);
    if (found == by_labels.end()) {
      found = by_labels
                  .emplace(each.labels, persons_at(state, decision, rights_for(each.labels), index))
                  .first;
    }
    if (!found->second.contains(each.person_id)) set.remove(each.person_id);
  }
  for (const Opposition& each : state.oppositions) {
    const bool counts =
        each.project.empty() ? decision.drops_opposed : each.project == decision.project;
    if (counts) set.remove(each.person_id);
  }
  return set;
}

Scope::Scope(std::string actor, std::string purpose, std::string release)
    : actor_(std::move(actor)), purpose_(std::move(purpose)), release_(std::move(release)) {}

Governor::Governor(const KeyRing&, Audit& audit) : audit_(&audit) {}

Governor::Governor(Env& env, const KeyRing&, Audit& audit, RightsStore& rights)
    : env_(&env),
      audit_(&audit),
      rights_(&rights),
      wall_us_(env.now_us()),
      monotonic_us_(env.monotonic_us()) {}

Result<Scope> Governor::owner_scope(std::string_view actor, std::string_view purpose) {
  return owner_scope(actor, purpose, "");
}

Result<Scope> Governor::owner_scope(std::string_view actor, std::string_view purpose,
                                    std::string_view release) {
  AuditEvent event;
  event.actor = actor.empty() ? "unknown" : std::string(actor);
  event.action = "scope";
  event.object = "warehouse";
  event.release = release;
  event.reason = purpose;
  const bool stated = !actor.empty() && !purpose.empty();
  event.outcome = stated ? Outcome::Done : Outcome::Refused;
  TRY(audit_->append(event));
  if (!stated) return Error{Code::Refused, "reading needs an actor and a purpose"};
  return Scope(std::string(actor), std::string(purpose), std::string(release));
}

Status Governor::note(const Request& request, const Decision& decision, std::string_view object,
                      std::string_view release) {
  AuditEvent event;
  event.actor = request.principal.name.empty() ? "unknown" : request.principal.name;
  event.action = action_name(request.action);
  event.object = object;
  event.release = release;
  event.reason = std::string(rule_id(decision.rule)) + " " +
                 std::string(static_cast<int>(request.ground) <= 2 ? ground_name(request.ground)
                                                                   : std::string_view("unknown")) +
                 (request.permit != 0 ? " permit " + std::to_string(request.permit) : "") +
                 (request.principal.session.empty() ? "" : " session " + request.principal.session);
  event.outcome = decision.allowed ? Outcome::Done : Outcome::Refused;
  return audit_->append(event);
}

bool Governor::clock_is_sound(std::int64_t now_us) {
  const std::int64_t passed = env_->monotonic_us() - monotonic_us_;
  const std::int64_t drift = now_us - wall_us_ - passed;
  return drift < kClockToleranceUs && drift > -kClockToleranceUs;
}

Governor::Judged Governor::judge(Request& request) {
  Judged judged;
  request.now_us = env_->now_us();
  Result<std::shared_ptr<const RightsState>> state = rights_->state();
  if (!state.ok() || !rights_->saw_time(request.now_us).ok()) {
    judged.decision.rule = Rule::StoreUnreadable;
    return judged;
  }
  judged.state = *state;
  if (!clock_is_sound(request.now_us)) {
    judged.decision.rule = Rule::ClockJump;
    return judged;
  }
  const Result<bool> lasts = rights_->session_lasts(request.principal.session);
  if (!lasts.ok() || !*lasts) {
    judged.decision.rule = lasts.ok() ? Rule::WeakSignIn : Rule::StoreUnreadable;
    return judged;
  }
  judged.decision = decide(*judged.state, request);
  return judged;
}

Result<Decision> Governor::permit(Request request, std::string_view object) {
  ENSURE(rights_ != nullptr);
  const Judged judged = judge(request);
  TRY(note(request, judged.decision, object, ""));
  if (!judged.decision.allowed) return refused(judged.decision);
  return judged.decision;
}

Result<Scope> Governor::scope(Request request, std::string_view release, StaySource& stays) {
  ENSURE(rights_ != nullptr);
  Judged judged = judge(request);
  std::shared_ptr<const StayIndex> index;
  if (judged.decision.allowed) {
    Result<std::shared_ptr<const StayIndex>> read = stays.stays();
    if (read.ok()) {
      index = *read;
    } else {
      judged.decision = Decision();
      judged.decision.rule = Rule::StoreUnreadable;
    }
  }
  TRY(note(request, judged.decision, "warehouse", release));
  if (!judged.decision.allowed) return refused(judged.decision);
  Scope scope(request.principal.name, std::string(purpose_name(request.purpose)),
              std::string(release));
  scope.persons_ =
      std::make_shared<const PersonSet>(persons_under(*judged.state, judged.decision, index));
  scope.columns_ =
      std::make_shared<const ColumnMask>(mask_of(*judged.state, request, judged.decision));
  scope.request_ = std::make_shared<const Request>(request);
  scope.epoch_ = judged.state->epoch;
  scope.sure_until_us_ = sure_until(*judged.state, judged.decision, request.now_us);
  scope.decision_ = std::make_shared<const Decision>(std::move(judged.decision));
  return scope;
}

std::int64_t Governor::sure_until(const RightsState& state, const Decision& decision,
                                  std::int64_t now_us) {
  // Until then nothing that time alone does can take a right away.
  std::int64_t until = now_us + kDayUs;
  for (const Access& access : state.accesses) {
    if (!std::binary_search(decision.accesses.begin(), decision.accesses.end(), access.id)) {
      continue;
    }
    until = std::min({until, access.end_us, access.review_due_us});
  }
  const Permit* permit = permit_of(state, decision);
  return permit == nullptr ? until : std::min(until, permit->end_us);
}

bool Governor::still_holds(const Scope& scope) {
  if (scope.is_owner()) return true;
  if (rights_ == nullptr) return false;
  const Result<std::int64_t> epoch = rights_->epoch();
  const std::int64_t now = env_->now_us();
  const Result<bool> lasts = rights_->session_lasts(scope.request().principal.session);
  if (!epoch.ok() || !lasts.ok() || !*lasts || !clock_is_sound(now)) return false;
  if (*epoch == scope.epoch_ && now < scope.sure_until_us_) return true;
  Request request = scope.request();
  const Judged judged = judge(request);
  if (!judged.decision.allowed || judged.decision.level < scope.decision().level) return false;
  if (!mask_of(*judged.state, request, judged.decision).covers(scope.columns())) return false;
  return persons_under(*judged.state, judged.decision, scope.persons().shared_index())
      .covers(scope.persons());
}

}  // namespace eds::govern
