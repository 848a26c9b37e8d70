// The program of a slice: one chain ticks until it is finished or the slice is used up. Kernel, adaptation and the
// output of draws meet here; the compiler puts several chains into the lanes of a pack.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "inference/mcmc/adaptation.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/kernels/tick_kernel.h"

namespace nuthatch::mcmc {

/// A model as MCMC needs it: a traced log density of (position, data). The data are arguments of the program, so that
/// other data of the same shapes need no other program.
struct LogDensityFunction {
  std::int64_t dim = 0;
  std::vector<Tensor> data;
  std::function<Tensor(const Tensor& position, const std::vector<Tensor>& data)> log_density;
  /// Value and gradient, where they are known; otherwise they are derived.
  std::function<std::pair<Tensor, Tensor>(const Tensor& position, const std::vector<Tensor>& data)> value_and_grad = {};
  /// Data that every chain has its own of, [chains, ...]; empty: none.
  std::vector<bool> own_data = {};

  bool is_own(std::size_t i) const { return i < own_data.size() && own_data[i]; }
  /// Of data i as one chain sees them.
  Shape data_shape(std::size_t i) const;
};

/// What is the same for all chains and slices of a run; scalars i64.
struct RunPlan {
  AdaptationPlan adaptation;
  Tensor total;        // draws, warm-up included
  Tensor first_saved;  // the first draw that may be stored
  Tensor thinning;     // every so many draws are stored
  Tensor max_leapfrogs;  // a chain that has used so many, warm-up included, is finished
  static constexpr auto fields = names("adaptation", "total", "first_saved", "thinning", "max_leapfrogs");
};

/// Counters of a chain; scalars i64.
struct Counters {
  Tensor saved;             // draws stored so far: the next position in the output streams
  Tensor skipped;           // draws since one was stored
  Tensor warmup_leapfrogs;
  Tensor leapfrogs;         // after warm-up
  Tensor divergences;       // after warm-up
  static constexpr auto fields = names("saved", "skipped", "warmup_leapfrogs", "leapfrogs", "divergences");
};

/// Everything a chain knows. Between slices it is a plain tree of tensors: stored and continued bit for bit.
struct ChainState {
  Chain chain;
  Counters counters;
  Adaptation adaptation;
  std::vector<Tensor> kernel;
  static constexpr auto fields = names("chain", "counters", "adaptation", "kernel");
};

/// Output streams of the program.
inline constexpr int position_stream = 0, stats_stream = 1;

/// A kernel with the adaptation it wants.
struct Sampler {
  Shared<const detail::KernelRule> kernel;
  AdaptationRules rules;
};

/// The state of a chain before its first tick.
ChainState begin_chain(const Sampler&, const LogDensityFunction&, const WindowSchedule&, const Key& chain_key,
                       const Start&, double step_size);

/// One tick and, where it completes a draw, its storage and what adaptation learns from it.
ChainState tick(const Sampler&, const Target&, const RunPlan&, const ChainState&);

/// Arguments: the leaves of ChainState (varying), of RunPlan, max_ticks, data (shared). Results: the leaves.
struct ChainProgram {
  detail::ProgramPtr program;
  std::size_t num_state = 0;  // leaves of ChainState
  std::size_t num_plan = 0;   // leaves of RunPlan
};
ChainProgram trace_slice(const Sampler&, const LogDensityFunction&, const ChainState& example, const RunPlan& plan);

}  // namespace nuthatch::mcmc
