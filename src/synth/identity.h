// Identity: the names and numbers of a synthetic patient and of his stays. All invented.
//
// Nobody's: a NIR has commune 910 to 999, which no department has; an INS goes with the OID of test
// identities; telephones are from the ranges kept for fiction (ARCEP: 01 99 00, 06 39 98); an IPP
// is ten digits and begins with 8.
//
// Invariants: numbers of different patients, and of different stays, differ; NIR keys are right.
// Threads: pure functions of the patient.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/identifying.h"
#include "synth/population.h"

namespace eds::synth {

/// The OID of the authority of test INS.
inline constexpr std::string_view kTestInsOid = "1.2.250.1.213.1.4.10";

struct Place {
  std::string_view postal_code;
  std::string_view city;
};
std::span<const Place> places();

struct Identity {
  Identifying<std::string> ipp;
  Identifying<std::string> former_ipp;  ///< a second number given by mistake; see dirt.h
  Identifying<std::string> birth_name;
  Identifying<std::string> used_name;
  Identifying<std::string> first_names;  ///< one to three, the first is the usual one
  Identifying<std::string> first_name;
  Identifying<std::string> nir;      ///< 13 characters
  Identifying<std::string> nir_key;  ///< 2 digits
  Identifying<std::string> address;
  Identifying<std::string> phone;
  std::string_view postal_code;
  std::string_view city;
};

/// Makes who `patient` is. The newborn bears the mother's used name, and lives where she lives.
Identity make_identity(const Population& population, const Patient& patient);

/// "Dr" and a name, from the episode's own draw: the physician who signs.
std::string physician_name(Random& random);

/// Ten digits each, unlike the index: the local number of a stay (NDA, NAS) and its RSS number.
Identifying<std::string> stay_number(const Patient& patient, std::size_t stay);
Identifying<std::string> rss_number(const Patient& patient, std::size_t stay);
Identifying<std::string> ipp_number(std::uint64_t index);

}  // namespace eds::synth
