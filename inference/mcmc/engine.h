// Runs the chains of one fit from the first tick to the last, slice by slice. It knows nothing of models and sites: a
// log density, a kernel and numbers go in, draws and states come out.
#pragma once

#include <chrono>
#include <functional>

#include "inference/mcmc/runner.h"
#include "nuthatch/stop_token.h"

namespace nuthatch::mcmc {

struct EngineOptions {
  std::int64_t num_warmup = 1000, num_samples = 1000, num_chains = 4, thinning = 1;
  bool save_warmup = false;
  double target_accept_prob = 0.8, step_size = 1.0;
  int threads = 1;
  int lane_width = 0;            // 0: by the number of chains, the data and the program
  bool interpret = false;        // the reference interpreter instead of compiled code
  Device device;
  int threads_per_chain = 0;     // on a GPU; 0: by the program and the number of chains
  std::int64_t slice_ticks = 0;  // 0: as many as fit into slice_seconds
  double slice_seconds = 0.03;
  std::int64_t max_leapfrogs = 0;  // of a chain, warm-up included; 0: no limit
  /// Draws of a chain that memory holds; the observer of `run` must `drop` those it has put elsewhere. 0: all.
  std::int64_t buffer_draws = 0;
  StopToken stop;
};

/// One chain as it is between two slices.
struct ChainReport {
  std::int64_t draw = 0, warmup_leapfrogs = 0, leapfrogs = 0, divergences = 0, saved = 0;
  bool live = true, failed = false;
  double step_size = 0;
};

/// Key of chain c of a run.
Key chain_key(const Key& run, std::int64_t chain);

class Engine {
 public:
  Engine(Sampler, LogDensityFunction, EngineOptions);

  /// New chains: chain c has key chain_key(key, c) and starts at positions[c], or where that has no
  /// density, after at most max_attempts - 1 more attempts, uniformly on (-radius, radius).
  void start(const Key& key, const std::vector<Tensor>& positions, std::int64_t max_attempts, double radius = 2.0);
  /// The same with a key for every chain.
  void start(const std::vector<Key>& keys, const std::vector<Tensor>& positions, std::int64_t max_attempts,
             double radius = 2.0);
  /// New chains that continue where others ended, with their step size and metric and without warm-up.
  void start_from(const std::vector<Key>& keys, const States& states);
  /// Chains that were interrupted.
  void restore(States states, const DrawStore& draws);

  /// Until all chains are finished (true), or the observer returns false or a stop is requested (false). Chains that
  /// find no starting point end the run; see reports().
  bool run(const std::function<bool(const std::vector<ChainReport>&)>& after_slice);

  std::vector<ChainReport> reports() const;
  /// What the compiler had to say about the program.
  std::vector<std::string> warnings() const { return runner_ ? runner_->warnings() : std::vector<std::string>{}; }
  /// How it lies on a GPU; empty on the processors.
  std::string layout() const { return runner_ ? runner_->layout() : std::string(); }
  const States& states() const { return states_; }
  /// To be stored: those of finished chains depend on their draws only.
  States stored_states() const;
  /// Stored draws. A chain has as many as its report says, less those that were dropped; warm-up comes first when it
  /// was saved.
  const DrawStore& draws() const { return draws_; }
  /// The same cut to what there is, so that equal runs give equal bytes.
  DrawStore stored_draws() const;
  /// Takes the first so many of the stored draws of a chain out of memory.
  void drop(std::int64_t chain, std::int64_t rows);
  /// How many of the stored draws of a complete run belong to warm-up.
  std::int64_t saved_warmup_draws() const;
  /// The states as one tree, every leaf [chains, ...].
  ChainState typed_states() const;

  std::chrono::duration<double> trace_time{0}, compile_time{0}, run_time{0};

 private:
  void prepare();
  bool goes_on(const ChainReport&) const;
  void begin_stretch();
  bool all_wait() const;
  void hold_meeting();
  std::int64_t next_slice(std::int64_t ticks, double seconds);
  std::int64_t max_ticks() const;
  void move_stored_draws(int sign);

  Sampler sampler_;
  LogDensityFunction model_;
  EngineOptions options_;
  WindowSchedule schedule_;
  RunPlan plan_;
  /// Of a pooled warm-up: where chains meet, and where they meet next, 0: nowhere.
  std::vector<std::int64_t> meetings_;
  std::int64_t next_meeting_ = 0;
  ChainState example_;
  std::unique_ptr<Runner> runner_;
  States states_;
  DrawStore draws_;
  /// The first slice, and what the comparison with a longer one says a slice costs before its first tick. Seconds.
  struct FirstSlice {
    std::int64_t ticks = 0;
    double seconds = 0, preparation = 0;
  } first_slice_;
};

}  // namespace nuthatch::mcmc
