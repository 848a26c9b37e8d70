// The statistical checks have power: each deliberate error in the sampler is caught by the check named for it, and the
// correct sampler passes all of them. Runs on the reference sampler, whose bits the compiled ones share.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/inference/reference_nuts.h"

namespace nuthatch::reference {
namespace {

struct Estimate {
  double mean, error;
  double z(double expected) const { return (mean - expected) / error; }
};

/// Mean of f over the draws after warm-up, with the error from the spread of `chains` independent chains.
template <class F>
Estimate estimate(const Density& density, std::size_t dim, Options options, int chains, F f) {
  std::vector<double> means;
  for (int c = 0; c < chains; ++c) {
    Sampler sampler(density, dim, math::fold_in(math::seed_key(17), std::uint32_t(c)), options);
    const auto draws = sampler.run();
    double total = 0;
    for (std::size_t t = std::size_t(options.num_warmup); t < draws.size(); ++t) total += f(draws[t]);
    means.push_back(total / options.num_samples);
  }
  double mean = 0, squares = 0;
  for (const double m : means) mean += m / chains;
  for (const double m : means) squares += (m - mean) * (m - mean);
  return {mean, std::sqrt(squares / (chains - 1) / chains)};
}

/// `jacobian` is the sign of the log-Jacobian of tau = exp(z_1), `prior` the weight of the prior of mu: 1 is right.
double eight_schools(const Vector& z, Vector& g, double jacobian, double prior) {
  static const double y[8] = {28, 8, -3, 7, -1, 1, 18, 12}, sigma[8] = {15, 10, 16, 11, 9, 11, 10, 18};
  const double tau = std::exp(z[1]), q = tau * tau / 25;
  double lp = -prior * z[0] * z[0] / 50 - std::log1p(q) + jacobian * z[1];
  g[0] = -prior * z[0] / 25;
  g[1] = jacobian - 2 * q / (1 + q);
  for (int i = 0; i < 8; ++i) {
    const double t = z[2 + i], e = (y[i] - z[0] - tau * t) / sigma[i];
    lp -= t * t / 2 + e * e / 2;
    g[2 + i] = -t + e / sigma[i] * tau;
    g[0] += e / sigma[i];
    g[1] += e / sigma[i] * tau * t;
  }
  return lp;
}

double eight_schools(const Vector& z, Vector& g) { return eight_schools(z, g, 1, 1); }

double standard_normal(const Vector& z, Vector& g) {
  double lp = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    lp -= z[i] * z[i] / 2;
    g[i] = -z[i];
  }
  return lp;
}

Options with(Mutation mutation, int samples) {
  Options options;
  options.num_samples = samples;
  options.mutation = mutation;
  return options;
}

/// E[tau] of eight schools: 3.597705.
double tau_check(Mutation mutation) {
  const Density density = [](const Vector& z, Vector& g) { return eight_schools(z, g); };
  return estimate(density, 10, with(mutation, 3000), 60, [](const Draw& d) { return std::exp(d.position[1]); }).z(3.597705);
}

/// The same, and E[mu] = 4.396821, of a density that is not the posterior.
std::pair<double, double> checks_of_density(double jacobian, double prior) {
  const Density density = [=](const Vector& z, Vector& g) { return eight_schools(z, g, jacobian, prior); };
  const Options options = with(Mutation::none, 1000);
  return {estimate(density, 10, options, 40, [](const Draw& d) { return d.position[0]; }).z(4.396821),
          estimate(density, 10, options, 40, [](const Draw& d) { return std::exp(d.position[1]); }).z(3.597705)};
}

double squared_length(const Draw& d) {
  double total = 0;
  for (const double x : d.position) total += x * x;
  return total;
}

/// E[|z|^2] of 20 standard normals: 20.
double length_check(Mutation mutation) {
  return estimate(standard_normal, 20, with(mutation, 1500), 60, squared_length).z(20);
}

/// The same with a step so long that energies are far from conserved and the weights have to correct for it.
double coarse_length_check(Mutation mutation) {
  Options options = with(mutation, 20000);
  options.num_warmup = 200, options.step_size = 1.3, options.adapt_step_size = options.adapt_mass_matrix = false;
  return estimate(standard_normal, 20, options, 40, squared_length).z(20);
}

/// Dual averaging with Hoffman & Gelman's gamma settles: step sizes in the last quarter of a warm-up of the fast kind
/// vary by less than this factor in the mean square of the logarithm.
double step_size_spread(Mutation mutation) {
  Options options;
  options.num_warmup = 400, options.num_samples = 0, options.adapt_mass_matrix = false, options.mutation = mutation;
  double total = 0;
  for (int c = 0; c < 10; ++c) {
    Sampler sampler(standard_normal, 20, math::fold_in(math::seed_key(5), std::uint32_t(c)), options);
    const auto draws = sampler.run();
    double mean = 0, squares = 0;
    for (std::size_t t = 300; t < 400; ++t) mean += std::log(draws[t].step_size) / 100;
    for (std::size_t t = 300; t < 400; ++t) squares += std::pow(std::log(draws[t].step_size) - mean, 2) / 100;
    total += squares / 10;
  }
  return std::sqrt(total);
}

TEST(Mutations, CorrectSamplerPasses) {
  EXPECT_LT(std::abs(tau_check(Mutation::none)), 5.5);
  EXPECT_LT(std::abs(length_check(Mutation::none)), 5.5);
  EXPECT_LT(std::abs(coarse_length_check(Mutation::none)), 5.5);
}

TEST(Mutations, AcceptanceTwoPercentTooSharpIsCaught) { EXPECT_GT(std::abs(coarse_length_check(Mutation::acceptance)), 5.5); }

/// E[|z|^2] of two standard normals by Hamiltonian Monte Carlo with one leapfrog and a Metropolis decision, whose
/// acceptance probability is min(1, factor exp(-change of energy)): 1 is right.
double metropolis_check(double factor) {
  constexpr int chains = 40, draws = 100000, dim = 2;
  constexpr double step = 1.0;
  std::vector<double> means;
  for (std::uint32_t c = 0; c < chains; ++c) {
    std::mt19937_64 random(c);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    Vector z(dim), moved(dim);
    for (double& x : z) x = normal(random);
    double total = 0;
    for (int t = 0; t < draws; ++t) {
      double change = 0, length = 0;
      for (std::size_t i = 0; i < dim; ++i) {
        const double r = normal(random), half = r - 0.5 * step * z[i];
        moved[i] = z[i] + step * half;
        const double end = half - 0.5 * step * moved[i];
        change += 0.5 * (moved[i] * moved[i] + end * end - z[i] * z[i] - r * r);
      }
      if (uniform(random) < factor * std::exp(-change)) z = moved;
      for (const double x : z) length += x * x;
      total += length / draws;
    }
    means.push_back(total);
  }
  double mean = 0, squares = 0;
  for (const double m : means) mean += m / chains;
  for (const double m : means) squares += (m - mean) * (m - mean);
  return (mean - dim) / std::sqrt(squares / (chains - 1) / chains);
}

TEST(Mutations, AcceptanceOnePercentTooHighIsCaught) {
  EXPECT_LT(std::abs(metropolis_check(1.0)), 5.5);
  EXPECT_GT(std::abs(metropolis_check(1.01)), 5.5);
}

TEST(Mutations, JacobianOfTheWrongSignIsCaught) { EXPECT_GT(std::abs(checks_of_density(-1, 1).second), 5.5); }

TEST(Mutations, MissingPriorTermIsCaught) { EXPECT_GT(std::abs(checks_of_density(1, 0).first), 5.5); }

TEST(Mutations, UTurnCheckOffByOneIsCaught) { EXPECT_GT(std::abs(tau_check(Mutation::u_turn)), 5.5); }

TEST(Mutations, MomentaTwoPercentTooLargeAreCaught) { EXPECT_GT(std::abs(length_check(Mutation::momentum)), 5.5); }

TEST(Mutations, WrongGammaIsCaught) {
  const double correct = step_size_spread(Mutation::none), wrong = step_size_spread(Mutation::gamma);
  EXPECT_GT(correct, 0.02);
  EXPECT_LT(wrong, 0.3 * correct) << "ten times the gamma must move the step size ten times less";
}

/// Chains that share a key are caught by comparing their draws.
TEST(Mutations, SharedKeyIsCaught) {
  const auto run = [](std::uint32_t chain) {
    return Sampler(standard_normal, 5, math::fold_in(math::seed_key(1), chain), with(Mutation::none, 20)).run();
  };
  const auto first = run(0), same = run(0), other = run(1);
  for (std::size_t t = 1000; t < first.size(); ++t) {
    EXPECT_EQ(first[t].position, same[t].position);
    EXPECT_NE(first[t].position, other[t].position);
  }
}

}  // namespace
}  // namespace nuthatch::reference
