// Random: the numbers behind the synthetic patients, a function of (seed, patient, stream) alone.
//
// Every patient has a key, every part of a patient (stays, acts, labs of one stay, ...) a stream of
// that key, so that any part of any patient can be made without making what comes before it.
//
// Invariants: the same key gives the same numbers on every machine; nothing here calls libm, whose
// last bits differ between versions.
// Threads: plain values.
// Sources: splitmix64 (Steele, Lea, Flood 2014) mixes keys; wyrand (Wang Yi) makes the sequence.
#pragma once

#include <bit>
#include <cstdint>

namespace eds::synth {

constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return mix(mix(a) ^ (b * 0xD6E8FEB86659FD93U));
}

/// The parts of a patient that can be made apart. Add at the end: numbers are part of the data.
enum class Stream : std::uint64_t {
  Person = 1,
  Timeline = 2,
  Movements = 3,
  Diagnoses = 4,
  Acts = 5,
  Labs = 6,
  LabPerson = 7,
  Drugs = 8,
  Report = 9,
  Identity = 10,
  Dirt = 11,
  Signals = 12,
  Images = 13,
  Variants = 14,
  Exposures = 15,
};

class Random {
 public:
  explicit Random(std::uint64_t key) : state_(key) {}
  Random(std::uint64_t key, Stream stream, std::uint64_t part = 0)
      : state_(mix(key + static_cast<std::uint64_t>(stream), part)) {}

  std::uint64_t next() {
    state_ += 0xA0761D6478BD642FU;
    const unsigned __int128 product =
        static_cast<unsigned __int128>(state_) * (state_ ^ 0xE7037ED1A0B428DBU);
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Uniform in [0, n); n > 0.
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{n}) >> 32);
  }
  /// Uniform in [low, high].
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + static_cast<std::int32_t>(below(static_cast<std::uint32_t>(high - low + 1)));
  }
  bool chance(double probability) { return unit() < probability; }
  /// True in `permille` of a thousand draws.
  bool permille(std::uint32_t permille) { return below(1000) < permille; }

  /// Mean 0, variance 1, never beyond 3.47: the sum of four 16-bit draws of one number. Bounded on
  /// purpose: a body does not produce six-sigma values, laboratories do (see dirt.h).
  float gauss() {
    const std::uint64_t bits = next();
    const std::int32_t sum = static_cast<std::int32_t>(bits & 0xFFFF) +
                             static_cast<std::int32_t>((bits >> 16) & 0xFFFF) +
                             static_cast<std::int32_t>((bits >> 32) & 0xFFFF) +
                             static_cast<std::int32_t>(bits >> 48);
    return static_cast<float>(sum - 131070) * (1.0F / 37837.2F);
  }
  /// A count of mean `mean`, for small means: Knuth's method, bounded by `most`.
  std::uint32_t poisson(double mean, std::uint32_t most);

 private:
  std::uint64_t state_;
};

/// 2^x by a polynomial: relative error under 2e-5, the same bits everywhere. |x| < 100.
inline float exp2_poly(float x) {
  const auto whole = static_cast<std::int32_t>(x + 128.5F) - 128;
  const float f = x - static_cast<float>(whole);
  const float p =
      1.0F + f * (0.69314718F +
                  f * (0.24022651F + f * (0.05550411F + f * (0.00961813F + f * 0.00133336F))));
  return p * std::bit_cast<float>((whole + 127) << 23);
}

/// log2(x) for x > 0: absolute error under 1e-4, the same bits everywhere.
inline float log2_poly(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto exponent = static_cast<std::int32_t>(bits >> 23) - 127;
  // atanh series: log2(m) = 2/ln 2 * (s + s^3/3 + s^5/5 + s^7/7), s = (m - 1) / (m + 1).
  const float m = std::bit_cast<float>((bits & 0x7FFFFFU) | 0x3F800000U);
  const float s = (m - 1.0F) / (m + 1.0F);
  const float q = s * s;
  const float series = s * (1.0F + q * (0.33333333F + q * (0.2F + q * 0.14285714F)));
  return static_cast<float>(exponent) + 2.8853901F * series;
}

inline std::uint32_t Random::poisson(double mean, std::uint32_t most) {
  const double limit = static_cast<double>(exp2_poly(static_cast<float>(-mean * 1.4426950)));
  double product = unit();
  std::uint32_t count = 0;
  while (product > limit && count < most) {
    product *= unit();
    ++count;
  }
  return count;
}

}  // namespace eds::synth
