#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "../diagnostics/columns.h"
#include "../diagnostics/power_scaling.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/predictive.h"
#include "nuthatch/sensitivity.h"
#include "quantities.h"
#include "selection.h"

namespace nuthatch {
namespace {

/// Sum over all variables and their dimensions, one value per draw (chain after chain).
std::vector<double> total(const char* function, const Dataset& group, const char* name,
                          const std::vector<std::string>& var_names, Where where) {
  if (group.empty()) throw Error(fmt::format("{}: the data have no group {}", function, name), where);
  std::vector<double> out;
  for (const auto& variable : detail::selected_variables(function, var_names, "", group, where)) {
    const DataArray values = group.at(variable, where).with_leading({"chain", "draw"}, where);
    const auto flat = values.to_doubles();
    const auto draws = static_cast<std::size_t>(values.shape()[0] * values.shape()[1]);
    out.resize(draws, 0.0);
    const std::size_t width = draws ? flat.size() / draws : 0;
    for (std::size_t s = 0; s < draws; ++s)
      for (std::size_t i = 0; i < width; ++i) out[s] += flat[s * width + i];
  }
  for (double v : out)
    if (!std::isfinite(v))
      throw Error(fmt::format("{}: the group {} has values that are not finite", function, name), where);
  if (out.size() < 25)
    throw Error(fmt::format("{}: {} draws are too few to fit the tail of their weights", function, out.size()), where);
  return out;
}

std::vector<double> component(const char* function, const InferenceData& data, const std::string& which,
                              const SensitivityOptions& options, Where where) {
  if (which == "prior") return total(function, data.log_prior, "log_prior", options.prior_var_names, where);
  if (which == "likelihood")
    return total(function, data.log_likelihood, "log_likelihood", options.likelihood_var_names, where);
  throw Error(fmt::format("{}: component \"{}\" is neither prior nor likelihood", function, which), where);
}

std::string diagnosis(double prior, double likelihood, double threshold) {
  if (prior >= threshold && likelihood >= threshold) return "potential prior-data conflict";
  if (prior > threshold && likelihood < threshold) return "potential strong prior / weak likelihood";
  return "";
}

} // namespace

std::vector<Sensitivity> psense(const InferenceData& data, const SensitivityOptions& options, Where where) {
  if (!(options.lower_alpha > 0 && options.lower_alpha < 1 && options.upper_alpha > 1))
    throw Error(fmt::format("psense: .lower_alpha = {} must be in (0, 1), .upper_alpha = {} above 1",
                            options.lower_alpha, options.upper_alpha),
                where);
  std::vector<double> lower[2], upper[2];
  const char* components[2] = {"prior", "likelihood"};
  for (int c = 0; c < 2; ++c) {
    const auto log_density = component("psense", data, components[c], options, where);
    lower[c] = detail::power_scaling_weights(log_density, options.lower_alpha);
    upper[c] = detail::power_scaling_weights(log_density, options.upper_alpha);
  }
  std::vector<Sensitivity> out;
  for (const auto& name : detail::selected_variables("psense", options.var_names, "", data.posterior, where)) {
    const DataArray& variable = data.posterior.at(name, where);
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    const auto samples = static_cast<std::size_t>(variable.size("chain") * variable.size("draw"));
    if (samples != lower[0].size() || samples != lower[1].size())
      throw Error(fmt::format("psense: {} draws of `{}`, {} of log_prior, {} of log_likelihood", samples, name,
                              lower[0].size(), lower[1].size()),
                  where);
    const std::size_t first = out.size();
    for (const auto& label : detail::quantity_labels(variable)) out.push_back({label, 0, 0, ""});
    detail::for_each_quantity(variable, [&](std::size_t, std::size_t i, detail::Chains x) {
      double s[2];
      for (int c = 0; c < 2; ++c)
        s[c] =
            detail::power_scaling_sensitivity(x.values, lower[c], upper[c], options.lower_alpha, options.upper_alpha);
      out[first + i].prior = s[0];
      out[first + i].likelihood = s[1];
      out[first + i].diagnosis = diagnosis(s[0], s[1], options.threshold);
    });
  }
  return out;
}

std::vector<Sensitivity> prior_sensitivity(const Fit& fit, const SensitivityOptions& options, Where where) {
  if (!fit.model() || (!fit.log_prior.empty() && !fit.log_likelihood.empty())) return psense(fit, options, where);
  InferenceData data = fit;
  if (data.log_prior.empty()) data.log_prior = log_prior_of(*fit.model(), fit, where).log_prior;
  if (data.log_likelihood.empty()) data.log_likelihood = log_likelihood_of(*fit.model(), fit, where).log_likelihood;
  return psense(data, options, where);
}

std::string to_string(const std::vector<Sensitivity>& sensitivities) {
  std::size_t width = 0;
  for (const auto& s : sensitivities) width = std::max(width, s.name.size());
  std::string out = fmt::format("{:<{}}  prior  likelihood  diagnosis", "", width);
  for (const auto& s : sensitivities)
    out += fmt::format("\n{:<{}}  {:>5.3f}  {:>10.3f}  {}", s.name, width, s.prior, s.likelihood,
                       s.diagnosis.empty() ? "✓" : s.diagnosis);
  return out;
}

Tensor power_scaling_weights(const InferenceData& data, const std::string& which, double alpha,
                             const SensitivityOptions& options, Where where) {
  if (!(alpha > 0)) throw Error(fmt::format("power_scaling_weights: alpha = {} must be positive", alpha), where);
  const auto weights =
      detail::power_scaling_weights(component("power_scaling_weights", data, which, options, where), alpha);
  const Dataset& group = which == "prior" ? data.log_prior : data.log_likelihood;
  detail::Array out(Dtype::f64,
                    Shape{group.variables().front().size("chain"),
                          static_cast<std::int64_t>(weights.size()) / group.variables().front().size("chain")});
  std::copy(weights.begin(), weights.end(), out.as<double>());
  return detail::wrap(detail::concrete(std::move(out)));
}

} // namespace nuthatch
