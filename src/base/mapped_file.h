// MappedFile: a whole file as read-only memory.
//
// Invariants: the bytes are those of a file that nobody changes (an immutable file under its final
// name); a file cut short by others while it is mapped stops the process, as the kernel does.
// Threads: read from any.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/env.h"
#include "base/result.h"

namespace eds {

class MappedFile {
 public:
  static Result<MappedFile> open(const Path& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }
  /// Gives the memory of all pages back; they are read again when they are touched.
  void let_go() const;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace eds
