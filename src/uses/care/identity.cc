#include "uses/care/identity.h"

#include <array>
#include <utility>
#include <vector>

#include "format/json/json_writer.h"
#include "format/text/dates.h"

namespace eds::care {
namespace {

using Word = std::pair<LookReason, std::string_view>;
constexpr std::array<Word, 4> kWords = {Word{LookReason::Care, "care"},
                                        Word{LookReason::Emergency, "emergency"},
                                        Word{LookReason::IdentityCheck, "identity-check"},
                                        Word{LookReason::PatientRequest, "patient-request"}};

// The kinds that name a person, with their word in the API. Stays have numbers of their own.
std::string_view kind_word(govern::IdentifierKind kind) {
  switch (kind) {
    case govern::IdentifierKind::Ipp: return "ipp";
    case govern::IdentifierKind::Ins: return "ins";
    case govern::IdentifierKind::Nir: return "nir";
    case govern::IdentifierKind::External: return "external";
    default: return {};
  }
}

// A source's birth date as YYYY-MM-DD where its shape leaves no doubt (French sources put the day
// first, PMSI writes JJMMAAAA), else as written.
std::string birth_date(const std::string& written) {
  for (const char* pattern : {"dd/MM/yyyy", "ddMMyyyy", "yyyy-MM-dd"}) {
    const Result<text::DatePattern> compiled = text::DatePattern::compile(pattern);
    if (!compiled.ok()) continue;
    if (const auto days = compiled->parse_days(written)) return text::format_date(*days);
  }
  return written;
}

void write_text(json::Writer& out, std::string_view name, const std::string& text) {
  if (text.empty()) {
    out.key(name).null();
  } else {
    out.member(name, std::string_view(text));
  }
}

std::string written(std::int64_t person_id, const govern::Traits& traits,
                    const std::vector<govern::Identifier>& identifiers) {
  json::Writer out;
  out.begin_object().member("person_id", std::to_string(person_id));
  write_text(out, "birth_name", traits.birth_name.reveal(Reason::Care));
  write_text(out, "used_name", traits.used_name.reveal(Reason::Care));
  write_text(out, "first_names", traits.first_names.reveal(Reason::Care));
  write_text(out, "birth_date", birth_date(traits.birth_date.reveal(Reason::Care)));
  write_text(out, "birth_place", traits.birth_place.reveal(Reason::Care));
  out.key("identifiers").begin_array();
  for (const govern::Identifier& identifier : identifiers) {
    const std::string_view kind = kind_word(identifier.kind);
    if (kind.empty()) continue;
    out.begin_object().member("kind", kind);
    write_text(out, "authority", identifier.authority);
    write_text(out, "value", identifier.value.reveal(Reason::Care));
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

Status note(govern::Audit& audit, const govern::Scope& scope, std::int64_t person_id,
            LookReason reason, govern::Outcome outcome) {
  govern::AuditEvent event;
  event.actor = scope.actor();
  event.action = "identity";
  event.object = std::to_string(person_id);
  event.zone = "identity";
  event.persons = govern::AuditPersons::of({person_id});
  event.release = scope.release();
  event.reason = look_reason_word(reason);
  event.outcome = outcome;
  return audit.append(event);
}

}  // namespace

std::string_view look_reason_word(LookReason reason) {
  for (const auto& [known, word] : kWords) {
    if (known == reason) return word;
  }
  return {};
}

Result<LookReason> look_reason(std::string_view word) {
  for (const auto& [reason, known] : kWords) {
    if (known == word) return reason;
  }
  // What was typed is not repeated: it may well be a name.
  return Error{Code::Usage,
               "an identity is shown for one of these reasons: care, emergency, identity-check, "
               "patient-request"};
}

Result<std::string> reveal_identity(const govern::Scope& scope, govern::Audit& audit,
                                    govern::IdentityStore& store, std::int64_t person_id,
                                    LookReason reason) {
  const bool is_known = TRY(store.knows(person_id));
  TRY(note(audit, scope, person_id, reason,
           is_known ? govern::Outcome::Done : govern::Outcome::Failed));
  if (!is_known) return Error{Code::NotFound, "the identity zone knows no such person"};
  const govern::Traits traits = TRY(store.traits(person_id, Reason::Care));
  const std::vector<govern::Identifier> identifiers =
      TRY(store.identifiers_of(person_id, Reason::Care));
  return written(person_id, traits, identifiers);
}

}  // namespace eds::care
