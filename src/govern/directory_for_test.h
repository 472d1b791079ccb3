// DirectoryForTest: a fresh directory under the system's temporary one, removed with all it holds.
// Included by tests only.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "base/env.h"

namespace eds::govern {

class DirectoryForTest {
 public:
  DirectoryForTest() {
    const std::filesystem::path base = std::filesystem::temp_directory_path();
    path_ = (base / ("eds_govern_" + std::to_string(Env::posix().random_u64()))).string();
    std::filesystem::create_directories(path_);
  }
  ~DirectoryForTest() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  DirectoryForTest(const DirectoryForTest&) = delete;
  DirectoryForTest& operator=(const DirectoryForTest&) = delete;

  std::string at(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  /// Every file below, whatever its name.
  std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) all.push_back(entry.path().string());
    }
    return all;
  }

 private:
  std::string path_;
};

inline std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline void set_bytes_of_file(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace eds::govern
