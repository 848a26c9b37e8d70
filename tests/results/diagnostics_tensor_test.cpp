// Diagnostics over all scalars of a tensor of draws, and of variables of a fit.
#include <gtest/gtest.h>

#include "example_fit.h"
#include "inference/diagnostics/chains.h"
#include "nuthatch/diagnostics.h"

namespace nuthatch {
namespace {

using testing::example_fit;
using testing::filled;

/// Draws (4, 50, 2, 3), every scalar its own sequence.
DataArray draws() {
  return DataArray({"chain", "draw", "i", "j"}, filled(f64, {4, 50, 2, 3}, [](std::int64_t i) {
                     return std::sin(0.7 * static_cast<double>(i * i % 1009));
                   }));
}

TEST(DiagnosticsOfTensors, OneNumberPerScalar) {
  const DataArray x = draws();
  struct Case {
    Tensor ours;
    double (*statistic)(detail::Chains);
  };
  const Case cases[] = {{r_hat(x), detail::r_hat},
                        {r_hat(x, "split"), detail::r_hat_split},
                        {r_hat(x, "folded"), detail::r_hat_folded},
                        {r_hat(x, "z_scale"), detail::r_hat_z_scale},
                        {r_hat(x, "identity"), detail::r_hat_identity},
                        {ess_bulk(x), detail::ess_bulk},
                        {ess_tail(x), [](detail::Chains c) { return detail::ess_tail(c); }},
                        {ess_tail(x, 0.1, 0.8), [](detail::Chains c) { return detail::ess_tail(c, 0.1, 0.8); }},
                        {ess_mean(x), detail::ess_mean},
                        {ess_sd(x), detail::ess_sd},
                        {ess_median(x), detail::ess_median},
                        {ess_mad(x), detail::ess_mad},
                        {ess_quantile(x, 0.3), [](detail::Chains c) { return detail::ess_quantile(c, 0.3); }},
                        {ess_local(x, 0.3, 0.6), [](detail::Chains c) { return detail::ess_local(c, 0.3, 0.6); }},
                        {mcse_mean(x), detail::mcse_mean},
                        {mcse_sd(x), detail::mcse_sd},
                        {mcse_median(x), detail::mcse_median},
                        {mcse_quantile(x, 0.9), [](detail::Chains c) { return detail::mcse_quantile(c, 0.9); }}};
  const auto values = x.to_doubles();
  for (const Case& c : cases) {
    ASSERT_EQ(c.ours.shape(), (Shape{2, 3}));
    const auto ours = c.ours.to_vector<double>();
    for (std::size_t k = 0; k < 6; ++k) {
      std::vector<double> scalar;
      for (std::size_t d = 0; d < 200; ++d) scalar.push_back(values[d * 6 + k]);
      EXPECT_EQ(ours[k], c.statistic({scalar, 4, 50}));
    }
  }
}

TEST(DiagnosticsOfTensors, IntervalsHaveALastDimensionOfTwo) {
  const Tensor shortest = hdi(draws(), 0.5), equal_tailed = eti(draws(), 0.5);
  EXPECT_EQ(shortest.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(equal_tailed.shape(), (Shape{2, 3, 2}));
  const auto a = shortest.to_vector<double>(), b = equal_tailed.to_vector<double>();
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_LT(a[2 * k], a[2 * k + 1]);
    EXPECT_LE(a[2 * k + 1] - a[2 * k], b[2 * k + 1] - b[2 * k] + 0.1);
  }
}

TEST(DiagnosticsOfTensors, OneVariableGivesAScalar) {
  const Fit fit = example_fit();
  EXPECT_EQ(r_hat(fit.posterior["mu"]).shape(), Shape{});
  EXPECT_GT(ess_bulk(fit.posterior["mu"]).item(), 0);
  EXPECT_EQ(bfmi(fit.posterior["mu"]).shape(), (Shape{2}));
  EXPECT_EQ(bfmi(fit.posterior["mu"]).to_vector<double>()[0], 0.4); // steps of 1, variance 2.5
}

TEST(DiagnosticsOfTensors, MistakesNameArgumentAndLine) {
  const auto message = [](auto f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const DataArray flat({"i"}, filled(f64, {4}, [](auto i) { return i; }));
  EXPECT_NE(message([&] { r_hat(flat); }).find("diagnostics_tensor_test.cpp"), std::string::npos);
  EXPECT_NE(message([&] { r_hat(flat); }).find("r_hat: draws of shape [4]; needed is (chain, draw, ...)"),
            std::string::npos);
  EXPECT_NE(message([&] { r_hat(draws(), "best"); }).find("no method `best`"), std::string::npos);
  EXPECT_NE(message([&] { ess_quantile(draws(), 5); }).find("probability 5 is not in [0, 1]"), std::string::npos);
  EXPECT_NE(message([&] { hdi(draws(), 0); }).find("prob = 0 is not in (0, 1]"), std::string::npos);
  EXPECT_NE(message([&] { bfmi(draws()); }).find("energy of shape [4, 50, 2, 3]"), std::string::npos);
}

TEST(DiagnosticsOfTensors, VariablesAreOperandsOfArithmetic) {
  const Fit fit = example_fit();
  const DataArray& theta = fit.posterior["theta"];
  const Tensor contrast = theta.at("school", "Choate") - theta.at("school", "Zürich");
  EXPECT_EQ(contrast.shape(), (Shape{2, 5}));
  EXPECT_EQ(contrast.to_vector<double>()[1], std::sin(3.0) - std::sin(4.0));
}

} // namespace
} // namespace nuthatch
