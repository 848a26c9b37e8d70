#include "log_likelihood.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "../diagnostics/chains.h"

namespace nuthatch::detail {
namespace {

DataArray choose(const char* function, const InferenceData& data, const std::string& var_name, Where where) {
  const Dataset& group = data.log_likelihood;
  if (group.empty())
    throw Error(fmt::format("{}: the data have no group log_likelihood; compute it with the model", function), where);
  if (var_name.empty() && group.variables().size() > 1)
    throw Error(fmt::format("{}: log_likelihood has several variables ({}); choose one with .var_name", function,
                            fmt::join(group.names(), ", ")),
                where);
  if (!var_name.empty() && !group.contains(var_name))
    throw Error(fmt::format("{}: no variable `{}` in log_likelihood; there are {}", function, var_name,
                            fmt::join(group.names(), ", ")),
                where);
  const DataArray& found = var_name.empty() ? group.variables().front() : group[var_name];
  if (!found.has_dim("chain") || !found.has_dim("draw"))
    throw Error(fmt::format("{}: log_likelihood `{}` has dimensions ({}); needed are chain and draw", function,
                            found.name(), fmt::join(found.dims(), ", ")),
                where);
  if (found.size() == 0)
    throw Error(
        fmt::format("{}: log_likelihood `{}` of shape {} is empty", function, found.name(), to_string(found.shape())),
        where);
  return found.with_leading({"chain", "draw"});
}

} // namespace

LogLikelihood::LogLikelihood(const char* function, const InferenceData& data, const std::string& var_name, Where where)
    : variable(choose(function, data, var_name, where)), columns(variable, {"chain", "draw"}, where) {}

DataArray LogLikelihood::per_observation(const std::string& name, const std::vector<double>& values) const {
  const std::vector<std::string> dims(variable.dims().begin() + 2, variable.dims().end());
  Array array(Dtype::f64, Shape(std::vector<std::int64_t>(variable.shape().begin() + 2, variable.shape().end())));
  std::copy(values.begin(), values.end(), array.as<double>());
  DataArray out(dims, std::move(array));
  for (const auto& dim : dims) out.set_coord(dim, variable.coords().at(dim));
  out.rename(name);
  return out;
}

std::string LogLikelihood::label(std::size_t observation) const {
  std::vector<std::string> labels;
  for (std::size_t k = variable.dims().size(); k-- > 2;) {
    const auto extent = static_cast<std::size_t>(variable.shape()[k]);
    labels.insert(labels.begin(),
                  variable.coords().at(variable.dims()[k]).text(static_cast<std::int64_t>(observation % extent)));
    observation /= extent;
  }
  return labels.empty() ? variable.name() : fmt::format("{}[{}]", variable.name(), fmt::join(labels, ", "));
}

void LogLikelihood::check(const char* function, std::size_t observation, std::span<const double> values,
                          Where where) const {
  const auto bad = std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (bad == values.end()) return;
  const auto draws = static_cast<std::ptrdiff_t>(variable.shape()[1]), at = bad - values.begin();
  throw Error(fmt::format("{}: the log likelihood of {} is {} in draw {} of chain {}; it must be finite", function,
                          label(observation),
                          std::isnan(*bad) ? "NaN"
                          : *bad > 0       ? "+inf"
                                           : "-inf",
                          at % draws, at / draws),
              where);
}

double scale_value(const char* function, const std::string& scale, Where where) {
  if (scale == "log") return 1;
  if (scale == "negative_log") return -1;
  if (scale == "deviance") return -2;
  throw Error(fmt::format("{}: .scale = \"{}\" is none of log, negative_log, deviance", function, scale), where);
}

double good_pareto_k(std::size_t samples) {
  return samples > 1 ? std::min(1 - 1 / std::log10(static_cast<double>(samples)), 0.7) : 0.7;
}

double choose_r_eff(const char* function, const InferenceData& data, const std::optional<double>& chosen, Where where) {
  if (!chosen && data.posterior.empty())
    throw Error(fmt::format("{}: without a group posterior, .r_eff must be given", function), where);
  const double r_eff = chosen ? *chosen : relative_efficiency(data, where);
  if (!(r_eff > 0) || !std::isfinite(r_eff))
    throw Error(fmt::format("{}: r_eff = {}; it must be positive", function, r_eff), where);
  return r_eff;
}

void summarise(Elpd& result, const LogLikelihood& source, std::vector<double> elpd_i, std::vector<double> p_i,
               bool pointwise) {
  const double factor = result.scale_value(), n = static_cast<double>(elpd_i.size());
  for (double& v : elpd_i) v *= factor;
  result.num_samples = static_cast<std::int64_t>(source.samples());
  result.num_data = static_cast<std::int64_t>(elpd_i.size());
  result.elpd = mean(elpd_i) * n;
  result.se = std::sqrt(n * variance(elpd_i, 0));
  result.p = mean(p_i) * n;
  if (!pointwise) return;
  result.elpd_i = source.per_observation("elpd_i", elpd_i);
  result.p_i = source.per_observation("p_i", p_i);
}

void warn_about_pareto_k(Elpd& result, const LogLikelihood& source, const std::vector<double>& k) {
  const auto bad = [&](double v) { return !(v <= result.good_k); };
  const auto count = std::count_if(k.begin(), k.end(), bad);
  if (count == 0) return;
  const auto worst = std::max_element(k.begin(), k.end(), [](double a, double b) {
    return (std::isnan(a) ? INFINITY : a) < (std::isnan(b) ? INFINITY : b);
  });
  result.warning = true;
  result.messages.push_back(fmt::format(
      "Pareto k above {:.2f} for {} of {} observations (largest: {:.2f} of {}): leaving one out changes the posterior "
      "too much for its draws to be reweighted. Refit without those observations (k_fold), use moment matching, or a "
      "model that is more robust to them.",
      result.good_k, count, k.size(), *worst, source.label(static_cast<std::size_t>(worst - k.begin()))));
}

} // namespace nuthatch::detail
