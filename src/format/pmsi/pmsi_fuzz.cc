// Any bytes: lines are cut, kinds detected, records read, checked and written back. A record that
// is whole must come back byte by byte; nothing may read past the buffer.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/pmsi/check.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/record.h"
#include "format/pmsi/rsa.h"
#include "format/pmsi/write.h"

namespace {

using namespace eds;
using namespace eds::pmsi;

void read_record(const Parsed& parsed, Checker& checker, std::uint64_t line) {
  const Result<std::string> again = Draft::copy_of(parsed.record).line();
  // Counts with leading spaces are not written by us; all digits or blank come back.
  ENSURE(again.ok());
  ENSURE(*again == parsed.record.bytes(Reason::Check));
  checker.check_record(parsed.record, line);
  if (parsed.record.layout().kind == Kind::VidHosp) read_vid_hosp(parsed.record);
  if (parsed.record.layout().kind == Kind::HospPmsi) read_hosp_pmsi(parsed.record);
  if (parsed.record.layout().kind != Kind::Rsa) return;
  const Rsa rsa = read_rsa(parsed.record);
  for (std::uint32_t i = 0; i < rsa.rum_count; ++i) {
    const RsaRum rum = rsa.rum(i);
    ENSURE(rum.first_da + rum.da_count <= rsa.das.size());
    ENSURE(rum.first_act + rum.act_count <= rsa.act_count);
  }
  for (std::uint32_t i = 0; i < rsa.act_count; ++i) rsa.act(i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)detect(text);
  Checker checker;
  StayChecker stays;
  LineScanner lines(text, 4096);
  while (const std::optional<Line> line = lines.next()) {
    const Checker::RumChecked checked = checker.check_rss_line(*line);
    if (checked.whole) stays.add(checked.rum, line->number);
    checker.check_vid_hosp_line(*line);
    for (std::size_t k = 0; k < kKindCount; ++k) {
      const Parsed parsed = parse(static_cast<Kind>(k), line->bytes);
      if (parsed.whole) read_record(parsed, checker, line->number);
    }
  }
  stays.finish();
  return 0;
}
