#include "nuthatch/distributions/half_flat.h"

#include "ppl/distributions/improper.h"

namespace nuthatch {

HalfFlat::HalfFlat(Where where)
    : Distribution(share<detail::Improper>("HalfFlat", constraints::positive, Shape{}, where)) {}

} // namespace nuthatch
