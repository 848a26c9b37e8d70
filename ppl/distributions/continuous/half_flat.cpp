#include "nuthatch/distributions/half_flat.h"

#include "ppl/distributions/improper.h"

namespace nuthatch {

HalfFlat::HalfFlat(Where where)
    : Distribution(std::make_shared<detail::Improper>("HalfFlat", constraints::positive, Shape{}, where)) {}

} // namespace nuthatch
