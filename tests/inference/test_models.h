// Log densities as traced functions, for tests of the samplers without the model language.
#pragma once

#include <memory>

#include "inference/kernels/adjusted_microcanonical.h"
#include "inference/kernels/barker.h"
#include "inference/kernels/coordinate_slice.h"
#include "inference/kernels/elliptical_slice.h"
#include "inference/kernels/nuts_paired.h"
#include "inference/kernels/nuts_plain.h"
#include "inference/kernels/random_walk.h"
#include "inference/kernels/sample_adaptive.h"
#include "inference/kernels/static_hmc.h"
#include "nuthatch/kernels/tick_rule.h"
#include "inference/kernels/unadjusted_microcanonical.h"
#include "inference/mcmc/engine.h"
#include "nuthatch/array.h"
#include "nuthatch/detail/executor.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "tests/inference/reference_nuts.h"

namespace nuthatch::testing_models {

using mcmc::LogDensityFunction;

/// Rubin's eight schools, non-centred: (mu, log tau, 8 standardised effects).
/// Exact: E[mu] = 4.396821, sd 3.317704; E[tau] = 3.597705, sd 3.219958.
inline LogDensityFunction eight_schools() {
  return {10,
          {Tensor{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, Tensor{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0}},
          [](const Tensor& z, const std::vector<Tensor>& data) {
            Tensor mu = z[0], log_tau = z[1], effect = z[slice(2, 10)];
            Tensor tau = exp(log_tau);
            Tensor residual = (data[0] - (mu + tau * effect)) / data[1];
            return -0.5 * sum(square(residual)) - 0.5 * sum(square(effect)) - mu * mu / 50.0 -
                   log1p(tau * tau / 25.0) + log_tau;
          },
          {}};
}

/// Two dimensions with correlation 0.95 and different scales, and three independent ones.
/// Precision = (R^-1 scaled): mean (1, -2, 0, 0, 3), sd (1, 5, 0.1, 1, 2).
inline LogDensityFunction correlated_gaussian() {
  return {5,
          {Tensor{1.0, -2.0, 0.0, 0.0, 3.0}, Tensor{1.0, 5.0, 0.1, 1.0, 2.0}},
          [](const Tensor& z, const std::vector<Tensor>& data) {
            constexpr double rho = 0.95;
            Tensor x = (z - data[0]) / data[1];
            Tensor pair = (square(x[0]) - 2.0 * rho * (x[0] * x[1]) + square(x[1])) / (1.0 - rho * rho);
            return -0.5 * (pair + sum(square(x[slice(2, 5)])));
          },
          {}};
}

/// Logistic regression, 40 observations of 3 predictors made from a fixed pattern, standard normal priors.
inline LogDensityFunction small_logistic() {
  std::vector<double> x, y;
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 3; ++k) x.push_back(double((i * (7 + 4 * k) + 3 * k) % 19) / 9.0 - 1.0);
    y.push_back((i * 13 + 5) % 7 < 3 ? 1.0 : 0.0);
  }
  return {3,
          {reshape(Tensor(x), {40, 3}), Tensor(y)},
          [](const Tensor& z, const std::vector<Tensor>& data) {
            Tensor eta = matmul(data[0], z);
            return sum(data[1] * eta - softplus(eta)) - 0.5 * sum(square(z));
          },
          {}};
}

/// Independent standard normals.
inline LogDensityFunction standard_normal(std::int64_t dim) {
  return {dim, {}, [](const Tensor& z, const std::vector<Tensor>&) { return -0.5 * sum(square(z)); }, {}};
}

inline std::vector<detail::Array> arrays_of(const std::vector<Tensor>& tensors) {
  std::vector<detail::Array> result;
  for (const Tensor& x : tensors) result.push_back(detail::value(x)->array);
  return result;
}

/// The same log density and gradient for the reference sampler, so that bits can be compared.
inline reference::Density density(const LogDensityFunction& model, bool interpret) {
  std::vector<detail::TensorType> types{{f64, {model.dim}}};
  for (const Tensor& x : model.data) types.push_back({x.dtype(), x.shape()});
  auto program = detail::trace_program(
      types,
      [&](const detail::Values& arguments) {
        std::vector<Tensor> data;
        for (std::size_t i = 1; i < arguments.size(); ++i) data.push_back(detail::wrap(arguments[i]));
        const Tensor z = detail::wrap(arguments[0]);
        auto [value, gradient] =
            model.value_and_grad ? model.value_and_grad(z, data)
                                 : value_and_grad([&](const Tensor& x) { return model.log_density(x, data); })(z);
        return detail::Values{detail::value(value), detail::value(gradient)};
      },
      std::source_location::current());
  Shared<detail::Executable> executable;
  if (!interpret) executable = detail::executor().compile(program);
  return [program, executable, data = arrays_of(model.data)](const reference::Vector& z, reference::Vector& gradient) {
    detail::Array position(f64, {std::int64_t(z.size())});
    std::copy(z.begin(), z.end(), position.as<double>());
    std::vector<detail::Array> arguments{position};
    arguments.insert(arguments.end(), data.begin(), data.end());
    const auto results = executable ? executable->run(arguments) : detail::interpret(*program, arguments);
    std::copy_n(results[1].as<double>(), z.size(), gradient.begin());
    return results[0].as<double>()[0];
  };
}

enum class Form { paired, plain, fisher, low_rank, dense, hmc, random_walk, barker, slice, elliptical, sample_adaptive, mams, mclmc };

inline std::string name_of(Form form) {
  static const char* names[] = {"Paired", "Plain", "Fisher", "LowRank", "Dense", "Hmc", "RandomWalk", "Barker", "Slice", "Elliptical", "SampleAdaptive",
                                "Mams",   "Mclmc"};
  return names[int(form)];
}

/// Elliptical slices split the target into a standard normal and the rest; `dim` is its dimension.
inline mcmc::Sampler sampler(Form form, mcmc::AdaptationRules rules = {}, std::int64_t max_tree_depth = 10,
                             std::int64_t dim = 10) {
  using namespace kernels;
  mcmc::AdaptationRules none = rules;
  none.step_size = none.mass_matrix = false;
  switch (form) {
    case Form::random_walk: return {point_rule("RandomWalkMetropolis", kernels::RandomWalk()), rules};
    case Form::barker: return {point_rule("BarkerMH", Barker()), rules};
    case Form::slice: return {point_rule("SliceSampler", CoordinateSlice(1.0, 50)), none};
    case Form::elliptical:
      return {point_rule("EllipticalSlice", kernels::EllipticalSlice({zeros(dim), ones(dim)})), none};
    case Form::mams: return {point_rule("MAMS", AdjustedMicrocanonical(0)), rules};
    case Form::mclmc:
      none.mass_matrix = rules.mass_matrix;
      return {point_rule("MCLMC", UnadjustedMicrocanonical({})), none};
    case Form::sample_adaptive: return {point_rule("SA", SampleAdaptive(0)), none};
    case Form::paired:
      return {share<TickRule<NutsPaired>>("NUTS", NutsPaired(max_tree_depth)), rules};
    case Form::fisher:
    case Form::low_rank:
    case Form::dense:
      rules.source = mcmc::MetricSource::fisher;
      if (form != Form::fisher)
        rules.metric = form == Form::dense ? mcmc::MetricKind::dense : mcmc::MetricKind::low_rank;
      [[fallthrough]];
    case Form::plain:
      return {share<TickRule<NutsPlain>>("NUTS", NutsPlain(max_tree_depth)), rules};
    default:
      return {share<TickRule<StaticHmc>>("HMC", StaticHmc(1.5, 0)), rules};
  }
}

/// Uniform starting points, the ones the reference sampler tries first.
inline std::vector<Tensor> starts(const Key& key, std::int64_t chains, std::int64_t dim) {
  std::vector<Tensor> result;
  for (std::int64_t c = 0; c < chains; ++c)
    result.push_back(kernels::starting_candidate(fold_in(key, Tensor(c)).tensor(), Tensor(0), dim));
  return result;
}

/// A whole run. `after_slice` as in Engine::run.
inline mcmc::Engine run(const mcmc::Sampler& sampler, const LogDensityFunction& model, const Key& key,
                        const mcmc::EngineOptions& options) {
  mcmc::Engine engine(sampler, model, options);
  engine.start(key, starts(key, options.num_chains, model.dim), 100);
  engine.run([](const auto&) { return true; });
  return engine;
}

}  // namespace nuthatch::testing_models
