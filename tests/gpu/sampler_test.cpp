// Whole samplers in groups of threads: the draws of the processor's own code, bit for bit. What their kernels take is in
// budgets_test.cpp.
#include <cstring>

#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"
#include "tests/gpu/group_executor.h"

namespace nuthatch::test {
namespace {

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void regression(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0)), s = sample("s", HalfNormal(1.0));
  Tensor b = sample("b", Normal(zeros({3}), 1.0));
  sample("y", Normal(a + matmul(x, b), s), y);
}

Fit fitSchools(int warmup, int samples) {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  auto model = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});
  return MCMC(NUTS(model), {.num_warmup = warmup, .num_samples = samples, .num_chains = 2, .progress = false}).run(Key(3), sigma, y);
}
Fit fitRegression(int warmup, int samples) {
  Tensor x = normal(Key(1), {90, 3}), y = matmul(x, Tensor{1.0, -1.0, 0.5}) + 0.3 * normal(Key(2), {90});
  return MCMC(NUTS(regression), {.num_warmup = warmup, .num_samples = samples, .num_chains = 2, .progress = false}).run(Key(5), x, y);
}

void expectSame(const Tensor& a, const Tensor& b, const std::string& what) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  ASSERT_EQ(x.size(), y.size());
  EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(double)), 0) << what;
}

TEST(Groups, NutsHasTheDrawsOfTheProcessor) {
  auto schools = [] { const GroupScope scope(0); return fitSchools(60, 40); }();
  auto lines = [] { const GroupScope scope(0); return fitRegression(60, 40); }();
  for (std::int64_t threads : {1, 4, 32}) {
    const GroupScope scope(threads);
    const auto fit = fitSchools(60, 40);
    ASSERT_FALSE(scope.programs().empty());
    expectSame(schools["theta"], fit["theta"], "eight schools by " + std::to_string(threads) + " threads");
  }
  for (std::int64_t threads : {4, 32}) {
    const GroupScope scope(threads);
    expectSame(lines["b"], fitRegression(60, 40)["b"], "regression by " + std::to_string(threads) + " threads");
  }
}

}  // namespace
}  // namespace nuthatch::test
