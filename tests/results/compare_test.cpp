// Comparison of models and their weights.
#include "nuthatch/compare.h"

#include <gtest/gtest.h>

#include "inference/comparison/stacking.h"
#include "reference_models.h"

namespace nuthatch {
namespace {

using testing::filled;
using testing::reference;
using testing::reference_model;

const std::map<std::string, InferenceData>& models() {
  static const std::map<std::string, InferenceData> fits{{"normal", reference_model("normal")},
                                                         {"shifted", reference_model("shifted")},
                                                         {"student", reference_model("student")}};
  return fits;
}

const nlohmann::json& expected() { return reference()["comparison"]["compare"]; }

std::vector<double> column(const Comparison& table, const char* name) {
  std::vector<double> out;
  for (std::size_t i = 0; i < table.size(); ++i) out.push_back(table.at(table.index(i), name));
  return out;
}

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Compare, StackingRanksAndWeighs) {
  const Comparison table = compare(models(), {.layout = "v1"});
  ASSERT_EQ(table.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(table.index(i), expected()["order"][i].get<std::string>());
  EXPECT_ALL_CLOSE(column(table, "weight"), expected()["stacking"]);
  EXPECT_ALL_CLOSE(column(table, "elpd_diff"), expected()["elpd_diff"]);
  EXPECT_ALL_CLOSE(column(table, "dse"), expected()["dse"]);
  const auto worse = column(table, "p_worse");
  EXPECT_TRUE(std::isnan(worse[0]));
  EXPECT_CLOSE(worse[1], expected()["p_worse"][0].get<double>());
  EXPECT_CLOSE(worse[2], expected()["p_worse"][1].get<double>());
  EXPECT_EQ(table["normal"].diag_diff, "N < 100");
  EXPECT_EQ(table["student"].diag_diff, "");
  EXPECT_EQ(table["student"].diag_elpd, "");
  EXPECT_EQ(table["normal"].diag_elpd, "1 k > 0.67");
}

TEST(Compare, LegacyColumnsAreArviZs) {
  std::map<std::string, Elpd> estimates;
  for (const auto& [name, fit] : models()) estimates[name] = loo(fit, {.legacy_tail = true});
  const Comparison table = compare(estimates);
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"rank", "elpd_loo", "p_loo", "elpd_diff", "weight", "se", "dse",
                                                       "warning", "scale"}));
  for (const auto& [name, row] : expected()["arviz"].items())
    for (const char* what : {"elpd_loo", "p_loo", "elpd_diff", "se", "dse"})
      EXPECT_CLOSE(table.at(name, what), row[what].get<double>());
  // ArviZ's optimiser stops early: its weights are good to 1e-4.
  for (const auto& [name, row] : expected()["arviz"].items())
    EXPECT_NEAR(table.at(name, "weight"), row["weight"].get<double>(), 1e-4);
  EXPECT_EQ(table.at("normal", "warning"), 1);
  EXPECT_EQ(table.at("student", "warning"), 0);
  EXPECT_EQ("\n" + to_string(table), R"(
         rank  elpd_loo  p_loo  elpd_diff  weight     se    dse  warning  scale
student     0    -99.90   2.00       0.00   0.256   5.81   0.00    False    log
normal      1   -108.80   9.75       8.91   0.744  18.13  13.01     True    log
shifted     2   -127.07  25.85      27.17   0.000  19.12  14.03     True    log)");
}

TEST(Compare, OtherWeights) {
  EXPECT_ALL_CLOSE(column(compare(models(), {.method = "pseudo-BMA"}), "weight"), expected()["pseudo_bma"]);

  detail::Pointwise elpd;
  for (const auto& name : expected()["order"]) elpd.push_back(loo(models().at(name)).elpd_i.to_doubles());
  testing::ReferenceRandom random(9);
  std::vector<double> dirichlet;
  for (int r = 0; r < 50; ++r) {
    double sum = 0;
    for (int i = 0; i < 60; ++i) sum += dirichlet.emplace_back(-std::log(1 - random.uniform()));
    for (std::size_t i = dirichlet.size() - 60; i < dirichlet.size(); ++i) dirichlet[i] /= sum;
  }
  const auto bootstrap = detail::bb_pseudo_bma_weights(elpd, dirichlet);
  EXPECT_ALL_CLOSE(bootstrap.weights, expected()["bootstrap"]["weights"]);
  EXPECT_ALL_CLOSE(bootstrap.standard_errors, expected()["bootstrap"]["se"]);

  // Totals n sum_i b_i e_i with Dirichlet(alpha) weights have variance n^2 var(e) / (n alpha + 1).
  for (const double alpha : {1.0, 4.0}) {
    const Comparison table =
        compare(models(), {.method = "BB-pseudo-BMA", .b_samples = 5000, .alpha = alpha, .key = Key(3)});
    for (const auto& model : table.models()) {
      const auto e = loo(models().at(model.name)).elpd_i.to_doubles();
      double mean = 0, square = 0;
      for (double v : e) mean += v / 60, square += v * v / 60;
      EXPECT_NEAR(model.se / std::sqrt(3600 * (square - mean * mean) / (60 * alpha + 1)), 1, 0.05);
    }
    EXPECT_NEAR(column(table, "weight")[0] + column(table, "weight")[1] + column(table, "weight")[2], 1, 1e-12);
  }
}

TEST(Compare, ScalesAndWaic) {
  const Comparison log = compare(models(), {.ic = "waic"});
  const Comparison deviance = compare(models(), {.ic = "waic", .scale = "deviance"});
  EXPECT_EQ(deviance.columns()[1], "elpd_waic");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(log.index(i), deviance.index(i));
    EXPECT_NEAR(log.models()[i].weight, deviance.models()[i].weight, 1e-12);
    EXPECT_NEAR(log.models()[i].elpd * -2, deviance.models()[i].elpd, 1e-10);
    EXPECT_NEAR(log.models()[i].elpd_diff * 2, deviance.models()[i].elpd_diff, 1e-10);
    EXPECT_NEAR(log.models()[i].dse * 2, deviance.models()[i].dse, 1e-10);
    EXPECT_GE(deviance.models()[i].elpd_diff, 0);
  }
}

TEST(Stacking, OptimalityHoldsForManyAndForEqualModels) {
  testing::ReferenceRandom random(5);
  for (const std::size_t count : {2u, 5u, 20u}) {
    detail::Pointwise elpd(count, std::vector<double>(80));
    for (auto& model : elpd)
      for (double& v : model) v = -1.5 + random.normal() - 300; // densities that underflow unless scaled
    elpd[1] = elpd[0];
    const auto w = detail::stacking_weights(elpd);
    std::vector<double> gradient(count, 0.0);
    double sum = 0;
    for (std::size_t i = 0; i < 80; ++i) {
      double mixture = 0;
      for (std::size_t k = 0; k < count; ++k) mixture += w[k] * std::exp(elpd[k][i] + 300);
      for (std::size_t k = 0; k < count; ++k) gradient[k] += std::exp(elpd[k][i] + 300) / mixture / 80;
    }
    for (std::size_t k = 0; k < count; ++k) {
      sum += w[k];
      EXPECT_GE(w[k], 0);
      EXPECT_LE(gradient[k], 1 + 1e-10);
      if (w[k] > 1e-9) EXPECT_NEAR(gradient[k], 1, 1e-10);
    }
    EXPECT_NEAR(sum, 1, 1e-14);
  }
  EXPECT_EQ(detail::stacking_weights({{-1, -2}}), std::vector<double>{1});
}

TEST(Compare, ManyEqualModelsAreAWarning) {
  testing::ReferenceRandom random(8);
  std::map<std::string, Elpd> estimates;
  for (int k = 0; k < 14; ++k) {
    Elpd e;
    e.num_data = 100;
    e.elpd_i = DataArray({"obs"}, filled(f64, {100}, [&](auto) { return -1 + 0.01 * random.normal(); }));
    e.elpd_i.rename("elpd_i");
    for (double v : e.elpd_i.to_doubles()) e.elpd += v;
    estimates["m" + std::to_string(k)] = e;
  }
  EXPECT_EQ(compare(estimates).messages.size(), 1u);
  EXPECT_EQ(compare(models()).messages.size(), 0u);
}

TEST(Compare, MistakesNameTheModel) {
  EXPECT_NE(error_of([] { compare(models(), {.method = "vote"}); }).find(".method = \"vote\""), std::string::npos);
  EXPECT_NE(error_of([] { compare(models(), {.ic = "aic"}); }).find(".ic = \"aic\""), std::string::npos);
  EXPECT_NE(error_of([] { compare(models(), {.layout = "wide"}); }).find(".layout = \"wide\""), std::string::npos);
  EXPECT_NE(error_of([] { compare(models(), {.b_samples = 0}); }).find(".b_samples = 0"), std::string::npos);
  EXPECT_NE(error_of([] { compare(std::map<std::string, Elpd>{}); }).find("no models"), std::string::npos);
  auto broken = models();
  broken["normal"].log_likelihood = Dataset();
  EXPECT_NE(error_of([&] { compare(broken); }).find("model `normal`"), std::string::npos);
  std::map<std::string, Elpd> mixed{{"a", loo(models().at("normal"))}, {"b", waic(models().at("normal"))}};
  EXPECT_NE(error_of([&] { compare(mixed); }).find("`a` was estimated by loo, `b` by waic"), std::string::npos);
  mixed["b"] = loo(models().at("normal"), {.pointwise = false});
  EXPECT_NE(error_of([&] { compare(mixed); }).find("no values per observation"), std::string::npos);
  mixed["b"] = loo(models().at("normal"), {.scale = "deviance"});
  EXPECT_NE(error_of([&] { compare(mixed); }).find("on the scale log"), std::string::npos);
  auto shorter = models();
  shorter["normal"].log_likelihood = Dataset();
  shorter["normal"].log_likelihood.set("y", models().at("normal").log_likelihood["y"].at_position("obs", 3));
  EXPECT_NE(error_of([&] { compare(shorter); }).find("has 1 observations, `shifted` has 60"), std::string::npos);
  EXPECT_NE(error_of([] { compare(models()).at("cauchy"); }).find("no model `cauchy`"), std::string::npos);
  EXPECT_NE(error_of([] { compare(models()).at("normal", "aic"); }).find("no column `aic`"), std::string::npos);
}

TEST(WeightPredictions, DrawsModelsByWeight) {
  std::map<std::string, InferenceData> fits;
  for (const auto& [name, value] : {std::pair{"a", 1.0}, {"b", 2.0}})
    fits[name].posterior_predictive.set("y", DataArray({"chain", "draw", "obs"}, filled(f64, {2, 40, 3}, [&](auto i) {
                                                         return value + 0.001 * static_cast<double>(i);
                                                       })));
  std::vector<ComparedModel> rows(2);
  rows[0].name = "b", rows[0].weight = 0.7;
  rows[1].name = "a", rows[1].weight = 0.3;
  const Comparison weights(rows, "loo", "log", "legacy");
  const InferenceData mixed = weight_predictions(fits, weights, Key(1), 20000);
  const DataArray& y = mixed.posterior_predictive["y"];
  ASSERT_EQ(y.shape(), (Shape{1, 20000, 3}));
  const auto values = y.to_doubles();
  double second = 0, position = 0;
  for (std::size_t s = 0; s < 20000; ++s) {
    second += values[3 * s] >= 2;
    position += std::fmod(values[3 * s], 1.0) / 0.003 / 20000;
    ASSERT_NEAR(values[3 * s + 2] - values[3 * s], 0.002, 1e-12); // draws stay whole
  }
  EXPECT_NEAR(second / 20000, 0.7, 4 * std::sqrt(0.21 / 20000));
  EXPECT_NEAR(position, 39.5, 4 * std::sqrt(80 * 80 / 12.0 / 20000));
  EXPECT_EQ(weight_predictions(fits, weights, Key(1)).posterior_predictive["y"].size("draw"), 80);
  fits["a"].posterior_predictive = Dataset();
  EXPECT_NE(error_of([&] { weight_predictions(fits, weights, Key(1)); }).find("`a` has no group"), std::string::npos);
}

} // namespace
} // namespace nuthatch
