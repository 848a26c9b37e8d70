#include "nuthatch/loo.h"

#include <cmath>
#include <fmt/format.h>

#include "../diagnostics/chains.h"
#include "../diagnostics/columns.h"
#include "../diagnostics/pareto.h"
#include "log_likelihood.h"

namespace nuthatch {

double relative_efficiency(const InferenceData& data, Where where) {
  double sum = 0;
  std::size_t count = 0, samples = 1;
  for (const DataArray& variable : data.posterior.variables()) {
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    if (variable.size("chain") == 1) return 1;
    const detail::Columns columns(variable, {"chain", "draw"}, where);
    const auto chains = static_cast<std::size_t>(variable.size("chain"));
    samples = columns.rows();
    std::vector<double> ess(columns.size());
    columns.for_each([&](std::size_t, std::size_t i, std::span<double> x) {
      ess[i] = detail::ess_mean({x, chains, x.size() / chains});
    });
    for (double v : ess) sum += v;
    count += ess.size();
  }
  if (count == 0) throw Error("relative_efficiency: the posterior has no draws", where);
  return sum / static_cast<double>(count) / static_cast<double>(samples);
}

Elpd loo(const InferenceData& data, const LooOptions& options, Where where) {
  const detail::LogLikelihood source("loo", data, options.var_name, where);
  Elpd result;
  result.scale = options.scale;
  (void)detail::scale_value("loo", options.scale, where);
  const double r_eff = detail::choose_r_eff("loo", data, options.r_eff, where);
  const auto rule = options.legacy_tail ? detail::TailRule::legacy : detail::TailRule::current;
  const double log_samples = std::log(static_cast<double>(source.samples()));

  std::vector<double> elpd_i(source.observations()), p_i(source.observations()), k(source.observations());
  source.columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
    source.check("loo", i, values, where);
    const std::vector<double> log_likelihood(values.begin(), values.end());
    for (double& v : values) v = -v; // the posterior without observation i is proportional to posterior / likelihood
    k[i] = detail::smooth_importance_weights(values, r_eff, rule);
    for (std::size_t s = 0; s < values.size(); ++s) values[s] += log_likelihood[s];
    elpd_i[i] = detail::log_sum_exp(values);
    p_i[i] = detail::log_sum_exp(log_likelihood) - log_samples - elpd_i[i];
  });
  result.good_k = detail::good_pareto_k(source.samples());
  detail::summarise(result, source, std::move(elpd_i), std::move(p_i), options.pointwise);
  detail::warn_about_pareto_k(result, source, k);
  if (options.pointwise) result.pareto_k = source.per_observation("pareto_k", k);
  return result;
}

SmoothedWeights psis(const DataArray& log_ratios, double r_eff, Where where) {
  if (!(r_eff > 0)) throw Error(fmt::format("psis: r_eff = {}; it must be positive", r_eff), where);
  const DataArray ordered = log_ratios.with_leading({"chain", "draw"}, where);
  const detail::Columns columns(ordered, {"chain", "draw"}, where);
  detail::Array weights(Dtype::f64, ordered.shape());
  detail::Array shapes(Dtype::f64,
                       Shape(std::vector<std::int64_t>(ordered.shape().begin() + 2, ordered.shape().end())));
  columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
    for (double v : values)
      if (!std::isfinite(v))
        throw Error(fmt::format("psis: a log ratio of column {} is {}; all must be finite", i, v), where);
    shapes.as<double>()[i] = detail::smooth_importance_weights(values, r_eff);
    for (std::size_t s = 0; s < values.size(); ++s) weights.as<double>()[s * columns.size() + i] = values[s];
  });
  const std::vector<std::string> rest(ordered.dims().begin() + 2, ordered.dims().end());
  SmoothedWeights out{DataArray(ordered.dims(), std::move(weights)), DataArray(rest, std::move(shapes))};
  for (const auto& [dim, labels] : ordered.coords()) {
    out.log_weights.set_coord(dim, labels);
    if (out.pareto_k.has_dim(dim)) out.pareto_k.set_coord(dim, labels);
  }
  out.log_weights.rename("log_weights");
  out.pareto_k.rename("pareto_k");
  return out;
}

} // namespace nuthatch
