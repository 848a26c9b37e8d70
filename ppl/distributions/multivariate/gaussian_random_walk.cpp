#include "nuthatch/distributions/gaussian_random_walk.h"

#include "nuthatch/distributions/normal.h"
#include "ppl/distributions/multivariate/random_walk_density.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {

Distribution GaussianRandomWalk::make(const Tensor& scale, std::int64_t num_steps, Where where) {
  return detail::random_walk("GaussianRandomWalk", {}, Normal(0.0, scale, where), num_steps, where);
}

GaussianRandomWalk::GaussianRandomWalk(const GaussianRandomWalkOptions& o, Where where)
    : Distribution(detail::random_walk(
          "GaussianRandomWalk", o.init,
          Normal(detail::or_zero(o.drift), detail::required("GaussianRandomWalk", {"scale", o.scale}, where), where),
          o.num_steps, where)) {}

}  // namespace nuthatch
