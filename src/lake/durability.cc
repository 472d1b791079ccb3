#include "lake/durability.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace eds::lake {
namespace {

Status sync_file(Env& env, const Path& path) {
  const std::unique_ptr<WritableFile> file = TRY(env.append_to(path));
  TRY(file->sync());
  return file->close();
}

// Runs `one` for every path; returns the first error in the order of the list.
Status for_each(const std::vector<Path>& paths, const std::function<Status(const Path&)>& one) {
  const std::size_t thread_count = std::min(paths.size(), kSyncThreadsMax);
  std::vector<Status> done(paths.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t at = next++; at < paths.size(); at = next++) done[at] = one(paths[at]);
  };
  std::vector<std::jthread> threads;
  for (std::size_t count = 1; count < thread_count; ++count) threads.emplace_back(work);
  work();
  threads.clear();
  for (const Status& status : done) TRY(status);
  return {};
}

}  // namespace

Status sync_all(Env& env, const SyncList& list) {
  TRY(for_each(list.files, [&](const Path& path) { return sync_file(env, path); }));
  return for_each(list.directories, [&](const Path& path) { return env.sync_directory(path); });
}

}  // namespace eds::lake
