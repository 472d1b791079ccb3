// SessionSource: the tables of one release, read through an engine session, under its scope.
//
// Invariants: rows come only through the session. Threads: those of the session.
#pragma once

#include "cohort/loader.h"
#include "engine/session.h"

namespace eds::cohort {

class SessionSource final : public TableSource {
 public:
  explicit SessionSource(engine::Session& session) : session_(&session) {}
  Status read(std::string_view table, const std::vector<std::string_view>& columns,
              const std::function<void(const RowBlock&)>& take) override;

 private:
  engine::Session* session_;
};

}  // namespace eds::cohort
