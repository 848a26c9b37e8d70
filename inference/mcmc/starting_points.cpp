#include "inference/mcmc/starting_points.h"

#include <algorithm>
#include <cmath>

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/random.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {

Init init_to_uniform(double radius) {
  if (!(radius > 0)) throw Error("init_to_uniform: the radius must be positive");
  return {Init::Kind::uniform, radius, 0, {}};
}
Init init_to_value(Values values) { return {Init::Kind::value, 2.0, 0, std::move(values)}; }
Init init_to_sample() { return {Init::Kind::sample, 2.0, 1, {}}; }
Init init_to_median(int num_samples) {
  if (num_samples < 1) throw Error("init_to_median: needs at least one sample");
  return {Init::Kind::median, 2.0, num_samples, {}};
}
Init init_to_mean(int num_samples) {
  if (num_samples < 1) throw Error("init_to_mean: needs at least one sample");
  return {Init::Kind::mean, 2.0, num_samples, {}};
}
Init::~Init() = default;

Init init_to_draws(const InferenceData& fit) {
  if (fit.posterior.empty()) throw Error("init_to_draws: the fit has no posterior");
  Init init{Init::Kind::draws, 2.0, 0, {}};
  for (const auto& [name, draws] : fit.to_map("posterior")) init.values[name] = draws;
  return init;
}
Init init_to_feasible() { return {Init::Kind::feasible, 2.0, 0, {}}; }

namespace mcmc {
namespace {

/// A draw from the prior in unconstrained space; observations do not matter.
Tensor prior_draw(const LogDensity& density, const Key& key) {
  const Trace run = trace(seed(density.model(), key));
  Values values;
  for (const LatentSite& site : density.sites()) values[site.name] = run[site.name].value;
  return density.unconstrain(values);
}

/// Numbers of discrete sites begin with a draw from the prior, wherever the continuous ones do.
Tensor with_discrete_draw(const LogDensity& density, const Key& key, const Tensor& z) {
  const std::int64_t continuous = density.continuous_dim(), dim = density.dim();
  if (continuous == dim) return z;
  return concat({z[slice(0, continuous)], prior_draw(density, key)[slice(continuous, dim)]});
}

std::vector<std::vector<double>> prior_draws(const LogDensity& density, const Key& key, int num_samples) {
  std::vector<std::vector<double>> draws;
  for (int i = 0; i < num_samples; ++i)
    draws.push_back(prior_draw(density, fold_in(key, Tensor(i))).to_vector<double>());
  return draws;
}

Tensor prior_mean(const LogDensity& density, const Key& key, int num_samples) {
  const auto draws = prior_draws(density, key, num_samples);
  std::vector<double> mean(std::size_t(density.dim()), 0.0);
  for (const auto& draw : draws)
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += draw[k] / double(num_samples);
  return Tensor(mean);
}

/// The given values where there are some, those at z elsewhere.
Tensor with_values(const LogDensity& density, const Tensor& z, const Values& given) {
  Values values;
  bool all = true;
  for (const LatentSite& site : density.sites()) all &= given.contains(site.name);
  if (!all) values = density.constrain(z);
  for (const LatentSite& site : density.sites())
    if (const auto found = given.find(site.name); found != given.end()) values[site.name] = found->second;
  return density.unconstrain(values);
}

/// One of the draws of an earlier fit.
Tensor earlier_draw(const LogDensity& density, const Key& key, const Values& draws) {
  Values values;
  std::int64_t chosen = -1;
  for (const LatentSite& site : density.sites()) {
    const auto found = draws.find(site.name);
    if (found == draws.end())
      throw Error("init_to_draws: the fit has no draws of the latent site \"" + site.name + "\"", site.where);
    const Tensor& x = found->second;
    Shape expected{x.size(0)};
    expected.insert(expected.end(), site.shape.begin(), site.shape.end());
    if (x.size(0) < 1 || x.shape() != expected)
      throw Error("init_to_draws: the draws of \"" + site.name + "\" have shape " + to_string(x.shape()) +
                      ", the site has shape " + to_string(site.shape),
                  site.where);
    if (chosen < 0) chosen = randint(key, {}, 0, x.size(0)).item<std::int64_t>();
    values[site.name] = x[chosen];
  }
  return density.unconstrain(values);
}

Tensor prior_median(const LogDensity& density, const Key& key, int num_samples) {
  const auto draws = prior_draws(density, key, num_samples);
  std::vector<double> median;
  for (std::int64_t k = 0; k < density.dim(); ++k) {
    std::vector<double> column;
    for (const auto& draw : draws) column.push_back(draw[std::size_t(k)]);
    std::nth_element(column.begin(), column.begin() + num_samples / 2, column.end());
    median.push_back(column[std::size_t(num_samples / 2)]);
  }
  return Tensor(median);
}

std::string shortened(const Tensor& x) {
  std::string text = to_string(x);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

}  // namespace

std::int64_t max_attempts(const Init& init) { return init.kind == Init::Kind::value ? 1 : 100; }

std::vector<Tensor> starting_points(const Init& init, const LogDensity& density, const Key& key,
                                    std::int64_t chains) {
  std::vector<Tensor> points;
  for (std::int64_t c = 0; c < chains; ++c) {
    const Key chain_key = fold_in(key, Tensor(c));
    const Key search = fold_in(chain_key, Tensor(kernels::search_draw));
    const auto anywhere = [&] {
      return with_discrete_draw(
          density, search, kernels::starting_candidate(chain_key.tensor(), Tensor(0), density.dim(), init.radius));
    };
    switch (init.kind) {
      case Init::Kind::uniform: points.push_back(anywhere()); break;
      case Init::Kind::value: points.push_back(with_values(density, anywhere(), init.values)); break;
      case Init::Kind::draws: points.push_back(earlier_draw(density, search, init.values)); break;
      case Init::Kind::mean: points.push_back(prior_mean(density, search, init.num_samples)); break;
      case Init::Kind::sample: points.push_back(prior_draw(density, search)); break;
      case Init::Kind::median: points.push_back(prior_median(density, search, init.num_samples)); break;
      case Init::Kind::feasible: points.push_back(with_discrete_draw(density, search, zeros(density.dim()))); break;
    }
  }
  return points;
}

namespace {

/// What the parameters and values at z violate, with the source line; empty if nothing.
std::string violation(const LogDensity& density, const Tensor& z) {
  try {
    trace(substitute(density.model(), density.constrain(z)));
    return {};
  } catch (const Error& e) {
    return std::string("\n  ") + e.what();
  }
}

std::string first_infinite_site(const LogDensity& density, const Tensor& z) {
  detail::NoValidation anywhere;
  try {
    const Trace run = trace(substitute(density.model(), density.constrain(z)));
    for (const Site& site : run) {
      if (site.primitive != Primitive::sample && site.primitive != Primitive::factor) continue;
      const double log_prob = sum(site.log_prob()).item<double>();
      if (std::isfinite(log_prob)) continue;
      std::string text = "  site \"" + site.name + "\" (" + to_string(site.where) + "): ";
      if (site.primitive == Primitive::factor) return text + "factor is " + shortened(site.value);
      return text + site.distribution.name() + " has log density " + shortened(Tensor(log_prob)) + " at " +
             shortened(site.value);
    }
    const Tensor gradient = grad([&](const Tensor& x) { return density(x); })(z);
    const auto values = gradient.to_vector<double>();
    const auto names = density.names();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isfinite(values[i]))
        return "  every site is finite there, but the derivative of the log density in " + names[i] + " is " +
               shortened(Tensor(values[i]));
    return "  every site is finite there, but their sum is not";
  } catch (const Error& e) {
    return std::string("  ") + e.what();
  }
}

}  // namespace

std::string explain_failed_start(const LogDensity& density, const Tensor& z) {
  return first_infinite_site(density, z) + violation(density, z);
}

}  // namespace mcmc
}  // namespace nuthatch
