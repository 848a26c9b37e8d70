#pragma once
/// A model together with the way to move through its posterior: what NUTS(model) and HMC(model) return and MCMC takes.
#include <functional>
#include <memory>
#include <string>

#include "nuthatch/kernels/init.h"
#include "nuthatch/kernels/metric.h"
#include "nuthatch/log_density.h"
#include "nuthatch/model.h"

namespace nuthatch {

namespace detail {
class KernelRule;
}

struct KernelSettings {
  std::string name;
  /// Makes the traced functions for a target.
  std::function<std::shared_ptr<const detail::KernelRule>(const LogDensity&)> rule;
  Metric metric;
  std::string adaptation = "windows";
  bool adapt_step_size = true, adapt_mass_matrix = true;
  double step_size = 1.0, target_accept_prob = 0.8;
  Init init;
};

class Kernel {
 public:
  Kernel(Model model, KernelSettings settings) : model_(std::move(model)), settings_(std::move(settings)) {}
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
