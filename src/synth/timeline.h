// Timeline: when and why a patient comes to the hospital, from rates by age and sex, conditions,
// season, birth and delivery. Used by Population only.
//
// Invariants: stays do not overlap; nothing happens before birth, after death, or out of the
// period. Threads: build_timeline() may be called from any thread.
#pragma once

#include "synth/population.h"

namespace eds::synth {

/// Fills `patient.stays` (without their movements) and sets the date of a death in hospital.
void build_timeline(Patient& patient);

/// Fills `patient.rums`: the units each stay with an RSS goes through.
void build_movements(Patient& patient);

void build_diagnoses(Patient& patient);
void build_acts(Patient& patient);
void build_drugs(Patient& patient);

}  // namespace eds::synth
