// National identifiers and their keys: NIR, INS, FINESS, RPPS.
//
// Invariants: these functions look at the shape and the key only; they never say whom a number
// names, and no value appears in what they return.
// Threads: pure functions.
// Source: INSEE (NIR), ANS "referentiel INS" (OIDs), DREES (FINESS), ANS (RPPS).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace eds::pmsi {

enum class NirState : std::uint8_t {
  Valid,      ///< shape and key agree
  Temporary,  ///< as Valid, but it begins with 3, 4, 7 or 8: a waiting or temporary number
  Malformed,  ///< not 13 characters of the right shape
  WrongKey,
};

/// The key (1-97) of a 13-character NIR, with 2A and 2B for Corsica; nothing when it is malformed.
std::optional<std::uint32_t> nir_key(std::string_view nir13);
NirState check_nir(std::string_view nir13, std::string_view key);

/// Which authority an INS comes from, by its OID.
enum class InsKind : std::uint8_t {
  Nir,
  Nia,      ///< waiting number
  TestNir,  ///< nobody's
  DemoNir,  ///< nobody's
  InsC,     ///< computed identifier, no longer in use
  Unknown,
};
InsKind ins_kind(std::string_view oid);
/// An INS is a NIR or a NIA of 13 characters with its key: 15 characters.
NirState check_ins(std::string_view ins15);

/// The sum of Luhn over digits.
bool luhn_ok(std::string_view digits);
/// FINESS: 9 characters, Luhn; Corsican departments write 2A and 2B.
bool finess_ok(std::string_view finess);
/// RPPS: 11 digits, Luhn.
bool rpps_ok(std::string_view rpps);

}  // namespace eds::pmsi
