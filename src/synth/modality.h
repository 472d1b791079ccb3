// Modality: one kind of data of the synthetic hospital, and the files it becomes. Stays, labs,
// letters and identities are modalities; signals, images, variants and exposures are to be others:
// a class that implements add(), a Stream of its own for its randomness, a line in
// make_modalities().
//
// An effect to be planted (an exposure that makes a disease commoner, a drug that raises an
// analyte) belongs before the modalities, in what they all read: the Patient. Derive its draw from
// a Stream of its own and the rest of the patient does not move.
//
// Invariants: add() is called once a patient, in order of index; what a modality writes depends on
// the subject and its own streams, never on another modality.
// Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "synth/files.h"
#include "synth/identity.h"
#include "synth/output.h"

namespace eds::synth {

/// A patient on his way into files.
struct Subject {
  const Population& population;
  const Patient& patient;
  const Identity& identity;
  /// Stays before this one were filed under a second IPP by mistake (a merge declares it later).
  std::size_t stays_under_former_ipp = 0;

  const Identifying<std::string>& ipp_at(std::size_t stay) const {
    return stay < stays_under_former_ipp ? identity.former_ipp : identity.ipp;
  }
};

/// What dirt a record gets: nothing mostly, else one of `kinds` ways to be wrong.
class Dirt {
 public:
  static constexpr std::uint32_t kClean = 0xFFFF'FFFFU;
  explicit Dirt(double share) : share_(share) {}
  double share() const { return share_; }

  std::uint32_t draw(Random& random, std::uint32_t kinds) const {
    if (share_ <= 0 || !random.chance(share_)) return kClean;
    return random.below(kinds);
  }

 private:
  double share_;
};

class Modality {
 public:
  virtual ~Modality() = default;
  virtual std::string_view name() const = 0;
  virtual Status add(const Subject& subject) = 0;
  /// What needs all patients: tables of units, mappings.
  virtual Status finish() = 0;
};

/// Where modalities write, and what they share.
struct Workshop {
  OutputTree& tree;
  Truth& truth;
  Dirt dirt;
  const FilesOptions& options;
};

std::unique_ptr<Modality> make_identity_files(const Workshop& workshop);
std::unique_ptr<Modality> make_pmsi_files(const Workshop& workshop);
std::unique_ptr<Modality> make_lab_files(const Workshop& workshop);
std::unique_ptr<Modality> make_report_files(const Workshop& workshop);
std::unique_ptr<Modality> make_term_files(const Workshop& workshop);

}  // namespace eds::synth
