// Intervals of several modes, nested R-hat, tails, sensitivity and R2 against ArviZ.
#include <gtest/gtest.h>

#include "inference/diagnostics/chains.h"
#include "inference/diagnostics/density.h"
#include "inference/diagnostics/power_scaling.h"
#include "nuthatch/diagnostics.h"
#include "nuthatch/r2.h"
#include "nuthatch/sensitivity.h"
#include "reference_models.h"

namespace nuthatch {
namespace {

using testing::filled;
using testing::reference_model;

const nlohmann::json& expected() { return testing::reference()["summaries"]; }

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::vector<double> every(const std::vector<double>& x, std::size_t step) {
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); i += step) out.push_back(x[i]);
  return out;
}

DataArray bimodal(Dtype dtype = f64) {
  testing::ReferenceRandom random(6);
  return DataArray({"chain", "draw"}, filled(dtype, {testing::kChains, testing::kDraws}, [&](auto) {
                     const double centre = random.uniform() < 0.4 ? 4 : -2;
                     const double x = centre + random.normal();
                     return is_float(dtype) ? x : std::floor(x);
                   }));
}

TEST(Density, IsThatOfArviZ) {
  const auto x = bimodal().to_doubles();
  const auto density = detail::kernel_density(x);
  EXPECT_ALL_CLOSE(every(density.grid, 37), expected()["density"]["grid"]);
  // SciPy finds the root for the bandwidth to 1e-12 of its square, which is 1e-8 of itself.
  EXPECT_LE(testing::difference(density.bandwidth, expected()["density"]["bandwidth"].get<double>()), 1e-6);
  const auto theirs = expected()["density"]["values"].get<std::vector<double>>();
  for (std::size_t i = 0; i < theirs.size(); ++i) EXPECT_NEAR(density.values[37 * i], theirs[i], 1e-8);
}

TEST(HdiMultimodal, FindsTwoModes) {
  const Tensor modes = hdi_multimodal(bimodal(), 0.8, 3), counted = hdi_multimodal(bimodal(i64), 0.8, 3);
  ASSERT_EQ(modes.shape(), (Shape{3, 2}));
  const auto real = modes.to_vector<double>(), whole = counted.to_vector<double>();
  const auto theirs = expected()["hdi_multimodal"], their_counts = expected()["hdi_discrete"];
  for (std::size_t mode = 0; mode < 2; ++mode)
    for (std::size_t end = 0; end < 2; ++end) {
      EXPECT_CLOSE(real[2 * mode + end], theirs[mode][end].get<double>());
      EXPECT_CLOSE(whole[2 * mode + end], their_counts[mode][end].get<double>());
    }
  EXPECT_TRUE(std::isnan(real[4]) && std::isnan(real[5]));
  const auto likeliest = hdi_multimodal(bimodal(), 0.8, 1).to_vector<double>();
  EXPECT_EQ(likeliest, (std::vector<double>{real[0], real[1]}));
  EXPECT_NE(error_of([] { hdi_multimodal(bimodal(), 2); }).find("prob = 2"), std::string::npos);
  EXPECT_NE(error_of([] { hdi_multimodal(bimodal(), 0.5, 0); }).find("max_modes = 0"), std::string::npos);
}

TEST(HdiMultimodal, ConstantAndMissingDraws) {
  const auto at = [](auto f) {
    return hdi_multimodal(DataArray({"chain", "draw"}, filled(f64, {2, 50}, f)), 0.9, 2).template to_vector<double>();
  };
  const auto constant = at([](auto) { return 2.5; }), missing = at([](auto i) { return i ? 1 : NAN; });
  EXPECT_EQ(constant[0], 2.5);
  EXPECT_EQ(constant[1], 2.5);
  EXPECT_TRUE(std::isnan(constant[2]) && std::isnan(missing[0]));
  // Nine draws in ten are equal: no spread by quartiles.
  const auto atom = at([](auto i) { return i % 10 ? 0.0 : static_cast<double>(i) / 100; });
  EXPECT_GE(atom[1], 0);
  EXPECT_LT(atom[1], 0.05);
}

TEST(NestedRHat, EveryForm) {
  const InferenceData data = reference_model("normal");
  const std::vector<std::int64_t> groups{0, 0, 1, 1};
  for (const auto& [form, value] : expected()["nested"].items())
    EXPECT_CLOSE(r_hat_nested(data.posterior["mu"], groups, form).item(), value.get<double>());
  const auto error = [&](std::vector<std::int64_t> g, const char* form = "rank") {
    return error_of([&] { r_hat_nested(data.posterior["mu"], g, form); });
  };
  EXPECT_NE(error({0, 1, 1}).find("3 superchains for 4 chains"), std::string::npos);
  EXPECT_NE(error({0, 1, 1, 1}).find("equal size"), std::string::npos);
  EXPECT_NE(error({0, 0, 0, 0}).find("several"), std::string::npos);
  EXPECT_NE(error(groups, "best").find("no method `best`"), std::string::npos);
}

TEST(EffectiveSampleSizeByName, IsTheOneOfTheFunction) {
  const DataArray mu = reference_model("normal").posterior["mu"];
  const auto values = mu.to_doubles();
  const detail::Chains x{values, 4, 250};
  EXPECT_EQ(ess(mu).item(), detail::ess_bulk(x));
  EXPECT_EQ(ess(mu, "z_scale").item(), detail::ess_bulk(x));
  EXPECT_EQ(ess(mu, "tail").item(), detail::ess_tail(x));
  EXPECT_EQ(ess(mu, "folded").item(), detail::ess_folded(x));
  EXPECT_EQ(ess(mu, "identity").item(), detail::ess_identity(x));
  EXPECT_NE(error_of([&] { ess(mu, "head"); }).find("no method `head`"), std::string::npos);
}

TEST(ParetoTails, OfDraws) {
  const DataArray mu = reference_model("normal").posterior["mu"];
  for (const auto& [tail, value] : expected()["pareto_k"].items())
    EXPECT_CLOSE(pareto_k(mu, tail).item(), value.get<double>());
  EXPECT_CLOSE(pareto_min_sample_size(mu).item(), expected()["pareto_min_ss"].get<double>());
  EXPECT_NE(error_of([&] { pareto_k(mu, "upper"); }).find("no tail `upper`"), std::string::npos);
}

InferenceData with_prior() {
  InferenceData data = reference_model("normal");
  const auto mu = data.posterior["mu"].to_doubles(), log_sigma = data.posterior["log_sigma"].to_doubles();
  const auto set = [&](const char* name, auto f) {
    data.log_prior.set(name, DataArray({"chain", "draw"}, filled(f64, {4, 250}, [&](std::int64_t i) {
                                         return f(static_cast<std::size_t>(i));
                                       })));
  };
  set("mu", [&](std::size_t i) { return -0.5 * std::pow((mu[i] - 1) / 0.3, 2); });
  set("log_sigma", [&](std::size_t i) { return -0.5 * log_sigma[i] * log_sigma[i]; });
  return data;
}

TEST(PowerScaling, SensitivityToPriorAndLikelihood) {
  const InferenceData data = with_prior();
  const auto rows = psense(data);
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) {
    EXPECT_CLOSE(row.prior, expected()["psense"][row.name]["prior"].get<double>());
    EXPECT_CLOSE(row.likelihood, expected()["psense"][row.name]["likelihood"].get<double>());
    const bool prior = row.prior > 0.05, likelihood = row.likelihood > 0.05;
    EXPECT_EQ(row.diagnosis, prior && likelihood ? "potential prior-data conflict"
                             : prior             ? "potential strong prior / weak likelihood"
                                                 : "");
  }
  EXPECT_EQ(psense(data, {.var_names = {"mu"}}).size(), 1u);
  EXPECT_NE(to_string(rows).find("diagnosis"), std::string::npos);
  const Tensor weights = power_scaling_weights(data, "prior", 0.99);
  EXPECT_EQ(weights.shape(), (Shape{4, 250}));
  EXPECT_ALL_CLOSE(every(weights.to_vector<double>(), 97), expected()["prior_weights"]);
  EXPECT_NE(error_of([] { psense(reference_model("normal")); }).find("no group log_prior"), std::string::npos);
  EXPECT_NE(error_of([&] { psense(data, {.upper_alpha = 1}); }).find(".upper_alpha = 1"), std::string::npos);
  EXPECT_NE(error_of([&] { psense(data, {.prior_var_names = {"nu"}}); }).find("no variable `nu`"), std::string::npos);
  EXPECT_NE(error_of([&] { power_scaling_weights(data, "data", 2); }).find("component \"data\""), std::string::npos);
}

TEST(PowerScaling, DistanceOfEqualDistributionsIsZero) {
  std::vector<double> x(100), w(100, 0.01);
  for (std::size_t i = 0; i < 100; ++i) x[i] = std::sin(static_cast<double>(i));
  EXPECT_LT(detail::cumulative_jensen_shannon(x, w), 2e-2);
  w.assign(100, 0.0);
  w[11] = 1;
  EXPECT_GT(detail::cumulative_jensen_shannon(x, w), 0.3);
}

TEST(R2, ModelledAndByResiduals) {
  const InferenceData data = reference_model("normal");
  const auto mu = data.posterior["mu"].to_doubles(), log_sigma = data.posterior["log_sigma"].to_doubles();
  const auto y = testing::reference_observations();
  const DataArray expectation({"chain", "draw", "obs"}, filled(f64, {4, 250, 60}, [&](std::int64_t i) {
                                return mu[static_cast<std::size_t>(i) / 60] + 0.3 * y[static_cast<std::size_t>(i) % 60];
                              }));
  const DataArray scale({"chain", "draw"}, filled(f64, {4, 250}, [&](std::int64_t i) {
                          return std::exp(log_sigma[static_cast<std::size_t>(i)]);
                        }));
  const R2 modelled = bayesian_r2(expectation, scale),
           residual = residual_r2(Tensor(y), data.posterior_predictive["y"]);
  for (const auto& [ours, theirs] : {std::pair{&modelled, "bayesian_r2"}, {&residual, "residual_r2"}}) {
    EXPECT_ALL_CLOSE(every(ours->samples.to_vector<double>(), 97), expected()[theirs]["samples"]);
    EXPECT_CLOSE(ours->mean, expected()[theirs]["mean"].get<double>());
    EXPECT_CLOSE(ours->sd, expected()[theirs]["sd"].get<double>());
    EXPECT_LT(ours->low, ours->mean);
    EXPECT_GT(ours->high, ours->mean);
  }
  // Probabilities 0.2 and 0.6: variance 0.08, residual (0.16 + 0.24) / 2.
  const Tensor p{{{0.2, 0.6}, {0.2, 0.6}}};
  EXPECT_NEAR(bayesian_r2(p).mean, 0.08 / 0.28, 1e-14);
  EXPECT_NE(error_of([&] { bayesian_r2(expectation); }).find("is not a probability"), std::string::npos);
  EXPECT_NE(error_of([&] { bayesian_r2(Tensor(y)); }).find("needed is (chain, draw, ...observations)"),
            std::string::npos);
  EXPECT_NE(error_of([&] { residual_r2(Tensor{1.0, 2.0}, expectation); }).find("data of shape [2]"), std::string::npos);
}

} // namespace
} // namespace nuthatch
