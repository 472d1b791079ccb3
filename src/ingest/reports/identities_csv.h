// Who the patients are, from the hospital's identity server: a CSV described by a mapping file
// (ingest/csv_mapping.h):
//
//   [columns] ipp previous_ipp birth_name used_name first_names birth_date birth_place sex address
//             postcode city phone email nir ins death_date
//   [time]    format="%d/%m/%Y"
//   [sex]     "H"="M" "F"="F"
//   [identity] authority="750712184"
//
// Invariants: names, addresses and numbers go sealed to the identity store and nowhere else; the
// lake gets sex, birth and death dates and postcode. A previous IPP says that two numbers are one
// person: they are merged, and rows of both follow at commit. Feed it before reports: masks need
// names.
#pragma once

#include <memory>

#include "ingest/format_reader.h"

namespace eds::ingest::reports {

std::unique_ptr<FormatReader> identities_csv_reader();

}  // namespace eds::ingest::reports
