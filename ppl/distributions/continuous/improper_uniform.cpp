#include "nuthatch/distributions/improper_uniform.h"

#include "ppl/distributions/improper.h"

namespace nuthatch {

ImproperUniform::ImproperUniform(const Constraint& constraint, const Shape& shape, Where where)
    : Distribution(share<detail::Improper>("ImproperUniform", constraint, shape, where)) {}

} // namespace nuthatch
