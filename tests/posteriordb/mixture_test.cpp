// Discrete unknowns summed out: a mixture, capture and recapture.
#include "tests/posteriordb/densities.h"

namespace nuthatch::posteriordb {
namespace {

class Mixture : public PosteriorDB {};

void two_normals(const Tensor& like, const Observed& y) {
  Tensor theta = sample("theta", Beta(5.0, 5.0));
  Tensor mu = sample("mu", Normal(zeros(2), 2.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", HalfNormal(2.0 * ones(2)).to_event());
  Plate points("point", like.size());
  sample("y", MixtureSameFamily(Categorical(stack({theta, 1.0 - theta})), Normal(mu, sigma)), y);
}

TEST_F(Mixture, TwoNormals) {
  Tensor y = Data("low_dim_gauss_mix")["y"];
  expect_agreement("low_dim_gauss_mix-low_dim_gauss_mix", two_normals, y, y);
}

/// An animal is there with probability omega and then seen at occasion t with probability p[t].
Tensor capture_histories(const Tensor& y, const Tensor& omega, const Tensor& p) {
  Tensor seen_so = sum(xlogy(y, p) + xlogy(1.0 - y, 1.0 - p), 1) + log(omega);
  Tensor absent = log1p(-omega);
  return sum(select(sum(y, 1) > 0.0, seen_so, logaddexp(seen_so, absent)));
}

void capture_constant(const Tensor& y) {
  Tensor omega = sample("omega", Uniform(0.0, 1.0)), p = sample("p", Uniform(0.0, 1.0));
  factor("y", capture_histories(y, omega, p));
}
void capture_by_occasion(const Tensor& y) {
  Tensor omega = sample("omega", Uniform(0.0, 1.0));
  Tensor p = plate("occasion", y.size(1), [&] { return sample("p", Uniform(0.0, 1.0)); });
  factor("y", capture_histories(y, omega, p));
}

TEST_F(Mixture, CaptureConstant) { expect_agreement("M0_data-M0_model", capture_constant, Data("M0_data").matrix("y")); }
TEST_F(Mixture, CaptureByOccasion) {
  expect_agreement("Mt_data-Mt_model", capture_by_occasion, Data("Mt_data").matrix("y"));
}

}  // namespace
}  // namespace nuthatch::posteriordb
