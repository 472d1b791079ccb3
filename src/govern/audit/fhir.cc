#include "govern/audit/fhir.h"

#include <algorithm>
#include <array>

#include "format/json/json_writer.h"
#include "govern/audit/search.h"

namespace eds::audit {
namespace {

constexpr std::string_view kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view kOwn = "urn:eds:audit";
constexpr std::string_view kEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view kObjectRole = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

// DICOM PS3.16, CID 400 "Audit Event ID", and FHIR's audit-event-action.
struct Kind {
  std::string_view word;
  std::string_view code;
  std::string_view display;
  std::string_view action;
};
constexpr std::array<Kind, 20> kKinds = {{
    {"patient", "110110", "Patient Record", "R"},
    {"identity", "110110", "Patient Record", "R"},
    {"erase", "110110", "Patient Record", "D"},
    {"opposition", "110110", "Patient Record", "U"},
    {"label", "110110", "Patient Record", "U"},
    {"query", "110112", "Query", "E"},
    {"cohort", "110112", "Query", "E"},
    {"check", "110112", "Query", "E"},
    {"ingest", "110107", "Import", "C"},
    {"export", "110106", "Export", "R"},
    {"backup", "110106", "Export", "R"},
    {"quarantine", "110107", "Import", "R"},
    {"audit", "110101", "Audit Log Used", "R"},
    {"session", "110114", "User Authentication", "E"},
    {"sign-in", "110114", "User Authentication", "E"},
    {"user", "110137", "User Security Attributes Changed", "U"},
    {"access", "110136", "Security Roles Changed", "U"},
    {"break-glass", "110127", "Emergency Override Started", "E"},
    {"role", "110136", "Security Roles Changed", "U"},
    {"perimeter", "110136", "Security Roles Changed", "U"},
}};
constexpr Kind kOther{"", "110100", "Application Activity", "E"};

const Kind& kind_of(std::string_view action) {
  const std::string_view first = action.substr(0, action.find(' '));
  for (const Kind& kind : kKinds) {
    if (kind.word == first) return kind;
  }
  return kOther;
}

void write_coding(json::Writer& out, std::string_view system, std::string_view code,
                  std::string_view display) {
  out.begin_object().member("system", system).member("code", code);
  if (!display.empty()) out.member("display", display);
  out.end_object();
}

// HL7 v3 ActReason: why data is used.
void write_purpose(json::Writer& out, const govern::AuditEvent& event) {
  std::string_view code;
  if (event.ground == "care" || event.reason == "care") code = "TREAT";
  if (event.reason == "emergency" || event.action == "access break-glass") code = "BTG";
  if (event.reason == "patient-request") code = "PATRQT";
  if (event.reason == "research" || event.ground.starts_with("permit")) code = "HRESCH";
  if (event.ground == "mandate" || event.ground == "owner") code = "HOPERAT";
  if (code.empty()) return;
  out.key("purposeOfEvent").begin_array().begin_object().key("coding").begin_array();
  write_coding(out, kActReason, code, "");
  out.end_array().end_object().end_array();
}

void write_agents(json::Writer& out, const govern::AuditEvent& event) {
  out.key("agent").begin_array();
  out.begin_object();
  out.key("who").begin_object().key("identifier").begin_object();
  out.member("system", "urn:eds:account").member("value", event.actor);
  out.end_object().end_object();
  out.member("requestor", true);
  if (!event.origin.empty()) {
    out.key("network").begin_object().member("address", event.origin).end_object();
  }
  out.end_object();
  if (!event.on_behalf_of.empty()) {
    out.begin_object();
    out.key("who").begin_object().key("identifier").begin_object();
    out.member("system", "urn:eds:account").member("value", event.on_behalf_of);
    out.end_object().end_object();
    out.member("requestor", false).end_object();
  }
  out.end_array();
}

void write_entity(json::Writer& out, std::string_view type, std::string_view role,
                  std::string_view system, std::string_view value) {
  out.begin_object();
  out.key("what").begin_object().key("identifier").begin_object();
  out.member("system", system).member("value", value).end_object().end_object();
  out.key("type");
  write_coding(out, kEntityType, type, "");
  out.key("role");
  write_coding(out, kObjectRole, role, "");
  out.end_object();
}

void write_persons(json::Writer& out, const govern::AuditEvent& event) {
  std::vector<std::int64_t> persons = event.persons.ids;
  if (persons.empty() && is_look(event)) {
    const bool digits =
        !event.object.empty() && event.object.find_first_not_of("0123456789") == std::string::npos;
    if (digits && event.object.size() < 17) persons.push_back(std::stoll(event.object));
  }
  for (const std::int64_t person : persons) {
    out.begin_object();
    out.key("what").begin_object();
    out.member("reference", "Patient/" + std::to_string(person)).end_object();
    out.key("type");
    write_coding(out, kEntityType, "1", "Person");
    out.key("role");
    write_coding(out, kObjectRole, "1", "Patient");
    out.end_object();
  }
  if (!event.persons.hash.empty()) {
    write_entity(out, "1", "1", "urn:eds:audit:person-set", event.persons.hash);
  }
}

// Table 3.1 of FHIR's audit-event-outcome: 0 success, 4 minor failure, 8 serious failure.
std::string_view outcome_code(govern::Outcome outcome) {
  if (outcome == govern::Outcome::Refused) return "4";
  return outcome == govern::Outcome::Failed ? "8" : "0";
}

}  // namespace

std::string fhir_audit_event(const Entry& entry, std::string_view log) {
  const govern::AuditEvent& event = entry.event;
  const Kind& kind = kind_of(event.action);
  json::Writer out;
  out.begin_object().member("resourceType", "AuditEvent");
  out.member("id",
             std::string(log.substr(log.find('/') + 1)) + "-" + std::to_string(entry.sequence));
  out.key("type");
  write_coding(out, kDicom, kind.code, kind.display);
  out.key("subtype").begin_array();
  write_coding(out, kOwn, event.action, "");
  out.end_array();
  out.member("action", kind.action);
  out.member("recorded", entry.time);
  out.member("outcome", outcome_code(event.outcome));
  out.member("outcomeDesc", govern::outcome_name(event.outcome));
  write_purpose(out, event);
  write_agents(out, event);
  out.key("source").begin_object();
  if (!event.zone.empty()) out.member("site", event.zone);
  out.key("observer").begin_object().key("identifier").begin_object();
  out.member("system", "urn:eds:audit:log").member("value", log);
  out.end_object().end_object().end_object();
  const bool has_entity = !event.persons.ids.empty() || !event.persons.hash.empty() ||
                          !event.object.empty() || !event.request_id.empty();
  if (!has_entity) return out.end_object().take();  // FHIR knows no empty array.
  out.key("entity").begin_array();
  write_persons(out, event);
  if (!event.object.empty()) write_entity(out, "2", "4", "urn:eds:audit:object", event.object);
  if (!event.request_id.empty()) {
    out.begin_object();
    out.key("what").begin_object().key("identifier").begin_object();
    out.member("value", event.request_id).end_object().end_object();
    out.key("type");
    write_coding(out, "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
                 "XrequestId", "");
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace eds::audit
