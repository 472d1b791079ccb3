#include "govern/vault.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <sodium.h>

#include "govern/limits.h"
#include "govern/sealing.h"
#include "govern/vault_file.h"

namespace eds::govern {
namespace {

constexpr std::string_view kSuffix = ".sealed";
constexpr std::string_view kIncoming = "incoming";

/// Bytes in memory, read as a file is.
class BytesFile final : public ReadableFile {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t count =
        std::min(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::memcpy(into.data(), bytes_.data() + offset, count);
    return count;
  }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

class FileVault final : public Vault {
 public:
  FileVault(Env& env, const KeyRing& keys, Path directory)
      : env_(env),
        directory_(std::move(directory)),
        address_key_(keys.derive(Purpose::LandingAddress)),
        content_key_(keys.derive(Purpose::LandingContent)),
        records_(env, keys.derive(Purpose::LandingRecord)) {}

  Result<Stored> put(ReadableFile& source, const Identifying<std::string>& name) override;
  Result<Stored> put_bytes(std::string_view bytes, const Identifying<std::string>& name) override {
    BytesFile source(bytes);
    return put(source, name);
  }
  Result<VaultId> address_of(ReadableFile& source) override;
  Result<std::optional<Stored>> find(const VaultId& id) override;
  Result<std::unique_ptr<VaultReader>> get(const VaultId& id) override;
  Result<std::string> get_all(const VaultId& id, std::uint64_t bytes_max) override;
  Status verify(const VaultId& id) override;
  Status each(const std::function<Status(const VaultId&)>& visit) override;
  Result<std::string> seal(std::string_view plain, std::string_view context) override;
  Result<std::string> unseal(std::string_view sealed, std::string_view context) override;

 private:
  Path shelf_of(const VaultId& id) const { return join(directory_, id.hex().substr(0, 2)); }
  Path path_of(const VaultId& id) const {
    return join(shelf_of(id), id.hex() + std::string(kSuffix));
  }
  Result<Stored> write_sealed(ReadableFile& source, const Identifying<std::string>& name,
                              const Path& path);

  Env& env_;
  Path directory_;
  Key address_key_;
  Key content_key_;
  Sealer records_;
};

Result<Stored> FileVault::write_sealed(ReadableFile& source, const Identifying<std::string>& name,
                                       const Path& path) {
  std::unique_ptr<WritableFile> file = TRY(env_.create(path));
  TRY(env_.set_mode(path, 0600));
  SealedWriter writer(*file, content_key_, address_key_);
  TRY(writer.start(name.reveal(Reason::Seal)));
  std::vector<char> buffer(16 * kVaultChunkBytes);
  std::uint64_t at = 0;
  while (true) {
    const std::size_t count = TRY(source.read_at(at, buffer));
    if (count == 0) break;
    at += count;
    TRY(writer.add(std::string_view(buffer.data(), count)));
  }
  Stored stored;
  stored.id = TRY(writer.finish());
  stored.plain_bytes = at;
  stored.sealed_bytes = writer.sealed_bytes();
  TRY(file->sync());
  TRY(file->close());
  return stored;
}

Result<Stored> FileVault::put(ReadableFile& source, const Identifying<std::string>& name) {
  if (name.reveal(Reason::Seal).size() > kVaultNameBytesMax) {
    return Error{Code::Limit, "file name exceeds kVaultNameBytesMax"};
  }
  const Path sibling =
      join(join(directory_, kIncoming), std::to_string(env_.random_u64()) + ".tmp");
  // Held while the file comes in: whoever opens the vault sees by it that we live.
  const std::unique_ptr<FileLock> living = TRY(env_.lock(sibling, Wait::Yes));
  Result<Stored> written = write_sealed(source, name, sibling);
  const auto settle = [&]() -> Result<Stored> {
    Stored stored = TRY(std::move(written));
    const std::optional<Stored> known = TRY(find(stored.id));
    if (known.has_value()) {
      stored.already_there = true;
      stored.sealed_bytes = known->sealed_bytes;
      TRY(env_.remove(sibling));
      return stored;
    }
    TRY(env_.make_directories(shelf_of(stored.id)));
    TRY(env_.rename(sibling, path_of(stored.id)));
    TRY(env_.sync_directory(shelf_of(stored.id)));
    TRY(env_.sync_directory(directory_));
    return stored;
  };
  Result<Stored> settled = settle();
  // The first error is the one to tell; a sibling that stays behind is swept by the next open().
  if (!settled.ok() && env_.exists(sibling)) static_cast<void>(env_.remove(sibling).ok());
  return settled;
}

Result<VaultId> FileVault::address_of(ReadableFile& source) {
  AddressHash hash(address_key_);
  std::vector<char> buffer(4 * kVaultChunkBytes);
  std::uint64_t at = 0;
  while (true) {
    const std::size_t count = TRY(source.read_at(at, buffer));
    if (count == 0) return hash.finish();
    at += count;
    hash.add(std::string_view(buffer.data(), count));
  }
}

Result<std::optional<Stored>> FileVault::find(const VaultId& id) {
  const Result<FileInfo> info = env_.info(path_of(id));
  if (info.ok()) {
    Stored stored;
    stored.id = id;
    stored.sealed_bytes = info->bytes;
    stored.already_there = true;
    return std::optional<Stored>(stored);
  }
  if (info.error().code == Code::NotFound) return std::optional<Stored>();
  return info.error();
}

Result<std::unique_ptr<VaultReader>> FileVault::get(const VaultId& id) {
  return open_sealed(TRY(env_.open(path_of(id))), content_key_, address_key_, id);
}

Result<std::string> FileVault::get_all(const VaultId& id, std::uint64_t bytes_max) {
  const std::unique_ptr<VaultReader> reader = TRY(get(id));
  std::string all;
  std::vector<char> buffer(kVaultChunkBytes);
  while (true) {
    const std::size_t count = TRY(reader->read(buffer));
    if (count == 0) return all;
    if (all.size() + count > bytes_max) {
      return Error{Code::Limit, "sealed file is larger than allowed: " + id.hex()};
    }
    all.append(buffer.data(), count);
  }
}

Status FileVault::verify(const VaultId& id) {
  const std::unique_ptr<VaultReader> reader = TRY(get(id));
  std::vector<char> buffer(kVaultChunkBytes);
  while (TRY(reader->read(buffer)) > 0) continue;
  return {};
}

Status FileVault::each(const std::function<Status(const VaultId&)>& visit) {
  for (const std::string& shelf : TRY(env_.list(directory_))) {
    if (shelf.size() != 2) continue;
    for (const std::string& name : TRY(env_.list(join(directory_, shelf)))) {
      if (!name.ends_with(kSuffix)) continue;
      TRY(visit(
          TRY(VaultId::from_hex(std::string_view(name).substr(0, name.size() - kSuffix.size())))));
    }
  }
  return {};
}

Result<std::string> FileVault::seal(std::string_view plain, std::string_view context) {
  if (plain.size() > kSealedRecordBytesMax) {
    return Error{Code::Limit, "record exceeds kSealedRecordBytesMax"};
  }
  return records_.seal(plain, context);
}

Result<std::string> FileVault::unseal(std::string_view sealed, std::string_view context) {
  return records_.unseal(sealed, context);
}

}  // namespace

std::string VaultId::hex() const {
  return hex_of(bytes);
}

Result<VaultId> VaultId::from_hex(std::string_view hex) {
  VaultId id;
  std::size_t byte_count = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(id.bytes.data(), id.bytes.size(), hex.data(), hex.size(), nullptr, &byte_count,
                     &end) != 0 ||
      byte_count != id.bytes.size() || end != hex.data() + hex.size()) {
    return Error{Code::Malformed, "a vault id is 64 hexadecimal digits"};
  }
  return id;
}

Result<std::unique_ptr<Vault>> Vault::open(Env& env, const KeyRing& keys, const Path& directory) {
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  const Path incoming = join(directory, kIncoming);
  TRY(env.make_directories(incoming));
  // What a killed process left: the kernel let go of its lock. What cannot be removed now stays.
  for (const std::string& name : TRY(env.list(incoming))) {
    const Path path = join(incoming, name);
    const Result<std::unique_ptr<FileLock>> lock = env.lock(path, Wait::No);
    if (lock.ok()) static_cast<void>(env.remove(path));
  }
  return std::unique_ptr<Vault>(new FileVault(env, keys, directory));
}

}  // namespace eds::govern
