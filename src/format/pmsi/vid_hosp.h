// VidHosp, HospPmsi: who a stay belongs to, and which stay number an RSS number stands for.
//
// Invariants: what names a person is Identifying<T>, whatever the version; a field that a version
// lacks is empty. Views point into the line; nothing here allocates.
// Threads: plain values; the line must outlive them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/identifying.h"
#include "format/pmsi/date.h"
#include "format/pmsi/record.h"
#include "format/pmsi/rum.h"

namespace eds::pmsi {

struct VidHosp {
  Record record;
  std::string_view version;  ///< "V015"
  std::string_view finess;
  Identifying<std::string_view> insured_nir;  ///< of the insured person, who may be a parent
  Identifying<std::string_view> insured_nir_key;
  Identifying<std::string_view> nir;  ///< of the patient, where the version has it
  Identifying<std::string_view> nir_key;
  Identifying<std::string_view> ins;  ///< INS with its key (V013 and later)
  Identifying<std::string_view> ipp;
  Identifying<std::string_view> stay_number;  ///< NAS
  Identifying<std::string_view> mother_stay_number;
  Identifying<Date> birth_date;
  char sex = ' ';
  std::string_view scheme;  ///< code grand regime: "01"
  Number birth_rank;
  Date hospitalisation;
  Date entry;
  Date exit;
};

/// The VID-HOSP of a whole Record of that kind.
VidHosp read_vid_hosp(const Record& record);

struct HospPmsi {
  Identifying<std::string_view> rss_number;
  Identifying<std::string_view> stay_number;
};
HospPmsi read_hosp_pmsi(const Record& record);

}  // namespace eds::pmsi
