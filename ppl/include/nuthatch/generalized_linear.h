#pragma once
/// Likelihoods of generalised linear models by name, with the canonical link: X [n, k] predictors, intercept a scalar or
/// [n] (an offset, a group's intercept looked up), coefficients [k]; one observation for each row, [n]. They stand for
/// the distribution of the predictor eta = intercept + X coefficients written out, as `Bernoulli({.logits = eta})`, and
/// compile to the same program: value and gradient in one pass over X. What a name adds is that shapes are checked where
/// it is written.
///
///   sample("y", PoissonLogGLM(X, alpha, beta), y);
///
/// Error where X is no matrix, coefficients are no vector with an element for each column, or the intercept is neither a
/// scalar nor a vector with an element for each row. McCullagh and Nelder (1989), Generalized linear models.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// y in {0, 1}, log odds eta.
struct BernoulliLogitGLM : Distribution {
  BernoulliLogitGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where = Where::current());
};
/// y of total_count trials (a scalar or [n]), log odds eta.
struct BinomialLogitGLM : Distribution {
  BinomialLogitGLM(const Tensor& total_count, const Tensor& X, const Tensor& intercept, const Tensor& coefficients,
                   Where where = Where::current());
};
/// Counts of rate exp(eta).
struct PoissonLogGLM : Distribution {
  PoissonLogGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where = Where::current());
};
/// Counts of mean exp(eta) and variance mean + mean^2 / concentration.
struct NegativeBinomialLogGLM : Distribution {
  NegativeBinomialLogGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, const Tensor& concentration,
                         Where where = Where::current());
};
/// Normal(eta, scale), scale a scalar or [n].
struct NormalGLM : Distribution {
  NormalGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, const Tensor& scale,
            Where where = Where::current());
};
/// y in 0 ... K-1 with log odds eta = intercept + X coefficients: coefficients [k, K], intercept a scalar or [K].
struct CategoricalLogitGLM : Distribution {
  CategoricalLogitGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where = Where::current());
};
/// y in 0 ... K-1, P(y <= j) = sigmoid(cutpoints[j] - X coefficients), cutpoints [K-1] increasing.
struct OrderedLogisticGLM : Distribution {
  OrderedLogisticGLM(const Tensor& X, const Tensor& coefficients, const Tensor& cutpoints, Where where = Where::current());
};

}  // namespace nuthatch
