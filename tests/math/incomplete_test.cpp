// The incomplete gamma and beta functions, their derivatives and inverses, polygamma and Owen's T against high-precision
// values (incomplete_grid.inc), with the bounds ir/math/README.md states, and through a vector type, bit for bit.
#include "ir/math/math.h"
#include "lane_vector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace {

using nuthatch::math::kInf;
using nuthatch::math::kNaN;
using nuthatch::test::Lanes;
namespace math = nuthatch::math;

template <std::size_t N> struct Sample {
  double at[N];
  double hi, lo;
};
#include "incomplete_grid.inc"

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

/// Relative error in units of 2^-53: at most `units` + `tail` |log value| but for one in 50 points, or one of fewer; at most `worst`
/// for all.
struct Bound {
  double units, tail, worst;
};

template <std::size_t N, class F> void check(const char *name, std::span<const Sample<N>> grid, F f, Bound bound) {
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const Sample<N> &s = grid[i], &other = grid[(i + 1) % grid.size()];
    const double got = f(s.at);
    const double error = std::fabs((s.hi - got) + s.lo) / std::fabs(s.hi) * 0x1p53;
    const double limit = bound.units + bound.tail * std::fabs(std::log(std::fabs(s.hi)));
    beyond += !(error <= limit);
    EXPECT_LE(error, bound.worst) << name << "(" << s.at[0] << ", " << s.at[1] << ", " << s.at[N - 1] << ") = " << got
                                  << ", should be " << s.hi;
    // The same bits in every lane, whatever is in the others.
    Lanes x[N];
    for (std::size_t k = 0; k < N; ++k) x[k] = {{other.at[k], s.at[k], k + 1 == N ? 0.0 : 1.0, s.at[k]}};
    const Lanes y = f(x);
    for (int k : {1, 3})
      EXPECT_TRUE(same(y.lane[k], got)) << name << "(" << s.at[0] << ", " << s.at[1] << ", " << s.at[N - 1]
                                        << "): " << y.lane[k] << " in a vector, " << got << " alone";
  }
  EXPECT_LE(beyond, std::max<std::size_t>(1, grid.size() / 50)) << name << ": " << beyond << " of " << grid.size() << " beyond the bound";
}

#define BOUND2(name, function, ...)                                                                                      \
  TEST(IncompleteFunctions, name) {                                                                                      \
    check<2>(#function, k_##function, [](auto x) { return math::function(x[0], x[1]); }, Bound{__VA_ARGS__});            \
  }
#define BOUND3(name, function, ...)                                                                                      \
  TEST(IncompleteFunctions, name) {                                                                                      \
    check<3>(#function, k_##function, [](auto x) { return math::function(x[0], x[1], x[2]); }, Bound{__VA_ARGS__});      \
  }

BOUND2(Igamma, igamma, 10, 3, 500)
BOUND2(Igammac, igammac, 10, 3, 500)
BOUND2(IgammaGradA, igamma_grad_a, 25, 4, 1000)
BOUND2(IgammaGradAA, igamma_grad_aa, 100, 4, 5000)
BOUND2(IgammaGradX, igamma_grad_x, 10, 3, 500)
BOUND3(Betainc, betainc, 20, 3, 1000)
BOUND3(BetaincGradA, betainc_grad_a, 50, 4, 2e4)
BOUND3(BetaincGradB, betainc_grad_b, 50, 4, 2e4)
BOUND3(BetaincGradAA, betainc_grad_aa, 5000, 4, 1e6)
BOUND3(BetaincGradAB, betainc_grad_ab, 5000, 4, 1e6)
BOUND3(BetaincGradBB, betainc_grad_bb, 5000, 4, 1e6)
BOUND3(BetaincGradX, betainc_grad_x, 20, 3, 1000)
TEST(IncompleteFunctions, Polygamma) { // argument and order
  check<2>("polygamma", k_polygamma, [](auto x) { return math::polygamma(x[1], x[0]); }, Bound{10, 0, 1000});
}
BOUND2(OwensT, owens_t, 10, 3, 2000)

/// Both tails of one point add up, and each side is accurate where it is the smaller one.
TEST(IncompleteFunctions, TailsAddUp) {
  for (const auto &s : k_igamma)
    EXPECT_NEAR(math::igamma(s.at[0], s.at[1]) + math::igammac(s.at[0], s.at[1]), 1.0, 5e-15) << s.at[0] << " " << s.at[1];
  for (const auto &s : k_betainc) {
    const double y = 1.0 - s.at[2];
    if (1.0 - y == s.at[2]) // an exact complement
      EXPECT_NEAR(math::betainc(s.at[0], s.at[1], s.at[2]) + math::betainc(s.at[1], s.at[0], y), 1.0, 5e-15);
  }
}

/// The inverse of the value is the argument, to what the rounding of the value allows: its error times dx / dp.
TEST(IncompleteFunctions, QuantilesAreInverse) {
  const auto expect = [](double x, double got, double p, double density, const char *name, double a, double b) {
    const double slack = 50 * 0x1p-53 * (x + p / density);
    EXPECT_NEAR(got, x, slack) << name << " at " << a << ", " << b << ", p = " << p;
  };
  for (const auto &s : k_igamma) {
    const auto [a, x] = s.at;
    const double p = math::igamma(a, x), q = math::igammac(a, x), density = math::igamma_grad_x(a, x);
    if (p < 0.9 && p > 1e-300) expect(x, math::igamma_inv(a, p), p * (1 - std::log(p)), density, "igamma_inv", a, 0);
    if (q < 0.9 && q > 1e-300) expect(x, math::igammac_inv(a, q), q * (1 - std::log(q)), density, "igammac_inv", a, 0);
  }
  for (const auto &s : k_betainc) {
    const auto [a, b, x] = s.at;
    const double p = math::betainc(a, b, x), density = math::betainc_grad_x(a, b, x);
    if (p < 0.9 && p > 1e-300) expect(x, math::betainc_inv(a, b, p), p * (1 - std::log(p)), density, "betainc_inv", a, b);
  }
}

TEST(IncompleteFunctions, Limits) {
  const double inf = kInf, nan = kNaN;
  struct Row { double got, want; };
  for (auto [got, want] : std::initializer_list<Row>{
           {math::igamma(2.0, 0.0), 0}, {math::igamma(2.0, inf), 1}, {math::igamma(0.0, 1.0), 1}, {math::igamma(inf, 1.0), 0},
           {math::igammac(2.0, 0.0), 1}, {math::igammac(2.0, inf), 0}, {math::igamma(0.0, 0.0), nan}, {math::igamma(-1.0, 1.0), nan},
           {math::igamma(1.0, -1.0), nan}, {math::igamma(inf, inf), nan}, {math::igamma(nan, 1.0), nan}, {math::igamma(1.0, nan), nan},
           {math::igamma_grad_x(0.5, 0.0), inf}, {math::igamma_grad_x(1.0, 0.0), 1}, {math::igamma_grad_x(2.0, 0.0), 0},
           {math::igamma_grad_a(2.0, 0.0), 0}, {math::igamma_inv(2.0, 0.0), 0}, {math::igamma_inv(2.0, 1.0), inf},
           {math::igammac_inv(2.0, 0.0), inf}, {math::igammac_inv(2.0, 1.0), 0}, {math::igamma_inv(2.0, 1.5), nan},
           {math::igamma_inv(-1.0, 0.5), nan}, {math::betainc(2.0, 3.0, 0.0), 0}, {math::betainc(2.0, 3.0, 1.0), 1},
           {math::betainc(0.0, 3.0, 0.5), nan}, {math::betainc(2.0, 3.0, 1.5), nan}, {math::betainc(2.0, nan, 0.5), nan},
           {math::betainc_grad_a(2.0, 3.0, 0.0), 0}, {math::betainc_grad_x(1.0, 3.0, 0.0), 3}, {math::betainc_grad_x(2.0, 1.0, 1.0), 2},
           {math::betainc_grad_x(0.5, 3.0, 0.0), inf}, {math::betainc_inv(2.0, 3.0, 0.0), 0}, {math::betainc_inv(2.0, 3.0, 1.0), 1},
           {math::betainc_inv(2.0, 3.0, -0.5), nan}, {math::betainc(1e6, 1e6, 0.5), 0.5}, {math::polygamma(2.0, 0.0), nan},
           {math::polygamma(2.0, -3.0), nan}, {math::polygamma(2.5, 1.0), nan}, {math::polygamma(3.0, inf), 0},
           {math::owens_t(0.0, 1.0), 0.125}, {math::owens_t(3.0, 0.0), 0}, {math::owens_t(inf, 2.0), 0}, {math::owens_t(0.0, inf), 0.25},
           {math::bessel_i0e(0.0), 1}, {math::bessel_i0e(inf), 0}, {math::bessel_i1e(-inf), -0.0}})
    EXPECT_TRUE(std::isnan(want) ? std::isnan(got) : std::fabs(got - want) <= 1e-14 * std::fabs(want) || got == want) << got << ", not " << want;
}

} // namespace
