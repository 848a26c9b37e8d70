#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "../diagnostics/chains.h"
#include "../diagnostics/pareto.h"
#include "log_likelihood.h"

namespace nuthatch {

/// Watanabe (2010), "Asymptotic equivalence of Bayes cross validation and widely applicable information criterion".
Elpd waic(const InferenceData& data, const WaicOptions& options, Where where) {
  constexpr double kLargestVariance = 0.4;
  const detail::LogLikelihood source("waic", data, options.var_name, where);
  Elpd result;
  result.method = "waic";
  result.scale = options.scale;
  result.good_k = std::numeric_limits<double>::quiet_NaN();
  (void)detail::scale_value("waic", options.scale, where);
  const double log_samples = std::log(static_cast<double>(source.samples()));

  std::vector<double> elpd_i(source.observations()), variances(source.observations());
  source.columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
    source.check("waic", i, values, where);
    variances[i] = detail::variance(values, 0);
    elpd_i[i] = detail::log_sum_exp(values) - log_samples - variances[i];
  });
  std::size_t large = 0;
  for (double v : variances) large += v > kLargestVariance;
  if (large > 0) {
    result.warning = true;
    result.messages.push_back(
        fmt::format("The posterior variance of the log predictive density exceeds {} for {} of {} observations: WAIC "
                    "starts to fail there. Use loo.",
                    kLargestVariance, large, variances.size()));
  }
  detail::summarise(result, source, std::move(elpd_i), std::move(variances), options.pointwise);
  return result;
}

} // namespace nuthatch
