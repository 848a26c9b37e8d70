#pragma once
/// AR({.coefficients, .scale, .intercept, .init, .num_steps}): an autoregression x [num_steps] of order p, coefficients
/// rho [..., p], scale > 0, intercept c 0 when left out:
///   x_t ~ Normal(c + sum_{k=1..p} rho_k x_{t-k}, scale)
/// `init` is the distribution of the first p values: of each of them when it is one of single numbers, of all together
/// when its event shape is [p]. Without it the values before the first are 0.
///   log p(x) = log p_init(x_1 .. x_p) + sum_{t=p+1..T} log Normal(x_t; c + sum_k rho_k x_{t-k}, scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct AROptions {
  OnlyNamed only_named{};
  Tensor coefficients{};
  Tensor scale{};
  Tensor intercept{};
  Distribution init{};
  std::int64_t num_steps = 0;
};

struct AR : Distribution {
  explicit AR(const AROptions& options, Where where = Where::current());
};

}  // namespace nuthatch
