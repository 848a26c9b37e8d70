// The special functions against 100-digit values (grid.inc), each with the bound
// ir/math/README.md states, and through a vector type, bit for bit.
#include "ir/math/math.h"
#include "lane_vector.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <span>

namespace {

using nuthatch::math::kInf;
using nuthatch::math::kNaN;
using nuthatch::test::Lanes;

struct Sample {
  double x, hi, lo;
};
struct Sample2 {
  double x, y, hi, lo;
};
#include "grid.inc"

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// The error of got in units of the last place of the value, which is taken to
/// be at least `least` in size. Infinite for the wrong limit or sign of zero.
double error_in_ulp(double got, double hi, double lo, double least) {
  if (std::isnan(hi))
    return std::isnan(got) ? 0.0 : kInf;
  if (std::isinf(hi))
    return got == hi ? 0.0 : kInf;
  if (hi == 0.0)
    return got == 0.0 && std::signbit(got) == std::signbit(hi) ? 0.0
           : std::fabs(got) < 1e-320                           ? std::fabs(got) / 5e-324
                                                               : kInf;
  if (!std::isfinite(got))
    return kInf;
  const double size = std::fmax(std::fabs(hi), least);
  const double ulp = std::ldexp(1.0, std::max(std::ilogb(size) - 52, -1074));
  return std::fabs((hi - got) + lo) / ulp;
}

struct Bound {
  double ulp;
  double least = 0.0; // errors count relative to at least this
};

template <class F>
void check(const char *name, std::span<const Sample> grid, F f, Bound right,
           Bound left) {
  double worst = 0.0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const auto &s = grid[i];
    const Bound &bound = s.x < 0.0 ? left : right;
    const double got = f(s.x);
    const double error = error_in_ulp(got, s.hi, s.lo, bound.least);
    worst = std::fmax(worst, error);
    EXPECT_LE(error, bound.ulp)
        << name << "(" << std::hexfloat << s.x << ") = " << got
        << ", should be " << s.hi << std::defaultfloat << " (x = " << s.x << ")";
    // The same bits in every lane, whatever is in the others.
    const double lanes[4] = {grid[(i + 1) % grid.size()].x, s.x,
                             grid[(i + 7) % grid.size()].x, s.x};
    const Lanes y = f(Lanes{{lanes[0], lanes[1], lanes[2], lanes[3]}});
    for (int k : {1, 3})
      EXPECT_TRUE(same_bits(y.lane[k], got) || (std::isnan(y.lane[k]) && std::isnan(got)))
          << name << "(" << s.x << "): " << y.lane[k] << " in a vector, " << got << " alone";
  }
  testing::Test::RecordProperty("worst_ulp", std::to_string(worst));
}

template <class F>
void check2(const char *name, std::span<const Sample2> grid, F f, double bound) {
  for (const auto &s : grid) {
    const double got = f(s.x, s.y);
    EXPECT_LE(error_in_ulp(got, s.hi, s.lo, 0.0), bound)
        << name << "(" << s.x << ", " << s.y << ") = " << got << ", should be " << s.hi;
    const Lanes y = f(Lanes{{s.x, 2.0, s.x, 0.0}}, Lanes{{s.y, 3.0, s.y, -1.0}});
    EXPECT_TRUE(same_bits(y.lane[2], got) || (std::isnan(y.lane[2]) && std::isnan(got)))
        << name << "(" << s.x << ", " << s.y << ")";
  }
}

#define BOUND2(name, function, right, left)                                    \
  TEST(SpecialFunctions, name) {                                               \
    check(#function, k_##function,                                             \
          [](auto x) { return nuthatch::math::function(x); }, right, left);    \
  }
#define BOUND(name, function, ulp) BOUND2(name, function, Bound{ulp}, Bound{ulp})

BOUND(Exp, exp, 1.0)
BOUND(Expm1, expm1, 1.0)
BOUND(Log, log, 1.0)
BOUND(Log1p, log1p, 1.0)
BOUND(Tanh, tanh, 1.0)
BOUND(Logistic, logistic, 1.01)
BOUND(Softplus, softplus, 1.7)
BOUND(Sin, sin, 1.0)
BOUND(Cos, cos, 1.0)
BOUND(Tan, tan, 1.0)
BOUND(Atan, atan, 1.0)
BOUND(Asin, asin, 1.0)
BOUND(Acos, acos, 1.0)
BOUND(Sinh, sinh, 1.0)
BOUND(Cosh, cosh, 1.0)
BOUND(Asinh, asinh, 1.0)
BOUND(Acosh, acosh, 1.0)
BOUND(Atanh, atanh, 1.0)
BOUND(Exp2, exp2, 1.0)
BOUND(Log2, log2, 0.6)
BOUND(Log10, log10, 0.6)
BOUND(Cbrt, cbrt, 0.6)
BOUND(Erfcx, erfcx, 3.0)
BOUND(BesselI0e, bessel_i0e, 3.0)
BOUND(BesselI1e, bessel_i1e, 3.5)
BOUND(Erf, erf, 2.0)
BOUND(Erfc, erfc, 5.0)
BOUND(ErfInv, erf_inv, 4.5)
BOUND(Ndtri, ndtri, 7.0)
BOUND(LogNdtr, log_ndtr, 6.0)
BOUND2(Lgamma, lgamma, Bound{3.5}, (Bound{8.0, 1.0}))
BOUND2(Digamma, digamma, Bound{4.5}, (Bound{10.0, 1.0}))
BOUND(Trigamma, trigamma, 9.0)

TEST(SpecialFunctions, Pow) {
  check2("pow", k_pow,
         [](auto x, auto y) { return nuthatch::math::pow(x, y); }, 1.0);
}
TEST(SpecialFunctions, Atan2) {
  check2("atan2", k_atan2,
         [](auto y, auto x) { return nuthatch::math::atan2(y, x); }, 1.01);
}

// IEEE 754 and C Annex F fix these; the C library is the judge.
TEST(SpecialFunctions, LimitsOfPowAndAtan2) {
  const double values[] = {0.0,  -0.0, 0.5, -0.5, 1.0, -1.0, 2.0,  -2.0,
                           3.0,  -3.0, 2.5, -2.5, 1e300, -1e300, 1e-300,
                           5e-324, 0x1p53, 0x1p53 + 2, -0x1p53, kInf, -kInf, kNaN};
  for (double x : values)
    for (double y : values) {
      const double power = nuthatch::math::pow(x, y), expected = std::pow(x, y);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(power)) << "pow(" << x << ", " << y << ")";
      else if (expected == 0.0 || std::isinf(expected))
        EXPECT_TRUE(same_bits(power, expected)) << "pow(" << x << ", " << y << ") = " << power;
      else
        EXPECT_NEAR(power / expected, 1.0, 3e-16) << "pow(" << x << ", " << y << ")";
      const double angle = nuthatch::math::atan2(x, y), right = std::atan2(x, y);
      if (std::isnan(right))
        EXPECT_TRUE(std::isnan(angle)) << "atan2(" << x << ", " << y << ")";
      else if (right == 0.0)
        EXPECT_TRUE(same_bits(angle, right)) << "atan2(" << x << ", " << y << ") = " << angle;
      else
        EXPECT_LE(std::fabs(angle - right), 5e-16 * std::fabs(right) + 5e-324)
            << "atan2(" << x << ", " << y << ") = " << angle;
    }
}

TEST(SpecialFunctions, IntegersConvertExactly) {
  for (double x : {0.0, 1.0, -1.0, 12345.0, -67890.0, 0x1p51 - 1, 1 - 0x1p51}) {
    EXPECT_EQ(static_cast<std::int64_t>(nuthatch::math::to_int(x)), static_cast<std::int64_t>(x));
    EXPECT_EQ(nuthatch::math::to_real(nuthatch::math::to_int(x)), x);
  }
}

} // namespace
