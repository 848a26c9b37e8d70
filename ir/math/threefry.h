// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011), and the uses of it that make a
// counter-based generator whose element i depends on (key, i) only.
//
// U is an unsigned 32-bit lane type with + ^ (modulo 2^32), with std::uint32_t
// on either side, and rotl(u, n) for constant n. The 64-bit helpers ask for a
// 64-bit lane type and are written for the interpreter.
#pragma once

#include <bit>
#include <cstdint>

namespace nuthatch::math {

inline std::uint32_t rotl(std::uint32_t u, int n) { return std::rotl(u, n); }

template <class U> struct ThreefryPair {
  U x0, x1;
};
template <class U> using ThreefryKey = ThreefryPair<U>;

template <class U>
ThreefryPair<U> threefry2x32(const ThreefryKey<U> &key, U x0, U x1) {
  constexpr int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const U schedule[3] = {key.x0, key.x1,
                         (key.x0 ^ key.x1) ^ std::uint32_t{0x1BD11BDA}};
  x0 = x0 + schedule[0];
  x1 = x1 + schedule[1];
  for (int group = 0; group < 5; ++group) {
    for (int round = 0; round < 4; ++round) {
      x0 = x0 + x1;
      x1 = rotl(x1, rotations[group % 2][round]) ^ x0;
    }
    x0 = x0 + schedule[(group + 1) % 3];
    x1 = x1 + (schedule[(group + 2) % 3] + static_cast<std::uint32_t>(group + 1));
  }
  return {x0, x1};
}

/// Element i of an array of 32 random bits; (hi, lo) are the halves of its flat
/// row-major index.
template <class U> U random_bits32(const ThreefryKey<U> &key, U hi, U lo) {
  const auto x = threefry2x32(key, hi, lo);
  return x.x0 ^ x.x1;
}

/// Element i of an array of 64 random bits, high word first.
template <class U>
ThreefryPair<U> random_bits64(const ThreefryKey<U> &key, U hi, U lo) {
  return threefry2x32(key, hi, lo);
}

/// The i-th key split from `key`; also fold_in(key, data) with (0, data).
template <class U>
ThreefryKey<U> split_key(const ThreefryKey<U> &key, U hi, U lo) {
  return threefry2x32(key, hi, lo);
}

inline ThreefryKey<std::uint32_t> seed_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed >> 32),
          static_cast<std::uint32_t>(seed)};
}
inline std::uint32_t random_bits32(const ThreefryKey<std::uint32_t> &key,
                                   std::uint64_t i) {
  return random_bits32(key, static_cast<std::uint32_t>(i >> 32),
                       static_cast<std::uint32_t>(i));
}
inline std::uint64_t random_bits64(const ThreefryKey<std::uint32_t> &key,
                                   std::uint64_t i) {
  const auto x = threefry2x32(key, static_cast<std::uint32_t>(i >> 32),
                              static_cast<std::uint32_t>(i));
  return std::uint64_t{x.x0} << 32 | x.x1;
}
inline ThreefryKey<std::uint32_t>
split_key(const ThreefryKey<std::uint32_t> &key, std::uint64_t i) {
  return threefry2x32(key, static_cast<std::uint32_t>(i >> 32),
                      static_cast<std::uint32_t>(i));
}
inline ThreefryKey<std::uint32_t>
fold_in(const ThreefryKey<std::uint32_t> &key, std::uint32_t data) {
  return threefry2x32(key, std::uint32_t{0}, data);
}

/// Uniform in [0, 1): the top bits fill the significand of a number in [1, 2).
inline double uniform_from_bits(std::uint64_t random) {
  return std::bit_cast<double>(random >> 12 | 0x3ff0000000000000u) - 1.0;
}
inline float uniform_from_bits(std::uint32_t random) {
  return std::bit_cast<float>(random >> 9 | 0x3f800000u) - 1.0f;
}

} // namespace nuthatch::math
