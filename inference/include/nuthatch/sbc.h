#pragma once
/// Simulation-based calibration: does a kernel sample the posterior of a model? Parameters are drawn from the prior, data
/// from the model given them, and the posterior given the data; then the rank of each parameter among its draws is
/// uniform. Talts, Betancourt, Simpson, Vehtari & Gelman (2018).
///
///     auto result = sbc(NUTS(model), {.num_fits = 400}, Key(0), x, y);   // values of y do not matter, its shape does
///     result.p_value["tau"];
///
/// All fits are chains of one compiled program, each with data of its own.
#include <map>
#include <string>
#include <vector>

#include "nuthatch/mcmc.h"

namespace nuthatch {

struct SBCOptions {
  OnlyNamed only_named{};
  std::int64_t num_fits = 200;
  std::int64_t num_warmup = 500;
  /// Draws of a fit that are ranked against: ranks are 0 ... num_draws.
  std::int64_t num_draws = 99;
  /// Every so many draws is one of them; neighbours must be nearly independent.
  std::int64_t thinning = 10;
  /// Intervals of ranks in the test of uniformity.
  std::int64_t num_bins = 20;
  int threads = 0;
};

struct SBCResult {
  /// One per coordinate in unconstrained space: "mu", "theta[3]".
  std::vector<std::string> names;
  /// [num_fits, coordinates], i64: how many draws are below the parameter that made the data.
  Tensor ranks;
  std::int64_t num_draws = 0;
  /// Of the chi-squared test of uniform ranks, by name.
  std::map<std::string, double> p_value;
};

SBCResult sbc_bound(const Kernel& kernel, const SBCOptions& options, const Key& key, const BoundModel& model, Where where);

/// Arguments are those of the model. Fit i depends on (key, i) only.
template <class... A>
SBCResult sbc(const Kernel& kernel, const SBCOptions& options, const MCMC::Seed& seed, const A&... arguments) {
  return sbc_bound(kernel, options, seed.key, kernel.model().bind({Argument(arguments)...}, seed.where), seed.where);
}

}  // namespace nuthatch
