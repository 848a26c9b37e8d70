// Starting points of chains, and the explanation when there are none.
#pragma once

#include "nuthatch/kernels/init.h"
#include "nuthatch/log_density.h"

namespace nuthatch::mcmc {

/// One unconstrained position per chain.
std::vector<Tensor> starting_points(const Init&, const LogDensity&, const Key& key, std::int64_t chains);
/// How many points a chain may try.
std::int64_t max_attempts(const Init&);

/// Says which site has no finite log density at z, with its value.
std::string explain_failed_start(const LogDensity&, const Tensor& z);

}  // namespace nuthatch::mcmc
