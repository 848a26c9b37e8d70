// Log densities of observations and of priors that MCMC stores with the draws, and what is computed from them.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0));
  Tensor b = plate("pair", 2, [&] { return sample("b", Normal(a, 1.0)); });
  Tensor s = sample("s", HalfNormal(1.0));
  deterministic("sum", b[0] + b[1]);
  factor("penalty", -0.1 * square(a));
  Plate rows("obs", x.size());
  sample("y", Normal(a + b[0] * x, s), y);
}

const Tensor kX{-1.0, 0.0, 1.0, 2.0}, kY{0.3, 0.9, 2.2, 2.9};
const MCMCOptions kShort{.num_warmup = 200, .num_samples = 60, .num_chains = 2, .progress = false};

double normal_log_density(double x, double loc, double scale) {
  const double z = (x - loc) / scale;
  return -0.5 * z * z - std::log(scale) - 0.5 * std::log(2 * M_PI);
}

TEST(StoredDensities, AreThoseOfTheDraws) {
  MCMCOptions options = kShort;
  options.log_likelihood = options.log_prior = true;
  Fit fit = MCMC(NUTS(line), options).run(Key(0), kX, kY);
  ASSERT_EQ(fit.log_likelihood["y"].shape(), (Shape{2, 60, 4}));
  ASSERT_EQ(fit.log_prior["a"].shape(), (Shape{2, 60}));
  ASSERT_EQ(fit.log_prior["b"].shape(), (Shape{2, 60, 2}));
  ASSERT_EQ(fit.log_prior["s"].shape(), (Shape{2, 60}));
  EXPECT_EQ(fit.log_prior.variables().size(), 3u);
  EXPECT_EQ(fit.log_likelihood.variables().size(), 1u);
  for (int draw : {0, 17, 59}) {
    auto at = [&](const char* name) { return fit.posterior[name](1, draw); };
    const double a = at("a").item(), b = at("b")[0].item(), s = at("s").item();
    for (int i = 0; i < 4; ++i)
      EXPECT_NEAR(fit.log_likelihood["y"](1, draw, i).item(),
                  normal_log_density(kY[i].item(), a + b * kX[i].item(), s), 1e-12);
    EXPECT_NEAR(fit.log_prior["a"](1, draw).item(), normal_log_density(a, 0, 2), 1e-13);
    EXPECT_NEAR(fit.log_prior["b"](1, draw, 1).item(), normal_log_density(at("b")[1].item(), a, 1), 1e-13);
    EXPECT_NEAR(fit.log_prior["s"](1, draw).item(), std::log(2) + normal_log_density(s, 0, 1), 1e-13);
  }
  // The same afterwards, and the draws do not depend on it.
  Fit plain = MCMC(NUTS(line), kShort).run(Key(0), kX, kY);
  EXPECT_TRUE(plain.log_likelihood.empty() && plain.log_prior.empty());
  EXPECT_EQ(plain.posterior["a"].to_vector(), fit.posterior["a"].to_vector());
  EXPECT_EQ(log_prior(line, plain, kX, kY).log_prior["b"].to_vector(), fit.log_prior["b"].to_vector());
  EXPECT_EQ(log_likelihood(line, plain, kX, kY).log_likelihood["y"].to_vector(), fit.log_likelihood["y"].to_vector());
  EXPECT_TRUE(std::isfinite(loo(fit).elpd));
}

TEST(StoredDensities, PriorsAreMaskedAndScaled) {
  auto model = [](const Observed& y) {
    Tensor a;
    { Scale half(0.5); a = sample("a", Normal(0.0, 1.0)); }
    { Mask none(false); sample("b", Normal(0.0, 1.0)); }
    sample("y", Normal(a, 1.0), y);
  };
  InferenceData draws;
  draws.posterior.set_draws("a", Tensor{{0.3, -1.0}}, {});
  draws.posterior.set_draws("b", Tensor{{0.3, -1.0}}, {});
  const InferenceData prior = log_prior(model, draws, 0.7);
  EXPECT_NEAR(prior.log_prior["a"](0, 1).item(), 0.5 * normal_log_density(-1.0, 0, 1), 1e-14);
  EXPECT_EQ(prior.log_prior["b"](0, 1).item(), 0.0);
  EXPECT_NEAR(log_likelihood(model, draws, 0.7).log_likelihood["y"](0, 0).item(), normal_log_density(0.7, 0.3, 1), 1e-14);
}

TEST(StoredDensities, PriorSensitivityOfAFit) {
  // One observation against a prior as narrow as it, far away: both matter. With a wide prior only the data do.
  auto model = [](const Tensor& scale, const Observed& y) {
    Tensor m = sample("m", Normal(0.0, scale));
    Plate rows("obs", 4);
    sample("y", Normal(m, 1.0), y);
  };
  const MCMCOptions options{.num_samples = 1000, .num_chains = 2, .progress = false};
  const Tensor y{4.0, 5.0, 6.0, 5.0};
  Fit conflict = MCMC(NUTS(model), options).run(Key(0), 0.5, y);
  Fit vague = MCMC(NUTS(model), options).run(Key(0), 100.0, y);
  const auto strong = prior_sensitivity(conflict), weak = prior_sensitivity(vague);
  ASSERT_EQ(strong.size(), 1u);
  EXPECT_EQ(strong[0].diagnosis, "potential prior-data conflict");
  EXPECT_LT(weak[0].prior, 0.05);
  EXPECT_GT(weak[0].likelihood, 0.05);
  EXPECT_EQ(weak[0].diagnosis, "");
  // The groups need not be computed where they are stored; a fit from a file has them or says what it lacks.
  InferenceData data = conflict;
  data.log_prior = log_prior(model, conflict, 0.5, y).log_prior;
  data.log_likelihood = log_likelihood(model, conflict, 0.5, y).log_likelihood;
  EXPECT_EQ(prior_sensitivity(Fit(data))[0].prior, strong[0].prior);
  EXPECT_ERROR("the data have no group log_prior", prior_sensitivity(Fit(InferenceData(vague))));
}

TEST(StoredDensities, WhatCannotBeStoredIsSaidBeforeSampling) {
  MCMCOptions options = kShort;
  options.log_likelihood = true;
  options.exclude = {"b"};
  EXPECT_ERROR(".log_likelihood needs the draws of \"b\", which .exclude leaves out", MCMC(NUTS(line), options).run(Key(0), kX, kY));
  options.exclude = {"sum"};
  EXPECT_EQ(MCMC(NUTS(line), options).run(Key(0), kX, kY).log_likelihood["y"].shape(), (Shape{2, 60, 4}));
  auto prior = [] { sample("m", Normal(0.0, 1.0)); };
  options.exclude = {};
  EXPECT_ERROR("the model has no observation with data", MCMC(NUTS(prior), options).run(Key(0)));
  options.each = Labels{"p", "q"};
  options.each_dim = "set";
  EXPECT_ERROR(".log_likelihood is for one data set", MCMC(NUTS(line), options).run(Key(0), kX, each(stack({kY, kY}))));
}

}  // namespace
