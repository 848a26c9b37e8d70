#pragma once
/// Posterior predictive checks: does the model predict data like those that were measured? Gelman, Meng, Stern (1996).
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/transform.h"

namespace nuthatch {

/// A test statistic of predicted and of measured data.
struct PpcTest {
  Tensor replicated;   // (samples): of each predicted data set
  double observed = 0; // of the measured one
  /// Share of predicted data sets with a statistic at least as large. Near 0 or 1: the model misses this feature of the
  /// data.
  double p_value = 0;
};

namespace detail {
PpcTest ppc_test(const InferenceData&, const std::string& name, FunctionRef<Tensor(const Tensor&)> statistic,
                 FunctionRef<Tensor(const Tensor&)> of_each, Where);
}

/// A statistic of one data set, such as [](Tensor y) { return max(y) - min(y); }, applied to observed_data and to each
/// draw of posterior_predictive (else of predictions or prior_predictive): mapped over draws and compiled.
template <class F>
PpcTest ppc_test(const InferenceData& data, const std::string& name, F statistic, Where where = Where::current()) {
  auto each = jit(vmap([statistic](const Tensor& y) { return Tensor(statistic(y)); }));
  return detail::ppc_test(
      data, name, [&](const Tensor& y) { return Tensor(statistic(y)); }, [&](const Tensor& ys) { return Tensor(each(ys)); },
      where);
}

/// mean, sd, min, max and median: one row each, with columns observed, replicated (its mean over the draws) and p_value.
Table ppc_p_values(const InferenceData& data, const std::string& name, Where where = Where::current());

}  // namespace nuthatch
