#pragma once
// What kernels with an adapted step size or metric have in common.
#include "nuthatch/kernels/kernel.h"

namespace nuthatch::kernels {

/// Settings of a kernel with the options of adaptation that it has. The rule is left to set; detail::check_settings
/// comes last.
template <class Options> KernelSettings with_adaptation(const char* name, const Options& o) {
  KernelSettings s;
  s.name = name;
  s.metric = o.metric;
  if constexpr (requires { o.adaptation; }) s.adaptation = o.adaptation;
  s.adapt_step_size = o.adapt_step_size;
  s.adapt_mass_matrix = o.adapt_mass_matrix;
  s.step_size = o.step_size;
  s.target_accept_prob = o.target_accept_prob;
  s.init = o.init;
  return s;
}

}  // namespace nuthatch::kernels
