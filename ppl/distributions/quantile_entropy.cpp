#include "ppl/distributions/quantile_entropy.h"

#include "ppl/distributions/quantile_quadrature.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {

Tensor entropy_by_quantiles(const DistributionImpl& d) {
  return integrate_quantiles(d.batch_shape, [&](const Tensor& u, const Tensor&) {
    // Quantiles that round to the end of the support have no weight.
    const Tensor inside = u < 1.0;
    return select(inside, -d.log_prob(d.icdf(select(inside, u, 0.5))), 0.0);
  });
}

}  // namespace nuthatch::detail
