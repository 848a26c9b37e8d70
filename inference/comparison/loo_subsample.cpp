#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../diagnostics/chains.h"
#include "../diagnostics/pareto.h"
#include "log_likelihood.h"
#include "nuthatch/cross_validation.h"

namespace nuthatch {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Positions without repetition: those given, or the first of a random order.
std::vector<std::size_t> chosen(std::size_t n, std::int64_t count, const LooSubsampleOptions& options, Where where) {
  std::vector<std::size_t> out;
  if (!options.observations.empty()) {
    for (std::int64_t i : options.observations) {
      if (i < 0 || static_cast<std::size_t>(i) >= n)
        throw Error(fmt::format("loo_subsample: observation {} of {}", i, n), where);
      out.push_back(static_cast<std::size_t>(i));
    }
  } else {
    if (count < 1 || static_cast<std::size_t>(count) > n)
      throw Error(fmt::format("loo_subsample: {} of {} observations", count, n), where);
    const auto u = uniform(options.key, Shape{static_cast<std::int64_t>(n)}).to_vector<double>();
    out.resize(n);
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::sort(out.begin(), out.end(), [&](auto a, auto b) { return u[a] < u[b] || (u[a] == u[b] && a < b); });
    out.resize(static_cast<std::size_t>(count));
  }
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end())
    throw Error("loo_subsample: an observation occurs twice", where);
  return out;
}

double sum(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double sum_of_squares(const std::vector<double>& x) { return std::inner_product(x.begin(), x.end(), x.begin(), 0.0); }

} // namespace

/// The difference estimator of Magnusson et al. (2020), equations 7 to 9, with log predictive densities of all
/// observations as what is known of each.
Elpd loo_subsample(const InferenceData& data, std::int64_t count, const LooSubsampleOptions& options, Where where) {
  const detail::LogLikelihood source("loo_subsample", data, options.var_name, where);
  const double r_eff = detail::choose_r_eff("loo_subsample", data, options.r_eff, where);
  const auto sample = chosen(source.observations(), count, options, where);
  const double log_samples = std::log(static_cast<double>(source.samples()));

  std::vector<double> lppd(source.observations()), elpd_i(lppd.size(), kNaN), p_i(lppd.size(), kNaN);
  std::vector<double> shapes(lppd.size(), kNaN);
  source.columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
    source.check("loo_subsample", i, values, where);
    lppd[i] = detail::log_sum_exp(values) - log_samples;
    if (!std::binary_search(sample.begin(), sample.end(), i)) return;
    const std::vector<double> log_likelihood(values.begin(), values.end());
    for (double& v : values) v = -v;
    shapes[i] = detail::smooth_importance_weights(values, r_eff);
    for (std::size_t s = 0; s < values.size(); ++s) values[s] += log_likelihood[s];
    elpd_i[i] = detail::log_sum_exp(values);
    p_i[i] = lppd[i] - elpd_i[i];
  });

  const double n = static_cast<double>(lppd.size()), m = static_cast<double>(sample.size());
  std::vector<double> difference, square_difference, optimism, sampled_k;
  for (std::size_t i : sample) {
    difference.push_back(elpd_i[i] - lppd[i]);
    square_difference.push_back(elpd_i[i] * elpd_i[i] - lppd[i] * lppd[i]);
    optimism.push_back(p_i[i]);
    sampled_k.push_back(shapes[i]);
  }
  Elpd result;
  result.method = "loo_subsample";
  result.num_samples = static_cast<std::int64_t>(source.samples());
  result.num_data = static_cast<std::int64_t>(lppd.size());
  result.good_k = detail::good_pareto_k(source.samples());
  const double known = sum(lppd), correction = n * detail::mean(difference);
  result.elpd = known + correction;
  result.p = n * detail::mean(optimism);
  result.subsampling_se = result.se = std::numeric_limits<double>::infinity();
  if (sample.size() > 1) {
    const double variance = n * n * std::max(0.0, 1 - m / n) * detail::variance(difference) / m;
    result.subsampling_se = std::sqrt(variance);
    result.se = std::sqrt(
        std::max(0.0, sum_of_squares(lppd) + n * detail::mean(square_difference) -
                          (correction * correction - variance + 2 * known * result.elpd - known * known) / n));
  }
  std::vector<double> padded(shapes);
  for (double& v : padded) v = std::isnan(v) ? 0 : v;
  for (std::size_t j = 0; j < sample.size(); ++j) padded[sample[j]] = sampled_k[j];
  detail::warn_about_pareto_k(result, source, padded);
  result.elpd_i = source.per_observation("elpd_i", elpd_i);
  result.p_i = source.per_observation("p_i", p_i);
  result.pareto_k = source.per_observation("pareto_k", shapes);
  return result;
}

} // namespace nuthatch
