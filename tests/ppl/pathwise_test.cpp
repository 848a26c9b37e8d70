// Derivatives of draws. Where F is the distribution function and f the density, a draw of one number moves with a parameter
// by -dF/dtheta / f on average (exactly, when one uniform number determines it).
#include <algorithm>
#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

constexpr std::int64_t kDraws = 2000;

/// d F(x) / d theta_k by differences of width h: of fourth order, or of second order and one-sided where theta_k is at the
/// end of its domain.
template <class At> Tensor slope_of_cdf(const At& at, const Tensor& x, double h) {
  auto cdf = [&](double offset) { return at(offset).cdf(x); };
  // Nothing where the parameter may not have that value.
  auto tried = [&](double offset) -> std::optional<Tensor> {
    try {
      const Tensor F = cdf(offset), total = sum(F);
      return std::isfinite(total.item()) ? std::optional(F) : std::nullopt;
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  const auto above = tried(h), below = tried(-h);
  if (above && below) return (8.0 * (*above - *below) - (cdf(2 * h) - cdf(-2 * h))) / (12 * h);
  const double step = above ? h : -h;
  return (4.0 * (above ? *above : below.value()) - cdf(2 * step) - 3.0 * cdf(0)) / (2 * step);
}

/// |z| of the mean difference between the derivative of draws and what the distribution function says, weighted by F (1 - F)
/// to keep heavy tails out.
double score(const detail::DistributionEntry& e, const std::vector<Tensor>& example, std::size_t k, const Key& key) {
  // Relative changes of small parameters, absolute ones of large parameters and of 0.
  const Tensor value = example[k].cast(f64);
  const double scale = value.item() == 0 ? 1.0 : std::min(1.0, std::abs(value.item()));
  auto at = [&](const Tensor& offset) {
    auto parameters = example;
    parameters[k] = value + scale * offset;
    return e.make(parameters);
  };
  auto [x, dx] = jvp([&](Tensor v) { return at(v).sample(key, {kDraws}); }, Tensor(0.0), Tensor(1.0));
  const Tensor dF = slope_of_cdf(at, x, 1e-5);
  Distribution d = e.make(example);
  Tensor F = d.cdf(x), weight = F * (1.0 - F), difference = weight * (dx * exp(d.log_prob(x)) + dF);
  if (!all_of(isfinite(difference)).item<bool>()) return NAN;
  if (max(abs(difference)).item() < 1e-8) return 0;
  return std::abs(mean(difference).item()) / (stddev(difference).item() / std::sqrt(double(kDraws)));
}

TEST(Pathwise, DrawsMoveWithTheParameters) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!d.has_rsample() || !d.shape().empty() || !d.has_cdf() || d.support().discrete() || d.impl()->has_atoms()) continue;
      for (std::size_t k = 0; k < example.size(); ++k) {
        if (!example[k].shape().empty()) continue;
        const double first = score(e, example, k, Key(11)), second = score(e, example, k, Key(12));
        EXPECT_FALSE((first > 5.5 && second > 5.5) || std::max(first, second) > 7 || std::isnan(first + second))
            << e.name << " in " << e.parameters[k] << ": " << first << " and " << second;
      }
      // In reverse mode too.
      if (example.empty() || !example[0].shape().empty()) continue;
      auto total = [&](Tensor v) {
        auto parameters = example;
        parameters[0] = v;
        return sum(tanh(e.make(parameters).sample(Key(3), {20})));
      };
      const Tensor v = example[0].cast(f64);
      const double reverse = grad(total)(v).item(), forward = jvp(total, v, ones_like(v)).second.item();
      EXPECT_NEAR(reverse, forward, 1e-9 * std::max(1.0, std::abs(forward))) << e.name;
    }
}

TEST(Pathwise, GammaDrawsOfEveryMagnitude) {
  for (double a : {1e-3, 0.1, 1.0, 30.0, 1e4, 1e7}) {
    // For small a a share of about a of the draws is not next to 0 (log x is about log(u) / a), and E dx/da comes from
    // them alone: 200 of those are needed for the mean of all to be close to normal.
    const auto n = std::int64_t(200 / std::min(a, 1.0));
    auto draws = [&](Tensor c) { return Gamma(c, 1.0).sample(Key(5), {n}); };
    auto [x, dx] = jvp(draws, Tensor(a), Tensor(1.0));
    EXPECT_TRUE(all_of(isfinite(dx)).item<bool>()) << a;
    EXPECT_TRUE(all_of(dx >= 0.0).item<bool>()) << a;
    // E dx/da = d E x / da = 1.
    const double error = stddev(dx).item() / std::sqrt(double(n));
    EXPECT_NEAR(mean(dx).item(), 1.0, 5.5 * error + 1e-9) << a;
  }
}

TEST(Pathwise, GammaDrawsFollowTheQuantilesAtSmallConcentration) {
  // dx/da = d F^-1(F(x); a) / da. Quantiles come from a search that shares nothing with the derivative of draws.
  const double a = 1e-3, h = 1e-7;
  auto [x, dx] = jvp([](Tensor c) { return Gamma(c, 1.0).sample(Key(6), {20000}); }, Tensor(a), Tensor(1.0));
  const Tensor q = Gamma(a, 1.0).cdf(x);
  const Tensor expected = (Gamma(a + h, 1.0).icdf(q) - Gamma(a - h, 1.0).icdf(q)) / (2 * h);
  // Draws below 1e-100 hardly move; above 3 q is too close to 1 to tell x.
  const Tensor counted = (x > 1e-100) & (x < 3.0);
  EXPECT_GT(sum(select(counted, 1.0, 0.0)).item(), 1000.0);
  EXPECT_LT(max(select(counted, abs(dx / select(counted, expected, 1.0) - 1.0), 0.0)).item(), 1e-3);
}

}  // namespace
