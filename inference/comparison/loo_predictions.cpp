/// Posterior predictive draws, reweighted as if each observation had been left out.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../diagnostics/pareto.h"
#include "log_likelihood.h"
#include "nuthatch/cross_validation.h"

namespace nuthatch {
namespace {

/// Predictions and observations that belong to the log likelihoods.
struct Predictions {
  Predictions(const char* function, const InferenceData& data, const LooPitOptions& options, Where where)
      : source(function, data, options.var_name, where),
        draws(variable(function, data.posterior_predictive, "posterior_predictive", where), {"chain", "draw"}, where),
        r_eff(detail::choose_r_eff(function, data, options.r_eff, where)) {
    if (draws.rows() != source.samples() || draws.size() != source.observations())
      throw Error(
          fmt::format("{}: posterior_predictive `{}` has {} samples of {} observations, log_likelihood {} of {}",
                      function, source.variable.name(), draws.rows(), draws.size(), source.samples(),
                      source.observations()),
          where);
  }

  const DataArray& variable(const char* function, const Dataset& group, const char* name, Where where) const {
    if (!group.contains(source.variable.name()))
      throw Error(fmt::format("{}: the group {} has no variable `{}`", function, name, source.variable.name()), where);
    return group[source.variable.name()];
  }

  std::vector<double> observed(const char* function, const InferenceData& data, Where where) const {
    auto values = variable(function, data.observed_data, "observed_data", where).to_doubles();
    if (values.size() != source.observations())
      throw Error(fmt::format("{}: observed_data `{}` has {} values, log_likelihood {} observations", function,
                              source.variable.name(), values.size(), source.observations()),
                  where);
    return values;
  }

  /// Calls `statistic(observation, draws, weights)` for every observation; the weights sum to 1.
  template <class Statistic>
  DataArray each(const char* function, const std::string& name, Where where, Statistic statistic) const {
    std::vector<double> out(source.observations());
    source.columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
      source.check(function, i, values, where);
      for (double& v : values) v = -v;
      detail::smooth_importance_weights(values, r_eff);
      for (double& v : values) v = std::exp(v);
      out[i] = statistic(i, draws.column(i), values);
    });
    return source.per_observation(name, out);
  }

  detail::LogLikelihood source;
  detail::Columns draws;
  double r_eff;
};

/// Inverse of a piecewise linear distribution function whose steps follow the weights, type 7 for equal weights
/// (Akinshin 2023, "Weighted quantile estimators").
double weighted_quantile(std::span<const double> x, std::span<const double> weights, double probability) {
  std::vector<std::size_t> order;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (weights[i] == 0) continue;
    order.push_back(i);
    sum += weights[i];
    squares += weights[i] * weights[i];
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  const double effective = sum * sum / squares;
  const double h = std::clamp((effective - 1) * probability + 1, 1.0, effective);
  const auto position = [&](double cumulative) {
    return std::max((h - 1) / effective, std::min(h / effective, cumulative)) * effective - h + 1;
  };
  double out = 0, cumulative = 0, before = position(0);
  for (std::size_t i : order) {
    cumulative += weights[i] / sum;
    const double after = position(cumulative);
    out += x[i] * (after - before);
    before = after;
  }
  return out;
}

} // namespace

DataArray loo_pit(const InferenceData& data, const LooPitOptions& options, Where where) {
  if (options.ties != "half" && options.ties != "all" && options.ties != "random")
    throw Error(fmt::format("loo_pit: .ties = \"{}\" is none of half, all, random", options.ties), where);
  const Predictions predictions("loo_pit", data, options, where);
  const auto observed = predictions.observed("loo_pit", data, where);
  std::vector<double> share(observed.size(), options.ties == "all" ? 1.0 : 0.5);
  if (options.ties == "random")
    share = uniform(options.key, Shape{static_cast<std::int64_t>(observed.size())}).to_vector<double>();
  return predictions.each("loo_pit", "loo_pit", where,
                          [&](std::size_t i, std::span<const double> draws, std::span<const double> weights) {
                            double below = 0, equal = 0;
                            for (std::size_t s = 0; s < draws.size(); ++s) {
                              if (draws[s] < observed[i]) below += weights[s];
                              if (draws[s] == observed[i]) equal += weights[s];
                            }
                            return std::min(1.0, below + share[i] * equal);
                          });
}

DataArray loo_expectation(const InferenceData& data, const std::string& kind, double probability,
                          const LooPitOptions& options, Where where) {
  const bool quantile = kind == "median" || kind == "quantile";
  if (!quantile && kind != "mean" && kind != "var" && kind != "sd")
    throw Error(fmt::format("loo_expectation: kind \"{}\" is none of mean, sd, var, median, quantile", kind), where);
  if (!(probability >= 0 && probability <= 1))
    throw Error(fmt::format("loo_expectation: probability {} is not in [0, 1]", probability), where);
  const Predictions predictions("loo_expectation", data, options, where);
  return predictions.each("loo_expectation", "loo_" + kind, where,
                          [&](std::size_t, std::span<const double> draws, std::span<const double> weights) {
                            if (quantile)
                              return weighted_quantile(draws, weights, kind == "median" ? 0.5 : probability);
                            const double mean = std::inner_product(draws.begin(), draws.end(), weights.begin(), 0.0);
                            if (kind == "mean") return mean;
                            double variance = 0, squares = 0;
                            for (std::size_t s = 0; s < draws.size(); ++s) {
                              variance += weights[s] * (draws[s] - mean) * (draws[s] - mean);
                              squares += weights[s] * weights[s];
                            }
                            if (squares < 1) variance /= 1 - squares; // ess / (ess - 1), ess = 1 / squares
                            return kind == "var" ? variance : std::sqrt(variance);
                          });
}

} // namespace nuthatch
