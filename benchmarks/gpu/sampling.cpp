// Whole samplers: thousands of chains of NUTS.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "benchmarks/gpu/data.h"
#include "benchmarks/gpu/parts.h"
#include "benchmarks/model_functions.h"
#include "benchmarks/models.h"

namespace nuthatch::benchmark::gpu {
namespace {

/// What the draws of a site must say, element by element: where `exact`, their mean is this up to its standard error; else
/// these are the values that made the data, which lie among the draws.
struct Expected {
  std::string site;
  std::vector<double> values;
  bool exact = false;
};

struct Sampler {
  std::string name;
  Problem problem;
  std::vector<Expected> expected;
  std::vector<std::string> unstored;
  std::int64_t warmup, draws;
};

/// The gradient of the log density at three points, there and on the processors.
double gradient_error(const Problem& problem, const Device& device) {
  const LogDensity density(problem.bound);
  auto f = [&](Tensor z) { return density(z); };
  auto here = jit(grad(f), {.device = Device::cpu()}), there = jit(grad(f), {.device = device});
  double worst = 0;
  for (const double scale : {0.0, 0.1, 0.5}) {
    std::vector<double> z(std::size_t(density.dim()));
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = scale * std::sin(double(i) + 1);
    worst = std::max(worst, error_of(there(Tensor(z)), here(Tensor(z))));
  }
  return worst;
}

struct Moments {
  double mean = 0, deviation = 0, standard_error = 0;
};

/// Of element `e` of `count` of draws (chains, draws, element). Chains are independent: the error of the mean follows from
/// how far their means are apart.
Moments moments(const std::vector<double>& draws, std::size_t chains, std::size_t count, std::size_t e) {
  const std::size_t length = draws.size() / chains / count;
  double sum = 0, squares = 0, means = 0;
  for (std::size_t c = 0; c < chains; ++c) {
    double own = 0;
    for (std::size_t d = 0; d < length; ++d) {
      const double x = draws[(c * length + d) * count + e];
      own += x;
      squares += x * x;
    }
    sum += own;
    means += own / double(length) * own / double(length);
  }
  Moments m;
  m.mean = sum / double(chains * length);
  m.deviation = std::sqrt(std::max(squares / double(chains * length) - m.mean * m.mean, 0.0));
  m.standard_error = std::sqrt(std::max(means / double(chains) - m.mean * m.mean, 0.0) / double(chains - 1));
  return m;
}

bool as_expected(const Fit& fit, const Sampler& sampler, std::int64_t chains) {
  bool good = true;
  for (const Expected& expected : sampler.expected) {
    const auto draws = fit[expected.site].to_vector<double>();
    for (std::size_t e = 0; e < expected.values.size(); ++e) {
      const Moments m = moments(draws, std::size_t(chains), expected.values.size(), e);
      const double allowed = expected.exact ? 5 * m.standard_error : 6 * m.deviation;
      if (std::abs(m.mean - expected.values[e]) <= allowed) continue;
      std::fprintf(stderr, "%s: %s[%zu] has mean %.4g, expected %.4g up to %.2g\n", sampler.name.c_str(), expected.site.c_str(), e,
                   m.mean, expected.values[e], allowed);
      good = false;
    }
  }
  return good;
}

MCMCOptions settings(const Sampler& sampler, const Options& options, std::int64_t chains) {
  return {.num_warmup = sampler.warmup, .num_samples = sampler.draws, .num_chains = chains, .progress = false,
          .max_time = options.budget, .exclude = sampler.unstored, .device = options.device};
}

void measure(const Sampler& sampler, const Options& options, std::int64_t chains) {
  const std::string at = sampler.name + "/" + std::to_string(chains);
  const std::string size = std::to_string(chains) + " chains of " + std::to_string(sampler.warmup) + " + " + std::to_string(sampler.draws);
  auto line = [&](const char* part, const std::string& what, const char* unit) {
    Measurement m = measurement(options, at + "/" + part, size + ": " + what, unit);
    m.model = sampler.name;
    m.chains = int(chains);
    return m;
  };
  Measurement draws = line("draws", "draws per second after warm-up", "1/s"),
              leapfrogs = line("leapfrogs", "leapfrog steps of all chains per second", "1/s"),
              seconds = line("seconds", "seconds in all but compilation, draws on the host", "s"),
              compile = line("compile", "tracing and compiling the sampler", "s");
  const double error = gradient_error(sampler.problem, options.device);
  if (!(error < 1e-12)) std::fprintf(stderr, "%s: the gradient is off by %.2g\n", at.c_str(), error);
  bool good = error < 1e-12;

  const Kernel kernel = NUTS(sampler.problem.model);
  MCMCOptions first = settings(sampler, options, chains);
  first.on_progress = [](const Progress&) { return false; };
  const Timing cold = sampler.problem.run(kernel, first, Key(1)).timing();
  compile.values = {(cold.trace + cold.compile).count()};
  for (int r = 0; r < options.repetitions; ++r) {
    const auto start = Clock::now();
    const Fit fit = sampler.problem.run(kernel, settings(sampler, options, chains), Key(100 + std::uint64_t(r)));
    const Timing& timing = fit.timing();
    const double all = seconds_since(start) - (timing.trace + timing.compile).count();
    leapfrogs.values.push_back(double(std::get<std::int64_t>(fit.attrs.at("leapfrogs"))) / (timing.warmup + timing.sampling).count());
    if (!std::get<bool>(fit.attrs.at("complete"))) {
      std::fprintf(stderr, "%s: not complete after %.0f s; leapfrog steps alone are reported\n", at.c_str(), options.budget);
      draws.values = seconds.values = {};
      break;
    }
    good = as_expected(fit, sampler, chains) && good;
    draws.values.push_back(double(chains * sampler.draws) / timing.sampling.count());
    seconds.values.push_back(all);
  }
  for (Measurement m : {draws, leapfrogs, seconds, compile}) {
    m.checked = good;
    publish(m);
  }
}

}  // namespace

Problem eight_schools_problem() {
  const Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return make_problem(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}), {}, sigma, y);
}

void eight_schools_draws(const Options& options) {
  // The means by quadrature.
  const std::int64_t length = options.small ? 100 : 1000;
  const Sampler sampler{"eight_schools", eight_schools_problem(), {{"mu", {4.3968}, true}, {"tau", {3.5977}, true}},
                        {"theta", "theta_decentered"}, length, length};
  for (const std::int64_t chains : options.small ? std::vector<std::int64_t>{8} : std::vector<std::int64_t>{1'024, 16'384, 131'072})
    measure(sampler, options, chains);
}

void stochastic_volatility_draws(const Options& options) {
  const Tensor y = volatile_returns(options.small ? 20 : 500);
  const std::int64_t length = options.small ? 30 : 500;
  measure({"stochastic_volatility", make_problem(stochastic_volatility, {}, y, y), {{"mu", {-1.0}}, {"phi", {0.97}}, {"sigma", {0.2}}},
           {"h_std"}, length, length},
          options, options.small ? 2 : 1'024);
}

void hidden_markov_draws(const Options& options) {
  const Tensor y = hidden_markov_series(options.small ? 60 : 500);
  const std::int64_t length = options.small ? 30 : 500;
  measure({"hidden_markov", make_problem(hidden_markov, {}, y), {{"mu", {-2.0, 0.0, 3.0}}, {"sigma", {0.7}}}, {}, length, length},
          options, options.small ? 2 : 1'024);
}

void logistic_draws(const Options& options) {
  const std::int64_t rows = options.small ? 100 : 10'000, features = options.small ? 3 : 20, length = options.small ? 30 : 500;
  const Regression data = logistic_data(rows, features);
  const Tensor X = reshape(Tensor(data.x), {rows, features}), y = data.y;
  std::vector<double> beta(static_cast<std::size_t>(features));
  for (std::size_t f = 0; f < beta.size(); ++f) beta[f] = f % 2 ? -0.5 : 0.5;
  measure({"logistic", make_problem(logistic, {}, X, y), {{"alpha", {0.3}}, {"beta", beta}}, {}, length, length}, options,
          options.small ? 2 : 1'024);
}

}  // namespace nuthatch::benchmark::gpu
