// Likelihoods of histograms.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/histogram_approximation.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

TEST(HistogramApproximation, IsExactForCounts) {
  const Tensor y = Poisson(3.0).sample(Key(1), {5000});
  const DataCells h = discrete_histogram(y);
  EXPECT_EQ(sum(h.count).item(), 5000.0);
  EXPECT_TRUE(all_of(diff(h.point) > 0.0).item<bool>());
  auto model = [&] { histogram_approximation("y", Poisson(2.7), y); };
  const double exact = sum(Poisson(2.7).log_prob(y)).item();
  EXPECT_NEAR(trace(model)().log_density().item(), exact, 1e-11 * std::abs(exact));
}

TEST(HistogramApproximation, CellsHaveTheMeansOfTheirData) {
  const DataCells h = quantile_histogram(Tensor{3.0, 1.0, 2.0, 7.0, 8.0, 1.5, 100.0, 7.0}, {.num_quantiles = 4});
  EXPECT_EQ(h.point.to_vector(), (std::vector<double>{1.25, 2.5, 7.0, 54.0}));
  EXPECT_EQ(h.count.to_vector(), (std::vector<double>{2, 2, 2, 2}));
  // Equal numbers are not divided.
  const DataCells ties = quantile_histogram(Tensor{1.0, 2.0, 2.0, 2.0, 2.0, 3.0}, {.num_quantiles = 3});
  EXPECT_EQ(sum(ties.count).item(), 6.0);
  EXPECT_LE(ties.count.size(), 3);
  const DataCells zeros_apart = quantile_histogram(Tensor{0.0, 0.0, 0.0, 1.0, 2.0, -1.0}, {.num_quantiles = 1, .zero_inflation = true});
  EXPECT_EQ(zeros_apart.point.to_vector(), (std::vector<double>{-1.0, 0.0, 1.5}));
  EXPECT_EQ(zeros_apart.count.to_vector(), (std::vector<double>{1, 3, 2}));
}

TEST(HistogramApproximation, ErrsByTheSpreadInsideCells) {
  // For a normal density the error is exactly the sum of squared distances to the cell's mean over 2 sd^2.
  const Tensor y = 2.0 + 1.5 * normal(Key(2), {20000});
  const DataCells h = quantile_histogram(y, {.num_quantiles = 500});
  const double within = sum(square(y)).item() - sum(h.count * square(h.point)).item(), sd = 1.4;
  auto model = [&](const Tensor& mu) { histogram_approximation("y", Normal(mu, 1.4), y, {.num_quantiles = 500}); };
  for (double mu : {1.8, 2.2}) {
    const double exact = sum(Normal(mu, sd).log_prob(y)).item();
    // The same where the model is traced.
    EXPECT_NEAR(jit([&](Tensor at) { return trace(model)(at).log_density(); })(mu).item(), exact + within / (2 * sd * sd),
                1e-9 * std::abs(exact));
    EXPECT_NEAR(trace(model)(mu).log_density().item(), exact + within / (2 * sd * sd), 1e-9 * std::abs(exact));
  }
  EXPECT_LT(within / 20000, 0.01);
}

TEST(HistogramApproximation, Errors) {
  auto message = [](auto f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "(no error)";
  };
  auto contains = [](const std::string& text, const std::string& part) { EXPECT_NE(text.find(part), std::string::npos) << text; };
  contains(message([] { histogram_approximation("y", Normal(zeros(3), 1.0), zeros(10)); }), "Normal has shape [3]");
  contains(message([] { histogram_approximation("y", Normal(0.0, 1.0), Tensor{1.0, NAN}); }), "data must be finite");
  contains(message([] { quantile_histogram(zeros(0)); }), "there are no data");
  contains(message([] { quantile_histogram(zeros(3), {.num_quantiles = 0}); }), "num_quantiles must be at least 1");
  contains(message([] { discrete_histogram(arange(3), {.min_count = 2}); }), "no value occurs min_count = 2 times");
}

}  // namespace
