#include "ingest/sample.h"

#include <algorithm>
#include <cstring>

namespace eds::ingest {
namespace {

class Prefixed final : public csv::ByteSource {
 public:
  Prefixed(std::string prefix, std::unique_ptr<csv::ByteSource> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

  Result<std::size_t> read(std::span<char> into) override {
    if (given_ == prefix_.size()) return rest_->read(into);
    const std::size_t count = std::min(into.size(), prefix_.size() - given_);
    std::memcpy(into.data(), prefix_.data() + given_, count);
    given_ += count;
    return count;
  }

 private:
  std::string prefix_;
  std::size_t given_ = 0;
  std::unique_ptr<csv::ByteSource> rest_;
};

}  // namespace

Result<Sampled> take_sample(std::unique_ptr<csv::ByteSource> source) {
  Sampled sampled;
  sampled.sample.resize(kSampleBytes);
  std::size_t filled = 0;
  while (filled < kSampleBytes) {
    // A source damaged right at its start still gives what came before the damage.
    Result<std::size_t> got =
        source->read(std::span(sampled.sample).subspan(filled, kSampleBytes - filled));
    if (!got.ok()) {
      if (filled == 0) return std::move(got).error();
      break;
    }
    if (*got == 0) break;
    filled += *got;
  }
  sampled.sample.resize(filled);
  sampled.source = std::make_unique<Prefixed>(sampled.sample, std::move(source));
  return sampled;
}

}  // namespace eds::ingest
