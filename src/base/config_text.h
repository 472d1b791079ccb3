// The eds.toml that `eds init` writes: its own manual. base/config_test.cc holds it to Config.
#pragma once

namespace eds {

inline constexpr char kConfigText[] =
    R"toml(# EDS: the settings of this warehouse.
#
# Every "#key = value" below shows a setting with its default; take the # away to change it.
# A setting that does not exist, or a value that makes no sense, is refused with its line.
# Commands read this file when they start: start `eds serve` again after a change.

[warehouse]
# The name that pages show.
#name = "EDS"
# true when the persons in it are invented (eds synth): pages then say so on every screen.
#synthetic = false

[limits]
# Memory that one load or one query may use before it spills to tmp/, in megabytes (64 or more).
# `eds query --memory N` goes before it.
#memory_megabytes = 4096
# Threads that one load or one query may use (1 or more).
#threads = 2
# Seconds after which `eds query` stops, until its last row is written; 0: never.
# `eds query --timeout N` goes before it.
#query_seconds = 0

[serve]
# Where `eds serve` listens. Keep 127.0.0.1 unless a TLS proxy stands in front.
#address = "127.0.0.1"
# 0 takes any free port; the first line that `eds serve` prints says which.
#port = 8080

[log]
# What log/eds.log keeps: "debug", "info", "warning", "error" or "off". One JSON object a line,
# without names, queries or values of persons. Who read what stands in audit/, not here.
#level = "info"
# What commands also say on standard error, in words.
#stderr = "warning"
# The log moves to log/eds.log.1, .2, ... when it reaches so many megabytes (1 to 1024)...
#megabytes = 16
# ...and so many files are kept, the current one included (1 to 100).
#files = 5

[audit]
# A directory on another disk or machine, to which each signed checkpoint of the audit is copied: so
# whoever puts the log back to an older state is found. "": no copy.
#mirror = ""
# Months for which events stay readable (6 to 36): `eds audit purge` keeps hashes of older ones.
#retention_months = 12
)toml";

}  // namespace eds
