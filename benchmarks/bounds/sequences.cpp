#include <cmath>

#include "benchmarks/bounds/bounds.h"

namespace nuthatch::benchmark::bounds {

double StochasticVolatility::operator()(const double* x, double* gradient) const {
  const std::size_t n = y.size();
  const double mu = x[0], s = 1 / (1 + std::exp(-x[1])), phi = 2 * s - 1, sigma = std::exp(x[2]);
  const double* e = x + 3;
  double* d_e = gradient + 3;
  static thread_local std::vector<double> deviation, pull;
  deviation.resize(n);
  pull.resize(n);
  const double rest = 1 - phi * phi, root = std::sqrt(rest);
  deviation[0] = sigma * e[0] / root;
  for (std::size_t t = 1; t < n; ++t) deviation[t] = phi * deviation[t - 1] + sigma * e[t];
  double density = 0, d_mu = 0;
  for (std::size_t t = 0; t < n; ++t) {
    const double h = mu + deviation[t], q = y[t] * y[t] * std::exp(-h);
    density -= 0.5 * (h + q + e[t] * e[t]);
    pull[t] = 0.5 * (q - 1);
    d_mu += pull[t];
  }
  double carried = 0, d_phi = 0, d_sigma = 0;
  for (std::size_t t = n - 1; t > 0; --t) {
    carried = pull[t] + phi * carried;
    d_phi += carried * deviation[t - 1];
    d_sigma += carried * e[t];
    d_e[t] = carried * sigma - e[t];
  }
  carried = pull[0] + phi * carried;
  d_sigma += carried * e[0] / root;
  d_phi += carried * deviation[0] * phi / rest;
  d_e[0] = carried * sigma / root - e[0];
  const double m = mu * mu / 100, k = sigma * sigma / 25;
  gradient[0] = d_mu - 2 * mu / 100 / (1 + m);
  gradient[1] = d_phi * 2 * s * (1 - s) + 1 - 2 * s;
  gradient[2] = d_sigma * sigma - 2 * k / (1 + k) + 1;
  return density - std::log1p(m) - std::log1p(k) + x[2] + std::log(s * (1 - s));
}

double GaussianMixture::operator()(const double* x, double* gradient) const {
  const Simplex theta(x);
  const Ordered mu(x + 2);
  double scale[3], weight[3], d_theta[3] = {}, d_mu[3] = {}, d_scale[3] = {}, density = theta.log_density + mu.log_density;
  for (int k = 0; k < 3; ++k) {
    scale[k] = std::exp(-x[5 + k]);
    weight[k] = theta.p[k] * scale[k];
  }
  for (const double v : y) {
    double r[3], q[3], least = INFINITY, p[3], sum = 0;
    for (int k = 0; k < 3; ++k) {
      r[k] = (v - mu.m[k]) * scale[k];
      q[k] = 0.5 * r[k] * r[k];
      least = q[k] < least ? q[k] : least;
    }
    for (int k = 0; k < 3; ++k) sum += p[k] = weight[k] * std::exp(least - q[k]);
    density += std::log(sum) - least;
    for (int k = 0; k < 3; ++k) {
      const double share = p[k] / sum;
      d_theta[k] += share;
      d_mu[k] += share * r[k];
      d_scale[k] += share * (r[k] * r[k] - 1);
    }
  }
  for (int k = 0; k < 3; ++k) {
    d_theta[k] /= theta.p[k];
    d_mu[k] *= scale[k];
    // LogNormal(0, 1) in sigma and the Jacobian: normal in its logarithm.
    density -= 0.5 * x[5 + k] * x[5 + k];
    gradient[5 + k] = d_scale[k] - x[5 + k];
  }
  theta.gradient(d_theta, gradient);
  mu.gradient(d_mu, gradient + 2);
  return density;
}

double HiddenMarkov::operator()(const double* x, double* gradient) const {
  const std::size_t n = y.size();
  const Simplex start(x), rows[3] = {Simplex(x + 2), Simplex(x + 4), Simplex(x + 6)};
  const Ordered mu(x + 8);
  const double sigma = std::exp(x[11]), scale = 1 / sigma;
  // Forward and backward in probabilities, normalised at every step (Rabiner 1989, section V.A).
  static thread_local std::vector<double> forward, emission;
  forward.resize(3 * n);
  emission.resize(3 * n);
  double density = start.log_density + mu.log_density - 0.5 * sigma * sigma + x[11] - double(n) * x[11];
  for (const Simplex& row : rows) density += row.log_density;
  for (std::size_t t = 0; t < n; ++t) {
    double q[3], least = INFINITY;
    for (int k = 0; k < 3; ++k) {
      const double r = (y[t] - mu.m[k]) * scale;
      q[k] = 0.5 * r * r;
      least = q[k] < least ? q[k] : least;
    }
    for (int k = 0; k < 3; ++k) emission[3 * t + k] = std::exp(least - q[k]);
    density -= least;
  }
  static thread_local std::vector<double> norm;
  norm.resize(n);
  for (std::size_t t = 0; t < n; ++t) {
    double* a = &forward[3 * t];
    for (int k = 0; k < 3; ++k) {
      double prior = t == 0 ? start.p[k] : 0.0;
      if (t > 0)
        for (int i = 0; i < 3; ++i) prior += forward[3 * (t - 1) + i] * rows[i].p[k];
      a[k] = prior * emission[3 * t + k];
    }
    norm[t] = a[0] + a[1] + a[2];
    for (int k = 0; k < 3; ++k) a[k] /= norm[t];
  }
  for (std::size_t t = 0; t < n; ++t) density += std::log(norm[t]);
  double back[3] = {1, 1, 1}, d_row[3][3] = {}, d_mu[3] = {}, d_scale = 0;
  for (std::size_t t = n; t-- > 0;) {
    for (int k = 0; k < 3; ++k) {
      const double share = forward[3 * t + k] * back[k], r = (y[t] - mu.m[k]) * scale;
      d_mu[k] += share * r * scale;
      d_scale += share * r * r;
    }
    if (t == 0) break;
    double ahead[3], before[3] = {};
    for (int k = 0; k < 3; ++k) ahead[k] = emission[3 * t + k] * back[k] / norm[t];
    for (int i = 0; i < 3; ++i)
      for (int k = 0; k < 3; ++k) {
        d_row[i][k] += forward[3 * (t - 1) + i] * ahead[k];
        before[i] += rows[i].p[k] * ahead[k];
      }
    for (int i = 0; i < 3; ++i) back[i] = before[i];
  }
  double d_start[3];
  for (int k = 0; k < 3; ++k) d_start[k] = emission[k] * back[k] / norm[0];
  start.gradient(d_start, gradient);
  for (int i = 0; i < 3; ++i) rows[i].gradient(d_row[i], gradient + 2 + 2 * i);
  mu.gradient(d_mu, gradient + 8);
  // HalfNormal(2): exp(-sigma^2 / 8).
  gradient[11] = d_scale - double(n) - 0.25 * sigma * sigma + 1;
  return density + 0.5 * sigma * sigma - sigma * sigma / 8;
}

}  // namespace nuthatch::benchmark::bounds
