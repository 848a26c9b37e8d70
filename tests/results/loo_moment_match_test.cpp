// Moment matching against exact leave-one-out densities of a linear regression with known spread, from linear algebra.
#include "nuthatch/loo_moment_match.h"

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include <cmath>

namespace nuthatch {
namespace {

constexpr std::int64_t kRows = 24, kColumns = 10;

void regression(const Tensor& x, const Observed& y) {
  Tensor b = sample("b", Normal(zeros(kColumns), 5.0).to_event());
  Plate rows("row", x.size(0));
  sample("y", Normal(matmul(x, b), 1.0), y);
}

struct Data {
  Tensor x, y;
  Data() {
    std::vector<double> rows = normal(Key(1), {kRows, kColumns}).to_vector();
    for (std::int64_t k = 0; k < 3 * kColumns; ++k) rows[std::size_t(k)] *= 3;  // three rows that pull
    x = reshape(Tensor(rows), {kRows, kColumns});
    std::vector<double> values = (matmul(x, normal(Key(2), {kColumns})) + normal(Key(3), {kRows})).to_vector();
    values[0] += 6, values[5] -= 5;
    y = values;
  }
};

/// log p(y_i | all others): normal with mean x_i m and variance 1 + x_i V x_i.
double exact(const Data& d, std::int64_t i) {
  Tensor others = (arange(kRows) != i).cast(f64), rows = d.x * expand_dims(others, 1);
  Tensor factor = cholesky(eye(kColumns) / 25.0 + matmul(transpose(rows), rows)), row = d.x[i];
  const double mean = sum(row * cho_solve(factor, matmul(transpose(rows), d.y))).item();
  const double variance = 1 + sum(row * cho_solve(factor, row)).item();
  return -0.5 * std::log(2 * M_PI * variance) - 0.5 * std::pow(d.y[i].item() - mean, 2) / variance;
}

const Fit& fit() {
  static const Fit result = [] {
    const Data d;
    Fit f = MCMC(NUTS(regression), {.num_samples = 1000, .progress = false}).run(Key(4), d.x, d.y);
    f.extend(log_likelihood(regression, f, d.x, d.y));
    return f;
  }();
  return result;
}

TEST(LooMomentMatch, AgreesWithExactDensities) {
  const Data d;
  const Elpd plain = loo(fit()), matched = loo_moment_match(regression, fit(), {}, d.x, d.y);
  EXPECT_EQ(matched.method, "loo_moment_match");
  int bad = 0;
  double error_before = 0, error_after = 0, total = 0;
  for (std::int64_t i = 0; i < kRows; ++i) {
    const double truth = exact(d, i), before = plain.elpd_i.tensor()[i].item(), after = matched.elpd_i.tensor()[i].item();
    const double k = plain.pareto_k.tensor()[i].item(), k_after = matched.pareto_k.tensor()[i].item();
    total += truth;
    if (k <= plain.good_k) {
      EXPECT_EQ(before, after) << i;
      continue;
    }
    ++bad;
    error_before += std::abs(before - truth), error_after += std::abs(after - truth);
    EXPECT_LT(k_after, k) << i;
    EXPECT_NEAR(after, truth, 0.06) << i << ", before " << before << ", k " << k << " and " << k_after;
  }
  EXPECT_GE(bad, 3);
  EXPECT_LT(error_after, 0.1 * error_before);
  EXPECT_NEAR(matched.elpd, total, 0.25);
  EXPECT_FALSE(matched.warning);
  EXPECT_TRUE(plain.warning);
}

TEST(LooMomentMatch, Options) {
  const Data d;
  const Elpd none = loo_moment_match(regression, fit(), {.k_threshold = 100.0}, d.x, d.y), plain = loo(fit());
  EXPECT_EQ(none.elpd, plain.elpd);
  const Elpd deviance = loo_moment_match(regression, fit(), {.scale = "deviance"}, d.x, d.y),
             log = loo_moment_match(regression, fit(), {}, d.x, d.y);
  EXPECT_NEAR(deviance.elpd, -2 * log.elpd, 1e-9 * std::abs(log.elpd));
  const auto message = [&](const InferenceData& data, const MomentMatchOptions& o) {
    try {
      loo_moment_match(regression, data, o, d.x, d.y);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message(fit(), {.max_iterations = 0}).find(".max_iterations must be positive"), std::string::npos);
  EXPECT_NE(message(InferenceData(), {}).find("log_likelihood"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch
