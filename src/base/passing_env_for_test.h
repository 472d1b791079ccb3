// PassingEnv: an Env that does what another does, for tests that watch or hold up some of it.
// Included by tests only.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/env.h"

namespace eds {

class PassingEnv : public Env {
 public:
  explicit PassingEnv(Env& base = Env::posix()) : base_(&base) {}

  Result<std::unique_ptr<WritableFile>> create(const Path& path) override {
    return base_->create(path);
  }
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    return base_->append_to(path);
  }
  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override {
    return base_->open(path);
  }
  Result<FileInfo> info(const Path& path) override { return base_->info(path); }
  Result<std::vector<std::string>> list(const Path& path) override { return base_->list(path); }
  Status make_directories(const Path& path) override { return base_->make_directories(path); }
  Status rename(const Path& from, const Path& to) override { return base_->rename(from, to); }
  Status link_new(const Path& from, const Path& to) override { return base_->link_new(from, to); }
  Status remove(const Path& path) override { return base_->remove(path); }
  Status remove_directory(const Path& path) override { return base_->remove_directory(path); }
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override {
    return base_->lock(path, wait);
  }
  Status sync_directory(const Path& path) override { return base_->sync_directory(path); }
  Status set_mode(const Path& path, std::uint32_t mode) override {
    return base_->set_mode(path, mode);
  }
  std::int64_t now_us() override { return base_->now_us(); }
  std::int64_t monotonic_us() override { return base_->monotonic_us(); }
  std::uint64_t random_u64() override { return base_->random_u64(); }

 private:
  Env* base_;
};

/// An Env that runs `during` once, when the first part is synced after arm(): just before a commit
/// speaks to the catalogue.
class HeldUpEnv final : public PassingEnv {
 public:
  void arm(std::function<void()> during) { during_ = std::move(during); }
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    std::function<void()> now;
    if (path.ends_with(".parquet")) {
      const std::lock_guard lock(mutex_);
      now.swap(during_);
    }
    if (now) now();
    return PassingEnv::append_to(path);
  }

 private:
  std::mutex mutex_;
  std::function<void()> during_;
};

/// An Env that says when its user is about to wait for a lock, or has ended.
class HeardEnv final : public PassingEnv {
 public:
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override {
    if (wait == Wait::Yes) tell();
    return PassingEnv::lock(path, wait);
  }
  void tell() {
    const std::lock_guard lock(mutex_);
    told_ = true;
    change_.notify_all();
  }
  void await() {
    std::unique_lock lock(mutex_);
    change_.wait(lock, [&] { return told_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable change_;
  bool told_ = false;
};

}  // namespace eds
