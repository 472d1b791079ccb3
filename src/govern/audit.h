// Audit: what was asked of the warehouse, by whom, why, and what came of it. This header is what
// every door speaks to; the log behind it is govern/audit/.
//
// Invariants: an event is durable before append() returns, and the caller answers nobody before
// that; when append() fails, what was to be audited does not happen. There is no verb to read,
// change or remove an event. Events name persons by their random id only; texts that may hold
// literals go in as digest().
// Threads: append() and digest() may be called from any number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::govern {

enum class Outcome : std::uint8_t { Done, Refused, Failed, Begun };
std::string_view outcome_name(Outcome outcome);

/// The persons an event is about: all of them by id, or, when they are many, how many and a hash
/// of the sorted set, by which two events can be seen to be about the same persons.
struct AuditPersons {
  std::vector<std::int64_t> ids;
  std::string hash;
  std::uint64_t count = 0;

  static AuditPersons of(std::vector<std::int64_t> ids);
};

struct AuditEvent {
  std::string actor;    ///< who, as the operating system or the directory names them
  std::string action;   ///< a verb: "query", "patient", "ingest", "scope"
  std::string object;   ///< what: a table, a person id, a file's vault id, the digest of a query
  std::string release;  ///< the release read or written, when there is one
  std::string reason;   ///< why: the purpose stated, or why it was refused
  Outcome outcome = Outcome::Done;
  std::int64_t row_count = 0;
  std::string on_behalf_of;  ///< for whom, when somebody acts for another
  std::string origin;        ///< from where: an address, a terminal, a service
  std::string ground;        ///< care relation, permit or mandate that allows it
  std::string zone;          ///< identity, landing, core, mart, aggregate, audit
  std::string classes;       ///< kinds of data touched, separated by commas
  AuditPersons persons;
  std::string request_id;  ///< what ties the events of one request together
};

class Audit {
 public:
  virtual ~Audit() = default;
  /// Adds one event; it is on disk when this returns. Code::Corrupt when the log was tampered with
  /// at its end.
  virtual Status append(const AuditEvent& event) = 0;
  /// Sixteen hexadecimal digits that stand for a text (SQL with literals) without showing it.
  virtual std::string digest(std::string_view text) const = 0;
};

/// An Audit whose events all bear one request's id and origin, unless they have their own.
class RequestAudit final : public Audit {
 public:
  RequestAudit(Audit& audit, std::string request_id, std::string origin)
      : audit_(&audit), request_id_(std::move(request_id)), origin_(std::move(origin)) {}
  Status append(const AuditEvent& event) override;
  std::string digest(std::string_view text) const override { return audit_->digest(text); }
  const std::string& request_id() const { return request_id_; }

 private:
  Audit* audit_;
  std::string request_id_;
  std::string origin_;
};

}  // namespace eds::govern
