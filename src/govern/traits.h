// Traits: what a source says of who a person is, beside identifiers.
//
// Invariants: every text is Identifying, kept as the source wrote it; an empty field means "not
// said".
// Threads: plain values. Bytes (before sealing): version 1, then for each field said: field number
// (1 byte), length (2 bytes, little-endian), UTF-8 bytes. Field numbers are those of TraitField.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/identifying.h"
#include "base/result.h"

namespace eds::govern {

struct Traits {
  Identifying<std::string> birth_name;    ///< nom de naissance
  Identifying<std::string> used_name;     ///< nom utilisé (married name, usual name)
  Identifying<std::string> first_names;   ///< all of them, in the order of the civil registry
  Identifying<std::string> birth_date;    ///< as written by the source
  Identifying<std::string> birth_place;   ///< commune, or its INSEE code
  Identifying<std::string> address_line;  ///< number and street
  Identifying<std::string> postcode;
  Identifying<std::string> city;
  Identifying<std::string> phone;  ///< several are separated by ';'
  Identifying<std::string> email;  ///< several are separated by ';'
  Identifying<std::string> nir;    ///< as written; look-ups go through Identifier

  friend bool operator==(const Traits&, const Traits&) = default;
  bool empty() const { return *this == Traits{}; }
};

inline constexpr std::size_t kTraitFieldCount = 11;
/// The fields in the order of their number (1-based) in the stored form.
std::array<Identifying<std::string>*, kTraitFieldCount> fields_of(Traits& traits);
std::array<const Identifying<std::string>*, kTraitFieldCount> fields_of(const Traits& traits);

/// The stored form. Only the identity store may call these two.
Result<std::string> encode_traits(const Traits& traits);
Result<Traits> decode_traits(std::string_view bytes);

/// What both say of one person: `newer` where it speaks, `older` elsewhere.
Traits overlay(const Traits& older, const Traits& newer);

}  // namespace eds::govern
