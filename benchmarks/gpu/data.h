#pragma once
// Data made from a seed, the same numbers here and in numpyro_gpu.py.
#include <cstdint>
#include <vector>

namespace nuthatch::benchmark::gpu {

/// Between 0 and 1, ends excluded: splitmix64 of a counter.
std::vector<double> uniforms(std::int64_t n, std::uint64_t seed);
/// Standard normal (Box and Muller), two uniforms each.
std::vector<double> normals(std::int64_t n, std::uint64_t seed);

/// y_t of the stochastic volatility model with mu = -1, phi = 0.97, sigma = 0.2.
std::vector<double> volatile_returns(std::int64_t n);
/// Three states with means -2, 0, 3 and standard deviation 0.7; a state is left with probability 0.1.
std::vector<double> hidden_markov_series(std::int64_t n);
/// Row-major X of standard normals and y from intercept 0.3 and coefficients 0.5, -0.5, 0.5, ...
struct Regression {
  std::vector<double> x, y;
};
Regression logistic_data(std::int64_t rows, std::int64_t features);

}  // namespace nuthatch::benchmark::gpu
