/// Cross-validation by fits that have not seen what they predict.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "../diagnostics/chains.h"
#include "../diagnostics/columns.h"
#include "../diagnostics/pareto.h"
#include "nuthatch/cross_validation.h"
#include "nuthatch/detail/emit.h"

namespace nuthatch {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// log mean exp over (chain, draw) of every column of (chain, draw, ...).
std::vector<double> log_predictive(const char* function, const Tensor& log_likelihood, std::size_t expected,
                                   const std::string& of, Where where) {
  const Shape& shape = log_likelihood.shape();
  const std::size_t rank = shape.size();
  const std::size_t rows = rank < 2 ? 0 : static_cast<std::size_t>(shape[0] * shape[1]);
  if (rows == 0 || static_cast<std::size_t>(log_likelihood.size()) != rows * expected)
    throw Error(fmt::format("{}: the log likelihoods of {} have shape {}; needed is (chain, draw, {})", function, of,
                            to_string(shape), expected),
                where);
  const detail::Columns columns(detail::value(log_likelihood)->array, rows);
  std::vector<double> out(expected);
  columns.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
    if (detail::has_nan(values))
      throw Error(fmt::format("{}: NaN among the log likelihoods of {}", function, of), where);
    out[i] = detail::log_sum_exp(values) - std::log(static_cast<double>(rows));
  });
  return out;
}

DataArray named(const char* name, const DataArray& like, std::vector<double> values) {
  detail::Array array(Dtype::f64, like.shape());
  std::copy(values.begin(), values.end(), array.as<double>());
  DataArray out(like.dims(), std::move(array));
  for (const auto& [dim, labels] : like.coords()) out.set_coord(dim, labels);
  out.rename(name);
  return out;
}

void need_pointwise(const char* function, const Elpd& estimate, Where where) {
  if (!estimate.pointwise() || estimate.scale != "log")
    throw Error(fmt::format("{}: needs an estimate with values per observation on the scale \"log\"", function), where);
}

void set_totals(Elpd& result, const std::vector<double>& elpd_i, const std::vector<double>& p_i) {
  const double n = static_cast<double>(elpd_i.size());
  result.elpd = detail::mean(elpd_i) * n;
  result.se = std::sqrt(n * detail::variance(elpd_i, 0));
  result.p = detail::mean(p_i) * n;
  result.num_data = static_cast<std::int64_t>(elpd_i.size());
}

} // namespace

Elpd k_fold_elpd(const Folds& folds, const std::vector<Tensor>& log_likelihoods, const Elpd* full, Where where) {
  if (static_cast<std::int64_t>(log_likelihoods.size()) != folds.k())
    throw Error(fmt::format("k_fold_elpd: {} log likelihoods for {} folds", log_likelihoods.size(), folds.k()), where);
  std::vector<double> elpd_i(static_cast<std::size_t>(folds.size())), p_i(elpd_i.size(), kNaN);
  Elpd result;
  result.method = "kfold";
  result.good_k = kNaN;
  for (std::int64_t fold = 0; fold < folds.k(); ++fold) {
    const auto at = folds.held_out(fold).to_vector<std::int64_t>();
    const Tensor& log_likelihood = log_likelihoods[static_cast<std::size_t>(fold)];
    const auto values = log_predictive("k_fold_elpd", log_likelihood, at.size(), fmt::format("fold {}", fold), where);
    for (std::size_t i = 0; i < at.size(); ++i) elpd_i[static_cast<std::size_t>(at[i])] = values[i];
    result.num_samples = log_likelihood.size(0) * log_likelihood.size(1);
  }
  DataArray like({"obs"}, detail::Array(Dtype::f64, Shape{folds.size()}));
  if (full) {
    need_pointwise("k_fold_elpd", *full, where);
    if (full->num_data != folds.size())
      throw Error(
          fmt::format("k_fold_elpd: the full estimate has {} observations, the folds {}", full->num_data, folds.size()),
          where);
    like = full->elpd_i;
    const auto full_elpd = full->elpd_i.to_doubles(), full_p = full->p_i.to_doubles();
    for (std::size_t i = 0; i < p_i.size(); ++i) p_i[i] = full_elpd[i] + full_p[i] - elpd_i[i];
  }
  set_totals(result, elpd_i, p_i);
  result.elpd_i = named("elpd_i", like, std::move(elpd_i));
  result.p_i = named("p_i", like, std::move(p_i));
  return result;
}

std::vector<std::int64_t> influential_observations(const Elpd& loo, Where where) {
  if (loo.pareto_k.name().empty())
    throw Error("influential_observations: the estimate has no Pareto k per observation", where);
  const auto k = loo.pareto_k.to_doubles();
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < k.size(); ++i)
    if (!(k[i] <= loo.good_k)) out.push_back(static_cast<std::int64_t>(i));
  return out;
}

Elpd replace_observations(const Elpd& loo, const std::vector<std::int64_t>& observations,
                          const std::vector<Tensor>& log_likelihoods, Where where) {
  need_pointwise("replace_observations", loo, where);
  if (observations.size() != log_likelihoods.size())
    throw Error(fmt::format("replace_observations: {} observations and {} log likelihoods", observations.size(),
                            log_likelihoods.size()),
                where);
  Elpd result = loo;
  auto elpd_i = loo.elpd_i.to_doubles(), p_i = loo.p_i.to_doubles(), k = loo.pareto_k.to_doubles();
  for (std::size_t j = 0; j < observations.size(); ++j) {
    if (observations[j] < 0 || observations[j] >= loo.num_data)
      throw Error(fmt::format("replace_observations: observation {} of {}", observations[j], loo.num_data), where);
    const auto i = static_cast<std::size_t>(observations[j]);
    const double lppd = elpd_i[i] + p_i[i];
    elpd_i[i] =
        log_predictive("replace_observations", log_likelihoods[j], 1, fmt::format("observation {}", i), where)[0];
    p_i[i] = lppd - elpd_i[i];
    k[i] = 0;
  }
  set_totals(result, elpd_i, p_i);
  result.elpd_i = named("elpd_i", loo.elpd_i, std::move(elpd_i));
  result.p_i = named("p_i", loo.p_i, std::move(p_i));
  result.pareto_k = named("pareto_k", loo.pareto_k, std::move(k));
  if (influential_observations(result).empty()) {
    result.warning = false;
    result.messages.clear();
  }
  return result;
}

} // namespace nuthatch
