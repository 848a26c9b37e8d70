#pragma once
// What is measured of each model.
#include "benchmarks/measure.h"
#include "benchmarks/models.h"

namespace nuthatch::benchmark {

/// Value and gradient at the reference's points against the reference, in lanes and without; how far off at most,
/// relative to the larger of the component and 1. Throws when there is no reference.
double gradient_error(const Problem&, const std::string& folder, int lane_width);

/// Value and gradient per chain, in a loop inside the program: 1 chain, 8 chains in lanes; and one call through jit.
void measure_gradient(const Problem&, const Options&, bool checked);
/// The same written by hand (benchmarks/bounds/), where somebody has.
void measure_bound(const Problem&, const Options&);
/// NUTS per leapfrog and chain, everything included, 1, 4 and 8 chains on one core.
void measure_nuts(const Problem&, const Options&, bool checked);
/// 4 x (1000 + 1000) draws, and 4 x (300 + 1000) with gradient-based adaptation: wall time after compilation, least bulk effective sample size per second, leapfrogs.
void measure_end_to_end(const Problem&, const Options&, bool checked);
/// Effective sample size per gradient under Stan's windows and under metrics from gradients, long and short warm-up.
void measure_adaptation(const Problem&, const Options&, bool checked);
/// Compilation by phase with an empty cache on disk, and from the cache.
void measure_compile(const Problem&, const Options&);
/// R-hat, effective sample sizes and summaries of 10,000 parameters x 4 chains x 1,000 draws.
void measure_diagnostics(const Options&);
/// Programs that are no models, against the machine's limits or Eigen by hand.
void measure_compute(const Options&);
/// NumPyro, JAX and nutpie on the same models, and how they compare with what was reported so far.
void measure_peers(const Options&);
/// From the start of a process to its first draw, with and without a cache.
void measure_first_draw(const Problem&, const Options&);
/// The process that is started for this.
int first_draw(const Problem&);

}  // namespace nuthatch::benchmark
