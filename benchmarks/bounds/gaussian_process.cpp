#include <Eigen/Dense>
#include <cmath>

#include "benchmarks/bounds/bounds.h"

namespace nuthatch::benchmark::bounds {

double GaussianProcess::operator()(const double* at, double* gradient) const {
  const Eigen::Index n = Eigen::Index(x.size());
  const double rho = std::exp(at[0]), alpha = std::exp(at[1]), sigma = std::exp(at[2]), r2 = 1 / (rho * rho);
  Eigen::MatrixXd K(n, n), distance(n, n);
  for (Eigen::Index j = 0; j < n; ++j)
    for (Eigen::Index i = 0; i < n; ++i) {
      const double d = x[std::size_t(i)] - x[std::size_t(j)];
      distance(i, j) = d * d;
      K(i, j) = alpha * alpha * std::exp(-0.5 * d * d * r2);
    }
  Eigen::MatrixXd A = K;
  A.diagonal().array() += sigma * sigma + 1e-8;
  const Eigen::LLT<Eigen::MatrixXd> factor(A);
  const Eigen::VectorXd v = factor.solve(Eigen::Map<const Eigen::VectorXd>(y.data(), n));
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
  // d log density / dA = (v v^T - A^-1) / 2
  double d_rho = 0, d_alpha = 0, trace = 0;
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const double w = 0.5 * (v(i) * v(j) - inverse(i, j)) * K(i, j);
      d_alpha += 2 * w;
      d_rho += w * distance(i, j) * r2;
    }
    trace += 0.5 * (v(j) * v(j) - inverse(j, j));
  }
  // InverseGamma(5, 5), HalfNormal(1) twice, and the Jacobians.
  gradient[0] = d_rho - 5 + 5 / rho;
  gradient[1] = d_alpha - alpha * alpha + 1;
  gradient[2] = trace * 2 * sigma * sigma - sigma * sigma + 1;
  double density = -0.5 * v.dot(Eigen::Map<const Eigen::VectorXd>(y.data(), n));
  density -= Eigen::MatrixXd(factor.matrixL()).diagonal().array().log().sum();
  return density - 5 * at[0] - 5 / rho - 0.5 * (alpha * alpha + sigma * sigma) + at[1] + at[2];
}

}  // namespace nuthatch::benchmark::bounds
