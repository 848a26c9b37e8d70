#pragma once
// What tests of sites in scans have in common.
#include <cmath>

#include "nuthatch/nuthatch.h"

using namespace nuthatch;

/// A local level.
inline void local_level(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  auto [last, levels] = scan(level0, arange(T), [&](Tensor previous, Tensor) {
    Tensor level = sample("level", Normal(previous, s_state));
    return std::pair{level, level};
  }, {.dim = "time"});
  Plate time("time", T);
  sample("y", Normal(levels, s_obs), y);
}

inline const Tensor kY{0.3, -0.1, 0.8, 1.2, 0.9};

inline double normal_log_density(double x, double loc, double scale) {
  const double z = (x - loc) / scale;
  return -0.5 * z * z - std::log(scale) - 0.5 * std::log(2 * M_PI);
}
