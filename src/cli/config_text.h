// The eds.toml that `eds init` writes: its own manual.
#pragma once

namespace eds::cli {

inline constexpr char kConfigText[] =
    R"toml(# EDS: the settings of this warehouse.
# Every line below is a default; uncomment it to change it.

[warehouse]
# The name pages and reports show.
#name = "EDS"
# true when the persons in it are invented (eds synth): pages then say so on every screen.
#synthetic = false

[limits]
# Memory that one load or one query may use before it spills to tmp/, in megabytes.
#memory_megabytes = 4096
# Threads that one load or one query may use.
#threads = 2

[serve]
# Where `eds serve` listens. Keep 127.0.0.1 unless a TLS proxy stands in front.
#address = "127.0.0.1"
#port = 8080
)toml";

}  // namespace eds::cli
