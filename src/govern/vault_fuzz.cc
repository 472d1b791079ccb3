// Any bytes in the place of a sealed file are refused, in bounded time and memory.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "govern/vault_file.h"

namespace {

class Bytes final : public eds::ReadableFile {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  eds::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t count =
        std::min(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::memcpy(into.data(), bytes_.data() + offset, count);
    return count;
  }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string bytes_;
};

class Sink final : public eds::WritableFile {
 public:
  eds::Status append(std::string_view more) override {
    bytes += more;
    return {};
  }
  eds::Status sync() override { return {}; }
  eds::Status close() override { return {}; }
  std::string bytes;
};

// Reads to the end; true when every byte was accepted.
bool reads(const std::string& sealed, const eds::govern::Key& key, const eds::govern::VaultId& id) {
  auto reader = eds::govern::open_sealed(std::make_unique<Bytes>(sealed), key, key, id);
  if (!reader.ok()) return false;
  std::vector<char> buffer(997);
  while (true) {
    const auto count = (*reader)->read(buffer);
    if (!count.ok()) return false;
    if (*count == 0) return true;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const eds::govern::Key key;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (reads(bytes, key, {})) std::abort();
  Sink sink;
  eds::govern::SealedWriter writer(sink, key, key);
  if (!writer.start("name").ok() || !writer.add(bytes).ok()) std::abort();
  const eds::govern::VaultId id = writer.finish().value();
  if (!reads(sink.bytes, key, id)) std::abort();
  if (size < 3) return 0;
  std::string altered = sink.bytes;
  altered[(data[0] * 256u + data[1]) % altered.size()] ^= static_cast<char>(data[2] | 1);
  if (reads(altered, key, id)) std::abort();
  return 0;
}
