// One line on stderr that says how far a run is.
#pragma once

#include <chrono>
#include <vector>

#include "inference/mcmc/engine.h"

namespace nuthatch::mcmc {

class ProgressBar {
 public:
  /// Silent unless `enabled`.
  ProgressBar(bool enabled, std::int64_t num_warmup, std::int64_t total_draws);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  /// `ess`: the smallest effective sample size so far, NaN where it is not known.
  void update(const std::vector<ChainReport>&, double ess);
  void finish();

 private:
  bool enabled_, drawn_ = false;
  std::int64_t num_warmup_, total_;
  std::chrono::steady_clock::time_point begin_, last_;
};

/// Whether a person is looking.
bool stderr_is_terminal();

}  // namespace nuthatch::mcmc
