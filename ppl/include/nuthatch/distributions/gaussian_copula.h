#pragma once
/// GaussianCopula(marginal, {.correlation_matrix}) or (marginal, {.correlation_cholesky}): vectors x [..., n] whose
/// elements are each distributed as `marginal`, a continuous distribution with distribution and quantile function, and
/// depend on each other as the elements of a multivariate normal with that correlation matrix R [..., n, n] do. The batch
/// shape of marginal ends with n, or is [].
///   log p(x) = sum_i log p_marginal(x_i) + log N(z; 0, R) - sum_i log N(z_i; 0, 1),   z_i = Phi^-1(F_marginal(x_i))
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: one of the two.
struct CorrelationOptions {
  OnlyNamed only_named{};
  Tensor correlation_matrix{};
  Tensor correlation_cholesky{};
};

struct GaussianCopula : Distribution {
  explicit GaussianCopula(const Distribution& marginal, const CorrelationOptions& options,
                          Where where = Where::current())
      : Distribution(make("GaussianCopula", marginal, options, where)) {}

 protected:
  explicit GaussianCopula(const Distribution& made) : Distribution(made) {}
  static Distribution make(const char* name, const Distribution& marginal, const CorrelationOptions& options,
                           Where where);
};

}  // namespace nuthatch
