// The 360-degree view as the API's JSON (docs/reference/api.md).
#pragma once

#include <string>

#include "uses/care/labels.h"
#include "uses/care/patient.h"

namespace eds::care {

/// Every code of the patient, those of units included, for Labels::learn.
std::vector<std::string> codes_of(const Patient& patient, const Labels& labels);
/// Learns whatever patient_json() shows of this patient.
Status learn_all(engine::Session& session, const Patient& patient, Labels& labels);
/// `today` (days since 1970) counts the age of the living.
std::string patient_json(const Patient& patient, const Labels& labels, Days today,
                         double timing_ms);
/// "F", "M" or "U" of an OMOP gender concept.
std::string_view sex_letter(std::int64_t gender_concept_id);

}  // namespace eds::care
