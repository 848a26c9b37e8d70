// Laws that densities of one number must obey, for every entry of the registry: they integrate to one, and to the moments and
// the entropy that the distribution states; they are never NaN, and finite wherever mass can be.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

template <class F>
void for_each_continuous(F&& f) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!e.has_draws || !d.shape().empty() || d.support().discrete() || d.impl()->has_atoms()) continue;
      std::string name = e.name + "(";
      for (const auto& p : example) name += to_string(p) + " ";
      f(name + ")", d);
    }
}

/// Points of a rule for the whole support and their weights: the trapezoidal rule in t, with unconstrained coordinates
/// sinh(pi/2 sinh(t)) around a central point, which reaches the ends double exponentially (Takahasi and Mori 1974).
struct Grid {
  Tensor x, weight;
};
Grid grid(const Constraint& support, const Tensor& centre) {
  Bijector b = biject_to(support);
  const Tensor t = linspace(-3.6, 3.6, 20001), inner = (0.5 * M_PI) * sinh(t);
  const double step = 7.2 / 20000;
  Tensor u = b.inverse(centre) + sinh(inner);
  auto [x, log_det] = b.forward_and_log_det(u);
  return {x, step * (0.5 * M_PI) * cosh(t) * cosh(inner) * exp(log_det)};
}
Grid grid(const std::string& name, const Distribution& d) {
  if (!name.starts_with("Mixture(")) return grid(d.support(), d.support_point());
  // The Exponential component makes the density jump at 0, and the rule is for smooth functions: two pieces.
  Grid left = grid(constraints::less_than(0.0), -1.0), right = grid(constraints::positive, 1.0);
  return {concat({left.x, right.x}), concat({left.weight, right.weight})};
}

double weighted(const Tensor& weight, const Tensor& f) {
  return sum(select(isfinite(weight) & isfinite(f), weight * f, 0.0)).item();
}

TEST(DensityLaws, MassMomentsAndEntropy) {
  for_each_continuous([](const std::string& name, const Distribution& d) {
    auto [x, weight] = grid(name, d);
    Tensor log_density = d.log_prob(x), density = exp(log_density);
    EXPECT_NEAR(weighted(weight, density), 1.0, 3e-7) << name;
    const bool circle = d.support().kind() == Constraint::Kind::circular;  // moments on a circle are others
    if (d.has_mean() && std::isfinite(d.mean().item()) && !circle) {
      const double mean = d.mean().item(), sd = d.has_variance() ? d.stddev().item() : 1.0;
      const bool variance = d.has_variance() && std::isfinite(sd);
      EXPECT_NEAR(weighted(weight, density * x), mean, 1e-5 * std::max(std::abs(mean), std::isfinite(sd) ? sd : 1.0)) << name;
      if (variance) EXPECT_NEAR(weighted(weight, density * square(x - mean)) / (sd * sd), 1.0, 1e-5) << name;
    }
    if (d.has_entropy())
      EXPECT_NEAR(weighted(weight, select(density > 0.0, -density * log_density, 0.0)), d.entropy().item(), 1e-5) << name;
  });
}

TEST(DensityLaws, AModeIsAMaximum) {
  for_each_continuous([](const std::string& name, const Distribution& d) {
    if (!d.has_mode()) return;
    Tensor x = grid(name, d).x;
    const double highest = max(select(isfinite(d.log_prob(x)), d.log_prob(x), -INFINITY)).item();
    const double at_mode = d.log_prob(d.mode()).item();
    EXPECT_TRUE(std::isnan(at_mode) || at_mode == INFINITY || at_mode >= highest - 1e-9 ||
                !d.support().check(d.mode()).item<bool>() ||
                d.log_prob(d.mode() + 1e-9).item() >= highest - 1e-6 || d.log_prob(d.mode() - 1e-9).item() >= highest - 1e-6)
        << name << ": " << at_mode << " at the mode, " << highest << " elsewhere";
  });
}

TEST(DensityLaws, FiniteWhereMassCanBeAndNeverNaN) {
  for_each_continuous([](const std::string& name, const Distribution& d) {
    if (d.has_icdf()) {
      Tensor x = d.icdf(Tensor{1e-100, 1e-30, 1e-10, 0.5, 1 - 1e-10, 1 - 1e-16});
      auto density = d.log_prob(x).to_vector<double>(), at = x.to_vector<double>();
      auto slope = grad([&](Tensor v) { return sum(d.log_prob(v)); })(x).to_vector<double>();
      for (std::size_t i = 0; i < density.size(); ++i) {
        // A quantile that rounds to an end of the support, or beyond the range of numbers, is an end.
        if (!std::isfinite(at[i]) || d.cdf(at[i]).item() == 0 || d.survival(at[i]).item() == 0 || at[i] == 0) continue;
        EXPECT_TRUE(std::isfinite(density[i])) << name << " at " << at[i] << ": " << density[i];
        EXPECT_TRUE(std::isfinite(slope[i])) << name << " at " << at[i] << ": slope " << slope[i];
      }
    }
    for (double x : {-1e300, -1e100, -1.0, -1e-300, 1e-300, 1e-100, 0.5, 1.0, 1e100, 1e300}) {
      const double value = d.log_prob(x).item();
      EXPECT_FALSE(std::isnan(value)) << name << " at " << x;
    }
  });
}

}  // namespace
