// Derivatives of draws. Where F is the distribution function and f the density, a draw of one number moves with a parameter
// by -dF/dtheta / f on average (exactly, when one uniform number determines it).
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

constexpr std::int64_t kDraws = 2000;

/// |z| of the mean difference between the derivative of draws and what the distribution function says, weighted by F (1 - F)
/// to keep heavy tails out.
double score(const detail::DistributionEntry& e, const std::vector<Tensor>& example, std::size_t k, const Key& key) {
  const Bijector t = biject_to(e.make(example).parameters().size() == example.size() ? e.make(example).parameters()[k].constraint
                                                                                      : Constraint());
  auto at = [&](const Tensor& u) {
    auto parameters = example;
    parameters[k] = t.forward(u);
    return e.make(parameters);
  };
  const Tensor u = t.inverse(example[k].cast(f64));
  auto [x, dx] = jvp([&](Tensor v) { return at(v).sample(key, {kDraws}); }, u, ones_like(u));
  const double h = 1e-5;
  Tensor dF = (at(u + h).cdf(x) - at(u - h).cdf(x)) / (2 * h);
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
  // log P(a, x) is constant along the path: for tiny a, y = log x has slope -y / a, up to a bounded term.
  for (double a : {1e-3, 0.1, 1.0, 30.0, 1e4, 1e7}) {
    auto draws = [](Tensor c) { return Gamma(c, 1.0).sample(Key(5), {200}); };
    auto [x, dx] = jvp(draws, Tensor(a), Tensor(1.0));
    EXPECT_TRUE(all_of(isfinite(dx)).item<bool>()) << a;
    EXPECT_TRUE(all_of(dx >= 0.0).item<bool>()) << a;
    // E dx/da = d E x / da = 1.
    const double error = stddev(dx).item() / std::sqrt(200.0);
    EXPECT_NEAR(mean(dx).item(), 1.0, 5.5 * error + 1e-9) << a;
  }
}

}  // namespace
