#pragma once
/// Markov chain Monte Carlo: runs the chains of a kernel and returns their draws.
///
///     auto fit = MCMC(NUTS(model), {.num_chains = 4}).run(Key(0), x, y);
///     auto fit = MCMC(model).run(Key(0), x, y);   // the kernel follows from the model
///
/// Chain i depends on (key, i) only: not on the number of chains, threads or packs, nor on progress or interruption.
#include <optional>

#include "nuthatch/device.h"
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
  /// The smallest bulk effective sample size so far over all chains, of up to 64 unconstrained coordinates; NaN until
  /// there are some draws. An estimate for the eye, renewed about once a second.
  double ess = 0;
};

/// Data sets stacked along the first axis, one fit for each: see MCMCOptions::each.
struct Each {
  Tensor stacked;
};
inline Each each(const Tensor& stacked) { return {stacked}; }

namespace detail {

/// What a model was given; for arguments `each`, the first of the stacked data sets.
class FitArguments {
 public:
  FitArguments(Where where);
  template <class... A>
  FitArguments(Where where, const A&... arguments) : FitArguments(where) {
    (add(arguments), ...);
  }
  ~FitArguments();
  /// How many data sets are stacked; 0: none are.
  std::int64_t num_sets() const { return num_sets_; }
  /// The model with data set i.
  BoundModel bind(const Model& model, std::int64_t i = 0) const;

 private:
  template <class T>
  void add(const T& argument) {
    if constexpr (std::is_same_v<T, Each>) add_each(argument);
    else add_argument(argument);
  }
  void add_argument(Argument);
  void add_each(const Each&);

  Where where_;
  std::vector<Argument> arguments_;
  std::vector<std::pair<std::size_t, Tensor>> stacked_;  // with the position of the argument
  std::int64_t num_sets_ = 0;
};

}  // namespace detail

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
  /// Ends the run cleanly after so much wall-clock time, compilation included, or when every chain has used so many
  /// gradients, warm-up included; 0: no limit. What was drawn is returned, and `resume(fit.state(), ...)` goes on. The
  /// limit of gradients gives the same draws on every machine.
  Seconds max_time = 0;
  std::int64_t max_gradients = 0;
  /// Keeps the draws of warm-up in the groups warmup_posterior and warmup_sample_stats.
  bool save_warmup = false;
  /// More of each draw in sample_stats: "unconstrained_draw" and "gradient" (of the log density there), both (chain,
  /// draw, unconstrained_parameter). Names of statistics that are stored anyway are welcome.
  std::vector<std::string> extra_fields = {};
  /// A Zarr store to which draws are written while they come; memory holds the newest only. `load(stream_to)` gives all
  /// but those of about the last second at any moment, also after the process was killed. It holds no time of day: runs
  /// of the same key give the same bytes. A store of that name is replaced. The fit that is returned has all draws where
  /// they take less than max_memory bytes, else every second, third, ... of them.
  Path stream_to = {};
  std::int64_t max_memory = std::int64_t(1) << 30;
  /// A file that always holds a recent state, for `resume(path, ...)` after a crash; empty: none. It is written at most
  /// every so often, 0: after every slice, and at the end; it appears complete or not at all.
  Path checkpoint = {};
  Seconds checkpoint_every = 30;
  /// Warm-up learns one step size and one metric from the draws of all chains together, in place of one for each chain:
  /// shorter warm-up with many chains, and chains that take equally long. Chains wait for each other every few draws of
  /// warm-up, and chain i then depends on all of them. An Error with kernels that have nothing to adapt from outside, and
  /// with several data sets.
  bool pooled_adaptation = false;
  /// A run with divergent transitions after warm-up is repeated, at most so many times, with (1 - target_accept_prob)
  /// a quarter of what it was: smaller steps.
  int max_retries = 0;
  /// Stores the log density of every observation, or of every latent site, for each draw in the groups log_likelihood and
  /// log_prior: for loo, waic, compare, and for prior_sensitivity. Not for several data sets at once.
  bool log_likelihood = false, log_prior = false;
  /// Sites that are not stored.
  std::vector<std::string> exclude = {};
  /// 0: num_threads().
  int threads = 0;
  /// Chains per vector register: 1, 4, 8 or 16; 0: by the number of chains, the data and the program (environment:
  /// NUTHATCH_LANES).
  int lane_width = 0;
  /// Where the chains run; left out, on default_device(). On a GPU every chain is run by a group of threads, and whole
  /// slices of the sampler are one kernel (docs/gpu.md). Draws are those of the processors to rounding, not bit for bit.
  std::optional<Device> device = {};
  /// Threads of a GPU for a chain: 1, 2, 4, 8, 16, 32 or a multiple of 32 up to 1024; 0: by the program and the number of
  /// chains.
  int threads_per_chain = 0;
  /// Length of the slices in which the sampler works; 0: by time, about 30 ms. Draws do not depend on it.
  std::int64_t slice_ticks = 0;
  /// The reference interpreter in place of compiled code: slow, for checking.
  bool interpret = false;
  /// Labels of the data sets of arguments `each(x)`, and the name of their dimension in the fit, which follows "draw".
  /// All fits run as one program, no chain waits for another, and fit i has the draws of `run(fold_in(key, i), ...)` with
  /// data set i alone, bit for bit. `fit.each(each_dim, label)` takes one out.
  Labels each = {};
  std::string each_dim = "each";

  ~MCMCOptions();  // compiled once
};

class MCMC {
 public:
  /// A key with the line it was given on, for messages.
  struct Seed {
    Key key;
    Where where;
    Seed(const Key& key, Where where = Where::current()) : key(key), where(where) {}
  };

  /// With the options as they are. (As a default argument their temporary would leave clang a destructor to emit that it
  /// forgets.)
  explicit MCMC(Kernel kernel, Where where = Where::current());
  MCMC(Kernel kernel, MCMCOptions options, Where where = Where::current());
  /// The kernel is left out: Compound(model). Continuous sites go to NUTS; every number of a discrete site gets a Gibbs
  /// step where its support is finite, else a Metropolis step. The fit says which in attrs["steps"].
  explicit MCMC(Model model, Where where = Where::current());
  MCMC(Model model, MCMCOptions options, Where where = Where::current());

  /// Runs all chains on the model with these arguments.
  template <class... A>
  Fit run(const Seed& seed, const A&... arguments) const {
    return run_bound(seed.key, {seed.where, arguments...}, seed.where);
  }
  /// Warm-up alone: a fit without posterior draws, whose state `resume` continues to the draws that `run` gives.
  template <class... A>
  Fit warmup(const Seed& seed, const A&... arguments) const {
    return warmup_bound(seed.key, {seed.where, arguments...}, seed.where);
  }
  /// Continues an interrupted run bit for bit. Where the run was complete and more samples are asked for now, the fit
  /// has the new ones; with `stream_to`, the store has all of them.
  template <class... A>
  Fit resume(const SamplerState& state, const A&... arguments) const {
    return resume_bound(state, {where_, arguments...}, where_);
  }
  /// The same from a file: a checkpoint, or what `SamplerState::save` wrote.
  template <class... A>
  Fit resume(const Path& checkpoint, const A&... arguments) const {
    return resume_bound(load_state(checkpoint), {where_, arguments...}, where_);
  }
  /// New chains from the positions, step sizes and metrics of others, without warm-up.
  template <class... A>
  Fit run_from(const SamplerState& state, const Seed& seed, const A&... arguments) const {
    return run_from_bound(state, seed.key, {seed.where, arguments...}, seed.where);
  }

  const Kernel& kernel() const { return kernel_; }
  const MCMCOptions& options() const { return options_; }

 private:
  Fit run_bound(const Key&, const detail::FitArguments&, Where) const;
  Fit warmup_bound(const Key&, const detail::FitArguments&, Where) const;
  Fit resume_bound(const SamplerState&, const detail::FitArguments&, Where) const;
  Fit run_from_bound(const SamplerState&, const Key&, const detail::FitArguments&, Where) const;

  Kernel kernel_;
  MCMCOptions options_;
  Where where_;
};

}  // namespace nuthatch
