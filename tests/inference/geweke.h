// Geweke's joint distribution test ("Getting it right", JASA 99, 2004). Parameters theta and data y together have a law
// p(theta) p(y | theta) from which one can draw. A kernel moves theta with y held fixed, then y is drawn anew given theta:
// if the kernel leaves every posterior p(theta | y) invariant, the law of the pair never changes. Chains begin at exact
// draws of the pair, so nothing has to converge, and every chain is an independent replication.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "inference/kernels/composite.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch::testing_models {

/// z = (theta, y). Both draws are of the law that `log_density` says; `data` replaces y as a traced function.
struct JointLaw {
  std::int64_t parameters = 0, data = 0;
  std::function<Tensor(const Tensor& z)> log_density;
  std::function<std::vector<double>(std::mt19937_64&)> draw;
  kernels::CompositeRule::Update draw_data;
  std::vector<Expectation> expectations;
};

/// Updates of parameters besides those of the kernel come before the data are drawn.
inline mcmc::Sampler successive_conditional(const JointLaw& law, const Shared<const detail::KernelRule>& kernel,
                                            std::vector<kernels::CompositeRule::Update> updates = {},
                                            std::int64_t inner = -1) {
  const std::int64_t moved = inner < 0 ? law.parameters : inner;
  updates.push_back(law.draw_data);
  return {share<kernels::CompositeRule>("Geweke", kernel,
                                        kernels::Partition{{{0, moved, true}, {moved, law.parameters + law.data - moved, false}}},
                                        std::move(updates)),
          {mcmc::MetricKind::diagonal, false, false}};
}

/// The z scores of all expectations: of means over the alternations of a chain, by the spread of chains.
inline std::vector<double> geweke_scores(const JointLaw& law, const mcmc::Sampler& sampler, double step_size,
                                         std::uint64_t seed, int alternations = 40, int chains = 2048) {
  const std::int64_t dim = law.parameters + law.data;
  std::mt19937_64 random(seed);
  std::vector<Tensor> starts;
  for (int c = 0; c < chains; ++c) starts.push_back(Tensor(law.draw(random)));
  mcmc::EngineOptions options;
  options.num_warmup = 0, options.num_samples = alternations, options.num_chains = chains, options.threads = 2;
  options.step_size = step_size;
  mcmc::Engine engine(sampler,
                      {dim, {}, [&](const Tensor& z, const std::vector<Tensor>&) { return law.log_density(z); }, {}},
                      options);
  engine.start(Key(seed), starts, 1);
  EXPECT_TRUE(engine.run([](const auto&) { return true; }));
  std::vector<double> scores;
  for (const Expectation& e : law.expectations) scores.push_back(z_score(engine, dim, e.of, e.expected));
  return scores;
}

inline void expect_geweke(const JointLaw& law, const mcmc::Sampler& sampler, double step_size, const std::string& what,
                          int alternations = 40, int chains = 2048) {
  for (const std::uint64_t seed : {1, 2}) {
    const auto scores = geweke_scores(law, sampler, step_size, seed, alternations, chains);
    for (std::size_t i = 0; i < scores.size(); ++i)
      EXPECT_LT(std::abs(scores[i]), 5.5) << what << ": " << law.expectations[i].name << ", seed " << seed;
  }
}

/// theta = (m, d, s), standard normal each; y_i normal with mean m + d t_i, t = (-1, 0, 1, 2), and scale exp(s / 2).
inline JointLaw line_with_unknown_scale() {
  JointLaw law;
  law.parameters = 3, law.data = 4;
  static constexpr double t[4] = {-1, 0, 1, 2};
  const auto level = [](const Tensor& z) { return z[0] + z[1] * Tensor{-1.0, 0.0, 1.0, 2.0}; };
  law.log_density = [=](const Tensor& z) {
    Tensor residual = (z[slice(3, 7)] - level(z)) * exp(-0.5 * z[2]);
    return -0.5 * sum(square(z[slice(0, 3)])) - 0.5 * sum(square(residual)) - 2.0 * z[2];
  };
  law.draw = [](std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    std::vector<double> z{normal(random), normal(random), normal(random)};
    for (int i = 0; i < 4; ++i) z.push_back(z[0] + z[1] * t[i] + std::exp(0.5 * z[2]) * normal(random));
    return z;
  };
  law.draw_data = [=](const Key& key, const Tensor& z, const Target&) {
    return concat({z[slice(0, 3)], level(z) + exp(0.5 * z[2]) * normal(key, {4})});
  };
  const auto residual = [](const double* z, int i) { return (z[3 + i] - z[0] - z[1] * t[i]) * std::exp(-0.5 * z[2]); };
  law.expectations = {{"m", [](const double* z) { return z[0]; }, 0.0},
                      {"m^2", [](const double* z) { return z[0] * z[0]; }, 1.0},
                      {"d", [](const double* z) { return z[1]; }, 0.0},
                      {"d^2", [](const double* z) { return z[1] * z[1]; }, 1.0},
                      {"s", [](const double* z) { return z[2]; }, 0.0},
                      {"s^2", [](const double* z) { return z[2] * z[2]; }, 1.0},
                      {"s > 1", [](const double* z) { return double(z[2] > 1); }, 0.15865525393145707},
                      {"m d", [](const double* z) { return z[0] * z[1]; }, 0.0},
                      {"m s", [](const double* z) { return z[0] * z[2]; }, 0.0},
                      {"m y_0", [](const double* z) { return z[0] * z[3]; }, 1.0},
                      {"d y_3", [](const double* z) { return z[1] * z[6]; }, 2.0},
                      {"s r_2^2", [=](const double* z) { return z[2] * residual(z, 2) * residual(z, 2); }, 0.0}};
  return law;
}

/// theta = (x, k): k from 0 to 3 with probabilities .15 .3 .3 .25, x normal around (-2, 0, 2, 4)[k] with scale 0.8; y
/// normal around x with scale 1.
inline JointLaw labelled_mixture() {
  JointLaw law;
  law.parameters = 2, law.data = 1;
  static constexpr double weights[4] = {0.15, 0.3, 0.3, 0.25}, centers[4] = {-2, 0, 2, 4};
  law.log_density = [](const Tensor& z) {
    Tensor here = arange(4).cast(f64) == z[1];
    Tensor center = sum(select(here, Tensor{-2.0, 0.0, 2.0, 4.0}, 0.0));
    Tensor log_weight = select(any_of(here), sum(select(here, log(Tensor{0.15, 0.3, 0.3, 0.25}), 0.0)), -INFINITY);
    return log_weight - 0.5 * square((z[0] - center) / 0.8) - 0.5 * square(z[2] - z[0]);
  };
  law.draw = [](std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    const int k = std::discrete_distribution<int>(std::begin(weights), std::end(weights))(random);
    const double x = centers[k] + 0.8 * normal(random);
    return std::vector<double>{x, double(k), x + normal(random)};
  };
  law.draw_data = [](const Key& key, const Tensor& z, const Target&) { return stack({z[0], z[1], z[0] + normal(key)}); };
  double first = 0, second = 0;
  for (int k = 0; k < 4; ++k) first += weights[k] * centers[k], second += weights[k] * (centers[k] * centers[k] + 0.64);
  law.expectations = {{"x", [](const double* z) { return z[0]; }, first},
                      {"x^2", [](const double* z) { return z[0] * z[0]; }, second},
                      {"k = 0", [](const double* z) { return double(z[1] == 0); }, weights[0]},
                      {"k = 1", [](const double* z) { return double(z[1] == 1); }, weights[1]},
                      {"k = 3", [](const double* z) { return double(z[1] == 3); }, weights[3]},
                      {"x (y - x)", [](const double* z) { return z[0] * (z[2] - z[0]); }, 0.0},
                      {"residual k", [](const double* z) { return (z[0] - centers[int(z[1])]) * z[1]; }, 0.0},
                      {"residual^2", [](const double* z) { return std::pow((z[0] - centers[int(z[1])]) / 0.8, 2); }, 1.0}};
  return law;
}

/// theta = (x, n): n Poisson with mean 3, x normal around n with scale 1; y normal around x with scale 1.
inline JointLaw count_with_noise() {
  JointLaw law;
  law.parameters = 2, law.data = 1;
  law.log_density = [](const Tensor& z) {
    Tensor n = maximum(z[1], 0.0);
    return select(z[1] >= 0.0, n * std::log(3.0) - lgamma(n + 1.0), -INFINITY) - 0.5 * square(z[0] - z[1]) -
           0.5 * square(z[2] - z[0]);
  };
  law.draw = [](std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    const double n = std::poisson_distribution<int>(3.0)(random), x = n + normal(random);
    return std::vector<double>{x, n, x + normal(random)};
  };
  law.draw_data = [](const Key& key, const Tensor& z, const Target&) { return stack({z[0], z[1], z[0] + normal(key)}); };
  law.expectations = {{"n", [](const double* z) { return z[1]; }, 3.0},
                      {"n^2", [](const double* z) { return z[1] * z[1]; }, 12.0},
                      {"n = 0", [](const double* z) { return double(z[1] == 0); }, std::exp(-3.0)},
                      {"x", [](const double* z) { return z[0]; }, 3.0},
                      {"x^2", [](const double* z) { return z[0] * z[0]; }, 13.0},
                      {"n y", [](const double* z) { return z[1] * z[2]; }, 12.0}};
  return law;
}

}  // namespace nuthatch::testing_models
