#include "synth/population.h"

#include "synth/timeline.h"

namespace eds::synth {

Population::Population(std::uint64_t seed, std::uint64_t patient_count)
    : seed_(mix(seed)), patient_count_(patient_count) {
  constexpr std::uint64_t kIdsMost = std::uint64_t{1} << 53;
  stride_ = (kIdsMost - 1) / (patient_count == 0 ? 1 : patient_count);
}

std::int64_t Population::person_id(std::uint64_t index) const {
  const unsigned __int128 jitter =
      static_cast<unsigned __int128>(mix(seed_ + 0x5EED, index)) * stride_;
  return static_cast<std::int64_t>(1 + index * stride_ + static_cast<std::uint64_t>(jitter >> 64));
}

void Population::generate(std::uint64_t index, std::uint32_t parts, Patient& patient) const {
  patient.stays.clear();
  patient.rums.clear();
  patient.diagnoses.clear();
  patient.acts.clear();
  patient.drugs.clear();
  person(index, patient);
  if (parts & kPersonOnly) return;
  build_timeline(patient);
  build_movements(patient);
  if (parts & kWithDiagnoses) build_diagnoses(patient);
  if (parts & kWithActs) build_acts(patient);
  if (parts & kWithDrugs) build_drugs(patient);
}

}  // namespace eds::synth
