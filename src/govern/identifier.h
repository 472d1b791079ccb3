// Identifier: a number by which some authority names a person or a stay, and its normal form.
//
// Invariants: two spellings of one identifier ("1 85 05 78 006 084 36", "1850578006084") have one
// normal form; an identifier whose control key is wrong has none. Zeros in front are kept: an IPP
// is a text, and two hospitals do differ by them.
// Threads: plain values.
// Source: NIR, INSEE "Répertoire national d'identification des personnes physiques": 13 characters
// and a key = 97 - (number mod 97), with 2A read as 19 and 2B as 18.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/identifying.h"
#include "base/result.h"

namespace eds::govern {

/// The numbers are part of the format of identity.db: never reused, never changed.
enum class IdentifierKind : std::uint8_t {
  Ipp = 1,       ///< permanent patient number of an establishment
  Nda = 2,       ///< number of an administrative stay (dossier) of an establishment
  Rss = 3,       ///< "N° de RSS": the stay's number in the PMSI files of an establishment
  Ins = 4,       ///< national health identity (a qualified NIR or NIA)
  Nir = 5,       ///< social security number, not qualified; may be that of the insured parent
  External = 6,  ///< the person's number in some source (OMOP person_source_value, FHIR id)
  Visit = 7,     ///< the stay's number in some source that is no French establishment
};

/// True when the identifier names a stay (Nda, Rss, Visit), false when it names a person.
bool names_visit(IdentifierKind kind);

struct Identifier {
  IdentifierKind kind = IdentifierKind::Ipp;
  std::string authority;  ///< FINESS or source name; ignored for Ins and Nir, which are national
  Identifying<std::string> value;
};

/// The value's normal form: no blanks, ASCII capitals; a NIR without its key. Code::Malformed when
/// it is empty, too long, holds control characters, lacks an authority, or fails its key.
Result<std::string> normalised(const Identifier& identifier);

/// True when `nir` is 15 characters whose two last are the key of the others.
bool nir_key_holds(std::string_view nir);

}  // namespace eds::govern
