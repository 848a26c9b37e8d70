#include "tests/posteriordb/reference.h"

namespace nuthatch::posteriordb {
namespace {

class GaussianProcess : public PosteriorDB {};

/// sigma itself, not its square, stands on the diagonal.
void regression(const Tensor& x, const Observed& y) {
  Tensor rho = sample("rho", Gamma(25.0, 4.0)), alpha = sample("alpha", HalfNormal(2.0)),
         sigma = sample("sigma", HalfNormal(1.0));
  Tensor distance = square(x(all, newaxis) - x);
  Tensor covariance = square(alpha) * exp(-0.5 * distance / square(rho)) + sigma * eye(x.size());
  sample("y", MultivariateNormal({.covariance = covariance}), y);
}

TEST_F(GaussianProcess, Regression) {
  const Data d("gp_pois_regr");
  expect_agreement("gp_pois_regr-gp_regr", regression, d["x"], d["y"]);
}

}  // namespace
}  // namespace nuthatch::posteriordb
