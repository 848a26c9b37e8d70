#pragma once
/// GARCH11({.omega, .alpha, .beta, .initial_volatility, .num_steps}): x [num_steps], a series whose variance depends on
/// its past; omega > 0, alpha >= 0, beta >= 0, initial_volatility > 0:
///   x_t ~ Normal(0, s_t),   s_1 = initial_volatility,   s_t^2 = omega + alpha x_{t-1}^2 + beta s_{t-1}^2
///   log p(x) = -1/2 sum_t (x_t^2 / s_t^2 + log(s_t^2)) - T/2 log(2 pi)
/// Bollerslev, Generalized autoregressive conditional heteroskedasticity, Journal of Econometrics 31 (1986).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct GARCH11Options {
  OnlyNamed only_named{};
  Tensor omega{};
  Tensor alpha{};
  Tensor beta{};
  Tensor initial_volatility{};
  std::int64_t num_steps = 1;
};

struct GARCH11 : Distribution {
  explicit GARCH11(const GARCH11Options& options, Where where = Where::current());
};

}  // namespace nuthatch
