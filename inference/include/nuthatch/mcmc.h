#pragma once
/// Markov chain Monte Carlo: runs the chains of a kernel and returns their draws.
///
///     auto fit = MCMC(NUTS(model), {.num_chains = 4}).run(Key(0), x, y);
///
/// Chain i depends on (key, i) only: not on the number of chains, threads or packs, nor on progress or interruption.
#include <optional>

#include "nuthatch/fit.h"
#include "nuthatch/interrupt.h"
#include "nuthatch/kernels/adapt.h"
#include "nuthatch/kernels/hmc.h"
#include "nuthatch/kernels/nuts.h"
#include "nuthatch/threads.h"

namespace nuthatch {

/// How far one chain is.
struct Progress {
  int chain = 0;
  std::int64_t draw = 0, total = 0;  // warm-up included
  bool warmup = true;
  std::int64_t divergences = 0;  // after warm-up
  std::int64_t leapfrogs = 0;
  double step_size = 0;
};

struct MCMCOptions {
  OnlyNamed only_named{};
  std::int64_t num_warmup = 1000;
  std::int64_t num_samples = 1000;
  std::int64_t num_chains = 4;
  /// Every so many draws are kept: num_samples / thinning.
  std::int64_t thinning = 1;
  /// A line on stderr, and the findings of diagnose() at the end. By default when stderr is a terminal.
  std::optional<bool> progress = {};
  /// Called for each chain, a few dozen times per second; false stops the run, and what was drawn is returned.
  Function<bool(const Progress&)> on_progress = {};
  /// A request to stop ends the run after the current slice; what was drawn is returned.
  StopToken stop = {};
  /// Keeps the draws of warm-up in the groups warmup_posterior and warmup_sample_stats.
  bool save_warmup = false;
  /// A file that always holds a recent state, for `resume(load_state(path), ...)` after a crash; empty: none.
  Path checkpoint = {};
  Seconds checkpoint_every = 30;
  /// A run with divergent transitions after warm-up is repeated, at most so many times, with (1 - target_accept_prob)
  /// a quarter of what it was: smaller steps.
  int max_retries = 0;
  /// Sites that are not stored.
  std::vector<std::string> exclude = {};
  /// 0: num_threads().
  int threads = 0;
  /// Chains per vector register: 1, 4 or 8; 0: by the number of chains (environment: NUTHATCH_LANES).
  int lane_width = 0;
  /// Length of the slices in which the sampler works; 0: by time, about 30 ms. Draws do not depend on it.
  std::int64_t slice_ticks = 0;
  /// The reference interpreter in place of compiled code: slow, for checking.
  bool interpret = false;
};

class MCMC {
 public:
  /// A key with the line it was given on, for messages.
  struct Seed {
    Key key;
    Where where;
    Seed(const Key& key, Where where = Where::current()) : key(key), where(where) {}
  };

  explicit MCMC(Kernel kernel, MCMCOptions options = {}, Where where = Where::current());

  /// Runs all chains on the model with these arguments.
  template <class... A>
  Fit run(const Seed& seed, const A&... arguments) const {
    return run_bound(seed.key, bind(seed.where, arguments...), seed.where);
  }
  /// Continues an interrupted run bit for bit. Where the run was complete and more samples are asked for now, the fit
  /// has the new ones.
  template <class... A>
  Fit resume(const SamplerState& state, const A&... arguments) const {
    return resume_bound(state, bind(where_, arguments...), where_);
  }
  /// New chains from the positions, step sizes and metrics of others, without warm-up.
  template <class... A>
  Fit run_from(const SamplerState& state, const Seed& seed, const A&... arguments) const {
    return run_from_bound(state, seed.key, bind(seed.where, arguments...), seed.where);
  }

  const Kernel& kernel() const { return kernel_; }
  const MCMCOptions& options() const { return options_; }

 private:
  template <class... A>
  BoundModel bind(Where where, const A&... arguments) const {
    return kernel_.model().bind({Argument(arguments)...}, where);
  }
  Fit run_bound(const Key&, const BoundModel&, Where) const;
  Fit resume_bound(const SamplerState&, const BoundModel&, Where) const;
  Fit run_from_bound(const SamplerState&, const Key&, const BoundModel&, Where) const;

  Kernel kernel_;
  MCMCOptions options_;
  Where where_;
};

}  // namespace nuthatch
