// The model as a function of one unconstrained vector.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/distributions.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

const Tensor kSigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0}, kY{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0};

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", {"Choate", "Deerfield", "Andover", "Exeter", "Hotchkiss", "Lawrenceville", "Paul's", "Hermon"});
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

double normal(double x, double loc, double scale) {
  double z = (x - loc) / scale;
  return -0.5 * z * z - std::log(scale) - 0.5 * std::log(2 * M_PI);
}

TEST(LogDensity, LayoutOfEightSchools) {
  LogDensity d = log_density(eight_schools, kSigma, kY);
  ASSERT_EQ(d.dim(), 10);
  ASSERT_EQ(d.sites().size(), 3u);
  EXPECT_EQ(d.sites()[0].name, "mu");
  EXPECT_EQ(d.sites()[1].name, "tau");
  EXPECT_EQ(d.sites()[2].name, "theta");
  EXPECT_EQ(d.sites()[2].offset, 2);
  EXPECT_EQ(d.sites()[2].dims, std::vector<std::string>{"school"});
  EXPECT_EQ(d.sites()[2].shape, (Shape{8}));
  EXPECT_EQ(d.names()[2], "theta[Choate]");
  ASSERT_EQ(d.observations().size(), 1u);
  EXPECT_EQ(d.observations()[0].name, "y");
  EXPECT_EQ(d.data().size(), 2u);
}

TEST(LogDensity, ValueOfEightSchoolsBothWays) {
  std::vector<double> z{0.3, -0.4, 0.1, -0.2, 0.3, 0.5, -0.7, 0.9, 1.1, -1.3};
  const double mu = z[0], tau = std::exp(z[1]);
  double prior = normal(mu, 0, 5) + std::log(2 / M_PI) - std::log(5.0) - std::log1p(tau * tau / 25) + z[1];
  auto sigma = kSigma.to_vector(), y = kY.to_vector();
  double centred = prior, decentred = prior;
  for (std::size_t i = 0; i < 8; ++i) {
    centred += normal(z[2 + i], mu, tau) + normal(y[i], z[2 + i], sigma[i]);
    decentred += normal(z[2 + i], 0, 1) + normal(y[i], mu + tau * z[2 + i], sigma[i]);
  }
  LogDensity d = log_density(eight_schools, kSigma, kY);
  EXPECT_NEAR(d(z).item(), centred, 1e-12);
  auto model = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});
  LogDensity n = log_density(model, kSigma, kY);
  EXPECT_EQ(n.sites()[2].name, "theta_decentered");
  EXPECT_NEAR(n(z).item(), decentred, 1e-12);
  ASSERT_EQ(n.deterministics().size(), 1u);
  EXPECT_EQ(n.deterministics()[0].name, "theta");
  EXPECT_EQ(n.deterministics()[0].dims, std::vector<std::string>{"school"});
  Values values = n.constrain(z);
  EXPECT_NEAR(values.at("tau").item(), tau, 1e-15);
  EXPECT_NEAR(values.at("theta")[3].item(), mu + tau * z[5], 1e-14);
  EXPECT_EQ(values.count("y"), 0u);
}

TEST(LogDensity, DataAreReplaced) {
  LogDensity d = log_density(eight_schools, kSigma, kY), other = log_density(eight_schools, kSigma + 1.0, kY * 2.0);
  Tensor z = d.init(Key(1));
  EXPECT_EQ(z.shape(), (Shape{10}));
  EXPECT_TRUE(all_of(abs(z) <= 2.0).item<bool>());
  EXPECT_EQ(d(z, other.data()).item(), other(z).item());
  EXPECT_NE(d(z).item(), other(z).item());
}

TEST(LogDensity, GradientAndCompiledValue) {
  LogDensity d = log_density(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}), kSigma, kY);
  Tensor z = d.init(Key(5));
  Tensor g = grad(d)(z);
  for (int i = 0; i < 10; ++i) {
    const double h = 1e-5;
    double slope = (d(z.at(i).add(h)).item() - d(z.at(i).add(-h)).item()) / (2 * h);
    EXPECT_NEAR(g[i].item(), slope, 1e-7 * std::max(1.0, std::abs(slope)));
  }
}

void many(const Observed& y) {
  Tensor w = sample("weights", Dirichlet(ones(3)));
  Tensor mu = sample("mu", Normal(0.0, 10.0).expand({3}).to_event().restricted(constraints::ordered));
  Tensor sd = plate("component", 3, [&] { return sample("sd", HalfNormal(5.0)); });
  Tensor L = sample("corr", LKJCholesky(3, 2.0));
  Tensor low = sample("low", Normal(0.0, 1.0)), u = sample("u", Uniform(low, low + 2.0));
  Tensor flat = sample("flat", ImproperUniform(constraints::positive, {2}));
  factor("extra", -sum(flat));
  sample("mv", MultivariateNormal({.loc = 0.0, .scale_tril = L}));
  deterministic("sum", low + u);
  Plate rows("obs", 4);
  sample("y", MixtureSameFamily(Categorical(w), Normal(mu, sd)), y);
}

TEST(LogDensity, ConstrainAndUnconstrainAreInverse) {
  LogDensity d = log_density(many, Tensor{-1.0, 0.5, 3.0, 2.0});
  EXPECT_EQ(d.dim(), 2 + 3 + 3 + 3 + 3 + 1 + 2 + 1 + 0);
  Tensor z = d.init(Key(2), 1.0);
  Values values = d.constrain(z);
  EXPECT_NEAR(values.at("sum").item(), values.at("low").item() + values.at("u").item(), 1e-15);
  auto back = d.unconstrain(values).to_vector(), expected = z.to_vector();
  for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], expected[i], 1e-11);
  EXPECT_EQ(d.names().size(), std::size_t(d.dim()));
}

TEST(LogDensity, IsTheTraceDensityPlusJacobians) {
  const Tensor y{-1.0, 0.5, 3.0, 2.0};
  LogDensity d = log_density(many, y);
  Tensor z = d.init(Key(3), 1.0);
  Values values = d.constrain(z), pieces = d.split(z);
  Trace t = trace(substitute(many, values))(y);
  double expected = t.log_density().item();
  for (const LatentSite& site : d.sites())
    expected += sum(biject_to(t[site.name].distribution.support()).log_abs_det_jacobian(pieces.at(site.name))).item();
  EXPECT_NEAR(d(z).item(), expected, 1e-11 * std::abs(expected));
}

TEST(LogDensity, LogLikelihoodPerObservation) {
  LogDensity d = log_density(eight_schools, kSigma, kY);
  Tensor z = d.init(Key(1));
  Values by_z = d.log_likelihood(z), by_value = log_likelihood(d.model(), d.constrain(z));
  ASSERT_EQ(by_z.at("y").shape(), (Shape{8}));
  auto y = kY.to_vector(), sigma = kSigma.to_vector();
  for (int i = 0; i < 8; ++i) {
    double expected = normal(y[std::size_t(i)], z[2 + i].item(), sigma[std::size_t(i)]);
    EXPECT_NEAR(by_z.at("y")[i].item(), expected, 1e-13);
    EXPECT_NEAR(by_value.at("y")[i].item(), expected, 1e-13);
  }
}

TEST(LogDensity, SupportThatDependsOnALatentVariable) {
  auto model = [](const Observed& y) {
    Tensor high = sample("high", Exponential(1.0));
    sample("y", Uniform(0.0, high), y);
  };
  LogDensity d = log_density(model, Tensor{0.5, 0.7});
  EXPECT_NEAR(d(Tensor{std::log(2.0)}).item(), -2.0 + std::log(2.0) - 2 * std::log(2.0), 1e-14);
  EXPECT_EQ(d(Tensor{std::log(0.6)}).item(), -INFINITY);
}

}  // namespace
