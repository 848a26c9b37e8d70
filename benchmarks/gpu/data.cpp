#include "benchmarks/gpu/data.h"

#include <array>
#include <cmath>
#include <numbers>

namespace nuthatch::benchmark::gpu {
namespace {

double uniform(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t z = seed * 0xD1342543DE82EF95u + (i + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (double((z ^ (z >> 31)) >> 12) + 0.5) * 0x1p-52;
}

}  // namespace

std::vector<double> uniforms(std::int64_t n, std::uint64_t seed) {
  std::vector<double> u(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = uniform(seed, i);
  return u;
}

std::vector<double> normals(std::int64_t n, std::uint64_t seed) {
  std::vector<double> z(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < z.size(); ++i)
    z[i] = std::sqrt(-2 * std::log(uniform(seed, 2 * i))) * std::cos(2 * std::numbers::pi * uniform(seed, 2 * i + 1));
  return z;
}

std::vector<double> volatile_returns(std::int64_t n) {
  const double mu = -1, phi = 0.97, sigma = 0.2;
  const auto shock = normals(n, 1), noise = normals(n, 2);
  std::vector<double> y(shock.size());
  double deviation = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    deviation = t == 0 ? sigma * shock[0] / std::sqrt(1 - phi * phi) : phi * deviation + sigma * shock[t];
    y[t] = std::exp((mu + deviation) / 2) * noise[t];
  }
  return y;
}

std::vector<double> hidden_markov_series(std::int64_t n) {
  const std::array<double, 3> mean{-2, 0, 3};
  const auto jump = uniforms(n, 3), noise = normals(n, 4);
  std::vector<double> y(jump.size());
  std::size_t state = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    if (jump[t] < 0.1) state = (state + (jump[t] < 0.05 ? 1 : 2)) % 3;
    y[t] = mean[state] + 0.7 * noise[t];
  }
  return y;
}

Regression logistic_data(std::int64_t rows, std::int64_t features) {
  Regression data{normals(rows * features, 5), uniforms(rows, 6)};
  for (std::int64_t r = 0; r < rows; ++r) {
    double eta = 0.3;
    for (std::int64_t f = 0; f < features; ++f) eta += (f % 2 ? -0.5 : 0.5) * data.x[std::size_t(r * features + f)];
    double& y = data.y[std::size_t(r)];
    y = y < 1 / (1 + std::exp(-eta)) ? 1 : 0;
  }
  return data;
}

}  // namespace nuthatch::benchmark::gpu
