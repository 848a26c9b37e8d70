#include "nuthatch/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "../diagnostics/convergence.h"
#include "nuthatch/inference_data.h"
#include "quantities.h"

namespace nuthatch {
namespace {

/// The group a summary is about: the posterior, else the prior, else the first there is.
const Dataset& summarised_group(const InferenceData& data, Where where) {
  if (!data.posterior.empty()) return data.posterior;
  if (!data.prior.empty()) return data.prior;
  const auto groups = data.groups();
  if (groups.empty()) throw Error("summary: there are no draws", where);
  return data.group(groups.front(), where);
}

/// Names in the order asked for; one name with ~ means all but those with ~.
std::vector<std::string> selected(const std::vector<std::string>& asked, const Dataset& group, Where where) {
  const auto known = group.names();
  std::vector<std::string> excluded;
  for (const auto& name : asked) {
    const bool exclude = name.starts_with("~") && !group.contains(name);
    const std::string plain = exclude ? name.substr(1) : name;
    if (!group.contains(plain))
      throw Error(fmt::format("summary: no variable `{}`; there are {}", plain, fmt::join(known, ", ")), where);
    if (exclude) excluded.push_back(plain);
  }
  if (!asked.empty() && excluded.empty()) return asked;
  std::vector<std::string> out;
  for (const auto& name : known)
    if (std::find(excluded.begin(), excluded.end(), name) == excluded.end()) out.push_back(name);
  return out;
}

} // namespace

Table summary(const InferenceData& data, const SummaryOptions& options, Where where) {
  const bool stats = options.kind != "diagnostics", checks = options.kind != "stats";
  if (stats && checks && options.kind != "all")
    throw Error(fmt::format("summary: .kind = \"{}\" is none of all, stats, diagnostics", options.kind), where);
  if (!(options.prob > 0 && options.prob <= 1))
    throw Error(fmt::format("summary: .prob = {} is not in (0, 1]", options.prob), where);

  std::vector<std::string> columns;
  std::vector<int> decimals;
  if (stats) {
    const double tail = 100 * (1 - options.prob) / 2;
    columns = {"mean", "sd", fmt::format("hdi_{:.6g}%", tail), fmt::format("hdi_{:.6g}%", 100 - tail)};
    decimals = {3, 3, 3, 3};
  }
  if (checks) {
    columns.insert(columns.end(), {"mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"});
    decimals.insert(decimals.end(), {3, 3, 0, 0, 2});
  }
  if (options.round_to) decimals.assign(columns.size(), *options.round_to);

  Table table(columns);
  detail::ConvergenceCheck convergence;
  const Dataset& group = summarised_group(data, where);
  for (const auto& name : selected(options.var_names, group, where)) {
    const DataArray& variable = group.at(name, where);
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    detail::for_each_quantity(variable, [&](const std::string& label, detail::Chains x) {
      const auto c = checks ? convergence(x) : detail::Convergence{};
      std::vector<double> row;
      if (stats) {
        const auto sorted = checks ? convergence.sorted() : std::span<const double>();
        const auto [low, high] =
            sorted.empty() ? detail::hdi(x.values, options.prob) : detail::hdi_of_sorted(sorted, options.prob);
        row = {detail::mean(x.values), std::sqrt(detail::variance(x.values)), low, high};
      }
      if (checks) row.insert(row.end(), {detail::mcse_mean(x), detail::mcse_sd(x), c.ess_bulk, c.ess_tail, c.r_hat});
      table.add_row(label, std::move(row), where);
    });
  }
  return table.rounded(decimals);
}

} // namespace nuthatch
