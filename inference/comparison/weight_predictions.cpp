#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "nuthatch/compare.h"

namespace nuthatch {
namespace {

/// One draw of the mixture: row `sample` of the joined chains of model `model`.
struct Choice {
  std::size_t model, sample;
};

std::size_t joined_samples(const DataArray& variable) {
  return static_cast<std::size_t>(variable.shape()[0] * variable.shape()[1]);
}

/// Model by weight, then a draw of it, both by inversion of uniforms.
std::vector<Choice> choose(const std::vector<double>& weights, const std::vector<std::size_t>& samples, const Key& key,
                           std::int64_t count) {
  const auto u = uniform(key, Shape{count, 2}).to_vector<double>();
  std::vector<Choice> out;
  for (std::int64_t i = 0; i < count; ++i) {
    const double at = u[static_cast<std::size_t>(2 * i)];
    std::size_t model = 0;
    for (double below = weights[0]; model + 1 < weights.size() && at >= below; below += weights[model]) ++model;
    const double n = static_cast<double>(samples[model]);
    out.push_back(
        {model, std::min(static_cast<std::size_t>(u[static_cast<std::size_t>(2 * i + 1)] * n), samples[model] - 1)});
  }
  return out;
}

} // namespace

InferenceData weight_predictions(const std::map<std::string, InferenceData>& fits, const Comparison& weights,
                                 const Key& key, std::int64_t num_samples, Where where) {
  if (fits.empty()) throw Error("weight_predictions: there are no models", where);
  if (num_samples < 0)
    throw Error(fmt::format("weight_predictions: num_samples = {} must not be negative", num_samples), where);
  std::vector<double> w;
  std::vector<const Dataset*> groups;
  for (const auto& [name, fit] : fits) {
    w.push_back(weights.at(name, where).weight);
    groups.push_back(&fit.posterior_predictive);
    if (fit.posterior_predictive.empty())
      throw Error(fmt::format("weight_predictions: model `{}` has no group posterior_predictive", name), where);
  }

  InferenceData out;
  std::vector<Choice> choices;
  for (const DataArray& pattern : groups.front()->variables()) {
    std::vector<DataArray> draws;
    std::vector<std::size_t> samples;
    for (std::size_t k = 0; k < groups.size(); ++k) {
      draws.push_back(groups[k]->at(pattern.name(), where).with_leading({"chain", "draw"}, where));
      samples.push_back(joined_samples(draws.back()));
      if (!std::equal(draws[k].shape().begin() + 2, draws[k].shape().end(), draws[0].shape().begin() + 2,
                      draws[0].shape().end()) ||
          draws[k].dtype() != draws[0].dtype() || samples[k] == 0)
        throw Error(fmt::format("weight_predictions: `{}` has shape {} in one model and {} in another", pattern.name(),
                                to_string(draws[0].shape()), to_string(draws[k].shape())),
                    where);
    }
    if (choices.empty())
      choices = choose(w, samples, key, num_samples ? num_samples : static_cast<std::int64_t>(samples[0]));
    Shape shape = draws[0].shape();
    shape[0] = 1;
    shape[1] = static_cast<std::int64_t>(choices.size());
    detail::Array values(draws[0].dtype(), shape);
    const std::size_t width = values.bytes() / choices.size();
    for (std::size_t i = 0; i < choices.size(); ++i)
      std::memcpy(values.data.get() + i * width,
                  draws[choices[i].model].values().data.get() + choices[i].sample * width, width);
    DataArray mixed(draws[0].dims(), std::move(values), where);
    for (std::size_t k = 2; k < draws[0].dims().size(); ++k)
      mixed.set_coord(draws[0].dims()[k], draws[0].coords().at(draws[0].dims()[k]));
    out.posterior_predictive.set(pattern.name(), std::move(mixed), where);
  }
  return out;
}

} // namespace nuthatch
