// Protected counts on the command line: what a session without a data right is given instead of
// rows and exact counts (docs/concepts/protected-counts.md).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "uses/research/counting.h"

namespace eds::cli {

class CountingCommand {
 public:
  /// A scope of counts alone for the session of `global`, and the book of counts.
  static Result<CountingCommand> open(Context& context, const Global& global,
                                      std::string_view purpose);
  /// Whether the session of `global` may only count where it asks. False for the owner.
  static Result<bool> is_needed(Context& context, const Global& global);

  Result<govern::ProtectedCount> cohort(const cohort::Plan& plan) const;
  Result<govern::ProtectedCount> query(const std::string& sql) const;

 private:
  explicit CountingCommand(engine::Scan scan) : scan_(std::move(scan)) {}
  engine::Scan scan_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<govern::ProtectedCounts> counts_;
  research::CountingDesk desk_;
};

/// eds query --count
Result<Exit> run_counting_query(Context& context, const Global& global, const std::string& sql);

}  // namespace eds::cli
