#pragma once
/// A kernel for any model: NUTS for the continuous sites, a Gibbs step for every number of a discrete site with a finite
/// support, a Metropolis step for others.
#include "nuthatch/kernels/kernel.h"
#include "nuthatch/kernels/nuts.h"

namespace nuthatch {

/// Compound(model); options are those of NUTS. Without discrete sites it is NUTS.
Kernel Compound(const Model& model, const NUTSOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
