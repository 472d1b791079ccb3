#include "govern/mask_words.h"

#include <algorithm>

namespace eds::govern {
namespace {

constexpr std::uint64_t kHashSeed = 0xCBF29CE484222325;
constexpr std::uint64_t kHashFactor = 0x100000001B3;

std::uint64_t mix(std::uint64_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * kHashFactor;
}

struct Fold {
  char first = 0;   // 0: not a letter
  char second = 0;  // of "ae", "oe", "ss"
  bool capital = false;
};

struct FoldRange {
  char32_t first;
  char32_t last;
  const char* letters;
  char32_t capital_parity;  // code points with this lowest bit are capitals; 2: none, 3: all
};

// Latin-1, Latin Extended-A, Romanian, Vietnamese: Unicode 15, decompositions without their marks.
constexpr FoldRange kFoldRanges[] = {
    {0xC0, 0xC5, "a", 3},     {0xC6, 0xC6, "ae", 3},    {0xC7, 0xC7, "c", 3},
    {0xC8, 0xCB, "e", 3},     {0xCC, 0xCF, "i", 3},     {0xD0, 0xD0, "d", 3},
    {0xD1, 0xD1, "n", 3},     {0xD2, 0xD6, "o", 3},     {0xD8, 0xD8, "o", 3},
    {0xD9, 0xDC, "u", 3},     {0xDD, 0xDD, "y", 3},     {0xDE, 0xDE, "th", 3},
    {0xDF, 0xDF, "ss", 2},    {0xE0, 0xE5, "a", 2},     {0xE6, 0xE6, "ae", 2},
    {0xE7, 0xE7, "c", 2},     {0xE8, 0xEB, "e", 2},     {0xEC, 0xEF, "i", 2},
    {0xF0, 0xF0, "d", 2},     {0xF1, 0xF1, "n", 2},     {0xF2, 0xF6, "o", 2},
    {0xF8, 0xF8, "o", 2},     {0xF9, 0xFC, "u", 2},     {0xFD, 0xFD, "y", 2},
    {0xFE, 0xFE, "th", 2},    {0xFF, 0xFF, "y", 2},     {0x100, 0x105, "a", 0},
    {0x106, 0x10D, "c", 0},   {0x10E, 0x111, "d", 0},   {0x112, 0x11B, "e", 0},
    {0x11C, 0x123, "g", 0},   {0x124, 0x127, "h", 0},   {0x128, 0x131, "i", 0},
    {0x132, 0x133, "ij", 0},  {0x134, 0x135, "j", 0},   {0x136, 0x138, "k", 0},
    {0x139, 0x142, "l", 1},   {0x143, 0x148, "n", 1},   {0x149, 0x149, "n", 2},
    {0x14A, 0x14B, "n", 0},   {0x14C, 0x151, "o", 0},   {0x152, 0x153, "oe", 0},
    {0x154, 0x159, "r", 0},   {0x15A, 0x161, "s", 0},   {0x162, 0x167, "t", 0},
    {0x168, 0x173, "u", 0},   {0x174, 0x175, "w", 0},   {0x176, 0x177, "y", 0},
    {0x178, 0x178, "y", 3},   {0x179, 0x17E, "z", 1},   {0x17F, 0x17F, "s", 2},
    {0x218, 0x219, "s", 0},   {0x21A, 0x21B, "t", 0},   {0x1EA0, 0x1EB7, "a", 0},
    {0x1EB8, 0x1EC7, "e", 0}, {0x1EC8, 0x1ECB, "i", 0}, {0x1ECC, 0x1EE3, "o", 0},
    {0x1EE4, 0x1EF1, "u", 0}, {0x1EF2, 0x1EF9, "y", 0},
};

constexpr Fold fold_of(char32_t point) {
  for (const FoldRange& range : kFoldRanges) {
    if (point < range.first || point > range.last) continue;
    const bool capital = range.capital_parity == 3 || (point & 1) == range.capital_parity;
    return Fold{range.letters[0], range.letters[1], capital};
  }
  return Fold{};
}

constexpr char32_t kTableFirst = 0xC0;
constexpr char32_t kTableLast = 0x24F;

constexpr std::array<Fold, kTableLast - kTableFirst + 1> make_table() {
  std::array<Fold, kTableLast - kTableFirst + 1> table{};
  for (char32_t point = kTableFirst; point <= kTableLast; ++point) {
    table[point - kTableFirst] = fold_of(point);
  }
  return table;
}
constexpr std::array<Fold, kTableLast - kTableFirst + 1> kTable = make_table();

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}
bool continues(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

struct Character {
  char32_t point = 0;
  std::size_t length = 1;
  bool broken = true;
};

/// The character of more than one byte at `at`.
Character character_at(std::string_view text, std::size_t at) {
  const unsigned char lead = byte_at(text, at);
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0) return {};
  char32_t point = lead & (0xFFu >> (length + 1));
  for (std::size_t next = 1; next < length; ++next) {
    const unsigned char byte = byte_at(text, at + next);
    if (!continues(byte)) return {};
    point = point << 6 | (byte & 0x3Fu);
  }
  return {point, length, false};
}

enum class Class : std::uint8_t { Separator, Letter, Mark, OtherLetter };

Class class_of(char32_t point) {
  if (point < 0xC0 || point == 0xD7 || point == 0xF7) return Class::Separator;
  if (point <= kTableLast) return Class::Letter;
  if (point >= 0x300 && point <= 0x36F) return Class::Mark;
  if (point >= 0x1EA0 && point <= 0x1EF9) return Class::Letter;
  // Greek, Cyrillic, Hebrew, Arabic and the rest of the letters below the punctuation block.
  if (point >= 0x370 && point < 0x2000) return Class::OtherLetter;
  if (point >= 0x3040 && point < 0xE000) return Class::OtherLetter;
  return Class::Separator;
}

template <std::size_t N>
bool among(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

constexpr auto kOrdinary = [] {
  auto words = std::to_array<std::string_view>(
      {"abbe",        "adore",      "agneau",    "aime",        "aimee",     "allard",
       "allemand",    "ami",        "ange",      "anglais",     "appel",     "arc",
       "armoire",     "arnaud",     "assis",     "aube",        "auberge",   "aurore",
       "avocat",      "avril",      "bague",     "baie",        "bailli",    "balle",
       "banc",        "bar",        "barbe",     "barbier",     "baron",     "barre",
       "bas",         "basset",     "bateau",    "baton",       "beau",      "beaux",
       "bel",         "belle",      "benoit",    "berger",      "bergere",   "bernard",
       "bien",        "bis",        "bise",      "blanc",       "blanche",   "ble",
       "bleu",        "blond",      "blonde",    "blouin",      "boeuf",     "bois",
       "boisson",     "boiteux",    "bon",       "bonhomme",    "bonne",     "bonnet",
       "bord",        "bosse",      "bouche",    "boucher",     "boucle",    "boue",
       "boulanger",   "boule",      "bourgeois", "boutique",    "bouton",    "bras",
       "brave",       "breton",     "brigade",   "brise",       "brosse",    "brousse",
       "brume",       "brun",       "brune",     "buis",        "buisson",   "bureau",
       "but",         "cadet",      "caille",    "calme",       "camus",     "canal",
       "canard",      "capucine",   "caron",     "carre",       "carton",    "cassis",
       "cause",       "cave",       "celeste",   "cerf",        "cerise",    "chaine",
       "champ",       "champagne",  "champion",  "chance",      "chapelle",  "char",
       "charbonnier", "charite",    "charles",   "charpentier", "chasse",    "chat",
       "chateau",     "chaud",      "chauve",    "chef",        "chemin",    "chene",
       "cher",        "chevalier",  "chevre",    "choix",       "chou",      "christ",
       "clair",       "claire",     "clef",      "clemence",    "clement",   "clos",
       "cloud",       "clou",       "cochet",    "coeur",       "coin",      "collet",
       "colombe",     "commun",     "comte",     "constant",    "constance", "content",
       "coq",         "coral",      "coralie",   "corps",       "cote",      "couleur",
       "cour",        "couronne",   "court",     "courte",      "cousin",    "couteau",
       "couture",     "couturier",  "creme",     "creuse",      "croix",     "cruel",
       "cuisinier",   "cure",       "cygne",     "dame",        "dauphin",   "delices",
       "dent",        "desire",     "dieu",      "divine",      "dore",      "doux",
       "douce",       "droit",      "duc",       "dur",         "eau",       "ecole",
       "ecuyer",      "eglise",     "epine",     "ermite",      "espoir",    "esprit",
       "est",         "etang",      "etoile",    "fabre",       "fage",      "faible",
       "faucon",      "faure",      "fauve",     "felicite",    "fer",       "ferme",
       "fermier",     "ferrand",    "ferre",     "fevre",       "fidele",    "fille",
       "fils",        "fin",        "fine",      "flamand",     "flamme",    "fleur",
       "flore",       "flute",      "foi",       "fontaine",    "foret",     "forge",
       "forgeron",    "fort",       "forte",     "fosse",       "foucher",   "fouet",
       "fougere",     "four",       "fournier",  "frais",       "franc",     "france",
       "francois",    "froid",      "fromage",   "gai",         "gaillard",  "galant",
       "galet",       "garde",      "garenne",   "garnier",     "gars",      "gauche",
       "gentil",      "germain",    "gilet",     "givre",       "gloire",    "gobert",
       "goutte",      "grace",      "grain",     "grand",       "grande",    "grange",
       "gras",        "grave",      "grenier",   "gris",        "gros",      "grosse",
       "guerin",      "guerre",     "guillot",   "haie",        "hardi",     "haut",
       "haute",       "heureux",    "hiver",     "homme",       "honneur",   "hotel",
       "houx",        "huet",       "humbert",   "huguenot",    "ile",       "iris",
       "jacob",       "jambe",      "janvier",   "jardin",      "jardinier", "jaune",
       "jeune",       "jolie",      "joli",      "joly",        "joie",      "joseph",
       "jour",        "jourdain",   "joyeux",    "juge",        "juillet",   "juin",
       "juste",       "labbe",      "lac",       "laine",       "lait",      "lambert",
       "lance",       "lande",      "lang",      "large",       "laure",     "laurier",
       "leger",       "legere",     "lent",      "levy",        "liberte",   "lien",
       "lievre",      "lilas",      "lin",       "lion",        "lis",       "lit",
       "loge",        "loin",       "long",      "longue",      "loup",      "lourd",
       "luce",        "lucide",     "lumiere",   "lundi",       "lune",      "lys",
       "macon",       "mage",       "mai",       "maigre",      "main",      "maire",
       "maison",      "maitre",     "major",     "mal",         "malade",    "manche",
       "marais",      "marbre",     "marchand",  "marche",      "mardi",     "mare",
       "marechal",    "margot",     "mari",      "marin",       "marine",    "marque",
       "marron",      "mars",       "marteau",   "martinet",    "masse",     "masson",
       "matin",       "mauvais",    "melon",     "menage",      "mercier",   "mercredi",
       "merle",       "metis",      "meunier",   "miel",        "mignon",    "miller",
       "mince",       "miracle",    "modeste",   "moine",       "mois",      "moisson",
       "monnaie",     "mont",       "montagne",  "moreau",      "morel",     "morin",
       "mort",        "mouche",     "moulin",    "mouton",      "moyen",     "muet",
       "mur",         "muscat",     "navet",     "neige",       "neuf",      "neuve",
       "nid",         "noble",      "noel",      "noir",        "noire",     "noiret",
       "nord",        "normand",    "notaire",   "noyer",       "nuit",      "oiseau",
       "olive",       "olivier",    "ombre",     "once",        "or",        "orange",
       "orge",        "orme",       "ours",      "ouest",       "page",      "pain",
       "palais",      "paille",     "panier",    "paon",        "papillon",  "paquet",
       "parfait",     "parfaite",   "paris",     "pascal",      "passe",     "pasteur",
       "patience",    "patient",    "patiente",  "patte",       "pauvre",    "peau",
       "peintre",     "pelle",      "pelletier", "perle",       "perrin",    "petit",
       "petite",      "petits",     "peu",       "picard",      "pied",      "pierre",
       "pigeon",      "pin",        "pinson",    "place",       "plaisance", "plat",
       "pluie",       "plume",      "poirier",   "poisson",     "poivre",    "pomme",
       "pommier",     "pont",       "port",      "porte",       "portier",   "poste",
       "potier",      "pouce",      "poulain",   "poule",       "prairie",   "pre",
       "premier",     "pretre",     "prevost",   "prevot",      "prieur",    "prince",
       "printemps",   "prudent",    "prudence",  "prune",       "pucelle",   "puits",
       "quartier",    "queue",      "rame",      "rameau",      "rapide",    "raison",
       "rat",         "raisin",     "reine",     "religieux",   "remy",      "renard",
       "rene",        "rey",        "riche",     "rieux",       "riviere",   "robe",
       "robert",      "robin",      "roche",     "rocher",      "roi",       "roland",
       "rond",        "ronde",      "rose",      "roseau",      "rossignol", "roue",
       "rouge",       "rouget",     "rousse",    "rousseau",    "roussel",   "roux",
       "roy",         "royal",      "royer",     "ruelle",      "sable",     "sabot",
       "sage",        "sain",       "saint",     "sainte",      "salle",     "samedi",
       "sang",        "sapin",      "sauvage",   "savoie",      "savoye",    "sec",
       "seigneur",    "sel",        "sergent",   "serein",      "serpent",   "serre",
       "seul",        "simple",     "soir",      "soldat",      "soleil",    "sombre",
       "sorbier",     "souci",      "soulier",   "sourd",       "source",    "sud",
       "suisse",      "taille",     "tailleur",  "tardif",      "taureau",   "temple",
       "terre",       "tete",       "tisserand", "toile",       "tonnelier", "tour",
       "toussaint",   "tranquille", "travers",   "tresor",      "triste",    "tronc",
       "vache",       "vaillant",   "val",       "valet",       "vallee",    "valeur",
       "vasseur",     "veau",       "veille",    "vendredi",    "vent",      "verdier",
       "verger",      "vermeil",    "verite",    "vernet",      "vert",      "verte",
       "veuve",       "vicaire",    "victoire",  "vidal",       "vie",       "vieux",
       "vif",         "vigne",      "vigneron",  "village",     "ville",     "vin",
       "violet",      "violette",   "vital",     "vitale",      "vite",      "vitrier",
       "voisin",      "vrai",       "yeux"});
  std::sort(words.begin(), words.end());
  return words;
}();

constexpr auto kFunction = [] {
  auto words = std::to_array<std::string_view>(
      {"a",   "ai",   "an",   "as",   "au",   "aux",  "avec", "ba",   "ce",    "ces",  "cet",
       "ci",  "dans", "de",   "des",  "dit",  "do",   "donc", "du",   "elle",  "en",   "es",
       "est", "et",   "eu",   "fait", "ici",  "il",   "ils",  "ici",  "je",    "la",   "le",
       "les", "leur", "lui",  "ma",   "mais", "me",   "mes",  "moi",  "mon",   "ne",   "ni",
       "non", "nos",  "nous", "on",   "ou",   "par",  "pas",  "peu",  "plus",  "pour", "qu",
       "que", "qui",  "sa",   "sans", "se",   "ses",  "si",   "sien", "soi",   "son",  "sous",
       "su",  "sur",  "ta",   "te",   "tel",  "ton",  "tous", "tout", "toute", "tres", "tu",
       "un",  "une",  "va",   "vers", "vos",  "vous", "vu",   "y"});
  std::sort(words.begin(), words.end());
  return words;
}();

constexpr auto kParticles = [] {
  auto words = std::to_array<std::string_view>(
      {"al",     "ait", "ben", "bin", "bint", "d",   "da",  "dal", "de",  "degli", "del",
       "della",  "den", "der", "des", "di",   "dit", "do",  "dos", "du",  "el",    "ep",
       "epouse", "et",  "ibn", "l",   "la",   "le",  "les", "ne",  "nee", "o",     "ou",
       "san",    "st",  "ste", "te",  "ten",  "ter", "van", "ven", "von", "y",     "zu"});
  std::sort(words.begin(), words.end());
  return words;
}();

struct Spelling {
  std::string_view spelled;
  std::string_view full;
};
constexpr Spelling kAddressSpellings[] = {
    {"av", "avenue"},       {"ave", "avenue"},      {"bd", "boulevard"},  {"bld", "boulevard"},
    {"blvd", "boulevard"},  {"boul", "boulevard"},  {"bvd", "boulevard"}, {"r", "rue"},
    {"ch", "chemin"},       {"che", "chemin"},      {"chem", "chemin"},   {"imp", "impasse"},
    {"pl", "place"},        {"all", "allee"},       {"rte", "route"},     {"sq", "square"},
    {"res", "residence"},   {"resid", "residence"}, {"fg", "faubourg"},   {"fbg", "faubourg"},
    {"st", "saint"},        {"ste", "sainte"},      {"gal", "general"},   {"mal", "marechal"},
    {"dr", "docteur"},      {"pdt", "president"},   {"pass", "passage"},  {"qu", "quai"},
    {"lot", "lotissement"}, {"b", "bis"},           {"bat", "batiment"},  {"appt", "appartement"},
    {"apt", "appartement"}, {"hlm", "hlm"},
};

}  // namespace

Word word_at(std::string_view text, std::size_t at) {
  Word word;
  word.begin = word.end = at;
  word.hash = kHashSeed;
  const unsigned char first = byte_at(text, at);
  if (first >= '0' && first <= '9') {
    word.digits = true;
    while (word.end < text.size() && text[word.end] >= '0' && text[word.end] <= '9') {
      word.hash = mix(word.hash, text[word.end++]);
      word.letter_count += 1;
    }
    return word;
  }
  std::uint32_t capital_count = 0;
  while (word.end < text.size()) {
    const unsigned char byte = byte_at(text, word.end);
    if (byte < 0x80) {
      const unsigned char small = byte | 0x20;
      if (small < 'a' || small > 'z') break;
      const bool capital = byte != small;
      if (word.letter_count == 0) word.capitalised = capital;
      capital_count += capital;
      word.letter_count += 1;
      word.hash = mix(word.hash, static_cast<char>(small));
      word.end += 1;
      continue;
    }
    const Character character = character_at(text, word.end);
    const Class kind = character.broken ? Class::Separator : class_of(character.point);
    if (kind == Class::Separator || (kind == Class::Mark && word.letter_count == 0)) break;
    if (kind != Class::Mark) {
      const Fold fold = kind == Class::OtherLetter      ? Fold{}
                        : character.point <= kTableLast ? kTable[character.point - kTableFirst]
                                                        : fold_of(character.point);
      if (fold.first == 0) {
        for (std::size_t next = 0; next < character.length; ++next) {
          word.hash = mix(word.hash, text[word.end + next]);
        }
      } else {
        word.hash = mix(word.hash, fold.first);
        if (fold.second != 0) word.hash = mix(word.hash, fold.second);
      }
      // Scripts without capitals count as capitals: in doubt, mask.
      const bool capital = fold.first == 0 || fold.capital;
      if (word.letter_count == 0) word.capitalised = capital;
      capital_count += capital;
      word.letter_count += 1;
    }
    word.end += character.length;
  }
  word.all_capitals = word.letter_count > 0 && capital_count == word.letter_count;
  return word;
}

std::size_t separator_length(std::string_view text, std::size_t at) {
  if (byte_at(text, at) < 0x80) return 1;
  return character_at(text, at).length;
}

std::size_t skip_joint(std::string_view text, std::size_t at) {
  for (int step = 0; step < 4 && at < text.size(); ++step) {
    const char c = text[at];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '-' || c == '\'' || c == '.' ||
        c == ',' || c == ':') {
      at += 1;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x80) break;
    const Character character = character_at(text, at);
    // No-break spaces, typographic hyphens and apostrophes.
    const char32_t point = character.point;
    if (point != 0xA0 && point != 0x202F && point != 0x2010 && point != 0x2011 && point != 0x2013 &&
        point != 0x2019) {
      break;
    }
    at += character.length;
  }
  return at;
}

std::uint64_t fold_hash(std::string_view folded) {
  std::uint64_t hash = kHashSeed;
  for (const char c : folded) hash = mix(hash, c);
  return hash;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const Word word = word_at(text, at);
    if (word.empty()) {
      at += separator_length(text, at);
      continue;
    }
    std::string folded;
    std::size_t inside = at;
    while (inside < word.end) {
      const unsigned char byte = byte_at(text, inside);
      if (byte < 0x80) {
        folded += static_cast<char>(word.digits ? byte : byte | 0x20);
        inside += 1;
        continue;
      }
      const Character character = character_at(text, inside);
      const Fold fold = fold_of(character.point);
      if (fold.first != 0) folded += fold.first;
      if (fold.second != 0) folded += fold.second;
      const bool mark = class_of(character.point) == Class::Mark;
      if (fold.first == 0 && !mark) folded += text.substr(inside, character.length);
      inside += character.length;
    }
    words.push_back(std::move(folded));
    at = word.end;
  }
  return words;
}

bool is_ordinary_word(std::string_view folded) {
  return among(kOrdinary, folded);
}
bool is_function_word(std::string_view folded) {
  return among(kFunction, folded);
}
bool is_particle(std::string_view folded) {
  return among(kParticles, folded);
}

bool is_civility(const Word& word, std::string_view text) {
  if (word.digits || word.letter_count > 12) return false;
  if (word.letter_count == 1) {
    const char c = text[word.begin];
    return c == 'M' || (c == 'm' && word.end < text.size() && text[word.end] == '.');
  }
  static const std::array<std::uint64_t, 18> kCivilities = [] {
    std::array<std::uint64_t, 18> hashes{};
    std::size_t at = 0;
    for (const std::string_view each :
         {"mr", "mme", "mlle", "mle", "melle", "mrs", "ms", "dr", "pr", "monsieur", "madame",
          "mademoiselle", "docteur", "professeur", "nee", "epouse", "nom", "prenom"}) {
      hashes[at++] = fold_hash(each);
    }
    return hashes;
  }();
  return std::find(kCivilities.begin(), kCivilities.end(), word.hash) != kCivilities.end();
}

int month_of(const Word& word) {
  struct Month {
    std::uint64_t hash;
    int number;
  };
  static const std::vector<Month> kMonths = [] {
    std::vector<Month> months;
    const std::pair<const char*, int> names[] = {
        {"janvier", 1}, {"janv", 1},      {"jan", 1},     {"fevrier", 2},   {"fevr", 2},
        {"fev", 2},     {"mars", 3},      {"mar", 3},     {"avril", 4},     {"avr", 4},
        {"mai", 5},     {"juin", 6},      {"juillet", 7}, {"juil", 7},      {"jui", 7},
        {"aout", 8},    {"septembre", 9}, {"sept", 9},    {"sep", 9},       {"octobre", 10},
        {"oct", 10},    {"novembre", 11}, {"nov", 11},    {"decembre", 12}, {"dec", 12}};
    for (const auto& [name, number] : names) months.push_back({fold_hash(name), number});
    return months;
  }();
  for (const Month& month : kMonths) {
    if (month.hash == word.hash) return month.number;
  }
  return 0;
}

std::string_view address_word(std::string_view folded) {
  for (const Spelling& spelling : kAddressSpellings) {
    if (spelling.spelled == folded) return spelling.full;
  }
  return folded;
}

std::vector<std::string> address_spellings(std::string_view full) {
  std::vector<std::string> all{std::string(full)};
  for (const Spelling& spelling : kAddressSpellings) {
    if (spelling.full == full && spelling.spelled != full) all.emplace_back(spelling.spelled);
  }
  return all;
}

}  // namespace eds::govern
