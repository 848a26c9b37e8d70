// Partial pooling: eight schools in both forms, radon, seeds.
#include "tests/posteriordb/densities.h"

namespace nuthatch::posteriordb {
namespace {

class Hierarchical : public PosteriorDB {};

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", sigma.size());
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

TEST_F(Hierarchical, EightSchoolsNonCentred) {
  const Data d("eight_schools");
  expect_agreement("eight_schools-eight_schools_noncentered", reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}),
                   d["sigma"], d["y"]);
}

// The centred form does not reach small tau: what counts is that the sampler says so.
TEST_F(Hierarchical, EightSchoolsCentredIsReported) {
  const Data d("eight_schools");
  expect_density("eight_schools-eight_schools_centered", Model(eight_schools)(d["sigma"], d["y"]));
  for (const std::uint64_t seed : {20260101, 42}) {
    const Fit fit = MCMC(NUTS(eight_schools), {.progress = false}).run(Key(seed), d["sigma"], d["y"]);
    const Diagnosis found = fit.diagnose();
    EXPECT_FALSE(found.ok);
    EXPECT_GT(found.divergences, 0);
  }
}

void radon(const Tensor& county, int counties, const Tensor& covariates, const Observed& log_radon) {
  Tensor mu = sample("mu_alpha", Normal(0.0, 10.0)), spread = sample("sigma_alpha", HalfNormal(1.0));
  Tensor beta = sample("beta", Normal(zeros(2), 10.0).to_event());
  Tensor alpha = plate("county", counties, [&] { return sample("alpha", Normal(mu, spread)); });
  Tensor sigma = sample("sigma_y", HalfNormal(1.0));
  Plate houses("house", county.size());
  sample("log_radon", Normal(alpha[county] + matmul(covariates, beta), sigma), log_radon);
}

TEST_F(Hierarchical, Radon) {
  const Data d("radon_mn");
  Tensor covariates = stack({d["log_uppm"], d["floor_measure"]}, 1);
  expect_agreement("radon_mn-radon_hierarchical_intercept_noncentered",
                   reparam(radon, {{"alpha", LocScaleReparam(0.0)}}), d.integers("county_idx") - 1, int(d.number("J")),
                   covariates, d["log_radon"]);
}

void seeds(const Tensor& N, const Tensor& x1, const Tensor& x2, const Observed& n) {
  Tensor a0 = sample("alpha0", Normal(0.0, 1.0)), a1 = sample("alpha1", Normal(0.0, 1.0)),
         a2 = sample("alpha2", Normal(0.0, 1.0)), a12 = sample("alpha12", Normal(0.0, 1.0));
  Tensor sigma = sample("sigma", HalfCauchy(1.0));
  Plate plates("plate", N.size());
  Tensor b = sample("b", Normal(0.0, sigma));
  sample("n", Binomial({.total_count = N, .logits = a0 + a1 * x1 + a2 * x2 + a12 * x1 * x2 + b}), n);
}

TEST_F(Hierarchical, Seeds) {
  const Data d("seeds_data");
  expect_agreement("seeds_data-seeds_stanified_model", reparam(seeds, {{"b", LocScaleReparam(0.0)}}), d["N"], d["x1"],
                   d["x2"], d["n"]);
}

}  // namespace
}  // namespace nuthatch::posteriordb
