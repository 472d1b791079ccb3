#include "govern/ff1.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cmath>
#include <memory>

namespace eds::govern {
namespace {

constexpr int kRounds = 10;
constexpr std::size_t kBlockBytes = 16;
using Block = std::array<std::uint8_t, kBlockBytes>;
using Bytes = std::vector<std::uint8_t>;

/// AES of single blocks under one key.
class Cipher {
 public:
  static Result<Cipher> with(std::span<const std::uint8_t> key) {
    const EVP_CIPHER* kind = key.size() == 16   ? EVP_aes_128_ecb()
                             : key.size() == 24 ? EVP_aes_192_ecb()
                             : key.size() == 32 ? EVP_aes_256_ecb()
                                                : nullptr;
    if (kind == nullptr) return Error{Code::Usage, "FF1 key is not 16, 24 or 32 bytes"};
    Cipher cipher;
    cipher.context_.reset(EVP_CIPHER_CTX_new());
    if (!cipher.context_ ||
        EVP_EncryptInit_ex(cipher.context_.get(), kind, nullptr, key.data(), nullptr) != 1)
      return Error{Code::Internal, "OpenSSL could not take an AES key"};
    EVP_CIPHER_CTX_set_padding(cipher.context_.get(), 0);
    return cipher;
  }
  Block encrypt(const Block& plain) const {
    Block out{};
    int size = 0;
    ENSURE(EVP_EncryptUpdate(context_.get(), out.data(), &size, plain.data(), kBlockBytes) == 1);
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

/// What all rounds share.
struct Shape {
  std::uint32_t radix;
  std::size_t n, u, v;  ///< lengths: whole, left half, right half
  std::size_t b;        ///< bytes that hold any number of v numerals
  std::size_t d;        ///< bytes drawn for y
  Block first;          ///< P of step 5
  std::span<const std::uint8_t> tweak;
};

void put_be(Block& block, std::size_t at, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i)
    block[at + size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// ceil(ceil(count * log2(radix)) / 8), exactly: the bytes of radix^count - 1.
std::size_t byte_count(std::uint32_t radix, std::size_t count) {
  Bytes value{0};
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t carry = radix - 1;
    for (std::uint8_t& byte : value) {  // Little-endian here: value = value * radix + radix - 1.
      carry += static_cast<std::uint32_t>(byte) * radix;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8U;
    }
    for (; carry != 0; carry >>= 8U) value.push_back(static_cast<std::uint8_t>(carry));
  }
  return value.size();
}

Result<Shape> shape_of(std::span<const std::uint8_t> tweak, std::uint32_t radix,
                       const Numerals& message) {
  if (radix < 2 || radix > 65536) return Error{Code::Usage, "FF1 radix is outside 2 to 65536"};
  if (message.size() < 2 || message.size() > kFf1NumeralsMax)
    return Error{Code::Usage, "FF1 message has a length out of bounds"};
  if (std::pow(static_cast<double>(radix), static_cast<double>(message.size())) < 100)
    return Error{Code::Usage, "FF1 domain is smaller than 100 values"};
  for (const std::uint16_t numeral : message)
    if (numeral >= radix) return Error{Code::Usage, "FF1 numeral is not below the radix"};
  Shape shape{};
  shape.radix = radix;
  shape.n = message.size();
  shape.u = shape.n / 2;
  shape.v = shape.n - shape.u;
  shape.b = byte_count(radix, shape.v);
  shape.d = 4 * ((shape.b + 3) / 4) + 4;
  shape.tweak = tweak;
  shape.first = {1, 2, 1};
  put_be(shape.first, 3, 3, radix);
  shape.first[6] = kRounds;
  shape.first[7] = static_cast<std::uint8_t>(shape.u);
  put_be(shape.first, 8, 4, shape.n);
  put_be(shape.first, 12, 4, tweak.size());
  return shape;
}

/// NUM_radix(numerals) in `size` big-endian bytes.
Bytes number_of(const Numerals& numerals, std::uint32_t radix, std::size_t size) {
  Bytes value(size, 0);
  for (const std::uint16_t numeral : numerals) {
    std::uint32_t carry = numeral;
    for (std::size_t i = size; i-- > 0;) {
      carry += static_cast<std::uint32_t>(value[i]) * radix;
      value[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8U;
    }
  }
  return value;
}

/// The last `count` numerals of a big-endian number: NUM(bytes) mod radix^count.
Numerals last_numerals(Bytes bytes, std::uint32_t radix, std::size_t count) {
  Numerals numerals(count, 0);
  for (std::size_t at = count; at-- > 0;) {
    std::uint32_t rest = 0;
    for (std::uint8_t& byte : bytes) {
      rest = (rest << 8U) | byte;
      byte = static_cast<std::uint8_t>(rest / radix);
      rest %= radix;
    }
    numerals[at] = static_cast<std::uint16_t>(rest);
  }
  return numerals;
}

/// Step 6: y of one round, as `count` numerals.
Numerals round_value(const Cipher& cipher, const Shape& shape, int round, const Numerals& half,
                     std::size_t count) {
  // Q = T || 0^((-t-b-1) mod 16) || [round] || NUM_radix(half) in b bytes.
  Bytes q(shape.tweak.begin(), shape.tweak.end());
  const std::size_t tail = shape.b + 1;
  while ((q.size() + tail) % kBlockBytes != 0) q.push_back(0);
  q.push_back(static_cast<std::uint8_t>(round));
  const Bytes number = number_of(half, shape.radix, shape.b);
  q.insert(q.end(), number.begin(), number.end());

  Block r = cipher.encrypt(shape.first);  // PRF: CBC-MAC over P || Q.
  for (std::size_t at = 0; at < q.size(); at += kBlockBytes) {
    for (std::size_t i = 0; i < kBlockBytes; ++i) r[i] ^= q[at + i];
    r = cipher.encrypt(r);
  }
  Bytes s(r.begin(), r.end());  // S = R || CIPH(R xor [1]) || CIPH(R xor [2]) ...
  for (std::uint64_t j = 1; s.size() < shape.d; ++j) {
    Block counter{};
    put_be(counter, 8, 8, j);
    for (std::size_t i = 0; i < kBlockBytes; ++i) counter[i] ^= r[i];
    const Block more = cipher.encrypt(counter);
    s.insert(s.end(), more.begin(), more.end());
  }
  s.resize(shape.d);
  return last_numerals(std::move(s), shape.radix, count);
}

void add(Numerals& numerals, const Numerals& other, std::uint32_t radix) {
  std::uint32_t carry = 0;
  for (std::size_t at = numerals.size(); at-- > 0;) {
    carry += static_cast<std::uint32_t>(numerals[at]) + other[at];
    numerals[at] = static_cast<std::uint16_t>(carry % radix);
    carry /= radix;
  }
}

void subtract(Numerals& numerals, const Numerals& other, std::uint32_t radix) {
  std::uint32_t borrow = 0;
  for (std::size_t at = numerals.size(); at-- > 0;) {
    const std::uint32_t taken = other[at] + borrow;
    borrow = numerals[at] < taken ? 1 : 0;
    numerals[at] = static_cast<std::uint16_t>(numerals[at] + borrow * radix - taken);
  }
}

Numerals joined(const Numerals& left, const Numerals& right) {
  Numerals whole = left;
  whole.insert(whole.end(), right.begin(), right.end());
  return whole;
}

}  // namespace

Result<Numerals> ff1_encrypt(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tweak,
                             std::uint32_t radix, const Numerals& message) {
  const Cipher cipher = TRY(Cipher::with(key));
  const Shape shape = TRY(shape_of(tweak, radix, message));
  Numerals a(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(shape.u));
  Numerals b(message.begin() + static_cast<std::ptrdiff_t>(shape.u), message.end());
  for (int round = 0; round < kRounds; ++round) {
    add(a, round_value(cipher, shape, round, b, a.size()), radix);
    a.swap(b);
  }
  return joined(a, b);
}

Result<Numerals> ff1_decrypt(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tweak,
                             std::uint32_t radix, const Numerals& message) {
  const Cipher cipher = TRY(Cipher::with(key));
  const Shape shape = TRY(shape_of(tweak, radix, message));
  Numerals a(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(shape.u));
  Numerals b(message.begin() + static_cast<std::ptrdiff_t>(shape.u), message.end());
  for (int round = kRounds; round-- > 0;) {
    a.swap(b);
    subtract(a, round_value(cipher, shape, round, b, a.size()), radix);
  }
  return joined(a, b);
}

}  // namespace eds::govern
