// Priors that are several sites.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/priors.h"

using namespace nuthatch;

namespace {

TEST(Priors, LkjCovariance) {
  auto model = [] {
    CovFactor cov = lkj_covariance("cov", 2, 2.0, Exponential(0.5));
    deterministic("covariance", matmul(cov.scale_tril, transpose(cov.scale_tril)));
  };
  const double r = 0.3, s0 = 1.5, s1 = 0.7;
  const Tensor factor{{1.0, 0.0}, {r, std::sqrt(1 - r * r)}};
  const Trace t = trace(condition(model, {{"cov_scales", Tensor{s0, s1}}, {"cov_cholesky", factor}}))();
  EXPECT_NEAR(t["covariance"].value(0, 0).item(), s0 * s0, 1e-14);
  EXPECT_NEAR(t["covariance"].value(0, 1).item(), r * s0 * s1, 1e-14);
  EXPECT_NEAR(t["covariance"].value(1, 1).item(), s1 * s1, 1e-14);
  EXPECT_NEAR(t["cov_correlation"].value(1, 0).item(), r, 1e-15);
  // In two dimensions the factor has one coordinate, r itself, with density (1 - r^2)^(concentration - 1) / (4/3).
  const double factor_density = std::log(1 - r * r) - std::log(4.0 / 3.0);
  EXPECT_NEAR(t["cov_cholesky"].log_prob().item(), factor_density, 1e-13);
  EXPECT_NEAR(t["cov_scales"].log_prob().item(), 2 * std::log(0.5) - 0.5 * (s0 + s1), 1e-14);
  EXPECT_EQ(log_density(model).dim(), 3);
}

TEST(Priors, LkjCovarianceMistakes) {
  auto message = [](auto model) {
    try {
      trace(seed(model, Key(0)))();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message([] { lkj_covariance("c", 1, 2.0, Exponential(1.0)); }).find("the dimension must be 2 or more, but it is 1"), std::string::npos);
  const std::string negative = message([] { lkj_covariance("c", 2, 2.0, Normal(0.0, 1.0)); });
  EXPECT_NE(negative.find("lkj_covariance(\"c\"): the prior of the scales must be one distribution of positive numbers, but Normal"), std::string::npos) << negative;
  EXPECT_NE(message([] { lkj_covariance("c", 2, 2.0, Exponential(ones(2))); }).find("has shape [2]"), std::string::npos);
}

}  // namespace
