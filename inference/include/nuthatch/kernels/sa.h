#pragma once
/// Sample adaptive MCMC: each chain is a set of points whose normal fit is the proposal. No gradient, no step size; needs
/// long chains. Zhu, NeurIPS (2019).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct SAOptions {
  OnlyNamed only_named{};
  /// Points in the set of a chain; 0: twice the number of dimensions, at least two more than dimensions.
  std::int64_t adapt_state_size = 0;
  Init init = init_to_uniform();
};

Kernel SA(const Model& model, const SAOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
