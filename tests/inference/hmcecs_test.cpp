// HMC on a part of the data: against the posterior of all of them.
#include "nuthatch/kernels/hmcecs.h"

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include <cmath>

#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

/// A mean with known spread: the log density of a member is quadratic, and its expansion exact.
template <int used>
void location(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 10.0));
  Plate plate("member", 400, {.subsample_size = used});
  sample("y", Normal(mu, 2.0), plate.take(y));
}

template <int used>
void logistic(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0));
  Tensor b = sample("b", Normal(zeros(2), 2.0).to_event());
  Plate plate("member", x.size(0), {.subsample_size = used});
  sample("y", Bernoulli({.logits = a + matmul(plate.take(x), b)}), plate.take(y));
}

Tensor locations() { return 3.0 + 2.0 * normal(Key(1), {400}); }

struct Binary {
  Tensor x = normal(Key(2), {1000, 2});
  Tensor y = (uniform(Key(3), {1000}) < sigmoid(0.3 + matmul(x, Tensor{1.0, -0.7}))).cast(f64);
};

MCMCOptions options(std::int64_t samples) { return {.num_warmup = 500, .num_samples = samples, .progress = false}; }

TEST(Hmcecs, ExactExpansionsGiveTheDensityOfAllData) {
  const Tensor y = locations();
  const Kernel kernel = HMCECS(NUTS(location<20>), {.at = {{"mu", Tensor(2.5)}}, .num_blocks = 4});
  const Fit fit = MCMC(kernel, options(2000)).run(Key(0), y);
  const double precision = 1 / 100.0 + 400 / 4.0, mean_of_mu = sum(y).item() / 4.0 / precision;
  const Tensor mu = fit.posterior["mu"].tensor();
  EXPECT_LT(std::abs(mean(mu).item() - mean_of_mu), 5 * mcse_mean(mu).item());
  EXPECT_LT(std::abs(stddev(mu).item() - 1 / std::sqrt(precision)), 5 * mcse_sd(mu).item());
  const Tensor indices = fit.posterior["member_indices"].tensor();
  EXPECT_EQ(indices.shape(), (Shape{4, 2000, 20}));
  EXPECT_GE(min(indices).item<std::int64_t>(), 0);
  EXPECT_LT(max(indices).item<std::int64_t>(), 400);
  EXPECT_NEAR(mean(indices.cast(f64)).item(), 199.5, 10);  // differences are equal: every proposal is accepted
  const LogDensity all = log_density(location<400>, y);
  for (const int draw : {0, 77, 1999}) {
    const double expected = all(Tensor{mu(1, draw).item()}).item() - 20 * std::log(400.0);
    EXPECT_NEAR(fit.sample_stats["lp"].tensor()(1, draw).item(), expected, 1e-9 * std::abs(expected));
  }
}

TEST(Hmcecs, LogisticRegressionAgreesWithAllData) {
  const Binary data;
  const Fit full = MCMC(NUTS(logistic<1000>), options(2000)).run(Key(1), data.x, data.y);
  const Values at{{"a", Tensor(mean(full["a"]).item())}, {"b", mean(full["b"], 0)}};
  const auto check = [&](const Fit& fit, const char* what) {
    for (const char* name : {"a", "b"}) {
      const Tensor here = fit.posterior[name].tensor(), there = full.posterior[name].tensor();
      Tensor z = (mean(here, {.axis = {0, 1}}) - mean(there, {.axis = {0, 1}})) /
                 sqrt(square(mcse_mean(here)) + square(mcse_mean(there)));
      Tensor z_sd = (stddev(here, {.axis = {0, 1}}) - stddev(there, {.axis = {0, 1}})) /
                    sqrt(square(mcse_sd(here)) + square(mcse_sd(there)));
      EXPECT_LT(max(abs(z)).item(), 5) << what << ", mean of " << name;
      EXPECT_LT(max(abs(z_sd)).item(), 5) << what << ", sd of " << name;
    }
  };
  check(MCMC(HMCECS(NUTS(logistic<50>), {.at = at, .num_blocks = 10}), options(2000)).run(Key(2), data.x, data.y), "degree 2");
  check(MCMC(HMCECS(HMC(logistic<200>, {.trajectory_length = 1.5}), {.at = at, .degree = 1, .num_blocks = 20}), options(2000))
            .run(Key(3), data.x, data.y),
        "degree 1");
}

TEST(Hmcecs, ChainsDependOnKeyAndIndexOnly) {
  const Binary data;
  const Values at{{"a", Tensor(0.3)}, {"b", Tensor{1.0, -0.7}}};
  const auto run = [&](std::int64_t chains, int threads, std::int64_t slice) {
    return MCMC(HMCECS(NUTS(logistic<50>), {.at = at}),
                {.num_warmup = 50, .num_samples = 30, .num_chains = chains, .progress = false, .threads = threads,
                 .slice_ticks = slice})
        .run(Key(5), data.x, data.y)["b"];
  };
  const auto four = run(4, 1, 0).to_vector(), nine = run(9, 2, 13).to_vector();
  for (std::size_t i = 0; i < four.size(); ++i) ASSERT_EQ(four[i], nine[i]) << i;
}

void unused(const Observed& y) { sample("y", Normal(sample("mu", Normal(0.0, 1.0)), 1.0), y); }
void with_label(const Observed& y) {
  Tensor label = sample("label", Bernoulli(0.5));
  Plate plate("member", 400, {.subsample_size = 20});
  sample("y", Normal(label.cast(f64), 1.0), plate.take(y));
}

TEST(Hmcecs, Errors) {
  const Tensor y = locations();
  const auto run = [&](const Model& model, const HMCECSOptions& o) {
    return text_of_error([&] { MCMC(HMCECS(NUTS(model), o), options(10)).run(Key(0), y); });
  };
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(location<20>), options(10)).run(Key(0), y); }).find("use HMCECS"), std::string::npos);
  EXPECT_NE(run(location<20>, {}).find("HMCECS: .at has no value of \"mu\""), std::string::npos);
  EXPECT_NE(run(unused, {.at = {{"mu", 0.0}}}).find("HMCECS: no plate of the model has a subsample_size"), std::string::npos);
  EXPECT_NE(run(with_label, {}).find("no discrete site; it has \"label\""), std::string::npos);
  EXPECT_NE(run(location<20>, {.at = {{"mu", 0.0}}, .num_blocks = 21}).find(".num_blocks = 21 of 20 members"), std::string::npos);
  EXPECT_NE(run(location<20>, {.at = {{"mu", 0.0}}, .degree = 3}).find(".degree is 1 or 2, not 3"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch
