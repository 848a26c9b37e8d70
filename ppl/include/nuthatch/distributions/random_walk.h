#pragma once
/// RandomWalk({.innovation, .num_steps, .init}): x [num_steps, ...event], x_1 ~ init and x_t - x_{t-1} ~ innovation,
/// independent; any continuous distributions of the same event shape. Without `init` the walk starts from 0: x_1 ~
/// innovation. Batch dimensions of the two are a batch of walks.
///   log p(x) = log p_init(x_1) + sum_{t=2..T} log p_innovation(x_t - x_{t-1})
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct RandomWalkOptions {
  OnlyNamed only_named{};
  Distribution innovation{};
  std::int64_t num_steps = 1;
  Distribution init{};
};

struct RandomWalk : Distribution {
  explicit RandomWalk(const RandomWalkOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
