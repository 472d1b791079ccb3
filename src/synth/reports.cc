#include "synth/reports.h"

#include <fmt/format.h>

#include <iterator>

namespace eds::synth {
namespace {

struct Phrase {
  Why why;
  std::string_view reason;
  std::string_view story;
  std::string_view absent;
  std::uint8_t absent_diagnosis;
};

namespace names {  // So that NONE stands among the diagnoses of the table below.
#define DIAGNOSIS(code, label) constexpr std::uint8_t code = static_cast<std::uint8_t>(Dx::code);
#include "synth/diagnoses.inc"
#undef DIAGNOSIS
constexpr std::uint8_t NONE = kNoDiagnosis;
}  // namespace names

#define PHRASE(why, reason, story, absent, diagnosis) \
  {Why::why, reason, story, absent, names::diagnosis},
constexpr Phrase kPhrases[] = {
#include "synth/report_phrases.inc"
};
#undef PHRASE

const Phrase* phrase_of(std::uint16_t episode) {
  for (const Phrase& phrase : kPhrases) {
    if (static_cast<std::uint16_t>(phrase.why) == episode) return &phrase;
  }
  return nullptr;
}

// What letters look for in the history of anybody: conditions whose absence is worth a word.
constexpr Had kAskedFor[] = {Had::Hypertension, Had::Diabetes2, Had::Coronary,  Had::Asthma,
                             Had::Epilepsy,     Had::Stroke,    Had::AtrialFib, Had::Copd};

struct Kin {
  std::string_view before;
  std::string_view disease;
  std::uint8_t diagnosis;
  std::string_view after;
};
constexpr Kin kKin[] = {
    {"père décédé d'un ", "infarctus du myocarde", names::I2140, " à 62 ans"},
    {"mère traitée pour un ", "cancer du sein", names::C504, ""},
    {"frère suivi pour un ", "diabète de type 2", names::E1198, ""},
    {"père opéré d'un ", "cancer du côlon", names::C187, " à 70 ans"},
    {"mère porteuse d'une ", "maladie d'Alzheimer", names::G309, ""},
    {"grand-père paternel victime d'un ", "accident vasculaire cérébral", names::I634, ""},
};

std::string date_words(std::int64_t time_us) {
  const auto day = static_cast<std::int32_t>(time_us / kMicrosecondsPerDay);
  const Date date = date_from_days(day);
  return fmt::format("{:02}/{:02}/{:04}", date.day, date.month, date.year);
}

/// "12,5": French letters write a decimal comma.
void append_value(std::string& to, const LabResult& lab, std::uint8_t decimals) {
  const std::size_t from = to.size();
  fmt::format_to(std::back_inserter(to), "{:.{}f}", lab.value, decimals);
  const std::size_t dot = to.find('.', from);
  if (dot != std::string::npos) to[dot] = ',';
}

std::string_view civility(const Patient& patient, std::int32_t age) {
  if (age < 16) return patient.sex == Sex::Male ? "L'enfant" : "L'enfant";
  return patient.sex == Sex::Male ? "M." : "Mme";
}

/// "né(e)" and the like, in the patient's own gender.
std::string gendered(std::string_view words, Sex sex) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words.compare(i, 3, "(e)") == 0) {
      if (sex == Sex::Female) out += 'e';
      i += 2;
    } else {
      out += words[i];
    }
  }
  return out;
}

constexpr Lab kQuoted[] = {Lab::Hb,    Lab::Wbc,    Lab::Plt,  Lab::Na,  Lab::K,
                           Lab::Creat, Lab::Crp,    Lab::Trop, Lab::Bnp, Lab::Ddim,
                           Lab::Hba1c, Lab::Lipase, Lab::VitD, Lab::Ph};

}  // namespace

bool has_report(const Patient& patient, std::size_t stay) {
  const StayKind kind = patient.stays[stay].kind;
  return kind == StayKind::Full || kind == StayKind::Day;
}

void ReportWriter::disease(std::string_view words, std::uint16_t diagnosis, Said said) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  text_.append(words);
  mentions_.push_back({begin, static_cast<std::uint32_t>(text_.size()), diagnosis, said});
}

bool ReportWriter::coded(const Patient& patient, const Stay& stay, std::uint8_t diagnosis) const {
  for (const CodedDiagnosis& one : patient.diagnoses) {
    const bool here = one.rum >= stay.first_rum && one.rum < stay.first_rum + stay.rum_count;
    if (here && one.diagnosis == diagnosis) return true;
  }
  for (const Chronic& chronic : patient.chronics) {
    if (chronics()[chronic.condition].diagnosis == diagnosis) return true;
  }
  return false;
}

void ReportWriter::header(const Patient& patient, const Stay& stay, const Identity& who,
                          Random& random) {
  const Movement& last =
      patient.rums[static_cast<std::size_t>(stay.first_rum) + stay.rum_count - 1];
  const bool full = stay.kind == StayKind::Full;
  fmt::format_to(std::back_inserter(text_),
                 "{}\nService de {}\nTél. secrétariat : 01 99 00 {:02} {:02}\n\n{}\n\n",
                 hospitals()[stay.hospital].name, unit_kinds()[unit_type(last.unit)].name,
                 random.below(100), random.below(100), report_.title);
  const std::string_view born = patient.sex == Sex::Male ? "né" : "née";
  fmt::format_to(
      std::back_inserter(text_), "Patient : {} {}, {} {} le {}\nIPP : {}   N° de dossier : {}\n",
      who.used_name.reveal(Reason::Write), who.first_name.reveal(Reason::Write), born,
      who.birth_name.reveal(Reason::Write), date_words(patient.birth_day * kMicrosecondsPerDay),
      who.ipp.reveal(Reason::Write), stay_number(patient, stay.sequence).reveal(Reason::Write));
  fmt::format_to(std::back_inserter(text_), "Domicile : {}, {} {}\n",
                 who.address.reveal(Reason::Write), who.postal_code, who.city);
  if (full) {
    fmt::format_to(std::back_inserter(text_), "Hospitalisation du {} au {}\n\n",
                   date_words(stay.entry_us), date_words(stay.exit_us));
  } else {
    fmt::format_to(std::back_inserter(text_), "Venue du {}\n\n", date_words(stay.entry_us));
  }
}

void ReportWriter::history(const Patient& patient, const Stay& stay, Random& random) {
  text_ += "Antécédents\nMédicaux : ";
  bool any = false;
  for (const Chronic& chronic : patient.chronics) {
    const Condition& condition = chronics()[chronic.condition];
    if (chronic.onset_day > stay.entry_day()) continue;
    if (any) text_ += ", ";
    disease(condition.antecedent, condition.diagnosis, Said::History);
    any = true;
  }
  if (!any) text_ += "aucun notable";
  text_ += ".\n";
  const std::int32_t age = patient.age_on(stay.entry_day());
  if (age >= 16) {
    for (int i = 0; i < 2; ++i) {
      const Had asked = kAskedFor[random.below(std::size(kAskedFor))];
      const auto index = static_cast<std::uint8_t>(asked);
      const Condition& condition = chronics()[index];
      if (patient.has(index) || (absent_ >> index & 1U) ||
          coded(patient, stay, condition.diagnosis))
        continue;
      absent_ |= std::uint64_t{1} << index;
      text_ += i == 0 ? "Pas d'antécédent de type " : "On ne retrouve pas de notion de ";
      disease(condition.antecedent, condition.diagnosis, Said::Absent);
      text_ += ".\n";
    }
    text_ += patient.has(static_cast<std::uint8_t>(Had::Smoking))
                 ? "Mode de vie : tabagisme à 20 paquets-années.\n"
                 : "Mode de vie : ne fume pas.\n";
  }
  if (random.permille(550)) {
    const Kin& kin = kKin[random.below(std::size(kKin))];
    text_.append("Familiaux : ").append(kin.before);
    disease(kin.disease, kin.diagnosis, Said::Family);
    text_.append(kin.after).append(".\n");
  } else {
    text_ += "Familiaux : sans particularité.\n";
  }
  text_ +=
      random.permille(930) ? "Allergies : aucune connue.\n\n" : "Allergies : amoxicilline.\n\n";
}

void ReportWriter::story(const Patient& patient, const Stay& stay, const Identity& who,
                         Random& random) {
  const Phrase* phrase = phrase_of(stay.episode);
  const Diagnosis& principal = diagnoses()[episodes()[stay.episode].principal];
  text_ += "Motif d'hospitalisation\n";
  text_.append(phrase ? phrase->reason : principal.label).append(".\n\n");
  history(patient, stay, random);
  text_ += "Histoire de la maladie\n";
  const std::int32_t age = patient.age_on(stay.entry_day());
  const bool infant = age < 2;
  fmt::format_to(std::back_inserter(text_), "{} {}, ", civility(patient, age),
                 who.used_name.reveal(Reason::Write));
  const std::int32_t months = (stay.entry_day() - patient.birth_day) / 30;
  fmt::format_to(std::back_inserter(text_), "{} {}, ", infant ? months : age,
                 infant ? "mois" : "ans");
  text_ += gendered(phrase ? phrase->story : "est venu(e) pour une prise en charge programmée",
                    patient.sex);
  text_ += ". ";
  if (stay.through_emergency) text_ += gendered("Adressé(e) par les urgences. ", patient.sex);
  const bool ruled_out = phrase != nullptr && (phrase->absent_diagnosis == kNoDiagnosis ||
                                               !coded(patient, stay, phrase->absent_diagnosis));
  if (ruled_out) {
    text_ +=
        random.permille(500) ? "Pas d'argument pour : " : "Les examens ont permis d'éliminer : ";
    if (phrase->absent_diagnosis == kNoDiagnosis) {
      text_.append(phrase->absent);
    } else {
      disease(phrase->absent, phrase->absent_diagnosis, Said::Absent);
    }
    text_ += ".";
  }
  text_ += "\n\n";
}

void ReportWriter::examination(const Stay& stay, Random& random) {
  text_ += "Examen clinique à l'entrée\n";
  const bool ill = stay.severity > 1.2F;
  fmt::format_to(std::back_inserter(text_),
                 "Pression artérielle {}/{} mmHg, pouls {}/min, température {},{} °C, saturation "
                 "{} % en air ambiant. ",
                 random.between(ill ? 90 : 110, 160), random.between(55, 90),
                 random.between(60, ill ? 125 : 98), ill ? random.between(37, 39) : 36,
                 random.between(5, 9), random.between(ill ? 88 : 94, 99));
  text_ += ill ? "État général altéré. " : "Bon état général. ";
  text_ +=
      "Auscultation cardiaque sans souffle, pas de signe de localisation neurologique, abdomen "
      "souple.\n\n";
}

void ReportWriter::laboratory(const Patient& patient, std::size_t stay) {
  std::array<bool, std::size(kQuoted)> quoted{};
  bool any = false;
  labs_.visit(patient, [&](const LabResult& lab) {
    if (lab.stay != stay) return lab.stay < stay;
    for (std::size_t i = 0; i < std::size(kQuoted); ++i) {
      if (static_cast<Lab>(lab.analyte) != kQuoted[i] || quoted[i]) continue;
      quoted[i] = true;
      const Analyte& analyte = analytes()[lab.analyte];
      text_ += any ? ", " : "Biologie d'entrée\n";
      text_.append(analyte.label).append(lab.censored ? " < " : " ");
      append_value(text_, lab, analyte.decimals);
      text_.append(" ").append(analyte.local_unit);
      if (lab.flag != ' ') text_ += lab.flag == 'H' ? " (élevé)" : " (bas)";
      any = true;
    }
    return true;
  });
  if (any) text_ += ".\n\n";
}

void ReportWriter::treatment(const Patient& patient, std::size_t stay) {
  bool any = false;
  for (const CodedAct& act : patient.acts) {
    if (act.stay != stay || act.activity != '1') continue;
    if (!any) text_ += "Examens et gestes\n";
    any = true;
    fmt::format_to(std::back_inserter(text_), "- {} le {}\n", acts()[act.act].label,
                   date_words(act.time_us));
  }
  if (any) text_ += "\n";
  any = false;
  for (const GivenDrug& given : patient.drugs) {
    if (given.stay != stay) continue;
    const Drug& drug = drugs()[given.drug];
    if (!any) text_ += "Traitement\n";
    any = true;
    fmt::format_to(std::back_inserter(text_), "- {} : {:g} {} par jour\n", drug.label, drug.dose,
                   drug.dose_unit);
  }
  if (any) text_ += "\n";
}

void ReportWriter::conclusion(const Patient& patient, const Stay& stay, Random& random) {
  text_ += "Conclusion\n";
  bool first = true;
  const Movement& last =
      patient.rums[static_cast<std::size_t>(stay.first_rum) + stay.rum_count - 1];
  for (std::uint16_t d = 0; d < last.diagnosis_count; ++d) {
    const CodedDiagnosis& one =
        patient.diagnoses[static_cast<std::size_t>(last.first_diagnosis) + d];
    if (one.kind == DiagnosisKind::Documentary) continue;
    if (!first) text_ += one.kind == DiagnosisKind::Associated && d == 1 ? ", associé à : " : ", ";
    disease(diagnoses()[one.diagnosis].label, one.diagnosis, Said::Present);
    first = false;
  }
  text_ += ".\n";
  if (stay.died) {
    fmt::format_to(std::back_inserter(text_), "Décès dans le service le {}.\n",
                   date_words(stay.exit_us));
  } else if (stay.exit_mode == '7') {
    text_ += stay.destination == '2' ? "Transfert en soins de suite et de réadaptation.\n"
                                     : "Transfert dans un autre établissement.\n";
  } else {
    text_ += "Retour à domicile.\n";
  }
  text_.append("\n").append(physician_name(random)).append("\n");
}

const Report& ReportWriter::write(const Patient& patient, std::size_t stay, const Identity& who) {
  const Stay& of = patient.stays[stay];
  Random random(patient.key, Stream::Report, stay);
  text_.clear();
  mentions_.clear();
  absent_ = 0;
  const bool full = of.kind == StayKind::Full;
  report_.type = full ? "CRH" : "CR-AMBU";
  report_.title =
      full ? "COMPTE RENDU D'HOSPITALISATION" : "COMPTE RENDU D'HOSPITALISATION DE JOUR";
  report_.time_us = of.exit_us + random.between(30, 2880) * std::int64_t{60'000'000};
  header(patient, of, who, random);
  story(patient, of, who, random);
  examination(of, random);
  laboratory(patient, stay);
  treatment(patient, stay);
  conclusion(patient, of, random);
  report_.text = text_;
  report_.mentions = &mentions_;
  return report_;
}

}  // namespace eds::synth
