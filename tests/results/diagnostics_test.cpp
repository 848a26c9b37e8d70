// What the definitions imply, on draws made here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "inference/diagnostics/autocovariance.h"
#include "inference/diagnostics/convergence.h"
#include "inference/diagnostics/order.h"

namespace {

using namespace nuthatch::detail;

/// Chains of x_t = phi x_{t-1} + sqrt(1 - phi^2) e_t, stationary with variance one.
ChainMatrix autoregressive(double phi, std::size_t chains, std::size_t draws, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  ChainMatrix x{{}, chains, draws};
  for (std::size_t c = 0; c < chains; ++c) {
    double state = normal(random);
    for (std::size_t d = 0; d < draws; ++d) {
      x.values.push_back(state);
      state = phi * state + std::sqrt(1 - phi * phi) * normal(random);
    }
  }
  return x;
}

TEST(Autocovariance, SumsAndTransformAgree) {
  const ChainMatrix x = autoregressive(0.9, 3, 501, 1);
  std::vector<double> first, second;
  MeanAutocovariance by_sums(x, first), by_transform(x, second);
  (void)by_transform(400);
  for (std::size_t lag = 0; lag < 48; ++lag) EXPECT_NEAR(by_sums(lag), by_transform(lag), 1e-13);
  for (std::size_t lag : {48u, 100u, 499u, 500u}) {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto chain = Chains(x).chain(c);
      for (std::size_t d = 0; d + lag < 501; ++d) sum += (chain[d] - mean(chain)) * (chain[d + lag] - mean(chain));
    }
    EXPECT_NEAR(by_transform(lag), sum / 501 / 3, 1e-13) << lag;
  }
}

TEST(EffectiveSampleSize, MatchesTheAutoregressiveProcess) {
  // tau = (1 + phi) / (1 - phi). With 4 x 20000 draws the estimate is within a few percent.
  for (double phi : {0.0, 0.5, 0.9}) {
    const ChainMatrix x = autoregressive(phi, 4, 20000, 7);
    const double exact = 80000 * (1 - phi) / (1 + phi);
    EXPECT_NEAR(ess_mean(x) / exact, 1, 0.1) << phi;
    EXPECT_NEAR(ess_bulk(x) / exact, 1, 0.1) << phi;
    EXPECT_NEAR(mcse_mean(x) * std::sqrt(exact), 1, 0.1) << phi;
  }
}

TEST(EffectiveSampleSize, AntitheticChainsGainAtMostTheFloor) {
  const ChainMatrix x = autoregressive(-0.9, 4, 1000, 3);
  EXPECT_GT(ess_mean(x), 4000);
  EXPECT_LE(ess_mean(x), 4000 * std::log10(4000.0) * (1 + 1e-12));
}

TEST(RHat, SeesShiftScaleAndDrift) {
  ChainMatrix good = autoregressive(0, 4, 1000, 11);
  EXPECT_LT(r_hat(good), 1.01);

  ChainMatrix shifted = good;
  for (std::size_t d = 0; d < 1000; ++d) shifted.values[d] += 1;
  EXPECT_GT(r_hat(shifted), 1.05);

  ChainMatrix wide = good; // equal means: only the folded form sees it
  for (std::size_t d = 0; d < 1000; ++d) wide.values[d] *= 3;
  EXPECT_LT(r_hat_z_scale(wide), 1.01);
  EXPECT_GT(r_hat(wide), 1.05);

  ChainMatrix drifting = good; // equal in all chains: only splitting sees it
  for (std::size_t i = 0; i < drifting.values.size(); ++i) drifting.values[i] += static_cast<double>(i % 1000) / 500;
  EXPECT_LT(r_hat_identity(drifting), 1.01);
  EXPECT_GT(r_hat(drifting), 1.05);
}

TEST(Diagnostics, NanWhereNothingCanBeSaid) {
  const ChainMatrix one = autoregressive(0, 1, 1000, 5), few = autoregressive(0, 4, 3, 5);
  EXPECT_TRUE(std::isnan(r_hat(one)));
  EXPECT_FALSE(std::isnan(ess_bulk(one)));
  EXPECT_TRUE(std::isnan(ess_bulk(few)));
  EXPECT_TRUE(std::isnan(mcse_mean(few)));
  ChainMatrix holed = autoregressive(0, 4, 100, 5);
  holed.values[17] = std::numeric_limits<double>::quiet_NaN();
  for (double value : {r_hat(holed), ess_bulk(holed), ess_tail(holed), mcse_sd(holed), mcse_quantile(holed, 0.1),
                       hdi(holed.values, 0.9).first, eti(holed.values, 0.9).second})
    EXPECT_TRUE(std::isnan(value));
}

TEST(Diagnostics, ConstantDrawsAreAllEffective) {
  const ChainMatrix x{std::vector<double>(400, 2.5), 4, 100};
  EXPECT_EQ(ess_bulk(x), 400);
  EXPECT_EQ(ess_tail(x), 400);
  EXPECT_EQ(mcse_mean(x), 0);
}

TEST(Diagnostics, ShortestChainsDoNotReadBeyondTheirEnd) {
  for (std::size_t draws = 4; draws < 16; ++draws) {
    const ChainMatrix x = autoregressive(0.5, 2, draws, static_cast<unsigned>(draws));
    EXPECT_GT(ess_bulk(x), 0) << draws;
    EXPECT_GT(ess_identity(x), 0) << draws;
  }
}

TEST(ConvergenceCheck, EqualsTheSeparateStatistics) {
  ConvergenceCheck check;
  for (std::size_t draws : {5u, 100u, 501u, 1000u})
    for (bool rounded : {false, true}) {
      ChainMatrix x = autoregressive(0.7, 4, draws, static_cast<unsigned>(draws));
      if (rounded) // ties, also with the median
        for (double& v : x.values) v = std::round(2 * v);
      const Convergence c = check(x);
      EXPECT_NEAR(c.r_hat, r_hat(x), 1e-13);
      EXPECT_NEAR(c.ess_bulk / ess_bulk(x), 1, 1e-12);
      EXPECT_NEAR(c.ess_tail / ess_tail(x), 1, 1e-12);
    }
  EXPECT_TRUE(std::isnan(check(autoregressive(0, 1, 100, 1)).r_hat));
}

TEST(Order, SortsStablyThroughSignsAndInfinities) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> x{3, -1, 0.0, -0.0, inf, -inf, 1e-310, -1, 2, 3};
  EXPECT_EQ(ascending_order(x), (std::vector<std::uint32_t>{5, 1, 7, 2, 3, 6, 8, 0, 9, 4}));
  EXPECT_TRUE(ascending_order({}).empty());
}

TEST(Order, EqualsAComparisonSort) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (const auto& [shift, scale] : {std::pair{0.0, 1.0}, {1e9, 1e-3}, {-1e300, 1e290}, {0.0, 1e-310}})
    for (int kind = 0; kind < 3; ++kind) {
      std::vector<double> x(3001);
      for (double& v : x) {
        const double z = kind == 0   ? normal(random)
                         : kind == 1 ? normal(random) / normal(random)
                                     : std::round(normal(random));
        v = shift + scale * z;
      }
      std::vector<std::uint32_t> expected(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) expected[i] = static_cast<std::uint32_t>(i);
      std::sort(expected.begin(), expected.end(),
                [&](auto a, auto b) { return std::pair(x[a], a) < std::pair(x[b], b); });
      EXPECT_EQ(ascending_order(x), expected) << shift << " " << kind;
    }
}

TEST(Intervals, HighestDensityIsTheShorter) {
  std::vector<double> x;
  for (int i = 0; i < 10000; ++i) x.push_back(-std::log1p(-(i + 0.5) / 10000)); // exponential distribution
  const auto shortest = hdi(x, 0.9), equal_tailed = eti(x, 0.9);
  EXPECT_NEAR(shortest.first, 0, 1e-3);
  EXPECT_NEAR(shortest.second, std::log(10), 2e-3);
  EXPECT_NEAR(equal_tailed.first, -std::log(0.95), 1e-3);
  EXPECT_NEAR(equal_tailed.second, -std::log(0.05), 2e-3);
  EXPECT_EQ(hdi(x, 1.0).second, x.back());
}

TEST(QuantileFunctions, KnownValues) {
  // Roots found with 60 digits.
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054235, 2e-15);
  EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056205, 4e-15);
  EXPECT_NEAR(normal_quantile(1e-300), -37.047096299361200, 5e-14);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(beta_quantile(0.5, 2, 2), 0.5, 1e-15);
  EXPECT_NEAR(beta_quantile(0.25, 1, 1), 0.25, 1e-15);
  EXPECT_NEAR(beta_quantile(0.1586553, 1, 5), -std::expm1(std::log1p(-0.1586553) / 5), 1e-15);
  EXPECT_NEAR(beta_quantile(0.8413447, 5, 1), std::pow(0.8413447, 0.2), 1e-15);
}

} // namespace
