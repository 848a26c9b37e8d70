#include "nuthatch/distributions/flat.h"

#include "ppl/distributions/improper.h"

namespace nuthatch {

Flat::Flat(Where where) : Distribution(share<detail::Improper>("Flat", constraints::real, Shape{}, where)) {}

} // namespace nuthatch
