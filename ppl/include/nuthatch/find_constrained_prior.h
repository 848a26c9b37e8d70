#pragma once
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/distribution.h"

namespace nuthatch {

namespace detail {
Distribution find_constrained_prior(FunctionRef<Distribution(const Tensor&)> family, const Tensor& initial, double lower,
                                    double upper, double mass, Where where);
}

/// The member of a family with a given probability between two bounds:
///
///     find_constrained_prior([](Tensor sd) { return Normal(0.0, sd); }, 1.0, -log(5.0), log(5.0), 0.95)
///     find_constrained_prior([](Tensor p) { return Gamma(p[0], p[1]); }, Tensor{1.0, 1.0}, 0.1, 3.0, 0.9)
///
/// A family of one parameter is given `mass` between the bounds; one of two parameters, a vector, (1 - mass) / 2 on either
/// side. `initial` is where the search begins. The family needs a distribution function. Throws when no parameters within
/// 1e-8 of the probabilities are found.
template <class F>
Distribution find_constrained_prior(F family, const Tensor& initial, const Tensor& lower, const Tensor& upper, double mass,
                                    Where where = Where::current()) {
  return detail::find_constrained_prior([&](const Tensor& p) { return Distribution(family(p)); }, initial, lower.item(),
                                        upper.item(), mass, where);
}

}  // namespace nuthatch
