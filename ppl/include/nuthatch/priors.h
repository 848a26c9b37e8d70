#pragma once
/// Parts of models that recur: several sites at once under a name.
#include <cstdint>
#include <string>

#include "nuthatch/distribution.h"
#include "nuthatch/primitives.h"

namespace nuthatch {

/// A covariance matrix by its factor: covariance = scale_tril scale_tril^T.
struct CovFactor {
  Tensor scale_tril;   // [n, n], lower triangular
  Tensor correlation;  // [n, n]
  Tensor scales;       // [n], standard deviations
};

/// A prior of covariance matrices: correlations ~ LKJ(concentration), independent of the standard deviations, each ~
/// `scale`. Sites: `<name>_scales` [n], `<name>_cholesky`, the factor of the correlation matrix, and the deterministics
/// `<name>_correlation` and `<name>_scale_tril`, [n, n]. Lewandowski, Kurowicka & Joe (2009).
/// Error when dimension < 2, or `scale` is not one distribution of positive numbers.
CovFactor lkj_covariance(const std::string& name, std::int64_t dimension, const Tensor& concentration,
                         const Distribution& scale, Where where = Where::current());

}  // namespace nuthatch
