// Derivatives of log densities, in the value and in every parameter, against finite differences.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions/uniform.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

/// f' by central differences of order four.
template <class F>
double slope(F f, double x) {
  const double h = 2e-4 * std::max(1e-2, std::abs(x));
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

/// Compares grad(f) with differences along every coordinate of x.
template <class F>
void expect_gradient(F f, const Tensor& x, const std::string& what) {
  Tensor g = grad(f)(x);
  ASSERT_EQ(g.shape(), x.shape()) << what;
  Tensor flat = flatten(x), flat_g = flatten(g);
  for (std::int64_t i = 0; i < flat.size(); ++i) {
    double expected = slope(
        [&](double v) { return f(reshape(flat.at(i).set(v), x.shape())).item(); }, flat[i].item());
    EXPECT_NEAR(flat_g[i].item(), expected, 1e-6 * std::max(1.0, std::abs(expected))) << what << " coordinate " << i;
  }
}

TEST(DensityGradient, InTheValue) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      // No flat coordinates lead onto a sphere; its densities are tested with their own distributions.
      if (d.support().discrete() || !e.has_draws || d.support().kind() == Constraint::Kind::sphere) continue;
      if (d.impl()->has_atoms()) continue;
      // In unconstrained space, so that neighbours of a value are inside the support.
      Bijector t = biject_to(d.support());
      Tensor u = t.inverse(d.sample(Key(3)));
      expect_gradient([&](Tensor v) { return d.log_prob(t.forward(v)); }, u, e.name);
    }
}

/// Coordinates of parameter k whose neighbours are admissible too.
Bijector chart(const detail::DistributionEntry& e, const std::vector<Tensor>& example, std::size_t k) {
  const std::string& name = e.parameters[k];
  const Distribution d = e.make(example);
  for (const auto& p : d.parameters())
    if (p.name == name) {
      const bool single = p.constraint.event_dim() == 0 || example[k].ndim() == 0;
      return single && name != "probs" ? Bijector(transforms::identity()) : biject_to(p.constraint);
    }
  if (name == "weights" || name == "probs")
    return biject_to(example[k].ndim() ? Constraint(constraints::simplex) : Constraint(constraints::unit_interval));
  if (example[k].ndim() < 2) return transforms::identity();
  if (name == "covariance" || name == "precision" || name.ends_with("_matrix") || name.ends_with("_covariance"))
    return biject_to(constraints::positive_definite);
  return transforms::identity();
}

/// Numbers of trials, and whether an observation is censored, have no neighbours.
bool integer(const Distribution& d, const std::string& name) {
  for (const auto& p : d.parameters())
    if (p.name == name) return p.constraint.discrete();
  return false;
}

TEST(DensityGradient, InTheParameters) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      if (!e.has_draws) continue;
      Tensor value = e.make(example).sample(Key(5));
      for (std::size_t k = 0; k < example.size(); ++k) {
        if (e.parameters[k] == "total_count" || e.parameters[k] == "low" || e.parameters[k] == "high") continue;
        if (integer(e.make(example), e.parameters[k])) continue;
        // A peak at an end has no neighbour beyond it.
        if (e.parameters[k] == "peak" && (example[k] == example[0]).item<bool>()) continue;
        Bijector t = chart(e, example, k);
        Tensor u = t.inverse(example[k].cast(f64));
        auto f = [&](Tensor v) {
          auto parameters = example;
          parameters[k] = t.forward(v);
          return e.make(parameters).log_prob(value);
        };
        expect_gradient(f, u, e.name + " in " + e.parameters[k]);
      }
    }
}

TEST(DensityGradient, OfAUniformInItsBounds) {
  auto f = [](Tensor high) { return Uniform(-1.0, high).log_prob(0.5); };
  EXPECT_NEAR(grad(f)(Tensor(3.0)).item(), -0.25, 1e-14);
}

}  // namespace
