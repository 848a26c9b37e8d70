#pragma once
/// ARMA({.ar, .ma, .scale, .intercept, .num_steps}): an autoregressive moving average x [num_steps] with coefficients
/// phi = ar [..., p] and theta = ma [..., q], scale > 0, intercept c 0 when left out:
///   x_t = c + sum_{k=1..p} phi_k x_{t-k} + e_t + sum_{k=1..q} theta_k e_{t-k},   e_t ~ Normal(0, scale)
/// Values and innovations before the first are 0, so that all e_t follow from x:
///   log p(x) = sum_t log Normal(e_t; 0, scale)
/// Box, Jenkins and Reinsel, Time Series Analysis: Forecasting and Control, chapter 7 (conditional likelihood).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct ARMAOptions {
  OnlyNamed only_named{};
  Tensor ar{};
  Tensor ma{};
  Tensor scale{};
  Tensor intercept{};
  std::int64_t num_steps = 0;
};

struct ARMA : Distribution {
  explicit ARMA(const ARMAOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
