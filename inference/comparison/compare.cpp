#include "nuthatch/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <numbers>

#include "../diagnostics/chains.h"
#include "log_likelihood.h"
#include "nuthatch/distributions/gamma.h"
#include "stacking.h"

namespace nuthatch {
namespace {

using detail::Pointwise;

enum class Method { stacking, pseudo_bma, bb_pseudo_bma };

Method parse_method(const std::string& name, Where where) {
  std::string lower;
  for (char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "stacking") return Method::stacking;
  if (lower == "pseudo-bma") return Method::pseudo_bma;
  if (lower == "bb-pseudo-bma") return Method::bb_pseudo_bma;
  throw Error(fmt::format("compare: .method = \"{}\" is none of stacking, pseudo-BMA, BB-pseudo-BMA", name), where);
}

/// All by one method, on one scale, with values per observation, of the same number of observations.
void check_comparable(const std::map<std::string, Elpd>& estimates, Where where) {
  if (estimates.empty()) throw Error("compare: there are no models", where);
  const auto& [first_name, first] = *estimates.begin();
  for (const auto& [name, e] : estimates) {
    const auto family = [](const Elpd& x) { return x.method.starts_with("loo") ? "loo" : x.method; };
    if (family(e) != family(first))
      throw Error(
          fmt::format("compare: `{}` was estimated by {}, `{}` by {}", first_name, first.method, name, e.method),
          where);
    if (e.scale != first.scale)
      throw Error(fmt::format("compare: `{}` is on the scale {}, `{}` on {}", first_name, first.scale, name, e.scale),
                  where);
    if (e.subsampling_se != 0)
      throw Error(
          fmt::format("compare: the estimate of `{}` is from a subsample; compare needs all observations", name),
          where);
    if (!e.pointwise())
      throw Error(
          fmt::format("compare: the estimate of `{}` has no values per observation; compute it with .pointwise", name),
          where);
    if (e.num_data != first.num_data)
      throw Error(
          fmt::format("compare: `{}` has {} observations, `{}` has {}", first_name, first.num_data, name, e.num_data),
          where);
  }
}

/// Rows of Dirichlet(alpha, ..., alpha), as gamma variates over their sum.
std::vector<double> dirichlet_rows(const Key& key, std::int64_t rows, std::int64_t n, double alpha) {
  const Tensor variates = alpha == 1 ? exponential(key, Shape{rows, n}) : Gamma(alpha, 1.0).sample(key, Shape{rows, n});
  std::vector<double> out = variates.to_vector<double>();
  for (auto row = out.begin(); row != out.end(); row += n) {
    double sum = 0;
    for (auto v = row; v != row + n; ++v) sum += *v;
    for (auto v = row; v != row + n; ++v) *v /= sum;
  }
  return out;
}

/// Differences of the best half of many models are large by chance: McLatchie and Vehtari (2024), "Efficient
/// estimation and correction of selection-induced bias with order statistics".
void warn_about_many_models(Comparison& table, const Pointwise& elpd) {
  if (table.size() <= 11) return;
  const auto& baseline = elpd[elpd.size() / 2];
  std::vector<double> differences;
  for (const auto& model : elpd) {
    double sum = 0;
    for (std::size_t i = 0; i < model.size(); ++i) sum += model[i] - baseline[i];
    differences.push_back(sum);
  }
  const double median = detail::median(differences);
  double squares = 0, count = 0;
  for (double d : differences)
    if (d >= median) squares += d * d, ++count;
  const double candidate_sd = std::sqrt(squares / count);
  const double expected =
      candidate_sd * detail::normal_quantile(1 - 1 / (2 * static_cast<double>(differences.size() - 1)));
  if (*std::max_element(differences.begin(), differences.end()) <= expected)
    table.messages.push_back(fmt::format(
        "The best of {} models is no better than the best of so many equally good ones would look by chance.",
        table.size()));
}

} // namespace

Comparison compare(const std::map<std::string, Elpd>& estimates, const CompareOptions& options, Where where) {
  const Method method = parse_method(options.method, where);
  if (options.layout != "legacy" && options.layout != "v1")
    throw Error(fmt::format("compare: .layout = \"{}\" is neither legacy nor v1", options.layout), where);
  if (options.b_samples < 1 || !(options.alpha > 0))
    throw Error(
        fmt::format("compare: .b_samples = {} and .alpha = {} must be positive", options.b_samples, options.alpha),
        where);
  check_comparable(estimates, where);

  std::vector<const std::pair<const std::string, Elpd>*> sorted;
  for (const auto& entry : estimates) sorted.push_back(&entry);
  const Elpd& any = sorted.front()->second;
  const double factor = any.scale_value(), n = static_cast<double>(any.num_data);
  std::sort(sorted.begin(), sorted.end(), [&](const auto* a, const auto* b) {
    const double x = a->second.elpd * factor, y = b->second.elpd * factor;
    return x > y || (x == y && a->first < b->first);
  });
  Pointwise elpd; // on the log scale
  for (const auto* entry : sorted) {
    elpd.push_back(entry->second.elpd_i.to_doubles());
    for (double& v : elpd.back()) v /= factor;
  }

  std::vector<double> weights, errors;
  for (const auto* entry : sorted) errors.push_back(entry->second.se);
  if (method == Method::stacking) weights = detail::stacking_weights(elpd);
  if (method == Method::pseudo_bma) weights = detail::pseudo_bma_weights(elpd);
  if (method == Method::bb_pseudo_bma) {
    auto bootstrap = detail::bb_pseudo_bma_weights(
        elpd, dirichlet_rows(options.key, options.b_samples, any.num_data, options.alpha));
    weights = std::move(bootstrap.weights);
    for (std::size_t k = 0; k < errors.size(); ++k) errors[k] = bootstrap.standard_errors[k] * std::abs(factor);
  }

  std::vector<ComparedModel> models;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const Elpd& e = sorted[k]->second;
    std::vector<double> difference(elpd[k].size()); // to the best, on the log scale: its sum is not positive
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = elpd[k][i] - elpd[0][i];
    const double total = detail::mean(difference) * n;
    ComparedModel m;
    m.name = sorted[k]->first;
    m.rank = static_cast<std::int64_t>(k);
    m.elpd = e.elpd, m.se = errors[k], m.p = e.p, m.weight = weights[k], m.warning = e.warning;
    m.dse = std::sqrt(n * detail::variance(difference, 0)) * std::abs(factor);
    m.elpd_diff = options.layout == "v1" ? total * factor : total == 0 ? 0 : -total * std::abs(factor);
    m.p_worse = k == 0 || total == 0 ? std::numeric_limits<double>::quiet_NaN()
                                     : std::erfc(total / (m.dse / std::abs(factor) + 1e-12) / std::numbers::sqrt2) / 2;
    if (total != 0) m.diag_diff = e.num_data < 100 ? "N < 100" : std::abs(total) < 4 ? "|elpd_diff| < 4" : "";
    if (!e.pareto_k.name().empty()) {
      const auto ks = e.pareto_k.to_doubles();
      const auto bad = std::count_if(ks.begin(), ks.end(), [&](double v) { return !(v <= e.good_k); });
      if (bad > 0) m.diag_elpd = fmt::format("{} k > {:.2f}", bad, e.good_k);
    }
    models.push_back(std::move(m));
  }
  Comparison table(std::move(models), any.method.starts_with("loo") ? "loo" : any.method, any.scale, options.layout);
  warn_about_many_models(table, elpd);
  return table;
}

Comparison compare(const std::map<std::string, InferenceData>& fits, const CompareOptions& options, Where where) {
  if (options.ic != "loo" && options.ic != "waic")
    throw Error(fmt::format("compare: .ic = \"{}\" is neither loo nor waic", options.ic), where);
  (void)detail::scale_value("compare", options.scale, where);
  std::map<std::string, Elpd> estimates;
  for (const auto& [name, fit] : fits) {
    try {
      estimates[name] = options.ic == "loo" ? loo(fit, {.var_name = options.var_name, .scale = options.scale}, where)
                                            : waic(fit, {.var_name = options.var_name, .scale = options.scale}, where);
    } catch (const Error& e) {
      throw Error(fmt::format("compare: model `{}`: {}", name, e.what()));
    }
  }
  return compare(estimates, options, where);
}

} // namespace nuthatch
