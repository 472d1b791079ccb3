#include "govern/vault_file.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <vector>

#include <sodium.h>
#include <zstd.h>

#include "govern/limits.h"

namespace eds::govern {
namespace {

constexpr std::string_view kMagic = "EDSVLT01";
constexpr std::size_t kStreamHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kOverheadBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kTrailerBytes = 8 + 32;
// Level 1 keeps up with the disk; PMSI and laboratory files shrink to a fifth all the same.
constexpr int kCompressionLevel = 1;
// BLAKE2b and zstd each take about 1.5 ns a byte here: from so many bytes on, a second thread for
// the one beside the other is worth its start (30 us).
constexpr std::size_t kHashedBesideBytes = std::size_t{512} << 10;
// zstd's default ceiling for decoders: what level 1 writes needs far less.
constexpr int kWindowLogMax = 27;
static_assert(kStreamHeaderBytes == 24 && kOverheadBytes == 17);

unsigned char* raw(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}
const unsigned char* raw(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

Error corrupt(std::string_view what) {
  return Error{Code::Corrupt, "sealed file is damaged: " + std::string(what)};
}

}  // namespace

struct AddressHash::State {
  crypto_generichash_state hash;
};

AddressHash::AddressHash(const Key& key) : state_(std::make_unique<State>()) {
  crypto_generichash_init(&state_->hash, key.bytes().data(), kKeyBytes, 32);
}

AddressHash::~AddressHash() {
  sodium_memzero(state_.get(), sizeof(State));
}

void AddressHash::add(std::string_view bytes) {
  crypto_generichash_update(&state_->hash, raw(bytes.data()), bytes.size());
}

VaultId AddressHash::finish() {
  VaultId id;
  crypto_generichash_final(&state_->hash, id.bytes.data(), id.bytes.size());
  return id;
}

struct SealedWriter::State {
  State(WritableFile& file_in, const Key& content_key_in, const Key& address_key)
      : file(file_in), content_key(content_key_in), address(address_key) {
    compressed.reserve(kVaultChunkBytes);
  }
  ~State() {
    ZSTD_freeCCtx(compressor);
    sodium_memzero(&stream, sizeof stream);
  }

  Status push(std::string_view plain, std::string_view context, unsigned char tag);
  Status compress(ZSTD_inBuffer input, ZSTD_EndDirective directive);

  WritableFile& file;
  const Key& content_key;
  AddressHash address;
  crypto_secretstream_xchacha20poly1305_state stream{};
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  std::string compressed;  // up to one chunk that waits to be sealed
  std::string frame;
  std::uint64_t plain_bytes = 0;
  std::uint64_t sealed_bytes = 0;
};

Status SealedWriter::State::push(std::string_view plain, std::string_view context,
                                 unsigned char tag) {
  const auto length = static_cast<std::uint32_t>(plain.size() + kOverheadBytes);
  frame.resize(4 + length);
  for (int byte = 0; byte < 4; ++byte) frame[byte] = static_cast<char>(length >> (8 * byte));
  ENSURE(crypto_secretstream_xchacha20poly1305_push(&stream, raw(frame.data() + 4), nullptr,
                                                    raw(plain.data()), plain.size(),
                                                    raw(context.data()), context.size(), tag) == 0);
  sealed_bytes += frame.size();
  return file.append(frame);
}

Status SealedWriter::State::compress(ZSTD_inBuffer input, ZSTD_EndDirective directive) {
  while (true) {
    const std::size_t before = compressed.size();
    compressed.resize(kVaultChunkBytes);
    ZSTD_outBuffer output{compressed.data(), compressed.size(), before};
    const std::size_t rest = ZSTD_compressStream2(compressor, &output, &input, directive);
    compressed.resize(output.pos);
    if (ZSTD_isError(rest)) return Error{Code::Internal, "zstd cannot compress"};
    // Asked once more after its end, zstd would begin another frame: so decide before sealing.
    const bool done = input.pos == input.size &&
                      (directive == ZSTD_e_end ? rest == 0 : compressed.size() < kVaultChunkBytes);
    if (compressed.size() == kVaultChunkBytes) {
      TRY(push(compressed, {}, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE));
      compressed.clear();
    }
    if (done) return {};
  }
}

SealedWriter::SealedWriter(WritableFile& file, const Key& content_key, const Key& address_key)
    : state_(std::make_unique<State>(file, content_key, address_key)) {}

SealedWriter::~SealedWriter() = default;

Status SealedWriter::start(std::string_view name) {
  State& state = *state_;
  if (state.compressor == nullptr) return Error{Code::Internal, "zstd has no memory"};
  ZSTD_CCtx_setParameter(state.compressor, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(state.compressor, ZSTD_c_checksumFlag, 0);
  std::string header(kMagic.size() + kStreamHeaderBytes, '\0');
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  ENSURE(crypto_secretstream_xchacha20poly1305_init_push(&state.stream,
                                                         raw(header.data() + kMagic.size()),
                                                         state.content_key.bytes().data()) == 0);
  state.sealed_bytes = header.size();
  TRY(state.file.append(header));
  return state.push(name, kMagic, crypto_secretstream_xchacha20poly1305_TAG_PUSH);
}

Status SealedWriter::add(std::string_view bytes) {
  const ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  state_->plain_bytes += bytes.size();
  if (bytes.size() < kHashedBesideBytes) {
    state_->address.add(bytes);
    return state_->compress(input, ZSTD_e_continue);
  }
  const std::future<void> hashed =
      std::async(std::launch::async, [&] { state_->address.add(bytes); });
  Status sealed = state_->compress(input, ZSTD_e_continue);
  hashed.wait();
  return sealed;
}

Result<VaultId> SealedWriter::finish() {
  State& state = *state_;
  TRY(state.compress(ZSTD_inBuffer{nullptr, 0, 0}, ZSTD_e_end));
  if (!state.compressed.empty()) {
    TRY(state.push(state.compressed, {}, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE));
  }
  const VaultId id = state.address.finish();
  std::string trailer(kTrailerBytes, '\0');
  for (int byte = 0; byte < 8; ++byte) {
    trailer[byte] = static_cast<char>(state.plain_bytes >> (8 * byte));
  }
  std::memcpy(trailer.data() + 8, id.bytes.data(), id.bytes.size());
  TRY(state.push(trailer, {}, crypto_secretstream_xchacha20poly1305_TAG_FINAL));
  return id;
}

std::uint64_t SealedWriter::sealed_bytes() const {
  return state_->sealed_bytes;
}

namespace {

class SealedReader final : public VaultReader {
 public:
  SealedReader(std::unique_ptr<ReadableFile> file, const Key& address_key, const VaultId& id)
      : file_(std::move(file)), id_(id), address_(address_key) {}
  ~SealedReader() override {
    ZSTD_freeDCtx(decompressor_);
    sodium_memzero(&stream_, sizeof stream_);
  }

  Status start(const Key& content_key);
  Result<std::size_t> read(std::span<char> into) override;
  const Identifying<std::string>& name() const override { return name_; }

 private:
  Status read_exactly(std::span<char> into);
  /// The next message, in `message_`, and its tag.
  Result<unsigned char> pull(std::string_view context);
  Status pull_chunk();
  Status check_end();

  std::unique_ptr<ReadableFile> file_;
  VaultId id_;
  AddressHash address_;
  crypto_secretstream_xchacha20poly1305_state stream_{};
  ZSTD_DCtx* decompressor_ = ZSTD_createDCtx();
  Identifying<std::string> name_;
  std::uint64_t at_ = 0;
  std::uint64_t plain_bytes_ = 0;
  std::string frame_;
  std::string message_;
  std::size_t message_used_ = 0;
  bool frame_done_ = false;    // zstd saw the end of its frame
  bool output_waits_ = false;  // zstd may hold more bytes than the last read took
  bool ended_ = false;
  bool failed_ = false;
};

Status SealedReader::read_exactly(std::span<char> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::size_t count = TRY(file_->read_at(at_, into.subspan(filled)));
    if (count == 0) return corrupt("it is cut short");
    filled += count;
    at_ += count;
  }
  return {};
}

Result<unsigned char> SealedReader::pull(std::string_view context) {
  std::array<char, 4> head{};
  TRY(read_exactly(head));
  std::uint32_t length = 0;
  for (int byte = 0; byte < 4; ++byte) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(head[byte])) << (8 * byte);
  }
  if (length < kOverheadBytes || length > kVaultChunkBytes + kOverheadBytes) {
    return corrupt("a chunk's length is impossible");
  }
  frame_.resize(length);
  TRY(read_exactly(frame_));
  message_.resize(length - kOverheadBytes);
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(&stream_, raw(message_.data()), nullptr, &tag,
                                                 raw(frame_.data()), frame_.size(),
                                                 raw(context.data()), context.size()) != 0) {
    return corrupt("a chunk does not open");
  }
  message_used_ = 0;
  return tag;
}

Status SealedReader::start(const Key& content_key) {
  if (decompressor_ == nullptr) return Error{Code::Internal, "zstd has no memory"};
  ZSTD_DCtx_setParameter(decompressor_, ZSTD_d_windowLogMax, kWindowLogMax);
  std::string header(kMagic.size() + kStreamHeaderBytes, '\0');
  TRY(read_exactly(header));
  if (!header.starts_with(kMagic)) return corrupt("it does not begin as one");
  if (crypto_secretstream_xchacha20poly1305_init_pull(&stream_, raw(header.data() + kMagic.size()),
                                                      content_key.bytes().data()) != 0) {
    return corrupt("its header does not open");
  }
  const unsigned char tag = TRY(pull(kMagic));
  if (tag != crypto_secretstream_xchacha20poly1305_TAG_PUSH) return corrupt("it has no name");
  name_ = Identifying<std::string>(message_);
  message_.clear();
  return {};
}

Status SealedReader::check_end() {
  if (message_.size() != kTrailerBytes || !frame_done_) return corrupt("it ends too early");
  std::uint64_t plain_bytes = 0;
  for (int byte = 0; byte < 8; ++byte) {
    plain_bytes |= static_cast<std::uint64_t>(static_cast<unsigned char>(message_[byte]))
                   << (8 * byte);
  }
  const VaultId read = address_.finish();
  if (plain_bytes != plain_bytes_ ||
      sodium_memcmp(read.bytes.data(), message_.data() + 8, read.bytes.size()) != 0) {
    return corrupt("its content is not what was put");
  }
  if (read != id_) return corrupt("it stands under another file's name");
  if (at_ != file_->size()) return corrupt("bytes were added after its end");
  ended_ = true;
  return {};
}

Status SealedReader::pull_chunk() {
  const unsigned char tag = TRY(pull({}));
  if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) return check_end();
  if (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE || frame_done_) {
    return corrupt("a chunk stands where none may");
  }
  return {};
}

Result<std::size_t> SealedReader::read(std::span<char> into) {
  const auto step = [&]() -> Result<std::size_t> {
    while (!ended_) {
      if (message_used_ == message_.size() && !output_waits_) {
        TRY(pull_chunk());
        continue;
      }
      ZSTD_inBuffer input{message_.data(), message_.size(), message_used_};
      ZSTD_outBuffer output{into.data(), into.size(), 0};
      const std::size_t rest = ZSTD_decompressStream(decompressor_, &output, &input);
      if (ZSTD_isError(rest)) return corrupt("its content does not decompress");
      message_used_ = input.pos;
      frame_done_ = rest == 0;
      output_waits_ = output.pos == output.size && !frame_done_;
      if (frame_done_ && message_used_ != message_.size()) return corrupt("content after its end");
      if (output.pos > 0) {
        address_.add(std::string_view(into.data(), output.pos));
        plain_bytes_ += output.pos;
        return output.pos;
      }
    }
    return std::size_t{0};
  };
  if (failed_) return corrupt("it was found so before");
  if (into.empty()) return Error{Code::Usage, "reading into nothing"};
  Result<std::size_t> count = step();
  failed_ = !count.ok();
  return count;
}

}  // namespace

Result<std::unique_ptr<VaultReader>> open_sealed(std::unique_ptr<ReadableFile> file,
                                                 const Key& content_key, const Key& address_key,
                                                 const VaultId& id) {
  auto reader = std::make_unique<SealedReader>(std::move(file), address_key, id);
  TRY(reader->start(content_key));
  return std::unique_ptr<VaultReader>(std::move(reader));
}

}  // namespace eds::govern
