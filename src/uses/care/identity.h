// Who a person is, for a caregiver who says why: the only place where the identity zone and the
// record meet.
//
// Invariants: nothing is revealed before the audit holds, on disk, who asked, for which random id
// and why; what was asked and not found leaves its event too. The reason is one of a closed list,
// so that no name is ever typed into the audit. Names and the numbers that name the person come
// out; addresses, telephones and stay numbers do not. The text made here belongs in an answer or on
// a terminal, never in a log, an address, a cache or an Error.
// Threads: one thread at a time for one store.
// Rights: whoever holds a Scope; the caller has asked it whether it reaches the person.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/audit.h"
#include "govern/identity_store.h"
#include "govern/scope.h"

namespace eds::care {

/// Why an identity is looked at. The words are part of the API and of the audit.
enum class LookReason : std::uint8_t {
  Care,            ///< "care": the patient is in one's care
  Emergency,       ///< "emergency": a vital emergency
  IdentityCheck,   ///< "identity-check": identity vigilance, doubles and merges
  PatientRequest,  ///< "patient-request": the person asks for their own data
};

std::string_view look_reason_word(LookReason reason);
/// Usage, with the list, for any other word.
Result<LookReason> look_reason(std::string_view word);

/// What is known of who `person_id` is, as the API's JSON (docs/reference/api.md). NotFound when
/// the identity zone says nothing of that id.
Result<std::string> reveal_identity(const govern::Scope& scope, govern::Audit& audit,
                                    govern::IdentityStore& store, std::int64_t person_id,
                                    LookReason reason);

}  // namespace eds::care
