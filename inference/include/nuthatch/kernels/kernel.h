#pragma once
/// A model together with the way to move through its posterior: what NUTS(model) and HMC(model) return and MCMC takes.
#include <string>

#include "nuthatch/detail/shared.h"
#include "nuthatch/function.h"
#include "nuthatch/kernels/init.h"
#include "nuthatch/kernels/metric.h"
#include "nuthatch/log_density.h"
#include "nuthatch/model.h"

namespace nuthatch {

namespace detail {
class KernelRule;
}

struct KernelSettings {
  KernelSettings();
  KernelSettings(const KernelSettings&);
  KernelSettings(KernelSettings&&) noexcept;
  KernelSettings& operator=(const KernelSettings&);
  KernelSettings& operator=(KernelSettings&&) noexcept;
  ~KernelSettings();

  std::string name;
  /// Makes the traced functions for a target.
  Function<Shared<const detail::KernelRule>(const LogDensity&)> rule;
  /// Instead of `rule`, for kernels whose chains work together: all of them are the state of one program.
  Function<Shared<const detail::KernelRule>(const LogDensity&, std::int64_t chains)> ensemble_rule;
  /// Which latent sites the kernel can move.
  Latents latents = Latents::continuous;
  Metric metric;
  std::string adaptation = "windows";
  bool adapt_step_size = true, adapt_mass_matrix = true;
  double step_size = 1.0, target_accept_prob = 0.8;
  /// Where one dimension has another target; 0: it has not.
  double target_in_one_dimension = 0;
  /// The first step size is multiplied by 2.38 / sqrt(2 dim).
  bool step_size_by_dimension = false;
  /// Acceptance is that of one proposal per draw: the step size needs more draws.
  bool noisy_acceptance = false;
  /// The rule sees the target through its log density alone: chains may have data of their own.
  bool any_data = false;
  Init init;
};

class Kernel {
 public:
  Kernel(Model model, KernelSettings settings);
  Kernel(const Kernel&);
  Kernel(Kernel&&) noexcept;
  Kernel& operator=(const Kernel&);
  Kernel& operator=(Kernel&&) noexcept;
  ~Kernel();
  const Model& model() const { return model_; }
  const KernelSettings& settings() const { return settings_; }

 private:
  Model model_;
  KernelSettings settings_;
};

namespace detail {
/// Checks what all kernels share; `name` begins the messages.
void check_settings(const KernelSettings&, Where);
}  // namespace detail

}  // namespace nuthatch
