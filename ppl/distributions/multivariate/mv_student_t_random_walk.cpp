#include "nuthatch/distributions/mv_student_t_random_walk.h"

#include "nuthatch/distributions/multivariate_student_t.h"
#include "ppl/distributions/multivariate/random_walk_density.h"

namespace nuthatch {

MvStudentTRandomWalk::MvStudentTRandomWalk(const MvStudentTRandomWalkOptions& o, Where where)
    : Distribution(detail::random_walk("MvStudentTRandomWalk", o.init,
                                       MultivariateStudentT({.df = o.df,
                                                             .loc = o.drift,
                                                             .scale_tril = o.scale_tril,
                                                             .scale_matrix = o.scale_matrix,
                                                             .precision = o.precision},
                                                            where),
                                       o.num_steps, where)) {}

}  // namespace nuthatch
