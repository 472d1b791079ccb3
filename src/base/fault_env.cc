#include "base/fault_env.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>

namespace eds {
namespace {

// Tests write kilobytes; a larger file is a mistake.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;

}  // namespace

/// A file whose bytes become durable with sync().
class FaultEnv::File final : public WritableFile {
 public:
  File(FaultEnv& env, Path path, std::uint64_t node, std::unique_ptr<WritableFile> base)
      : env_(&env), path_(std::move(path)), node_(node), base_(std::move(base)) {}

  Status append(std::string_view bytes) override {
    const std::lock_guard lock(env_->mutex_);
    const Status allowed = env_->count(Need::Space);
    if (allowed.ok()) return base_->append(bytes);
    // A short write: the disk took the first half before it failed.
    if (!env_->was_cut_locked()) TRY(base_->append(bytes.substr(0, bytes.size() / 2)));
    return allowed;
  }

  Status sync() override {
    const std::lock_guard lock(env_->mutex_);
    TRY(env_->count(Need::Nothing));
    env_->disk_[node_].bytes = TRY(env_->base_->read_all(path_, kFileBytesMax));
    return {};
  }

  Status close() override { return base_->close(); }

 private:
  FaultEnv* env_;
  Path path_;
  std::uint64_t node_;
  std::unique_ptr<WritableFile> base_;
};

FaultEnv::FaultEnv(Path root, std::uint64_t seed)
    : base_(&Env::posix()), root_(std::move(root)), random_(seed) {
  std::vector<Path> folders = {root_};
  while (!folders.empty()) {
    const Path folder = folders.back();
    folders.pop_back();
    remember(folder);
    const std::vector<std::string> names = base_->list(folder).value();
    for (const std::string& name : names) {
      const Path path = join(folder, name);
      if (base_->info(path).value().is_directory) {
        folders.push_back(path);
      } else {
        disk_[identity(path)].bytes = base_->read_all(path, kFileBytesMax).value();
      }
    }
  }
}

FaultEnv::~FaultEnv() {
  for (int file : held_) ::close(file);
}

void FaultEnv::hold(const Path& path) {
  const int file = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file >= 0) held_.push_back(file);
}

void FaultEnv::exempt(std::string prefix) {
  const std::lock_guard lock(mutex_);
  exempt_.insert(std::move(prefix));
}

void FaultEnv::fail_at(std::uint64_t at, Code code) {
  const std::lock_guard lock(mutex_);
  fail_at_ = at;
  fail_code_ = code;
}

void FaultEnv::cut_at(std::uint64_t at) {
  const std::lock_guard lock(mutex_);
  cut_at_ = at;
}

void FaultEnv::fill_disk_at(std::uint64_t at) {
  const std::lock_guard lock(mutex_);
  full_at_ = at;
}

void FaultEnv::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = cut_at_ = full_at_ = 0;
}

std::uint64_t FaultEnv::operation_count() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

bool FaultEnv::was_cut_locked() const {
  return cut_at_ != 0 && operations_ >= cut_at_;
}

bool FaultEnv::was_cut() const {
  const std::lock_guard lock(mutex_);
  return was_cut_locked();
}

void FaultEnv::jump_clock(std::int64_t microseconds) {
  const std::lock_guard lock(mutex_);
  clock_us_ += microseconds;
}

bool FaultEnv::is_ours(const Path& path) const {
  return path == root_ || path.starts_with(root_ + "/");
}

bool FaultEnv::is_exempt(std::string_view name) const {
  for (const std::string& prefix : exempt_) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

Status FaultEnv::count(Need need) {
  ++operations_;
  if (was_cut_locked()) return Error{Code::Io, "the power is cut"};
  if (fail_at_ == operations_) return Error{fail_code_, "a fault was asked for"};
  if (full_at_ != 0 && operations_ >= full_at_ && need == Need::Space) {
    return Error{Code::NoSpace, "the disk is full"};
  }
  return {};
}

std::uint64_t FaultEnv::identity(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return status.st_ino;
}

// The directory's names as they are now are on the disk.
void FaultEnv::remember(const Path& directory) {
  Node& node = disk_[identity(directory)];
  node.is_directory = true;
  node.entries.clear();
  const std::vector<std::string> names = base_->list(directory).value();
  for (const std::string& name : names) {
    const Path path = join(directory, name);
    const std::uint64_t child = identity(path);
    node.entries[name] = child;
    disk_[child].is_directory = base_->info(path).value().is_directory;
  }
}

Status FaultEnv::clear(const Path& directory) {
  for (const std::string& name : TRY(base_->list(directory))) {
    const Path path = join(directory, name);
    if (is_exempt(name)) continue;
    if (TRY(base_->info(path)).is_directory) {
      TRY(clear(path));
      std::error_code failed;
      std::filesystem::remove(path, failed);  // Stays when it holds an exempt file.
    } else {
      TRY(base_->remove(path));
    }
  }
  return {};
}

Status FaultEnv::restore(const Path& path, std::uint64_t number) {
  const Node node = disk_[number];
  if (node.is_directory) {
    TRY(base_->make_directories(path));
    for (const auto& [name, child] : node.entries) {
      if (!is_exempt(name)) TRY(restore(join(path, name), child));
    }
    return {};
  }
  const std::unique_ptr<WritableFile> file = TRY(base_->create(path));
  return file->append(node.bytes);
}

Status FaultEnv::restart() {
  const std::lock_guard lock(mutex_);
  fail_at_ = cut_at_ = full_at_ = 0;
  const std::uint64_t root = identity(root_);
  TRY(clear(root_));
  TRY(restore(root_, root));
  // Files were made again: their inodes are new, and all of them durable.
  FaultEnv fresh(root_, random_);
  disk_ = std::move(fresh.disk_);
  return {};
}

Result<std::unique_ptr<WritableFile>> FaultEnv::create(const Path& path) {
  const std::lock_guard lock(mutex_);
  if (!is_ours(path)) return base_->create(path);
  TRY(count(Need::Space));
  std::unique_ptr<WritableFile> file = TRY(base_->create(path));
  const std::uint64_t node = identity(path);
  disk_[node] = Node{};  // The inode may be that of a file removed before.
  return std::unique_ptr<WritableFile>(new File(*this, path, node, std::move(file)));
}

Result<std::unique_ptr<WritableFile>> FaultEnv::append_to(const Path& path) {
  const std::lock_guard lock(mutex_);
  if (!is_ours(path)) return base_->append_to(path);
  TRY(count(Need::Space));
  std::unique_ptr<WritableFile> file = TRY(base_->append_to(path));
  return std::unique_ptr<WritableFile>(new File(*this, path, identity(path), std::move(file)));
}

Result<std::unique_ptr<ReadableFile>> FaultEnv::open(const Path& path) {
  return base_->open(path);
}

Result<FileInfo> FaultEnv::info(const Path& path) {
  return base_->info(path);
}

Result<std::vector<std::string>> FaultEnv::list(const Path& directory) {
  return base_->list(directory);
}

Status FaultEnv::make_directories(const Path& path) {
  const std::lock_guard lock(mutex_);
  if (!is_ours(path)) return base_->make_directories(path);
  TRY(count(Need::Space));
  return base_->make_directories(path);
}

Status FaultEnv::rename(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  if (is_ours(to)) TRY(count(Need::Space));
  if (is_ours(to)) hold(to);
  return base_->rename(from, to);
}

Status FaultEnv::link_new(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  if (is_ours(to)) TRY(count(Need::Space));
  return base_->link_new(from, to);
}

Status FaultEnv::remove(const Path& path) {
  const std::lock_guard lock(mutex_);
  if (is_ours(path)) TRY(count(Need::Nothing));
  if (is_ours(path)) hold(path);
  return base_->remove(path);
}

Status FaultEnv::remove_directory(const Path& path) {
  const std::lock_guard lock(mutex_);
  if (is_ours(path)) TRY(count(Need::Nothing));
  if (is_ours(path)) hold(path);
  return base_->remove_directory(path);
}

Result<std::unique_ptr<FileLock>> FaultEnv::lock(const Path& path, Wait wait) {
  {
    const std::lock_guard lock(mutex_);
    if (is_ours(path) && !base_->exists(path)) TRY(count(Need::Space));
  }
  return base_->lock(path, wait);  // May wait: not under our own lock.
}

Status FaultEnv::sync_directory(const Path& directory) {
  const std::lock_guard lock(mutex_);
  if (!is_ours(directory)) return base_->sync_directory(directory);
  TRY(count(Need::Nothing));
  if (!base_->exists(directory)) return Error{Code::NotFound, "no directory: " + directory};
  remember(directory);
  return {};
}

Status FaultEnv::set_mode(const Path& path, std::uint32_t mode) {
  return base_->set_mode(path, mode);
}

std::int64_t FaultEnv::now_us() {
  const std::lock_guard lock(mutex_);
  return base_->now_us() + clock_us_;
}

std::int64_t FaultEnv::monotonic_us() {
  return base_->monotonic_us();
}

// SplitMix64 (Steele, Lea, Flood 2014): any seed gives a full-period sequence.
std::uint64_t FaultEnv::random_u64() {
  const std::lock_guard lock(mutex_);
  std::uint64_t mixed = random_ += 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

}  // namespace eds
