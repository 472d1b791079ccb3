#include "base/env.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace eds {
namespace {

Error io_error(std::string_view what, std::string_view path) {
  const int number = errno;
  Code code = Code::Io;
  if (number == ENOSPC || number == EDQUOT) code = Code::NoSpace;
  if (number == ENOENT) code = Code::NotFound;
  if (number == EEXIST) code = Code::Conflict;
  std::string text(what);
  text += " failed: ";
  text += std::strerror(number);
  text += ": ";
  text += path;
  return Error{code, std::move(text)};
}

class PosixWritable final : public WritableFile {
 public:
  PosixWritable(int fd, Path path) : fd_(fd), path_(std::move(path)) {}
  ~PosixWritable() override {
    if (fd_ >= 0) ::close(fd_);
  }

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return io_error("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Status sync() override {
    if (::fdatasync(fd_) != 0) return io_error("fdatasync", path_);
    return {};
  }

  Status close() override {
    const int fd = std::exchange(fd_, -1);
    if (::close(fd) != 0) return io_error("close", path_);
    return {};
  }

 private:
  int fd_;
  Path path_;
};

class PosixReadable final : public ReadableFile {
 public:
  PosixReadable(int fd, std::uint64_t size, Path path)
      : fd_(fd), size_(size), path_(std::move(path)) {}
  ~PosixReadable() override { ::close(fd_); }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    while (true) {
      const ssize_t count = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return io_error("read", path_);
      return static_cast<std::size_t>(count);
    }
  }
  std::uint64_t size() const override { return size_; }

 private:
  int fd_;
  std::uint64_t size_;
  Path path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}
  ~PosixLock() override { ::close(fd_); }  // Closing an flock()ed file unlocks it.

 private:
  int fd_;
};

// Whether `path` still names the open file: who removes a lock file holds its lock meanwhile.
bool is_named(int fd, const Path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

std::int64_t microseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

class PosixEnv final : public Env {
 public:
  Result<std::unique_ptr<WritableFile>> create(const Path& path) override {
    return open_for_writing(path, O_TRUNC);
  }
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    return open_for_writing(path, O_APPEND);
  }

  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override {
    // Without O_NONBLOCK a pipe nobody writes to would hold us here.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return io_error("open", path);
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
      Error error = io_error("stat", path);
      ::close(fd);
      return error;
    }
    if (!S_ISREG(status.st_mode)) {
      ::close(fd);
      return Error{Code::Usage,
                   "not a regular file (a pipe or device: write it to a file): " + path};
    }
    return std::unique_ptr<ReadableFile>(
        new PosixReadable(fd, static_cast<std::uint64_t>(status.st_size), path));
  }

  Result<FileInfo> info(const Path& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return io_error("stat", path);
    return FileInfo{static_cast<std::uint64_t>(status.st_size), microseconds(status.st_mtim),
                    S_ISDIR(status.st_mode)};
  }

  Result<std::vector<std::string>> list(const Path& directory) override {
    DIR* handle = ::opendir(directory.c_str());
    if (handle == nullptr) return io_error("opendir", directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(handle)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(handle);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status make_directories(const Path& path) override {
    for (std::size_t at = 1; at <= path.size(); ++at) {
      if (at != path.size() && path[at] != '/') continue;
      const std::string part = path.substr(0, at);
      if (::mkdir(part.c_str(), 0750) != 0 && errno != EEXIST) return io_error("mkdir", part);
    }
    return {};
  }

  Status rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return io_error("rename", to);
    return {};
  }

  Status link_new(const Path& from, const Path& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return io_error("link", to);
    return {};
  }

  Status remove(const Path& path) override {
    if (::unlink(path.c_str()) != 0) return io_error("unlink", path);
    return {};
  }

  Status remove_directory(const Path& path) override {
    if (::rmdir(path.c_str()) != 0) return io_error("rmdir", path);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override {
    while (true) {
      const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
      if (fd < 0) return io_error("open for locking", path);
      std::unique_ptr<FileLock> lock(new PosixLock(fd));
      if (::flock(fd, wait == Wait::Yes ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK) return Error{Code::Unavailable, "somebody holds " + path};
        return io_error("lock", path);
      }
      if (is_named(fd, path)) return lock;
    }
  }

  Status sync_directory(const Path& directory) override {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return io_error("open", directory);
    Status done;
    if (::fsync(fd) != 0) done = io_error("fsync", directory);
    ::close(fd);
    return done;
  }

  Status set_mode(const Path& path, std::uint32_t mode) override {
    if (::chmod(path.c_str(), mode) != 0) return io_error("chmod", path);
    return {};
  }

  std::int64_t now_us() override { return clock_us(CLOCK_REALTIME); }
  std::int64_t monotonic_us() override { return clock_us(CLOCK_MONOTONIC); }

  std::uint64_t random_u64() override {
    std::uint64_t value = 0;
    ENSURE(::getrandom(&value, sizeof value, 0) == sizeof value);
    return value;
  }

 private:
  static std::int64_t clock_us(clockid_t clock) {
    timespec time{};
    ENSURE(::clock_gettime(clock, &time) == 0);
    return microseconds(time);
  }

  static Result<std::unique_ptr<WritableFile>> open_for_writing(const Path& path, int flag) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0640);
    if (fd < 0) return io_error("open for writing", path);
    return std::unique_ptr<WritableFile>(new PosixWritable(fd, path));
  }
};

}  // namespace

Env& Env::posix() {
  static PosixEnv env;
  return env;
}

Path join(std::string_view a, std::string_view b) {
  Path path(a);
  if (!path.empty() && path.back() != '/') path += '/';
  path += b;
  return path;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Result<std::string> Env::read_all(const Path& path, std::uint64_t bytes_max) {
  const std::unique_ptr<ReadableFile> file = TRY(open(path));
  if (file->size() > bytes_max) {
    return Error{Code::Limit,
                 "file is larger than allowed (" + std::to_string(bytes_max) + " bytes): " + path};
  }
  std::string bytes(file->size(), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::size_t count =
        TRY(file->read_at(filled, std::span(bytes.data() + filled, bytes.size() - filled)));
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  return bytes;
}

void Env::random_bytes(std::span<std::uint8_t> into) {
  while (!into.empty()) {
    std::uint64_t word = random_u64();
    const std::size_t count = std::min(into.size(), sizeof word);
    std::memcpy(into.data(), &word, count);
    into = into.subspan(count);
    explicit_bzero(&word, sizeof word);
  }
}

Status Env::write_durably(const Path& path, std::string_view bytes) {
  const Path sibling = path + ".tmp" + std::to_string(random_u64());
  const auto write = [&]() -> Status {
    const std::unique_ptr<WritableFile> file = TRY(create(sibling));
    TRY(file->append(bytes));
    TRY(file->sync());
    TRY(file->close());
    return rename(sibling, path);
  };
  const Status written = write();
  // The first error is the one to tell, whether or not the sibling can still be removed.
  if (!written.ok() && exists(sibling)) static_cast<void>(remove(sibling));
  TRY(written);
  const std::size_t slash = path.rfind('/');
  return sync_directory(slash == Path::npos ? Path(".") : path.substr(0, slash));
}

Status Env::remove_tree(const Path& directory) {
  const auto unless_gone = [](const Status& done) -> Status {
    return !done.ok() && done.error().code == Code::NotFound ? Status() : done;
  };
  const Result<std::vector<std::string>> names = list(directory);
  if (!names.ok()) return unless_gone(names.error());
  for (const std::string& name : *names) {
    const Path path = join(directory, name);
    const Result<FileInfo> found = info(path);
    if (!found.ok()) continue;
    TRY(unless_gone(found->is_directory ? remove_tree(path) : remove(path)));
  }
  return unless_gone(remove_directory(directory));
}

}  // namespace eds
