#pragma once
// Programs of one chain that evaluate a log density and its gradient, for the executor to put into lanes.
#include <nuthatch/detail/executor.h>

#include "benchmarks/models.h"

namespace nuthatch::benchmark {

/// (z, data...) to (value, gradient).
detail::ProgramPtr gradient_program(const LogDensity&);
/// (z, count, data...) to (last z, sum of values): count evaluations, each at a point moved a little along the gradient
/// of the last, so that none can be left out or moved out of the loop.
detail::ProgramPtr repeated_gradient_program(const LogDensity&);

detail::LaneOptions lanes(const LogDensity&, int width, std::size_t results);
std::vector<detail::Array> arguments(const LogDensity&, const detail::Array& z);
std::vector<detail::Array> arguments(const LogDensity&, const detail::Array& z, std::int64_t count);

}  // namespace nuthatch::benchmark
