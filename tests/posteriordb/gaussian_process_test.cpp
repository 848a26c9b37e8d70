#include "tests/posteriordb/densities.h"

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

/// Weights of the basis functions: amplitude times the square root of the spectral density at the frequencies.
Tensor spectral_weights(const Tensor& amplitude, const Tensor& length, const Tensor& frequency) {
  return amplitude * sqrt(std::sqrt(2.0 * 3.14159265358979323846) * length) * exp(-0.25 * square(length * frequency));
}

Tensor half_student(const std::string& name, double scale) {
  return sample(name, StudentT(3.0, 0.0, scale).restricted(constraints::positive));
}

/// Mean and log standard deviation are both Gaussian processes of reduced rank.
void motorcycle(const Tensor& basis, const Tensor& frequency, const Tensor& basis_sigma, const Tensor& frequency_sigma,
                const Observed& y) {
  Tensor intercept = sample("Intercept", StudentT(3.0, -13.0, 36.0));
  Tensor amplitude = half_student("sdgp_1", 36.0), length = sample("lscale_1", InverseGamma(1.124909, 0.0177));
  Tensor z = sample("zgp_1", Normal(zeros(basis.size(1)), 1.0).to_event());
  Tensor intercept_sigma = sample("Intercept_sigma", StudentT(3.0, 0.0, 10.0));
  Tensor amplitude_sigma = half_student("sdgp_sigma_1", 36.0),
         length_sigma = sample("lscale_sigma_1", InverseGamma(1.124909, 0.0177));
  Tensor z_sigma = sample("zgp_sigma_1", Normal(zeros(basis_sigma.size(1)), 1.0).to_event());
  Tensor mean = intercept + matmul(basis, spectral_weights(amplitude, length, frequency) * z);
  Tensor log_sigma =
      intercept_sigma + matmul(basis_sigma, spectral_weights(amplitude_sigma, length_sigma, frequency_sigma) * z_sigma);
  Plate times("time", basis.size(0));
  sample("Y", Normal(mean, exp(log_sigma)), y);
}

TEST_F(GaussianProcess, ReducedRank) {
  const Data d("mcycle_gp");
  auto column = [&](const char* field) { return reshape(d.matrix(field), {-1}); };
  expect_density("mcycle_gp-accel_gp", Model(motorcycle)(d.matrix("Xgp_1"), column("slambda_1"), d.matrix("Xgp_sigma_1"),
                                                         column("slambda_sigma_1"), d["Y"]));
  expect_agreement("mcycle_gp-accel_gp", Sample([&](Settings with, const Key& key) {
                     with.nuts.target_accept_prob = 0.95;
                     return MCMC(NUTS(motorcycle, with.nuts), with.mcmc)
                         .run(key, d.matrix("Xgp_1"), column("slambda_1"), d.matrix("Xgp_sigma_1"),
                              column("slambda_sigma_1"), d["Y"]);
                   }));
}

}  // namespace
}  // namespace nuthatch::posteriordb
