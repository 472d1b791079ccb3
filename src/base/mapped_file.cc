#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace eds {

Result<MappedFile> MappedFile::open(const Path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{Code::NotFound, "no such file: " + path};
  struct stat about {};
  MappedFile mapped;
  const bool is_known = ::fstat(file, &about) == 0;
  if (is_known && about.st_size > 0) {
    const auto size = static_cast<std::size_t>(about.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    if (data != MAP_FAILED) {
      mapped.data_ = static_cast<char*>(data);
      mapped.size_ = size;
    }
  }
  ::close(file);
  if (is_known && about.st_size == 0) return mapped;  // Nothing to map, and no error.
  if (mapped.data_ == nullptr) return Error{Code::Io, "cannot map the file: " + path};
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

void MappedFile::let_go() const {
  if (data_ != nullptr) ::madvise(data_, size_, MADV_DONTNEED);
}

}  // namespace eds
