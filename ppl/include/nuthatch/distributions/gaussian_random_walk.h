#pragma once
/// GaussianRandomWalk(scale, num_steps), or GaussianRandomWalk({.scale, .drift, .num_steps, .init}): x [num_steps] with
/// x_t - x_{t-1} ~ Normal(drift, scale), scale > 0, drift 0 when left out. x_1 ~ init; without it the walk starts from 0,
/// x_1 ~ Normal(drift, scale).
///   log p(x) = log p_init(x_1) + sum_{t=2..T} log Normal(x_t - x_{t-1}; drift, scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct GaussianRandomWalkOptions {
  OnlyNamed only_named{};
  Tensor scale{};
  Tensor drift{};
  std::int64_t num_steps = 1;
  Distribution init{};
};

struct GaussianRandomWalk : Distribution {
  template <Positional S>
  explicit GaussianRandomWalk(const S& scale, std::int64_t num_steps, Where where = Where::current())
      : Distribution(make(scale, num_steps, where)) {}
  explicit GaussianRandomWalk(const GaussianRandomWalkOptions& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& scale, std::int64_t num_steps, Where where);
};

}  // namespace nuthatch
