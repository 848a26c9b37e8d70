#pragma once
/// What a sampler returns: its draws as InferenceData, how long it took, what it has to say, and the state from which
/// it can go on.
#include "nuthatch/detail/shared.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/sampler_state.h"
#include "nuthatch/seconds.h"

namespace nuthatch {

class BoundModel;

/// Wall-clock times of the parts of a run.
struct Timing {
  Seconds trace{0};
  Seconds compile{0};
  Seconds warmup{0};
  Seconds sampling{0};
};

class Fit : public InferenceData {
public:
  Fit();
  explicit Fit(InferenceData data);
  // Defined in one place: their code is large, and every user of a fit would compile it.
  Fit(const Fit&);
  Fit(Fit&&) noexcept;
  Fit& operator=(const Fit&);
  Fit& operator=(Fit&&) noexcept;
  ~Fit();

  const Timing& timing() const { return timing_; }
  /// Where the sampler stopped; empty when the kernel keeps none.
  const SamplerState& state() const { return state_; }
  void set_timing(const Timing& timing) { timing_ = timing; }
  void set_state(SamplerState state) { state_ = std::move(state); }
  /// The model with its data, for what is computed from draws on demand; null in a fit that was loaded.
  const BoundModel* model() const { return model_.get(); }
  void set_model(const BoundModel& model);
  void save(const Path& path, const SaveOptions& options = {}) const;
  /// The logarithm of the marginal likelihood, as `nuthatch::log_evidence` of smc.h: an Error for a fit of a sampler that
  /// does not estimate it.
  double log_evidence(Where where = Where::current()) const;

  /// What the run printed at its end.
  std::vector<std::string> warnings;

private:
  Timing timing_;
  SamplerState state_;
  Shared<const BoundModel> model_;
};

/// Reads a Zarr (version 2) store or a NetCDF-4 file written by Nuthatch, ArviZ, PyMC or NumPyro. An Error names the path and the reason.
Fit load(const Path& path);

} // namespace nuthatch
