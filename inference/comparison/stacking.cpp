#include "stacking.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "../diagnostics/chains.h"

namespace nuthatch::detail {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// exp(elpd), each row scaled by its largest element: weights do not depend on factors of rows.
MatrixXd scaled_densities(const Pointwise& elpd) {
  const auto n = static_cast<Eigen::Index>(elpd.front().size()), models = static_cast<Eigen::Index>(elpd.size());
  MatrixXd out(n, models);
  for (Eigen::Index k = 0; k < models; ++k)
    for (Eigen::Index i = 0; i < n; ++i) out(i, k) = elpd[static_cast<std::size_t>(k)][static_cast<std::size_t>(i)];
  const VectorXd most = out.rowwise().maxCoeff();
  return (out.colwise() - most).array().exp();
}

/// Minimises f(w) = -mean_i log (L w)_i + sum_k w_k over w >= 0, whose minimum lies on the simplex.
class Objective {
public:
  explicit Objective(MatrixXd densities) : densities_(std::move(densities)) {}
  double value(const VectorXd& w) const { return -(densities_ * w).array().log().mean() + w.sum(); }
  /// Gradient and Hessian at w.
  void derivatives(const VectorXd& w, VectorXd& gradient, MatrixXd& hessian) const {
    const VectorXd mixture = densities_ * w;
    const MatrixXd ratio = densities_.array().colwise() / mixture.array();
    const double n = static_cast<double>(densities_.rows());
    gradient = VectorXd::Ones(w.size()) - ratio.colwise().sum().transpose() / n;
    hessian = ratio.transpose() * ratio / n;
  }

private:
  MatrixXd densities_;
};

/// Direction of the minimum of the quadratic model over the coordinates in `free`.
VectorXd newton_direction(const VectorXd& gradient, const MatrixXd& hessian, const std::vector<Eigen::Index>& free) {
  const auto count = static_cast<Eigen::Index>(free.size());
  VectorXd g(count);
  MatrixXd h(count, count);
  for (Eigen::Index a = 0; a < count; ++a) {
    g(a) = gradient(free[static_cast<std::size_t>(a)]);
    for (Eigen::Index b = 0; b < count; ++b)
      h(a, b) = hessian(free[static_cast<std::size_t>(a)], free[static_cast<std::size_t>(b)]);
  }
  // Models that predict alike make it singular: the smallest of all minima then.
  const VectorXd step = -h.completeOrthogonalDecomposition().solve(g);
  VectorXd out = VectorXd::Zero(gradient.size());
  for (Eigen::Index a = 0; a < count; ++a) out(free[static_cast<std::size_t>(a)]) = step(a);
  return out;
}

} // namespace

/// Active set Newton method: coordinates at zero whose gradient pushes them out stay there, the others take a Newton
/// step, shortened until it stays feasible and descends.
std::vector<double> stacking_weights(const Pointwise& elpd) {
  constexpr double kTolerance = 1e-13;
  constexpr int kMostSteps = 1000;
  const auto models = static_cast<Eigen::Index>(elpd.size());
  const Objective objective(scaled_densities(elpd));
  VectorXd w = VectorXd::Constant(models, 1.0 / static_cast<double>(models)), gradient;
  MatrixXd hessian;
  double value = objective.value(w);
  for (int step = 0; step < kMostSteps; ++step) {
    objective.derivatives(w, gradient, hessian);
    std::vector<Eigen::Index> free;
    double violation = 0;
    for (Eigen::Index k = 0; k < models; ++k) {
      if (w(k) == 0 && gradient(k) >= 0) continue;
      free.push_back(k);
      violation = std::max(violation, std::abs(gradient(k)));
    }
    if (violation <= kTolerance) break;
    const VectorXd direction = newton_direction(gradient, hessian, free);
    double length = 1;
    bool moved = false;
    for (int halving = 0; halving < 60 && !moved; ++halving, length /= 2) {
      const VectorXd candidate = (w + length * direction).cwiseMax(0.0);
      const double reached = candidate.sum() > 0 ? objective.value(candidate) : INFINITY;
      moved = reached <= value + 1e-4 * std::min(0.0, gradient.dot(candidate - w)) && candidate != w;
      if (moved) {
        value = reached;
        w = candidate;
      }
    }
    if (!moved) break; // at the limit of the arithmetic
  }
  w /= w.sum();
  return {w.data(), w.data() + models};
}

std::vector<double> pseudo_bma_weights(const Pointwise& elpd) {
  std::vector<double> out;
  for (const auto& model : elpd) out.push_back(mean(model) * static_cast<double>(model.size()));
  const double most = *std::max_element(out.begin(), out.end());
  double sum = 0;
  for (double& v : out) sum += v = std::exp(v - most);
  for (double& v : out) v /= sum;
  return out;
}

BootstrapWeights bb_pseudo_bma_weights(const Pointwise& elpd, std::span<const double> dirichlet) {
  const std::size_t models = elpd.size(), n = elpd.front().size(), replications = dirichlet.size() / n;
  std::vector<std::vector<double>> totals(models, std::vector<double>(replications));
  BootstrapWeights out{std::vector<double>(models, 0.0), {}};
  std::vector<double> replicated(models);
  for (std::size_t r = 0; r < replications; ++r) {
    for (std::size_t k = 0; k < models; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += dirichlet[r * n + i] * elpd[k][i];
      replicated[k] = totals[k][r] = sum * static_cast<double>(n);
    }
    const double most = *std::max_element(replicated.begin(), replicated.end());
    double sum = 0;
    for (double& v : replicated) sum += v = std::exp(v - most);
    for (std::size_t k = 0; k < models; ++k) out.weights[k] += replicated[k] / sum / static_cast<double>(replications);
  }
  for (const auto& total : totals) out.standard_errors.push_back(std::sqrt(variance(total, 0)));
  return out;
}

} // namespace nuthatch::detail
