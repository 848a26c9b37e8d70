#pragma once
/// Weights of models from their pointwise elpd on the log scale, `elpd[k]` that of model k.
#include <span>
#include <vector>

namespace nuthatch::detail {

using Pointwise = std::vector<std::vector<double>>;

/// Weights on the simplex that maximise sum_i log sum_k w_k exp(elpd[k][i]): the mixture of predictive distributions
/// with the best leave-one-out score. Yao, Vehtari, Simpson and Gelman (2018), "Using stacking to average Bayesian
/// predictive distributions". The problem is concave; the result satisfies its optimality conditions to about 1e-12.
std::vector<double> stacking_weights(const Pointwise& elpd);

/// exp(sum elpd[k]), normalised.
std::vector<double> pseudo_bma_weights(const Pointwise& elpd);

/// Pseudo-BMA weights averaged over Bayesian bootstrap replications, each with Dirichlet weights over the n
/// observations, and the standard deviation of the replicated totals n sum_i b_i elpd[k][i].
struct BootstrapWeights {
  std::vector<double> weights, standard_errors;
};
/// `dirichlet` has replications x n values, each row summing to 1.
BootstrapWeights bb_pseudo_bma_weights(const Pointwise& elpd, std::span<const double> dirichlet);

} // namespace nuthatch::detail
