#include <cmath>

#include "benchmarks/bounds/bounds.h"

namespace nuthatch::benchmark::bounds {

Simplex::Simplex(const double* x) {
  z[0] = 1 / (1 + 2 * std::exp(-x[0]));  // offset log(2): all thirds at the origin
  z[1] = 1 / (1 + std::exp(-x[1]));
  p[0] = z[0];
  p[1] = (1 - z[0]) * z[1];
  p[2] = (1 - z[0]) * (1 - z[1]);
  const double prior = std::log(p[0] * p[1] * p[2]);
  log_density = prior + std::log(z[0] * (1 - z[0]) * z[1] * (1 - z[1]) * (1 - z[0]));
}

void Simplex::gradient(const double* dp, double* out) const {
  double d[3];
  for (int i = 0; i < 3; ++i) d[i] = (dp[i] + 1 / p[i]) * p[i];  // times p: a derivative in log p
  // log p1 = log z0; log p2 = log(1-z0) + log z1; log p3 = log(1-z0) + log(1-z1)
  out[0] = d[0] * (1 - z[0]) - (d[1] + d[2]) * z[0] + 1 - 3 * z[0];
  out[1] = d[1] * (1 - z[1]) - d[2] * z[1] + 1 - 2 * z[1];
}

Ordered::Ordered(const double* x) {
  gap[0] = std::exp(x[1]);
  gap[1] = std::exp(x[2]);
  m[0] = x[0];
  m[1] = m[0] + gap[0];
  m[2] = m[1] + gap[1];
  log_density = x[1] + x[2] - (m[0] * m[0] + m[1] * m[1] + m[2] * m[2]) / 50;
}

void Ordered::gradient(const double* dm, double* out) const {
  double d[3];
  for (int i = 0; i < 3; ++i) d[i] = dm[i] - m[i] / 25;
  out[0] = d[0] + d[1] + d[2];
  out[1] = (d[1] + d[2]) * gap[0] + 1;
  out[2] = d[2] * gap[1] + 1;
}

}  // namespace nuthatch::benchmark::bounds
