// Reports: the French letters of a stay, that say in words what its codes, acts and labs say.
//
// A letter names the patient, as real ones do, tells what was found and what was not ("pas
// d'embolie pulmonaire"), what the family had, and quotes the stay's own results. What it says
// about diseases is known: see Mention.
//
// Invariants: a letter is a function of the patient and the stay; a disease said present is coded
// or in the history; a disease said absent is neither. UTF-8, lines end with LF. Threads: a
// ReportWriter belongs to one thread; a Report lives until its next write().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "synth/identity.h"
#include "synth/labs.h"

namespace eds::synth {

/// How a letter speaks of a disease.
enum class Said : std::uint8_t { Present, History, Absent, Family };

/// A disease in a letter: which words, which code, said how. Offsets are bytes of the text.
struct Mention {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint16_t diagnosis = 0;  ///< index into diagnoses()
  Said said = Said::Present;
};

struct Report {
  std::int64_t time_us = 0;
  std::string_view type;  ///< "CRH": letter of a full stay; "CR-AMBU": of a day
  std::string_view title;
  std::string_view text;
  const std::vector<Mention>* mentions = nullptr;
};

/// Whether the stay has a letter: full stays and days do, sessions and visits do not.
bool has_report(const Patient& patient, std::size_t stay);

class ReportWriter {
 public:
  /// `patient` was made with everything, `who` by make_identity().
  const Report& write(const Patient& patient, std::size_t stay, const Identity& who);

 private:
  void header(const Patient& patient, const Stay& stay, const Identity& who, Random& random);
  void history(const Patient& patient, const Stay& stay, Random& random);
  void story(const Patient& patient, const Stay& stay, const Identity& who, Random& random);
  void examination(const Stay& stay, Random& random);
  void laboratory(const Patient& patient, std::size_t stay);
  void treatment(const Patient& patient, std::size_t stay);
  void conclusion(const Patient& patient, const Stay& stay, Random& random);
  void disease(std::string_view words, std::uint16_t diagnosis, Said said);
  bool coded(const Patient& patient, const Stay& stay, std::uint8_t diagnosis) const;

  std::string text_;
  std::vector<Mention> mentions_;
  std::uint64_t absent_ = 0;  ///< conditions already said absent
  Report report_;
  LabMaker labs_;
};

}  // namespace eds::synth
