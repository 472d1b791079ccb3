// Act: the command this process runs, as the audit sees it. Every command line verb that opens a
// warehouse stands behind one govern::Door, and standard output has one way out (cli::print), which
// asks the door first: no byte leaves before its event is durable.
//
// Invariants: at most one act runs at a time; end() leaves its closing event, whatever came of it.
// Threads: the command's own.
#pragma once

#include <memory>
#include <string>

#include "cli/commands.h"
#include "govern/door.h"

namespace eds::cli {

/// The verb as people type it: "release list". Returns the one before.
std::string name_act(std::string verb);

/// Opens the door of this act on `audit`; a door left open by an earlier one is closed as done.
std::shared_ptr<govern::Door> open_act(Env& env, std::shared_ptr<govern::Audit> audit,
                                       const Global& global, const std::string& actor);

/// Before bytes go to standard output.
Status pass_act();
/// Rows that went there.
void count_rows(std::int64_t count);

/// The closing event. What the audit cannot hold turns a success into a failure.
Result<Exit> end_act(Result<Exit> done);

}  // namespace eds::cli
