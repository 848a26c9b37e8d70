// One posterior by every way there is to it: coal mining disasters, of which sums over the years of gamma integrals give
// the exact expectations and the marginal likelihood.
#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/discrete.h"
#include "nuthatch/distributions/discrete_uniform.h"
#include "nuthatch/distributions/exponential.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/infer_discrete.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/smc.h"
#include "tests/inference/coal_mining.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using testing_models::z_score;

void disasters(const Tensor& known, const Observed& counts) {
  Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
  Tensor year = sample("year", DiscreteUniform(1851, 1961));
  Plate years("calendar", 111);
  Mask only(known);
  sample("counts", Poisson(select(arange(1851, 1962) <= year, early, late)), counts);
}
double z_of(const Tensor& x, double expected) {
  return std::abs(z_score(mean(x.cast(f64), 1).to_vector<double>(), expected));
}
void expect_rates(const Fit& fit, const char* how) {
  const Tensor early = fit.posterior["early"].tensor(), late = fit.posterior["late"].tensor();
  EXPECT_LT(z_of(early, 3.087042), 5.5) << how;
  EXPECT_LT(z_of(square(early - 3.087042), 0.286023 * 0.286023), 5.5) << how;
  EXPECT_LT(z_of(late, 0.931733), 5.5) << how;
  EXPECT_LT(z_of(square(late - 0.931733), 0.117479 * 0.117479), 5.5) << how;
}
void expect_year(const InferenceData& fit, const char* how) {
  const Tensor year = fit.posterior["year"].tensor();
  EXPECT_LT(z_of(year, 1889.784099), 5.5) << how;
  EXPECT_LT(z_of(year == 1891, 0.220803), 5.5) << how;
  EXPECT_LT(z_of(year == 1887, 0.11013), 5.5) << how;
}

TEST(ExactPosteriors, CoalMiningByEveryWay) {
  const Tensor raw(recorded()), known = raw >= 0.0, counts = maximum(raw, 0.0);
  MCMCOptions options;
  options.num_warmup = 200, options.num_samples = 150, options.num_chains = 40, options.progress = false;

  const Fit compound = MCMC(disasters, options).run(Key(1), known, counts);  // the year sampled
  expect_rates(compound, "compound steps");
  expect_year(compound, "compound steps");

  const auto summed = marginalize(disasters, {"year"});
  const Fit nuts = MCMC(NUTS(summed), options).run(Key(2), known, counts);   // the year summed out
  expect_rates(nuts, "NUTS");
  expect_year(infer_discrete(summed, nuts, Key(3), known, counts), "drawn given the rates");

  const Fit smc = SMC(summed, {.num_particles = 400, .num_chains = 8}).run(Key(4), known, counts);
  expect_rates(smc, "SMC");
  EXPECT_LT(std::abs(smc.log_evidence() + 174.246173), 4 * log_evidence_error(smc));
  EXPECT_LT(log_evidence_error(smc), 0.15);
}

}  // namespace
}  // namespace nuthatch
