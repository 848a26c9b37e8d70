// How well a run is going: the smallest bulk effective sample size of its draws so far, for the progress line.
#pragma once

#include <chrono>
#include <limits>
#include <optional>

#include "inference/mcmc/engine.h"

namespace nuthatch::mcmc {

/// Keeps a thinned copy of some coordinates, so that neither memory nor time grows with the run. Thinning makes the
/// estimate a lower one.
class EssSoFar {
 public:
  EssSoFar(std::int64_t warmup_draws, std::int64_t walkers) : warmup_draws_(warmup_draws), walkers_(walkers) {}
  /// After every slice, before draws leave the engine.
  void collect(const Engine&);
  /// Over all chains; NaN while there are fewer than four draws of each. Computed about once a second.
  double value();

 private:
  std::int64_t warmup_draws_, walkers_, stride_ = 1, coordinates_ = 0;
  std::vector<std::vector<double>> kept_;   // of each chain or walker: rows of coordinates
  std::vector<std::int64_t> next_;          // of each chain: the draw that is kept next
  std::optional<std::chrono::steady_clock::time_point> computed_;
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace nuthatch::mcmc
