// Sampled: the first bytes of a source, to recognise what they are, without losing them.
//
// Threads: one thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "format/csv/input.h"

namespace eds::ingest {

/// Enough for the header and some hundred rows, whose encoding and separator speak for the file.
inline constexpr std::size_t kSampleBytes = 256 * 1024;

struct Sampled {
  std::string sample;                       ///< at most kSampleBytes
  std::unique_ptr<csv::ByteSource> source;  ///< all bytes, the sample's first
};

Result<Sampled> take_sample(std::unique_ptr<csv::ByteSource> source);

}  // namespace eds::ingest
