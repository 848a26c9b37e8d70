#include "nuthatch/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "../diagnostics/convergence.h"
#include "../diagnostics/pareto.h"
#include "nuthatch/inference_data.h"
#include "quantities.h"
#include "selection.h"

namespace nuthatch {
SummaryOptions::~SummaryOptions() = default;

namespace {

using detail::Chains;

/// What is asked for, with all defaults filled in.
struct Plan {
  bool v1, stats, checks, median, monte_carlo, shortest;
  double prob, tail_lower, tail_upper;
};

Plan make_plan(const SummaryOptions& o, Where where) {
  Plan plan{};
  if (o.layout != "legacy" && o.layout != "v1")
    throw Error(fmt::format("summary: .layout = \"{}\" is neither legacy nor v1", o.layout), where);
  plan.v1 = o.layout == "v1";
  plan.median = o.kind.ends_with("_median");
  const std::string kind = plan.median ? o.kind.substr(0, o.kind.size() - 7) : o.kind;
  plan.monte_carlo = o.kind == "mc_diagnostics";
  plan.stats = kind == "all" || kind == "stats";
  plan.checks = kind == "all" || kind == "diagnostics";
  if (!plan.stats && !plan.checks && !plan.monte_carlo)
    throw Error(fmt::format("summary: .kind = \"{}\" is none of all, stats, diagnostics, all_median, stats_median, "
                            "diagnostics_median, mc_diagnostics",
                            o.kind),
                where);
  plan.prob = o.prob ? *o.prob : plan.v1 ? 0.89 : 0.94;
  if (!(plan.prob > 0 && plan.prob <= 1))
    throw Error(fmt::format("summary: .prob = {} is not in (0, 1]", plan.prob), where);
  if (!o.ci_kind.empty() && o.ci_kind != "hdi" && o.ci_kind != "eti")
    throw Error(fmt::format("summary: .ci_kind = \"{}\" is neither hdi nor eti", o.ci_kind), where);
  plan.shortest = !plan.median && (o.ci_kind.empty() ? !plan.v1 : o.ci_kind == "hdi");
  plan.tail_lower = plan.v1 ? std::min(plan.prob, 1 - plan.prob) : 0.05;
  plan.tail_upper = 1 - plan.tail_lower;
  return plan;
}

std::vector<std::string> columns_of(const Plan& plan) {
  if (plan.monte_carlo) return {"mcse_mean", "ess_mean", "min_ss"};
  const std::string kind = plan.shortest ? "hdi" : "eti";
  const double tail = 100 * (1 - plan.prob) / 2;
  const std::string low = plan.v1 ? fmt::format("{}{}_lb", kind, static_cast<int>(plan.prob * 100 + 1e-9))
                                  : fmt::format("{}_{:.6g}%", kind, tail);
  const std::string high = plan.v1 ? fmt::format("{}{}_ub", kind, static_cast<int>(plan.prob * 100 + 1e-9))
                                   : fmt::format("{}_{:.6g}%", kind, 100 - tail);
  std::vector<std::string> out, stats{plan.median ? "median" : "mean", plan.median ? "mad" : "sd", low, high};
  std::vector<std::string> checks;
  if (plan.median && plan.v1) checks = {"ess_median", "ess_tail", "r_hat", "mcse_median"};
  if (plan.median && !plan.v1) checks = {"mcse_median", "ess_median", "ess_tail", "r_hat"};
  if (!plan.median && plan.v1) checks = {"ess_bulk", "ess_tail", "r_hat", "mcse_mean", "mcse_sd"};
  if (!plan.median && !plan.v1) checks = {"mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"};
  if (plan.stats) out.insert(out.end(), stats.begin(), stats.end());
  if (plan.checks) out.insert(out.end(), checks.begin(), checks.end());
  return out;
}

/// The columns of one quantity, in order.
std::vector<double> row_of(const Plan& plan, Chains x, detail::ConvergenceCheck& convergence) {
  if (plan.monte_carlo) return {detail::mcse_mean(x), detail::ess_mean(x), detail::pareto_min_sample_size(x)};
  const auto c = plan.checks ? convergence(x, plan.tail_lower, plan.tail_upper) : detail::Convergence{};
  std::vector<double> row;
  if (plan.stats) {
    std::vector<double> own;
    auto sorted = plan.checks ? convergence.sorted() : std::span<const double>();
    if (sorted.empty()) {
      own.assign(x.values.begin(), x.values.end());
      if (!detail::has_nan(own)) std::sort(own.begin(), own.end());
      sorted = own;
    }
    const bool undefined = own.size() && detail::has_nan(own);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto [low, high] = undefined       ? std::pair(nan, nan)
                             : plan.shortest ? detail::hdi_of_sorted(sorted, plan.prob)
                                             : std::pair(detail::quantile_of_sorted(sorted, (1 - plan.prob) / 2),
                                                         detail::quantile_of_sorted(sorted, (1 + plan.prob) / 2));
    if (plan.median)
      row = {undefined ? nan : detail::quantile_of_sorted(sorted, 0.5),
             undefined ? nan : detail::median(detail::fold(x).values), low, high};
    else
      row = {detail::mean(x.values), std::sqrt(detail::variance(x.values)), low, high};
  }
  if (!plan.checks) return row;
  const auto errors = plan.median ? detail::ConvergenceCheck::Errors{} : convergence.standard_errors(x);
  if (plan.median && plan.v1)
    row.insert(row.end(), {detail::ess_median(x), c.ess_tail, c.r_hat, detail::mcse_median(x)});
  else if (plan.median)
    row.insert(row.end(), {detail::mcse_median(x), detail::ess_median(x), c.ess_tail, c.r_hat});
  else if (plan.v1)
    row.insert(row.end(), {c.ess_bulk, c.ess_tail, c.r_hat, errors.of_mean, errors.of_sd});
  else
    row.insert(row.end(), {errors.of_mean, errors.of_sd, c.ess_bulk, c.ess_tail, c.r_hat});
  return row;
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals), out = std::nearbyint(value * scale) / scale;
  return std::isfinite(out) ? out : value;
}
int digits_before_point(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)))); }
double two_significant(double value) {
  return value == 0 || !std::isfinite(value) ? value : rounded(value, 1 - digits_before_point(value));
}

/// ArviZ 1.x: effective sample sizes downwards to whole numbers, R-hat to 2 decimals, an estimate to the first digit of
/// twice its standard error, all else to two significant digits.
void round_by_error(const std::vector<std::string>& columns, std::vector<double>& row) {
  const std::vector<double> exact = row;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string& name = columns[c];
    const auto error = std::find(columns.begin(), columns.end(), "mcse_" + name);
    const double mcse = error == columns.end() ? 0 : exact[static_cast<std::size_t>(error - columns.begin())];
    if (name.starts_with("ess_") || name == "min_ss")
      row[c] = std::floor(exact[c]);
    else if (name == "r_hat")
      row[c] = rounded(exact[c], 2);
    else if (mcse > 0 && std::isfinite(mcse))
      row[c] = rounded(exact[c], -digits_before_point(2 * mcse));
    else
      row[c] = two_significant(exact[c]);
  }
}

/// The group a summary is about: the posterior, else the prior, else the first there is.
const Dataset& summarised_group(const InferenceData& data, const std::string& name, Where where) {
  if (!name.empty()) return data.group(name, where);
  if (!data.posterior.empty()) return data.posterior;
  if (!data.prior.empty()) return data.prior;
  const auto groups = data.groups();
  if (groups.empty()) throw Error("summary: there are no draws", where);
  return data.group(groups.front(), where);
}

} // namespace

Table summary(const InferenceData& data, const SummaryOptions& options, Where where) {
  const Plan plan = make_plan(options, where);
  const auto columns = columns_of(plan);
  std::vector<int> decimals;
  for (const auto& name : columns)
    decimals.push_back(options.round_to                               ? *options.round_to
                       : name.starts_with("ess_") || name == "min_ss" ? 0
                       : name == "r_hat"                              ? 2
                                                                      : 3);
  Table table(columns);
  std::vector<detail::ConvergenceCheck> convergence(detail::quantity_workers());
  const Dataset& group = summarised_group(data, options.group, where);
  for (const auto& name : detail::selected_variables("summary", options.var_names, options.filter_vars, group, where)) {
    const DataArray& variable = group.at(name, where);
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    const auto labels = detail::quantity_labels(variable);
    std::vector<std::vector<double>> rows(labels.size());
    detail::for_each_quantity(
        variable, [&](std::size_t worker, std::size_t i, Chains x) { rows[i] = row_of(plan, x, convergence[worker]); });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (plan.v1 && !options.round_to) round_by_error(columns, rows[i]);
      table.add_row(labels[i], std::move(rows[i]), where);
    }
  }
  return plan.v1 && !options.round_to ? table : table.rounded(decimals);
}

} // namespace nuthatch
