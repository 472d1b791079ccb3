// IndexPersons: the persons of a release with their observation periods and traits, as arrays that
// are used where they lie.
//
// Invariants: the file is named after the parts it was made of (their checksums), and carries its
// own checksum, verified when it is opened; a file that does not say exactly that is refused.
// Bytes on disk: docs/internals/formats/cohort-index.md. Threads: read from any once open.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "cohort/event_reader.h"
#include "cohort/loader.h"

namespace eds::cohort {

/// The bytes of the file. `origin` says of which parts. Code::Limit when persons are of more kinds
/// (sex, race, ethnicity) than the format has numbers.
Result<std::string> write_persons(std::string_view origin, const Store& store);

class IndexPersons {
 public:
  static Result<std::unique_ptr<IndexPersons>> open(const Path& path, std::string_view origin);
  /// The same of bytes in memory, which must outlive it.
  static Result<std::unique_ptr<IndexPersons>> of_bytes(std::string_view bytes,
                                                        std::string_view origin);
  const PersonTable& table() const { return table_; }
  std::uint64_t byte_count() const { return bytes_.size(); }

 private:
  Status parse(std::string_view origin);
  template <class Value>
  std::span<const Value> take(std::size_t& offset, std::size_t count) const;

  MappedFile file_;
  std::string_view bytes_;
  std::vector<Traits> kinds_;
  PersonTable table_;
};

}  // namespace eds::cohort
