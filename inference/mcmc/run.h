// One fit from the model to the result.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "inference/mcmc/engine.h"
#include "inference/mcmc/results.h"
#include "inference/mcmc/state_file.h"
#include "inference/mcmc/streamed_draws.h"
#include "nuthatch/mcmc.h"

namespace nuthatch::mcmc {

class Run {
 public:
  /// `warmup_only`: it ends where sampling would begin.
  Run(const Kernel& kernel, const MCMCOptions& options, const detail::FitArguments& arguments, Where where,
      bool warmup_only = false);

  /// New chains.
  void start(const Key& key);
  /// New chains where others ended, which must have been written for this kernel and model.
  void start_from(const SamplerState& state, const Key& key);
  /// Chains that were interrupted.
  void resume(const SamplerState& state);

  /// Runs until the end, or until something stops it.
  Fit finish();

  /// After finish(): divergences of the sampling phase, and whether nothing stopped the run.
  std::int64_t divergences() const;
  bool complete() const;

 private:
  const LogDensity& density() const { return sets_.density(); }
  std::int64_t num_chains() const;  // of the engine
  std::int64_t walkers() const { return sampler_.kernel->walkers(); }
  std::int64_t num_samples() const { return warmup_only_ ? 0 : options_.num_samples; }
  void check() const;
  void check_pooled() const;
  void check_densities(const std::string& kernel) const;
  void fill_densities(Fit& fit) const;
  void check_fields();
  void check_memory() const;
  StoredRun stored(const SamplerState& state, bool same_schedule) const;
  void make_engine(const std::vector<std::int64_t>& dropped);
  EngineOptions engine_options() const;
  std::vector<Key> chain_keys(const Key& key) const;

  bool report(const std::vector<ChainReport>& chains, double ess) const;
  bool out_of_time() const;
  void checkpoint(bool the_end);
  void save_stored_draws() noexcept;
  SamplerState state(bool with_draws) const;
  [[noreturn]] void fail(std::size_t chain) const;
  Fit result(const std::vector<ChainReport>& chains, bool shown);
  void fill(Fit& fit, const std::vector<ChainReport>& chains);
  /// What the same run always says of itself, and the times this one took.
  Attributes attributes() const;
  void describe(Fit& fit) const;

  Kernel kernel_;
  MCMCOptions options_;
  Where where_;
  bool warmup_only_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  DataSets sets_;
  Sampler sampler_;
  DrawFields fields_;
  std::optional<SiteValues> values_;  // compiled when it is first needed
  std::optional<StreamedDraws> stream_;
  std::optional<Engine> engine_;
  std::vector<Tensor> first_points_;
  std::int64_t first_new_ = 0, thinned_by_ = 1;
  std::optional<std::chrono::steady_clock::time_point> last_checkpoint_;
  std::string checkpoint_problem_, stop_reason_;
};

}  // namespace nuthatch::mcmc
