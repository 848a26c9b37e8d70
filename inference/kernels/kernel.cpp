#include "nuthatch/kernels/kernel.h"

#include <cmath>

#include "inference/kernels/nuts_paired.h"
#include "inference/kernels/nuts_plain.h"
#include "inference/kernels/static_hmc.h"
#include "inference/kernels/with_adaptation.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/kernels/hmc.h"
#include "nuthatch/kernels/nuts.h"

namespace nuthatch {
namespace {

// The start of a draw is evaluated again by the paired form: one gradient in seven to ten. That is worth it while the
// bookkeeping of a leapfrog costs as much as the gradient, which grows with the data.
bool gradient_is_expensive(const LogDensity& density) {
  std::int64_t data_size = 0;
  for (const Tensor& x : density.data()) data_size += x.size();
  return data_size > 5000 + 50 * density.dim();
}

}  // namespace

KernelSettings::KernelSettings() = default;
KernelSettings::KernelSettings(const KernelSettings&) = default;
KernelSettings::KernelSettings(KernelSettings&&) noexcept = default;
KernelSettings& KernelSettings::operator=(const KernelSettings&) = default;
KernelSettings& KernelSettings::operator=(KernelSettings&&) noexcept = default;
KernelSettings::~KernelSettings() = default;

Kernel::Kernel(Model model, KernelSettings settings) : model_(std::move(model)), settings_(std::move(settings)) {}
Kernel::Kernel(const Kernel&) = default;
Kernel::Kernel(Kernel&&) noexcept = default;
Kernel& Kernel::operator=(const Kernel&) = default;
Kernel& Kernel::operator=(Kernel&&) noexcept = default;
Kernel::~Kernel() = default;

NUTSOptions::~NUTSOptions() = default;

namespace detail {
void check_settings(const KernelSettings& s, Where where) {
  if (!(s.target_accept_prob > 0 && s.target_accept_prob < 1))
    throw Error(s.name + ": target_accept_prob must lie between 0 and 1, not " + std::to_string(s.target_accept_prob),
                where);
  if (!(s.step_size > 0) || !std::isfinite(s.step_size))
    throw Error(s.name + ": step_size must be positive, not " + std::to_string(s.step_size), where);
  if (s.adaptation != "windows" && s.adaptation != "fisher")
    throw Error(s.name + ": adaptation is \"windows\" or \"fisher\", not \"" + s.adaptation + "\"", where);
  if (s.adaptation == "windows" && s.metric.kind == Metric::Kind::low_rank)
    throw Error(s.name + ": a metric of low rank needs gradients, adaptation \"fisher\"", where);
  if (s.latents == Latents::any && s.metric.kind == Metric::Kind::low_rank)
    throw Error(s.name + ": a metric of low rank is for models without discrete sites", where);
}
}  // namespace detail

Kernel NUTS(const Model& model, const NUTSOptions& o, Where where) {
  if (o.max_tree_depth < 1 || o.max_tree_depth > 15)
    throw Error("NUTS: max_tree_depth must lie between 1 and 15, not " + std::to_string(o.max_tree_depth), where);
  if (o.form != "auto" && o.form != "paired" && o.form != "plain")
    throw Error("NUTS: form is \"auto\", \"paired\" or \"plain\", not \"" + o.form + "\"", where);
  KernelSettings s = kernels::with_adaptation("NUTS", o);
  s.any_data = true;
  if (o.symmetric_acceptance && o.adaptation == "windows")
    throw Error("NUTS: symmetric_acceptance is for adaptation \"fisher\"; Stan's windows have none", where);
  s.rule = [form = o.form, depth = o.max_tree_depth, symmetric = o.symmetric_acceptance](
               const LogDensity& density) -> Shared<const detail::KernelRule> {
    using namespace kernels;
    if (form == "plain" || (form == "auto" && gradient_is_expensive(density)))
      return share<TickRule<NutsPlain>>("NUTS", NutsPlain(depth, symmetric));
    return share<TickRule<NutsPaired>>("NUTS", NutsPaired(depth, symmetric));
  };
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

Kernel HMC(const Model& model, const HMCOptions& o, Where where) {
  if (o.num_steps < 0) throw Error("HMC: num_steps must not be negative", where);
  if (!(o.trajectory_length > 0)) throw Error("HMC: trajectory_length must be positive", where);
  KernelSettings s = kernels::with_adaptation("HMC", o);
  s.any_data = true;
  s.rule = [length = o.trajectory_length, steps = o.num_steps](
               const LogDensity&) -> Shared<const detail::KernelRule> {
    return share<kernels::TickRule<kernels::StaticHmc>>("HMC", kernels::StaticHmc(length, steps));
  };
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
