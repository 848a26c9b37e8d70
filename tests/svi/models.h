// Models whose posteriors and evidences have closed forms.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nuthatch/neutra.h"
#include "nuthatch/nuthatch.h"
#include "nuthatch/svi.h"
#include "tests/errors/messages.h"

namespace svi_tests {

using namespace nuthatch;

/// mu ~ Normal(1, 2), y_i ~ Normal(mu, 0.5).
struct NormalMean {
  static constexpr double prior_loc = 1.0, prior_scale = 2.0, noise = 0.5;
  std::vector<double> y{0.3, 1.1, -0.4, 0.8, 0.9};

  static void model(const Observed& y) {
    Tensor mu = sample("mu", Normal(prior_loc, prior_scale));
    Plate rows("rows", 5);
    sample("y", Normal(mu, noise), y);
  }
  double sum() const {
    double s = 0;
    for (const double v : y) s += v;
    return s;
  }
  double precision() const { return 1 / (prior_scale * prior_scale) + double(y.size()) / (noise * noise); }
  double mean() const { return (prior_loc / (prior_scale * prior_scale) + sum() / (noise * noise)) / precision(); }
  double sd() const { return 1 / std::sqrt(precision()); }
  /// log p(y) = log p(y | mu) + log p(mu) - log p(mu | y) at any mu.
  double log_evidence() const {
    const auto log_normal = [](double x, double m, double s) {
      return -0.5 * (x - m) * (x - m) / (s * s) - std::log(s) - 0.5 * std::log(2 * M_PI);
    };
    double total = log_normal(0.0, prior_loc, prior_scale) - log_normal(0.0, mean(), sd());
    for (const double v : y) total += log_normal(v, 0.0, noise);
    return total;
  }
};

/// b ~ Normal(0, 1)^2, y ~ Normal(X b, 1): posterior precision 1 + X^T X, strongly correlated.
struct Regression {
  Tensor X{{1.0, 0.9}, {-0.5, -0.7}, {2.0, 1.8}, {0.3, 0.1}};
  Tensor y{1.5, -0.9, 2.6, 0.4};

  static void model(const Tensor& X, const Observed& y) {
    Tensor b = sample("b", Normal(0.0, 1.0).expand({2}).to_event(1));
    Plate rows("rows", 4);
    sample("y", Normal(matmul(X, b), 1.0), y);
  }
  Tensor precision() const { return eye(2) + matmul(transpose(X), X); }
  Tensor covariance() const { return inv(precision()); }
  Tensor mean() const { return matmul(covariance(), matmul(transpose(X), y)); }
  /// y is Normal(0, 1 + X X^T).
  double log_evidence() const {
    return MultivariateNormal({.covariance = eye(4) + matmul(X, transpose(X))}).log_prob(y).item();
  }
};

/// rate ~ Gamma(2, 3), y_i ~ Exponential(rate): the posterior is Gamma(2 + n, 3 + sum y).
struct Waiting {
  std::vector<double> y{0.2, 1.4, 0.7, 0.5};
  static void model(const Observed& y) {
    Tensor rate = sample("rate", Gamma(2.0, 3.0));
    Plate rows("rows", 4);
    sample("y", Exponential(rate), y);
  }
  static constexpr double shape = 6.0, total_rate = 5.8;
};

#define EXPECT_SAYS(statement, text) \
  { \
    const std::string said = ::nuthatch::text_of_error([&] { statement; }); \
    EXPECT_NE(said.find(text), std::string::npos) << said; \
  }

/// A step size that falls to a fraction.
inline Optimiser settling(double size, std::int64_t steps, double fraction = 1e-3) {
  return Adam(exponential_decay({.init = size, .rate = fraction, .steps = steps}));
}

}  // namespace svi_tests
