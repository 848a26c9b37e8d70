// Log densities against values from 40-digit arithmetic (tools/reference.py), and what every distribution must have.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "tests/ppl/reference_rows.h"

using namespace nuthatch;

namespace {

using Row = test::ReferenceRow;

const std::vector<Row>& rows() {
  static const std::vector<Row> all =
      test::reference_rows("density", {"reference", "continuous", "discrete", "multivariate", "modified"});
  return all;
}

const detail::DistributionEntry& entry(const std::string& name) {
  for (const auto& e : detail::distribution_registry())
    if (e.name == name) return e;
  throw Error("no distribution " + name);
}

std::string show(const Row& row) {
  std::string text = row.name + "(";
  for (const auto& p : row.parameters) text += to_string(p) + " ";
  return text + ") at " + to_string(row.argument);
}

TEST(Density, AgreesWithHighPrecision) {
  for (const Row& row : rows()) {
    Distribution d = entry(row.name).make(row.parameters);
    const double got = d.log_prob(row.argument).item(), expected = row.value.item();
    const double inside = d.log_prob_in_support(row.argument).item();
    if (std::isinf(expected)) {
      EXPECT_EQ(got, expected) << show(row);
      EXPECT_EQ(inside, expected) << show(row);
      continue;
    }
    const double tolerance = 2e-12 * std::max(1.0, std::abs(expected));
    EXPECT_NEAR(got, expected, tolerance) << show(row);
    EXPECT_NEAR(inside, expected, tolerance) << show(row);
  }
}

TEST(Density, EveryHeaderIsInTheRegistryAndHasReferenceValues) {
  std::set<std::string> registered, referenced, headers;
  auto canonical = [](std::string name) {
    std::string out;
    for (char c : name.substr(0, name.find('(')))
      if (c != '_') out += char(std::tolower(c));
    return out;
  };
  for (const auto& e : detail::distribution_registry()) registered.insert(canonical(e.name));
  for (const Row& row : rows()) referenced.insert(canonical(row.name));
  for (const auto& file : std::filesystem::directory_iterator(std::string(NUTHATCH_SOURCE_DIR) +
                                                              "/ppl/include/nuthatch/distributions"))
    headers.insert(canonical(file.path().stem().string()));
  EXPECT_EQ(headers, registered);
  EXPECT_EQ(headers, referenced);
}

TEST(Density, BatchesBroadcast) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!e.has_draws) continue;
      Tensor x = d.sample(Key(1), {3});
      EXPECT_EQ(x.shape(), d.shape({3})) << e.name;
      Tensor together = d.log_prob(x);
      ASSERT_EQ(together.shape().size(), 1u + d.batch_shape().size()) << e.name;
      for (int i = 0; i < 3; ++i)
        EXPECT_NEAR(together[i].item(), d.log_prob(x[i]).item(), 1e-13 * (1 + std::abs(together[i].item()))) << e.name;
      EXPECT_TRUE(all_of(d.support().check(x)).item<bool>()) << e.name;
      EXPECT_FALSE(d.support().violation(x, "x")) << e.name;
    }
}

TEST(Density, TotalsAreSums) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (!e.has_draws) continue;
      auto same = [&](const Distribution& x, const Tensor& value) {
        double expected = sum(x.log_prob_in_support(value)).item();
        EXPECT_NEAR(x.total_log_prob_in_support(value).item(), expected, 1e-11 * std::max(1.0, std::abs(expected))) << e.name;
      };
      same(d, d.sample(Key(1)));
      same(d, d.sample(Key(1), {7}));
      Distribution wide = d.expand(Shape{2, 3});
      same(wide, wide.sample(Key(2)));
      same(wide.to_event(1), wide.sample(Key(2), {4}));
      same(wide.to_event(2).mask(true), wide.sample(Key(2)));
      same(wide, d.sample(Key(3)));
    }
}

TEST(Density, OutsideTheSupportIsMinusInfinity) {
  auto outside = [](const Distribution& d, Tensor x) { return d.log_prob(x).item() == -INFINITY; };
  EXPECT_TRUE(outside(HalfNormal(1.0), -0.1));
  EXPECT_TRUE(outside(HalfCauchy(1.0), -0.1));
  EXPECT_TRUE(outside(Exponential(1.0), -2.0));
  EXPECT_TRUE(outside(Gamma(2.0, 1.0), 0.0));
  EXPECT_TRUE(outside(Beta(2.0, 2.0), 1.5));
  EXPECT_TRUE(outside(Uniform(0.0, 1.0), 1.0001));
  EXPECT_TRUE(outside(Poisson(2.0), 1.5));
  EXPECT_TRUE(outside(Poisson(2.0), -1));
  EXPECT_TRUE(outside(Binomial(3, 0.5), 4));
  EXPECT_TRUE(outside(Bernoulli(0.5), 2));
  EXPECT_TRUE(outside(Categorical(Tensor{0.5, 0.5}), 2));
  EXPECT_TRUE(outside(Dirichlet(Tensor{1.0, 1.0}), Tensor{0.6, 0.6}));
  EXPECT_TRUE(outside(LogNormal(0.0, 1.0), -1.0));
  EXPECT_TRUE(outside(Uniform(0.0, 1.0), NAN));
}

TEST(Density, DistributionFunctionsInvert) {
  const Tensor q{0.001, 0.02, 0.3, 0.45, 0.77, 0.999};
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (d.support().discrete() || d.impl()->has_atoms() || !d.has_icdf()) continue;
      Tensor x = d.icdf(q), back = d.cdf(x);
      for (int i = 0; i < q.size(); ++i) EXPECT_NEAR(back[i].item(), q[i].item(), 1e-12) << e.name;
      // The derivative of the distribution function is the density; in unconstrained coordinates, where it is smooth also
      // next to an end of the support.
      Bijector t = biject_to(d.support());
      Tensor u = t.inverse(x), density = exp(d.log_prob(x) + t.log_abs_det_jacobian(u));
      const double h = 1e-4;
      auto F = [&](double step) { return d.cdf(t.forward(u + step)); };
      Tensor slope = (8.0 * (F(h) - F(-h)) - (F(2 * h) - F(-2 * h))) / (12 * h);
      if (t.sign().defined()) slope = t.sign() * slope;  // below an upper bound x decreases in u
      for (int i = 0; i < q.size(); ++i) EXPECT_NEAR(slope[i].item(), density[i].item(), 1e-8) << e.name;
    }
}

TEST(Density, GammaByMoments) {
  Distribution d = Gamma({.mean = 2.0, .sd = 0.5});
  EXPECT_NEAR(d.mean().item(), 2.0, 1e-15);
  EXPECT_NEAR(d.stddev().item(), 0.5, 1e-15);
}

TEST(Density, MultivariateNormalByCovariance) {
  Tensor L{{1.4, 0.0}, {0.5, 0.8}}, covariance{{1.96, 0.7}, {0.7, 0.89}}, x{{0.1, 0.2}, {-1.0, 3.0}, {2.0, 2.0}};
  Tensor a = MultivariateNormal({.scale_tril = L}).log_prob(x), b = MultivariateNormal({.covariance = covariance}).log_prob(x);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(a[i].item(), b[i].item(), 1e-13);
  Tensor batched = MultivariateNormal({.loc = x, .scale_tril = L}).log_prob(Tensor{0.0, 0.0});
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(batched[i].item(), MultivariateNormal({.loc = x[i], .scale_tril = L}).log_prob(Tensor{0.0, 0.0}).item(), 1e-13);
}

}  // namespace
