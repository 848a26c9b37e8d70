#include "nuthatch/distributions/mv_gaussian_random_walk.h"

#include "nuthatch/distributions/multivariate_normal.h"
#include "ppl/distributions/multivariate/random_walk_density.h"

namespace nuthatch {

MvGaussianRandomWalk::MvGaussianRandomWalk(const MvGaussianRandomWalkOptions& o, Where where)
    : Distribution(detail::random_walk("MvGaussianRandomWalk", o.init,
                                       MultivariateNormal({.loc = o.drift,
                                                           .scale_tril = o.scale_tril,
                                                           .covariance = o.covariance,
                                                           .precision = o.precision},
                                                          where),
                                       o.num_steps, where)) {}

}  // namespace nuthatch
