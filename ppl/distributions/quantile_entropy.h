#pragma once
#include "nuthatch/detail/distribution_impl.h"

namespace nuthatch::detail {
/// -E log p(X) of a distribution of one number with a quantile function, by the double exponential rule over its
/// quantiles: X is resolved wherever it is likely, whatever the shape of the density.
Tensor entropy_by_quantiles(const DistributionImpl& d);
}  // namespace nuthatch::detail
