// Written by tools/coefficients.py; the number after each comment is the largest
// weighted error of the polynomial before its coefficients were rounded.
#pragma once

namespace nuthatch::math::detail {

// ln 2
inline constexpr double kLn2[] = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, 0x1.7b57a079a1934p-111};
// 1 / ln 2
inline constexpr double kLog2E[] = {0x1.71547652b82fep+0};
// pi / 2
inline constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110, 0x1.4cf98e804177dp-164};
// 2 / pi
inline constexpr double kTwoOverPi[] = {0x1.45f306dc9c883p-1};

// (e^r - 1 - r) / r^2, |r| <= ln(2)/2: 4.17e-18
inline constexpr double kExp[] = {
    0x1.0000000000008p-1, 0x1.55555555554fep-3, 0x1.55555555510bep-5,
    0x1.111111112762ap-7, 0x1.6c16c182b327ep-10, 0x1.a01a01297a3b7p-13,
    0x1.a0199d6728b59p-16, 0x1.71df2b9e605fbp-19, 0x1.28aac32c1a544p-22,
    0x1.ad70805f12675p-26,
};

// (e^r - 1 - r - r^2 / 2) / r^3 for the same r: 3.07e-19
inline constexpr double kExpm1[] = {
    0x1.5555555555558p-3, 0x1.5555555555558p-5, 0x1.111111110f9fbp-7,
    0x1.6c16c16c14d74p-10, 0x1.a01a01aec0b74p-13, 0x1.a01a01ae91915p-16,
    0x1.71ddfae6a9061p-19, 0x1.27e4c95242f4cp-22, 0x1.af5aab509556ep-26,
    0x1.1f909ff842271p-29,
};

// (2 atanh(s) / s - 2) / z, z = s^2 <= (3 - 2 sqrt 2)^2: 3.06e-16
inline constexpr double kLog[] = {
    0x1.5555555555558p-1, 0x1.999999999522ep-2, 0x1.2492492e03bf9p-2,
    0x1.c71c62d01021ap-3, 0x1.7462ba3b658a6p-3, 0x1.39fdb6ade9e79p-3,
    0x1.2b5fddc84d67ep-3,
};

// the same for s <= 1/3: 2.31e-18
inline constexpr double kLogUpToTwo[] = {
    0x1.5555555555555p-1, 0x1.9999999999940p-2, 0x1.249249249a1f8p-2,
    0x1.c71c71be9a4f9p-3, 0x1.745d19a3392d9p-3, 0x1.3b134f4b6c826p-3,
    0x1.111ae87a4a250p-3, 0x1.e09e98e8eb20ep-4, 0x1.bc586f5172342p-4,
    0x1.3256e4853b72ep-4, 0x1.409998eba2182p-3,
};

// (sin(r) - r) / r^3 in z = r^2, |r| <= pi/4: 2.1e-17
inline constexpr double kSin[] = {
    -0x1.5555555555555p-3, 0x1.1111111110b90p-7, -0x1.a01a019e7b8dfp-13,
    0x1.71de378c021a0p-19, -0x1.ae600008ccd41p-26, 0x1.5e072620f1556p-33,
};

// (cos(r) - 1 + z/2) / z^2 in z = r^2, |r| <= pi/4: 1.32e-18
inline constexpr double kCos[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16956p-10, 0x1.a01a019f4a9d6p-16,
    -0x1.27e4fa12912dfp-22, 0x1.1eeb63679dac5p-29, -0x1.9079ac72f3521p-37,
};

} // namespace nuthatch::math::detail
