#pragma once
/// What a sampler returns: its draws as InferenceData, how long it took, what it has to say, and the state from which
/// it can go on.
#include "nuthatch/inference_data.h"
#include "nuthatch/sampler_state.h"

namespace nuthatch {

using Seconds = std::chrono::duration<double>;

/// Wall-clock times of the parts of a run.
struct Timing {
  Seconds trace{0};
  Seconds compile{0};
  Seconds warmup{0};
  Seconds sampling{0};
};

class Fit : public InferenceData {
public:
  Fit() = default;
  explicit Fit(InferenceData data) : InferenceData(std::move(data)) {}

  const Timing& timing() const { return timing_; }
  /// Where the sampler stopped; empty when the kernel keeps none.
  const SamplerState& state() const { return state_; }
  void set_timing(const Timing& timing) { timing_ = timing; }
  void set_state(SamplerState state) { state_ = std::move(state); }
  void save(const std::filesystem::path& path, const SaveOptions& options = {}) const;

  /// What the run printed at its end.
  std::vector<std::string> warnings;

private:
  Timing timing_;
  SamplerState state_;
};

/// Reads a Zarr (version 2) store written by Nuthatch, ArviZ, PyMC or NumPyro. An Error names the path and the reason.
Fit load(const std::filesystem::path& path);

} // namespace nuthatch
