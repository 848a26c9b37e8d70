// Draws against moments and distribution functions. Every check is made with two independent seeds and fails when both
// fail, or when one is hopeless.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

using namespace nuthatch;

namespace {

constexpr std::int64_t kDraws = 20000;
constexpr double kLimit = 5.5, kHopeless = 7.0;

/// An entry's parameters; there may be none.
std::string parameters(const std::vector<Tensor>& example) {
  std::string text;
  for (const auto& p : example) text += to_string(p) + " ";
  return text;
}

constexpr std::uint64_t kSeeds[] = {101, 202};

/// n draws of an example; several tests look at the same ones.
Tensor draws_of(const Distribution& d, const std::string& what, std::uint64_t seed, std::int64_t n) {
  static std::map<std::string, Tensor> made;
  Tensor& draws = made[what + " " + std::to_string(seed) + " " + std::to_string(n)];
  if (!draws.defined()) draws = d.sample(Key(seed), {n});
  return draws;
}

/// `score` gives |z| for a seed.
void expect_plausible(const std::function<double(std::uint64_t)>& score, const std::string& what) {
  const double first = score(kSeeds[0]), second = score(kSeeds[1]);
  EXPECT_FALSE((first > kLimit && second > kLimit) || std::max(first, second) > kHopeless || std::isnan(first + second))
      << what << ": scores " << first << " and " << second;
}

/// Largest |z| of the sample mean of x [n, ...] against an expectation [...].
double mean_score(const Tensor& x, const Tensor& expected) {
  Tensor error = stddev(x, 0) / std::sqrt(double(x.size(0)));
  Tensor z = select(error > 0.0, abs(mean(x, 0) - expected) / maximum(error, 1e-300), 0.0);
  return max(z).item();
}

TEST(Draws, HaveTheMomentsOfTheDistribution) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (d.support().kind() == Constraint::Kind::circular) continue;  // its moments are those of the circle
      // A vector is as many checks as it has elements.
      const std::int64_t draws = d.event_shape().empty() ? kDraws : kDraws / 4;
      if (!d.has_mean() || !all_of(isfinite(d.mean())).item<bool>()) continue;
      const std::string what = e.name + " " + parameters(example);
      auto draw = [&](std::uint64_t seed) { return draws_of(d, what, seed, draws).cast(f64); };
      expect_plausible([&](std::uint64_t seed) { return mean_score(draw(seed), d.mean()); }, what + " mean");
      // The square needs a fourth moment for its error to mean anything.
      static const std::set<std::string> heavy{
          "StudentT", "InverseGamma", "LogNormal", "HalfStudentT", "SkewStudentT", "InverseChi2", "ScaledInverseChi2", "Dagum",
          "Frechet", "LogLogistic", "Pareto", "Lomax", "LowerTruncatedPowerLaw", "GeneralizedPareto", "GeneralizedExtremeValue",
          "ExtendedGeneralizedPareto"};
      if (heavy.contains(e.name.substr(0, e.name.find('('))) || !d.has_variance()) continue;
      expect_plausible([&](std::uint64_t seed) { return mean_score(square(draw(seed) - d.mean()), d.variance()); },
                       what + " variance");
    }
}

/// sup |F_n - F| sqrt(n) as a z-score of equal tail probability 2 exp(-2 s^2).
double kolmogorov_score(double s) { return std::sqrt(std::max(0.0, 4 * s * s - 2 * std::log(2.0))); }

/// Distribution function at sorted points by integrating the density in unconstrained space.
std::vector<double> integrated(const Distribution& d, const std::vector<double>& sorted) {
  Bijector t = biject_to(d.support());
  auto u = t.inverse(Tensor(sorted)).to_vector<double>();
  const std::int64_t n = 40001;
  const double low = u.front() - 30, high = u.back() + 30, step = (high - low) / double(n - 1);
  auto [x, log_det] = t.forward_and_log_det(linspace(low, high, n));
  auto density = exp(d.log_prob_in_support(x) + log_det).to_vector<double>();
  std::vector<double> cumulative(density.size(), 0.0), result;
  for (std::size_t i = 1; i < density.size(); ++i)
    cumulative[i] = cumulative[i - 1] + 0.5 * step * (density[i] + density[i - 1]);
  for (double v : u) {
    double at = (v - low) / step;
    auto i = std::min(std::size_t(at), cumulative.size() - 2);
    result.push_back((cumulative[i] + (at - double(i)) * (cumulative[i + 1] - cumulative[i])) / cumulative.back());
  }
  return result;
}

TEST(Draws, HaveTheDistributionFunction) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!e.has_draws || d.support().discrete() || d.impl()->has_atoms() || !d.shape().empty()) continue;
      const std::string what = e.name + " " + parameters(example);
      expect_plausible(
          [&](std::uint64_t seed) {
            auto x = draws_of(d, what, seed, kDraws).to_vector<double>();
            std::sort(x.begin(), x.end());
            const bool closed = d.impl()->cdf(0.5).defined();
            auto F = closed ? d.cdf(Tensor(x)).to_vector<double>() : integrated(d, x);
            double distance = 0;
            for (std::size_t i = 0; i < x.size(); ++i)
              distance = std::max({distance, F[i] - double(i) / double(x.size()), double(i + 1) / double(x.size()) - F[i]});
            return kolmogorov_score(std::sqrt(double(x.size())) * distance);
          },
          what);
    }
}

TEST(Draws, OfDiscreteDistributionsHaveTheirMass) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!d.support().discrete() || !e.has_draws || !d.shape().empty()) continue;
      const std::int64_t first = -600;
      Tensor values = arange(first, 1200);
      auto mass = exp(d.log_prob(values)).to_vector<double>();
      double total = 0;
      for (double m : mass) total += m;
      EXPECT_NEAR(total, 1.0, 1e-9) << e.name;
      const std::string what = e.name + " " + parameters(example);
      expect_plausible(
          [&](std::uint64_t seed) {
            std::vector<double> count(mass.size(), 0.0);
            for (auto k : draws_of(d, what, seed, kDraws).to_vector<std::int64_t>()) count.at(std::size_t(k - first)) += 1;
            // Neighbours are pooled until 20 draws are expected; what is left over joins the last pool.
            std::vector<std::pair<double, double>> pools{{0.0, 0.0}};
            for (std::size_t k = 0; k < mass.size(); ++k) {
              if (pools.back().second >= 20) pools.push_back({0.0, 0.0});
              pools.back().first += count[k];
              pools.back().second += mass[k] * double(kDraws);
            }
            if (pools.size() > 1 && pools.back().second < 20) {
              auto last = pools.back();
              pools.pop_back();
              pools.back().first += last.first;
              pools.back().second += last.second;
            }
            double chi2 = 0, freedom = double(pools.size()) - 1;
            for (auto [seen, expected] : pools) chi2 += (seen - expected) * (seen - expected) / expected;
            if (freedom == 0) return 0.0;
            // Wilson and Hilferty: the cube root is close to normal.
            return std::abs((std::cbrt(chi2 / freedom) - (1 - 2 / (9 * freedom))) / std::sqrt(2 / (9 * freedom)));
          },
          what);
    }
}

TEST(Draws, OfLKJHaveBetaCorrelations) {
  for (double eta : {0.7, 1.0, 2.0, 6.0}) {
    const std::int64_t n = 4;
    Distribution d = LKJCholesky(n, eta);
    // Each correlation is 2 Beta(b, b) - 1 with b = eta + (n - 2) / 2: variance 1 / (2 b + 1).
    const double b = eta + 0.5 * double(n - 2);
    expect_plausible(
        [&](std::uint64_t seed) {
          Tensor L = d.sample(Key(seed), {5000});
          Tensor R = matmul(L, swapaxes(L, -1, -2));
          double worst = 0;
          for (int i = 1; i < n; ++i)
            for (int j = 0; j < i; ++j) {
              Tensor r = R(all, i, j);
              worst = std::max({worst, mean_score(r, 0.0), mean_score(square(r), 1.0 / (2 * b + 1))});
            }
          return worst;
        },
        "LKJCholesky " + std::to_string(eta));
  }
}

TEST(Draws, OfAMultivariateNormalHaveItsCovariance) {
  Tensor L{{1.4, 0.0}, {0.5, 0.8}};
  Distribution d = MultivariateNormal({.loc = Tensor{1.0, -1.0}, .scale_tril = L});
  expect_plausible(
      [&](std::uint64_t seed) {
        Tensor x = d.sample(Key(seed), {kDraws}) - Tensor{1.0, -1.0};
        return mean_score(x(all, 0) * x(all, 1), 1.4 * 0.5);
      },
      "covariance");
}

TEST(Draws, OfRestrictedDistributionsAreInside) {
  Distribution ordered = Normal(0.0, 10.0).expand({3}).to_event().restricted(constraints::ordered);
  Tensor x = ordered.sample(Key(4), {200});
  EXPECT_EQ(x.shape(), (Shape{200, 3}));
  EXPECT_TRUE(all_of(ordered.support().check(x)).item<bool>());
  Distribution positive = Normal(-1.0, 1.0).restricted(constraints::positive);
  EXPECT_TRUE(all_of(positive.sample(Key(5), {500}) > 0.0).item<bool>());
}

TEST(Draws, OfExpandedDistributionsAreIndependent) {
  Tensor x = Normal(reshape(Tensor{0.0, 100.0}, {2, 1}), 1.0).expand({2, 3}).sample(Key(6));
  auto v = x.to_vector<double>();
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < i; ++j) EXPECT_NE(v[std::size_t(i)], v[std::size_t(j)]);
}

/// Third cumulants of a gamma sum with weights w_k are 2 h sum w_k^3; of the inverse Gaussian rest 3 variance^2 / mean.
TEST(Draws, OfAPolyaGammaMissLittleOfTheInfiniteSum) {
  for (auto [z, limit] : {std::pair{0.0, 1e-9}, {5.0, 1e-6}, {10.0, 1e-6}, {40.0, 1e-3}, {300.0, 0.04}}) {
    const PolyaGamma d(1.0, z);
    double mean_left = d.mean().item(), variance_left = d.variance().item(), third = 0, third_left = 0;
    for (int k = 0; k < 2000000; ++k) {
      const double w = 0.5 / (M_PI * M_PI * (k + 0.5) * (k + 0.5) + z * z / 4);
      third += 2 * w * w * w;
      if (k >= 16) third_left += 2 * w * w * w;
      else mean_left -= w, variance_left -= w * w;
    }
    EXPECT_LT(std::abs(3 * variance_left * variance_left / mean_left - third_left), limit * third) << z;
  }
}

TEST(Draws, WithMixedParametersInOneCall) {
  // Both branches of the search and rejection samplers at once.
  Tensor rate{0.0, 0.5, 9.99, 10.01, 1e4};
  expect_plausible([&](std::uint64_t seed) { return mean_score(Poisson(rate).sample(Key(seed), {4000}).cast(f64), rate); }, "Poisson");
  Tensor n{0.0, 3.0, 30.0, 1000.0, 50.0}, p{0.5, 0.0, 0.9, 0.02, 1.0};
  expect_plausible([&](std::uint64_t seed) { return mean_score(Binomial(n, p).sample(Key(seed), {4000}).cast(f64), n * p); }, "Binomial");
}

TEST(Draws, OfTinyShapesDoNotUnderflow) {
  Tensor x = Dirichlet(Tensor{1e-3, 1e-3, 1e-3}).sample(Key(1), {200});
  EXPECT_TRUE(all_of(isfinite(x)).item<bool>());
  EXPECT_TRUE(all_of(abs(sum(x, -1) - 1.0) < 1e-12).item<bool>());
  EXPECT_TRUE(all_of(isfinite(Beta(1e-3, 1e-3).sample(Key(2), {200}))).item<bool>());
}

}  // namespace
