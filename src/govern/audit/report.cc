#include "govern/audit/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "format/json/json_writer.h"
#include "govern/audit/search.h"

namespace eds::audit {
namespace {

using Words = std::array<std::string_view, 3>;  ///< as the log says it, in French, in English

constexpr std::array<Words, 11> kActs = {{
    {"patient", "a ouvert le dossier", "opened the record"},
    {"identity", "a affiché l'identité", "displayed the identity"},
    {"query", "a interrogé l'entrepôt", "queried the warehouse"},
    {"cohort", "a constitué ou compté une cohorte", "built or counted a cohort"},
    {"opposition", "a enregistré une opposition", "recorded an objection"},
    {"erase", "a effacé le dossier", "erased the record"},
    {"export", "a exporté des données", "exported data"},
    {"quarantine", "a consulté un enregistrement rejeté", "looked at a rejected record"},
    {"ingest", "a chargé des données", "loaded data"},
    {"label", "a posé une étiquette de protection", "set a protection label"},
    {"project", "a travaillé pour un projet autorisé", "worked for an approved project"},
}};

constexpr std::array<Words, 11> kWhy = {{
    {"care", "soins", "care"},
    {"emergency", "urgence", "emergency"},
    {"identity-check", "vérification d'identité", "identity check"},
    {"patient-request", "demande du patient", "the patient's request"},
    {"owner", "exploitation de l'entrepôt", "operation of the warehouse"},
    {"mandate", "mandat (information médicale, pilotage)",
     "mandate (medical information, steering)"},
    {"permit", "projet autorisé", "approved project"},
    {"research", "recherche", "research"},
    {"steering", "pilotage", "steering"},
    {"feasibility", "faisabilité", "feasibility"},
    {"", "non précisé", "not stated"},
}};

template <std::size_t N>
std::string in_words(const std::array<Words, N>& table, std::string_view word, Tongue tongue) {
  const std::string_view first = word.substr(0, word.find(' '));
  for (const Words& each : table) {
    if (each[0] != first) continue;
    const std::string said(each[tongue == Tongue::French ? 1 : 2]);
    return first.size() < word.size() && first == "permit"
               ? said + std::string(word.substr(first.size()))
               : said;
  }
  return std::string(word);
}

Seen seen_of(const Entry& entry, Certainty certainty) {
  const govern::AuditEvent& event = entry.event;
  return {entry.time_us,    event.actor,
          event.action,     event.ground,
          event.reason,     event.origin,
          event.request_id, event.outcome,
          certainty,        std::max<std::uint64_t>(event.persons.count, 1)};
}

std::string day_and_hour(std::int64_t time_us) {
  return utc_text(time_us).substr(0, 16).replace(10, 1, " ") + " UTC";
}

std::string line_of(const Seen& seen, Tongue tongue) {
  const bool french = tongue == Tongue::French;
  std::string text = "- " + day_and_hour(seen.time_us) + ": " + seen.actor + " " +
                     in_words(kActs, seen.action, tongue);
  text += french ? " ; motif : " : "; why: ";
  text += in_words(kWhy, seen.ground.empty() ? seen.reason : seen.ground, tongue);
  if (!seen.reason.empty() && seen.reason != seen.ground && !seen.ground.empty()) {
    text += " (" + in_words(kWhy, seen.reason, tongue) + ")";
  }
  if (seen.outcome == govern::Outcome::Refused) {
    text += french ? " ; REFUSÉ : rien n'a été montré" : "; REFUSED: nothing was shown";
  } else if (seen.outcome == govern::Outcome::Begun) {
    text += french ? " ; interrompu" : "; broken off";
  } else if (seen.outcome == govern::Outcome::Failed) {
    text += french ? " ; n'a pas abouti" : "; did not succeed";
  }
  if (seen.person_count > 1) {
    text += (french ? " ; avec " : "; with ") + std::to_string(seen.person_count - 1) +
            (french ? " autres personnes" : " other persons");
  }
  return text + "\n";
}

void write_group(std::string& text, const SeenReport& report, Tongue tongue, Certainty certainty) {
  std::int64_t count = 0;
  for (const Seen& seen : report.seen) {
    if (seen.certainty != certainty) continue;
    text += line_of(seen, tongue);
    ++count;
  }
  if (count == 0) text += tongue == Tongue::French ? "- aucun\n" : "- none\n";
}

}  // namespace

Result<SeenReport> who_saw(Env& env, const Path& directory,
                           const std::vector<std::int64_t>& persons, std::int64_t made_us) {
  SeenReport report;
  report.person = persons.front();
  report.made_us = made_us;
  report.from_us = made_us;
  std::map<std::pair<std::string, std::string>, std::size_t> acts;
  const auto take = [&](const Entry& entry, std::string_view) -> Status {
    report.from_us = std::min(report.from_us, entry.time_us);
    const govern::AuditEvent& event = entry.event;
    const bool named = std::any_of(persons.begin(), persons.end(), [&](std::int64_t person) {
      return names_person(event, person);
    });
    const bool perhaps = event.persons.ids.empty() && event.persons.count > 1;
    if (!named && !perhaps) return {};
    Seen seen = seen_of(entry, named ? Certainty::Named : Certainty::Perhaps);
    const std::pair<std::string, std::string> key{event.request_id, event.action};
    const auto found = event.request_id.empty() ? acts.end() : acts.find(key);
    if (found == acts.end()) {
      if (!event.request_id.empty()) acts[key] = report.seen.size();
      report.seen.push_back(std::move(seen));
      return {};
    }
    // What came of the act is said by its last event; when it began, by its first.
    seen.time_us = report.seen[found->second].time_us;
    report.seen[found->second] = std::move(seen);
    return {};
  };
  report.unread_count = TRY(each_entry(env, directory, take));
  return report;
}

std::string report_text(const SeenReport& report, Tongue tongue) {
  const bool french = tongue == Tongue::French;
  std::string text = french ? "Qui a vu mon dossier ?\n" : "Who saw my record?\n";
  text += (french ? "Personne n° " : "Person no. ") + std::to_string(report.person) +
          (french ? ", relevé du " : ", as of ") + day_and_hour(report.made_us) + "\n";
  text += (french ? "Le journal lisible commence le " : "The readable log begins on ") +
          day_and_hour(report.from_us) + ".\n\n";
  text += french ? "Accès qui vous désignent :\n" : "Accesses that name you:\n";
  write_group(text, report, tongue, Certainty::Named);
  text += french ? "\nTraitements d'ensembles de personnes, où vous figurez peut-être :\n"
                 : "\nUses of sets of persons, which may include you:\n";
  write_group(text, report, tongue, Certainty::Perhaps);
  return text;
}

std::string report_json(const SeenReport& report) {
  json::Writer out;
  out.begin_object();
  out.member("person", std::to_string(report.person));
  out.member("made", utc_text(report.made_us));
  out.member("log_begins", utc_text(report.from_us));
  out.member("unread_lines", report.unread_count);
  out.key("accesses").begin_array();
  for (const Seen& seen : report.seen) {
    out.begin_object();
    out.member("time", utc_text(seen.time_us));
    out.member("actor", seen.actor);
    out.member("action", seen.action);
    out.member("ground", seen.ground);
    out.member("reason", seen.reason);
    out.member("from", seen.origin);
    out.member("request", seen.request);
    out.member("outcome", govern::outcome_name(seen.outcome));
    out.member("certainty", seen.certainty == Certainty::Named ? "named" : "perhaps");
    out.member("persons", seen.person_count);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

}  // namespace eds::audit
