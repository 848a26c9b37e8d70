#pragma once
/// GaussianCopulaBeta(concentration1, concentration0, {.correlation_matrix}) or (..., {.correlation_cholesky}):
/// GaussianCopula(Beta(concentration1, concentration0), options).
#include "nuthatch/distributions/beta.h"
#include "nuthatch/distributions/gaussian_copula.h"

namespace nuthatch {

struct GaussianCopulaBeta : GaussianCopula {
  template <Positional A, Positional B>
  explicit GaussianCopulaBeta(const A& concentration1, const B& concentration0, const CorrelationOptions& options,
                              Where where = Where::current())
      : GaussianCopula(make("GaussianCopulaBeta", Beta(concentration1, concentration0, where), options, where)) {}
};

}  // namespace nuthatch
