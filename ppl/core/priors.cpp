#include "nuthatch/priors.h"

#include "nuthatch/array.h"
#include "nuthatch/distributions/lkj_cholesky.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {

CovFactor lkj_covariance(const std::string& name, std::int64_t dimension, const Tensor& concentration,
                         const Distribution& scale, Where where) {
  if (dimension < 2)
    throw Error("lkj_covariance(\"" + name + "\"): the dimension must be 2 or more, but it is " + std::to_string(dimension), where);
  scale.validate();
  const Constraint support = scale.support();
  const bool positive = support.kind() == Constraint::Kind::positive || support.kind() == Constraint::Kind::nonnegative ||
                        support.kind() == Constraint::Kind::softplus_positive;
  const bool above = support.lower().defined() && support.lower().is_concrete() && support.lower().shape().empty() &&
                     support.lower().item() >= 0.0;
  if (scale.shape() != Shape{} || !(positive || above))
    throw Error("lkj_covariance(\"" + name + "\"): the prior of the scales must be one distribution of positive numbers, but " +
                    scale.name() + " has shape " + to_string(scale.shape()) + " and values that are " + support.description(),
                where);
  CovFactor result;
  result.scales = sample(name + "_scales", scale.expand({dimension}).to_event(), where);
  const Tensor factor = sample(name + "_cholesky", LKJCholesky(dimension, concentration, where), where);
  result.correlation = deterministic(name + "_correlation", matmul(factor, swapaxes(factor, -1, -2)), where);
  result.scale_tril = deterministic(name + "_scale_tril", expand_dims(result.scales, -1) * factor, where);
  return result;
}

}  // namespace nuthatch
