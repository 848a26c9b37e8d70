#pragma once
/// Some sites drawn by a function of one's own from their conditional distribution, the others by an inner kernel.
#include "nuthatch/function.h"
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

/// (key, values of the Gibbs sites, values of all other sites) -> new values of the Gibbs sites, a draw from their
/// distribution given the others, or any update that leaves it invariant. Traced: written with Tensors.
using GibbsFunction = Function<Values(const Key& key, const Values& gibbs_sites, const Values& other_sites)>;

/// HMCGibbs(NUTS(model), draw_means, {"means"}). The metric of the inner kernel must be diagonal.
Kernel HMCGibbs(const Kernel& inner, const GibbsFunction& gibbs, const std::vector<std::string>& gibbs_sites,
                Where where = Where::current());

}  // namespace nuthatch
