#pragma once
/// Where chains start. When a starting point has no finite log density or gradient, up to 100 others are tried.
#include "nuthatch/handlers.h"

namespace nuthatch {

class InferenceData;

struct Init {
  enum class Kind { uniform, value, sample, median, mean, feasible, draws };
  Kind kind = Kind::uniform;
  double radius = 2.0;
  int num_samples = 15;
  Values values;

  ~Init();  // compiled once
};

/// Uniform on (-radius, radius) in unconstrained space, Stan's default.
Init init_to_uniform(double radius = 2.0);
/// These values, for every chain. Latent sites that are not among them start uniformly.
Init init_to_value(Values values);
/// A draw from the prior.
Init init_to_sample();
/// The median of draws from the prior, coordinate by coordinate in unconstrained space.
Init init_to_median(int num_samples = 15);
/// Their mean, coordinate by coordinate in unconstrained space.
Init init_to_mean(int num_samples = 15);
/// The origin of unconstrained space.
Init init_to_feasible();
/// Draws from an earlier fit of the same latent sites, by any method: each chain takes one of them at random.
Init init_to_draws(const InferenceData& fit);

}  // namespace nuthatch
