#include "nuthatch/generalized_linear.h"

#include "nuthatch/distributions/bernoulli.h"
#include "nuthatch/distributions/binomial.h"
#include "nuthatch/distributions/categorical.h"
#include "nuthatch/distributions/negative_binomial.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/ordered_logistic.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/error.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

[[noreturn]] void refuse(const char* name, const std::string& what, Where where) { throw Error(std::string(name) + ": " + what, where); }

void check_design(const char* name, const Tensor& X, const Tensor& coefficients, std::size_t rank, Where where) {
  if (!X.defined() || X.shape().size() != 2)
    refuse(name, "X must be a matrix [observations, predictors], but has shape " + to_string(X.defined() ? X.shape() : Shape{}), where);
  const Shape& shape = coefficients.shape();
  if (shape.size() != rank || shape[0] != X.shape()[1])
    refuse(name, "coefficients must have shape [" + std::to_string(X.shape()[1]) + (rank == 2 ? ", categories]" : "]") + ", one for each column of X " +
                     to_string(X.shape()) + ", but have shape " + to_string(shape), where);
}

Tensor predictor(const char* name, const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where) {
  check_design(name, X, coefficients, 1, where);
  const Shape& shape = intercept.shape();
  if (!shape.empty() && (shape.size() != 1 || shape[0] != X.shape()[0]))
    refuse(name, "intercept must be a scalar or have one element for each row of X " + to_string(X.shape()) + ", but has shape " + to_string(shape), where);
  return intercept + matmul(X, coefficients);
}

}  // namespace

BernoulliLogitGLM::BernoulliLogitGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where)
    : Distribution(Bernoulli({.logits = predictor("BernoulliLogitGLM", X, intercept, coefficients, where)}, where)) {}

BinomialLogitGLM::BinomialLogitGLM(const Tensor& total_count, const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where)
    : Distribution(Binomial({.total_count = total_count, .logits = predictor("BinomialLogitGLM", X, intercept, coefficients, where)}, where)) {}

PoissonLogGLM::PoissonLogGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where)
    : Distribution(Poisson(exp(predictor("PoissonLogGLM", X, intercept, coefficients, where)), where)) {}

/// The odds of a count more are mean / concentration.
NegativeBinomialLogGLM::NegativeBinomialLogGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, const Tensor& concentration,
                                               Where where)
    : Distribution(NegativeBinomial({.total_count = concentration,
                                     .logits = predictor("NegativeBinomialLogGLM", X, intercept, coefficients, where) - log(concentration)},
                                    where)) {}

NormalGLM::NormalGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, const Tensor& scale, Where where)
    : Distribution(Normal(predictor("NormalGLM", X, intercept, coefficients, where), scale, where)) {}

CategoricalLogitGLM::CategoricalLogitGLM(const Tensor& X, const Tensor& intercept, const Tensor& coefficients, Where where)
    : Distribution([&] {
        check_design("CategoricalLogitGLM", X, coefficients, 2, where);
        const Shape& shape = intercept.shape();
        if (!shape.empty() && (shape.size() != 1 || shape[0] != coefficients.shape()[1]))
          refuse("CategoricalLogitGLM", "intercept must be a scalar or have one element for each of the " + std::to_string(coefficients.shape()[1]) +
                                            " categories, but has shape " + to_string(shape), where);
        return Categorical({.logits = intercept + matmul(X, coefficients)}, where);
      }()) {}

OrderedLogisticGLM::OrderedLogisticGLM(const Tensor& X, const Tensor& coefficients, const Tensor& cutpoints, Where where)
    : Distribution(OrderedLogistic(predictor("OrderedLogisticGLM", X, Tensor(0.0), coefficients, where), cutpoints, where)) {}

}  // namespace nuthatch
