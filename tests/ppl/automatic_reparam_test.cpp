// Centredness per element, and its choice by a pilot run.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/reparam_automatically.h"

using namespace nuthatch;

namespace {

// Groups whose means are known with different errors.
void groups(const Tensor& error, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0)), tau = sample("tau", HalfNormal(2.0));
  Plate group("group", error.size());
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, error), y);
}

TEST(AutomaticReparam, CentrednessPerElement) {
  const Tensor c{0.0, 0.25, 1.0}, error{1.0, 2.0, 0.5}, y{0.5, -1.0, 2.0};
  auto density = log_density(reparam(groups, {{"theta", LocScaleReparam(c)}}), error, y);
  auto plain = log_density(groups, error, y);
  // theta = mu + tau^(1-c) (u - c mu), so the densities differ by the sum of (1-c) log tau.
  const double mu = 0.4, log_tau = -0.3, tau = std::exp(log_tau);
  const Tensor u{0.2, -0.5, 1.1};
  const Tensor theta = mu + pow(tau, 1.0 - c) * (u - c * mu);
  const Tensor z = concat({Tensor{mu, log_tau}, u}), x = concat({Tensor{mu, log_tau}, theta});
  EXPECT_EQ(density.names()[2], "theta_decentered[0]");
  EXPECT_NEAR(density(z).item(), plain(x).item() + (1 + 0.75) * log_tau, 1e-12);
  EXPECT_TRUE(max(abs(density.constrain(z)["theta"] - theta)).item() < 1e-14);
  EXPECT_THROW(LocScaleReparam(Tensor{0.5, 1.5}), Error);
  EXPECT_THROW(log_density(reparam(groups, {{"theta", LocScaleReparam(Tensor{0.5, 0.5})}}), error, y), Error);
}

TEST(AutomaticReparam, DataDecide) {
  const std::int64_t n = 10;
  const Tensor y = 3.0 * normal(Key(1), {n});
  const Values precise = automatic_centredness(Model(groups)(0.01 * ones(n), y));
  const Values vague = automatic_centredness(Model(groups)(100.0 * ones(n), y));
  ASSERT_EQ(precise.size(), 1u);  // mu and tau have constant parameters
  ASSERT_EQ(precise.at("theta").shape(), Shape{n});
  EXPECT_GT(min(precise.at("theta")).item(), 0.8);
  EXPECT_LT(max(vague.at("theta")).item(), 0.2);
  // Half and half.
  const Tensor error = select(arange(n) < 5, 0.01, 100.0);
  const Tensor mixed = automatic_centredness(Model(groups)(error, y)).at("theta");
  EXPECT_GT(min(mixed[until(5)]).item(), 0.8);
  EXPECT_LT(max(mixed[from(5)]).item(), 0.2);
  // The choice depends on the model and its data alone.
  EXPECT_EQ(automatic_centredness(Model(groups)(error, y)).at("theta").to_vector(), mixed.to_vector());
  const LogDensity chosen = log_density(reparam_automatically(groups), error, y);
  EXPECT_EQ(chosen.sites()[2].name, "theta_decentered");
  EXPECT_EQ(log_density(reparam_automatically([](const Observed& y) { sample("y", Normal(sample("m", Normal(0.0, 1.0)), 1.0), y); }), 0.5).dim(), 1);
}

}  // namespace
