#include "cohort/index_files.h"

#include <fmt/format.h>

#include "cohort/table_shape.h"
#include "lake/checksum.h"

namespace eds::cohort {

Path index_directory(const lake::Warehouse& warehouse) {
  return join(join(warehouse.directory(), "index"), "cohort");
}

std::vector<Domain> indexed_domains() {
  std::vector<Domain> domains;
  for (std::size_t index = 0; index < kDomainCount; ++index) {
    const auto domain = static_cast<Domain>(index);
    if (!shape_of(domain).table.empty()) domains.push_back(domain);
  }
  return domains;
}

Result<std::vector<SegmentFile>> segment_files(lake::Warehouse& warehouse, std::int64_t release_id,
                                               Domain domain) {
  const std::string table(shape_of(domain).table);
  const Path folder = join(index_directory(warehouse), table);
  std::vector<SegmentFile> files;
  for (lake::DataFile& part : TRY(warehouse.catalogue().files(table, release_id))) {
    SegmentFile file;
    file.domain = domain;
    file.origin = {table, part.path, part.checksum};
    file.path = join(folder, std::string(base_name(part.path)) + ".events");
    file.part = std::move(part);
    files.push_back(std::move(file));
  }
  return files;
}

Result<PersonsFile> persons_file(lake::Warehouse& warehouse, std::int64_t release_id) {
  PersonsFile file;
  for (const char* table : {"observation_period", "person"}) {
    for (const lake::DataFile& part : TRY(warehouse.catalogue().files(table, release_id))) {
      file.origin += fmt::format("{}/{} {}\n", table, part.path, part.checksum);
    }
  }
  lake::Checksum checksum;
  checksum.add(file.origin);
  file.path = join(index_directory(warehouse), fmt::format("persons-{:016x}", checksum.value()));
  return file;
}

}  // namespace eds::cohort
