// Decisions in sentences, French first (HAB-13).
#include <algorithm>
#include <array>

#include "govern/policy.h"

namespace eds::govern {
namespace {

struct Words {
  std::string_view french, english;
  std::string_view in(Language language) const {
    return language == Language::French ? french : english;
  }
};

constexpr std::array<Words, 16> kRules = {{
    {"autorisé", "allowed"},
    {"les droits ne peuvent pas être lus", "the rights cannot be read"},
    {"l'horloge a sauté : aucune décision n'est sûre", "the clock jumped: no decision is safe"},
    {"la demande contient une valeur inconnue", "the request holds a value that no rule knows"},
    {"compte inconnu", "unknown account"},
    {"compte désactivé", "disabled account"},
    {"authentification trop faible pour cet acte", "sign-in too weak for this action"},
    {"cet acte n'existe pas dans cette zone", "this action does not exist in this zone"},
    {"ce fondement ne permet pas cette finalité", "this ground does not allow this purpose"},
    {"aucun permis de ce numéro", "no permit of that number"},
    {"le permis n'est pas actif aujourd'hui", "the permit is not active today"},
    {"le permis ne nomme pas cette personne", "the permit does not name this person"},
    {"périmètre inconnu", "unknown perimeter"},
    {"aucun accès actif ne donne ce droit ici", "no active access gives this right here"},
    {"le droit manque sur un des périmètres demandés",
     "the right is missing on one of the perimeters asked for"},
    {"ce patient n'est pas dans les périmètres", "this patient is not within the perimeters"},
}};
constexpr std::array<Words, 4> kLevels = {
    {{"rien", "nothing"},
     {"décomptes protégés seulement", "protected counts only"},
     {"données pseudonymisées", "pseudonymised data"},
     {"données nominatives", "nominative data"}}};
constexpr std::array<Words, 3> kGrounds = {{{"soin", "care"},
                                            {"mandat interne", "internal mandate"},
                                            {"permis de projet", "project permit"}}};

std::string name_of(const RightsState& state, PerimeterId id) {
  const auto found = std::find_if(state.perimeters.begin(), state.perimeters.end(),
                                  [&](const Perimeter& each) { return each.id == id; });
  if (found == state.perimeters.end()) return "?";
  return found->name.empty() ? found->code : found->code + " (" + found->name + ")";
}

std::string access_line(const RightsState& state, AccessId id, Language language) {
  for (const Access& access : state.accesses) {
    if (access.id != id) continue;
    std::string role = "?";
    RightSet rights;
    for (const Role& each : state.roles) {
      if (each.id == access.role) {
        role = each.name;
        rights = each.rights;
      }
    }
    const Words kind =
        access.is_break_glass ? Words{"bris de glace", "break-glass"} : Words{"accès", "access"};
    const Words where = {" sur ", " on "};
    return std::string(kind.in(language)) + " " + std::to_string(id) + ": " + role +
           std::string(where.in(language)) + name_of(state, access.perimeter) + " [" +
           right_names(rights) + "]";
  }
  return {};
}

// Nodes whose parent is not in the list: the tops of what is allowed.
std::vector<PerimeterId> tops(const RightsState& state, const Decision& decision) {
  std::set<PerimeterId> nodes;
  for (const AllowedNode& node : decision.nodes) nodes.insert(node.perimeter);
  std::vector<PerimeterId> found;
  for (const Perimeter& perimeter : state.perimeters) {
    if (nodes.count(perimeter.id) != 0 && nodes.count(perimeter.parent) == 0) {
      found.push_back(perimeter.id);
    }
  }
  return found;
}

}  // namespace

std::string_view action_name(Action action) {
  constexpr std::array<std::string_view, kActionCount> kNames = {"count",
                                                                 "read",
                                                                 "read-nominative",
                                                                 "search-by-ipp",
                                                                 "search-opposed",
                                                                 "export-aggregates",
                                                                 "export-nominative",
                                                                 "export-workspace-nominative",
                                                                 "export-workspace-pseudonymised",
                                                                 "export-transfer",
                                                                 "build-mart",
                                                                 "manage-users",
                                                                 "manage-workspaces",
                                                                 "reidentify",
                                                                 "read-audit",
                                                                 "read-mart"};
  const auto at = static_cast<std::size_t>(action);
  return at < kNames.size() ? kNames[at] : std::string_view("unknown");
}

std::string_view level_name(Level level) {
  constexpr std::array<std::string_view, 4> kNames = {"nothing", "counts", "pseudonymised",
                                                      "nominative"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string explain(const RightsState& state, const Request& request, const Decision& decision,
                    Language language) {
  const auto say = [&](Words words) { return std::string(words.in(language)); };
  std::string text = "[" + std::string(rule_id(decision.rule)) + "] " + request.principal.name +
                     ", " + std::string(action_name(request.action)) + ": " +
                     say(kRules[static_cast<std::size_t>(decision.rule)]) + "\n";
  if (!decision.allowed) return text;
  text += say({"  fondement : ", "  ground: "}) +
          say(kGrounds[static_cast<std::size_t>(request.ground)]) +
          say({", finalité : ", ", purpose: "}) + std::string(purpose_name(request.purpose)) + "\n";
  text += say({"  niveau : ", "  level: "}) +
          say(kLevels[static_cast<std::size_t>(decision.level)]) + "\n";
  for (const AccessId id : decision.accesses) {
    text += "  " + access_line(state, id, language) + "\n";
  }
  if (decision.permit != 0) {
    text += say({"  permis ", "  permit "}) + std::to_string(decision.permit) +
            say({" du projet ", " of project "}) + decision.project + "\n";
  }
  for (const PerimeterId id : tops(state, decision)) {
    text += say({"  périmètre : ", "  perimeter: "}) + name_of(state, id) + "\n";
  }
  text += say(decision.drops_opposed
                  ? Words{"  les personnes opposées sont retirées\n",
                          "  persons who objected are taken out\n"}
                  : Words{"  les personnes opposées restent visibles (soin, obligation légale)\n",
                          "  persons who objected stay visible (care, legal duty)\n"});
  if ((decision.obligations & static_cast<unsigned>(Obligation::Review)) != 0) {
    text += say({"  bris de glace : avis immédiat et relecture obligatoire\n",
                 "  break-glass: immediate notice and mandatory review\n"});
  }
  return text;
}

}  // namespace eds::govern
