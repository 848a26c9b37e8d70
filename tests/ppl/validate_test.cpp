// NUTHATCH_VALIDATE=1, which a process reads once: the tests run themselves anew with it.
#include <cmath>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"

using namespace nuthatch;

namespace {

double density_with_a_negative_scale() {
  auto model = [](const Observed& y) {
    Tensor s = sample("s", Normal(0.0, 1.0));
    Plate rows("row", 2);
    sample("y", Cauchy(0.0, s), y);
  };
  return log_density(model, Tensor{0.1, 0.2})(Tensor{-1.0}).item();
}

void check_in_this_process() {
  EXPECT_TRUE(std::isnan(density_with_a_negative_scale()));
  auto fine = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0)), s = sample("s", HalfNormal(1.0));
    Tensor w = sample("w", Dirichlet(ones(3)));
    Plate rows("row", 2);
    sample("y", Normal(m + w[0], s), y);
  };
  EXPECT_TRUE(std::isfinite(log_density(fine, Tensor{0.1, 0.2})(Tensor{0.1, -0.2, 0.3, 0.4}).item()));
  // Data outside a support that depends on a latent variable: NaN, not -infinity.
  auto bounded = [](const Observed& y) {
    Tensor high = sample("high", Exponential(1.0));
    sample("y", Uniform(0.0, high), y);
  };
  EXPECT_TRUE(std::isnan(log_density(bounded, Tensor{0.5, 0.7})(Tensor{std::log(0.6)}).item()));
  EXPECT_TRUE(std::isfinite(log_density(bounded, Tensor{0.5, 0.7})(Tensor{std::log(0.8)}).item()));
}

TEST(Validate, TracedParametersAreTestedOnRequest) {
  if (std::getenv("NUTHATCH_VALIDATE")) return check_in_this_process();
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  ASSERT_GT(n, 0);
  path[n] = 0;
  const std::string command = "NUTHATCH_VALIDATE=1 '" + std::string(path) + "' --gtest_filter='Validate.*' > /dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
