// Runs slices of a chain program for many chains, and keeps the draws they emit.
#pragma once

#include <memory>
#include <vector>

#include "inference/mcmc/chain_program.h"
#include "nuthatch/detail/executor.h"

namespace nuthatch::mcmc {

/// Stored draws of all chains: positions [chains, capacity, dim], statistics [chains, capacity, number of statistics].
struct DrawStore {
  detail::Array positions, stats;
  std::int64_t chains = 0, capacity = 0;
  /// Of each chain: how many of its draws were here before and are elsewhere now. Empty: none.
  std::vector<std::int64_t> dropped = {};

  std::int64_t dropped_of(std::int64_t chain) const { return dropped.empty() ? 0 : dropped[std::size_t(chain)]; }
};
DrawStore make_draw_store(std::int64_t chains, std::int64_t capacity, std::int64_t dim, std::int64_t num_stats);

/// The state of all chains, leaf by leaf, each [chains, ...].
using States = std::vector<detail::Array>;
/// Stacks the leaves of single chains.
States stack_states(const std::vector<std::vector<Tensor>>& chains);
/// The leaves of one chain.
std::vector<detail::Array> state_of_chain(const States&, std::int64_t chain);

/// What stays the same during a run: leaves of RunPlan, data. Data that chains have their own of are [chains, ...].
struct SharedArguments {
  std::vector<detail::Array> plan, data;
  std::vector<bool> own_data = {};
};

/// The arguments of the program: state, plan, max_ticks, data.
std::vector<detail::Array> run_arguments(const States&, const SharedArguments&, std::int64_t max_ticks);
/// Which of them, and of the results, chains have their own of; of one lane.
detail::LaneOptions lane_options(const ChainProgram&, const SharedArguments&);

class Runner {
 public:
  virtual ~Runner() = default;
  /// Continues every chain for up to max_ticks ticks; new draws go to the store.
  virtual void run(States& states, std::int64_t max_ticks, DrawStore& store) = 0;
  /// Other leaves of RunPlan from now on.
  virtual void set_plan(std::vector<detail::Array> plan) = 0;
  virtual detail::CompileStats stats() const { return {}; }
  /// How the program lies on a device, a line; empty on the processors.
  virtual std::string layout() const { return {}; }
  /// What the compiler advises, a sentence each.
  virtual std::vector<std::string> warnings() const { return {}; }
};

/// Lanes of a pack for that many chains: a half-empty pack of eight loses to a full one of four.
int lane_width(const ChainProgram&, std::int64_t chains, int threads, const SharedArguments&);

/// Chains in the lanes of compiled packs, packs over threads.
std::unique_ptr<Runner> compiled_runner(const ChainProgram&, const SharedArguments&, int width, int threads);

/// One chain after the other in the reference interpreter: slow, and the meaning of the compiled one.
std::unique_ptr<Runner> interpreted_runner(const Sampler&, const ChainProgram&, const SharedArguments&,
                                           const ChainState& example);

}  // namespace nuthatch::mcmc
