// An event as a FHIR R4 AuditEvent, for the hospital's security monitoring.
//
// Invariants: one resource an event, of the members that R4 requires (type, recorded, agent with
// requestor, source with observer) and our own words under urn:eds:audit. Persons are
// Patient/<random id>; nothing names them. The request's id is an entity of IHE BALP's type
// XrequestId.
// Threads: a plain function.
// Source: HL7 FHIR R4 (4.0.1) AuditEvent; DICOM PS3.16 CID 400; IHE ITI BALP.
#pragma once

#include <string>

#include "govern/audit/line.h"

namespace eds::audit {

/// `log` is the log's name (log_name()): with the number of the event it is the resource's id.
std::string fhir_audit_event(const Entry& entry, std::string_view log);

}  // namespace eds::audit
