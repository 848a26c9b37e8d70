#include <algorithm>
#include <cmath>

#include "benchmarks/bounds/bounds.h"

namespace nuthatch::benchmark::bounds {

double EightSchools::operator()(const double* x, double* gradient) const {
  const double mu = x[8], tau = std::exp(x[9]);
  double density = 0, d_mu = 0, d_tau = 0;
  for (int i = 0; i < 8; ++i) {
    const double r = (y[i] - mu - tau * x[i]) / sigma[i], d = r / sigma[i];
    density -= 0.5 * (r * r + x[i] * x[i]);
    gradient[i] = d * tau - x[i];
    d_mu += d;
    d_tau += d * x[i];
  }
  const double t = tau * tau / 25;
  gradient[8] = d_mu - mu / 25;
  gradient[9] = d_tau * tau - 2 * t / (1 + t) + 1;
  return density - mu * mu / 50 - std::log1p(t) + x[9];
}

double Radon::operator()(const double* at, double* gradient) const {
  const double beta = at[counties], mu = at[counties + 1], spread = std::exp(at[counties + 2]),
               sigma = std::exp(at[counties + 3]), precision = 1 / (sigma * sigma);
  double squares = 0, d_beta = 0;
  std::fill_n(gradient, counties, 0.0);
  // Houses of one county stand together.
  for (std::size_t i = 0; i < y.size();) {
    const std::int64_t j = county[i];
    const double alpha = centred ? at[j] : mu + spread * at[j];
    double sum = 0;
    for (; i < y.size() && county[i] == j; ++i) {
      const double r = y[i] - alpha - beta * x[i];
      squares += r * r;
      sum += r;
      d_beta += r * x[i];
    }
    gradient[j] = sum * precision;
  }
  double density = 0, d_mu = 0, d_spread = 0;
  for (std::int64_t j = 0; j < counties; ++j) {
    if (centred) {
      const double r = (at[j] - mu) / spread;
      density -= 0.5 * r * r;
      gradient[j] -= r / spread;
      d_mu += r / spread;
      d_spread += r * r;
    } else {
      density -= 0.5 * at[j] * at[j];
      d_mu += gradient[j];
      d_spread += gradient[j] * at[j] * spread;
      gradient[j] = gradient[j] * spread - at[j];
    }
  }
  const double n = double(y.size());
  gradient[counties] = d_beta * precision - beta / 100;
  gradient[counties + 1] = d_mu - mu / 100;
  gradient[counties + 2] = d_spread - (centred ? double(counties) : 0.0) - spread * spread + 1;
  gradient[counties + 3] = squares * precision - n - sigma * sigma + 1;
  return density - 0.5 * squares * precision - n * at[counties + 3] - (centred ? double(counties) * at[counties + 2] : 0.0) -
         beta * beta / 200 - mu * mu / 200 - 0.5 * (spread * spread + sigma * sigma) + at[counties + 2] + at[counties + 3];
}

double Logistic::operator()(const double* x, double* gradient) const {
  // Blocks of rows that stay in the cache: the matrix is read from memory once.
  constexpr std::int64_t kBlock = 128;
  double density = 0, d_alpha = 0;
  std::fill_n(gradient, columns + 1, 0.0);
  for (std::int64_t start = 0; start < rows; start += kBlock) {
    const std::int64_t n = std::min(kBlock, rows - start);
    double eta[kBlock], residual[kBlock];
    for (std::int64_t i = 0; i < n; ++i) eta[i] = x[0];
    for (std::int64_t k = 0; k < columns; ++k) {
      const double* column = &by_column[std::size_t(k * rows + start)];
      const double b = x[k + 1];
      for (std::int64_t i = 0; i < n; ++i) eta[i] += b * column[i];
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const double e = std::exp(-std::abs(eta[i])), truth = y[std::size_t(start + i)];
      const double p = (eta[i] > 0 ? 1.0 : e) / (1 + e);
      density += truth * eta[i] - (eta[i] > 0 ? eta[i] : 0.0) - std::log(1 + e);  // e lies in (0, 1]: nothing is lost
      residual[i] = truth - p;
      d_alpha += residual[i];
    }
    for (std::int64_t k = 0; k < columns; ++k) {
      const double* column = &by_column[std::size_t(k * rows + start)];
      double sum = 0;
      for (std::int64_t i = 0; i < n; ++i) sum += residual[i] * column[i];
      gradient[k + 1] += sum;
    }
  }
  density -= x[0] * x[0] / 50;
  gradient[0] = d_alpha - x[0] / 25;
  for (std::int64_t k = 1; k <= columns; ++k) {
    density -= x[k] * x[k] / 12.5;
    gradient[k] -= x[k] / 6.25;
  }
  return density;
}

}  // namespace nuthatch::benchmark::bounds
