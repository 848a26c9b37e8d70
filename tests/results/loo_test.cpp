// Leave-one-out cross-validation and WAIC against ArviZ: on its own example files and on data made here.
#include "nuthatch/loo.h"

#include <gtest/gtest.h>

#include "inference/diagnostics/columns.h"
#include "inference/diagnostics/pareto.h"
#include "oracle_files.h"
#include "reference_models.h"
#ifdef NUTHATCH_TEST_HDF5
#include "netcdf_file.h"
#endif

namespace nuthatch {
namespace {

using testing::filled;
using testing::reference;
using testing::reference_model;

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

class Models : public ::testing::TestWithParam<const char*> {
protected:
  InferenceData data_ = reference_model(GetParam());
  const nlohmann::json& expected_ = reference()["comparison"][GetParam()];
};

TEST_P(Models, Loo) {
  const Elpd ours = loo(data_);
  const auto& theirs = expected_["loo"];
  EXPECT_CLOSE(relative_efficiency(data_), expected_["r_eff"].get<double>());
  EXPECT_CLOSE(ours.elpd, theirs["elpd"].get<double>());
  EXPECT_CLOSE(ours.se, theirs["se"].get<double>());
  EXPECT_CLOSE(ours.p, theirs["p"].get<double>());
  EXPECT_ALL_CLOSE(ours.elpd_i.to_doubles(), theirs["elpd_i"]);
  EXPECT_ALL_CLOSE(ours.p_i.to_doubles(), theirs["p_i"]);
  EXPECT_ALL_CLOSE(ours.pareto_k.to_doubles(), theirs["pareto_k"]);
  EXPECT_EQ(ours.num_data, 60);
  EXPECT_EQ(ours.num_samples, 1000);
  EXPECT_EQ(ours.elpd_i.dims(), std::vector<std::string>{"obs"});
}

TEST_P(Models, LooWithTheTailOfArviZ0) {
  const Elpd ours = loo(data_, {.legacy_tail = true});
  const auto& theirs = expected_["loo_legacy"];
  EXPECT_CLOSE(ours.elpd, theirs["elpd"].get<double>());
  EXPECT_CLOSE(ours.se, theirs["se"].get<double>());
  EXPECT_CLOSE(ours.p, theirs["p"].get<double>());
  EXPECT_CLOSE(ours.good_k, theirs["good_k"].get<double>());
  EXPECT_ALL_CLOSE(ours.elpd_i.to_doubles(), theirs["elpd_i"]);
  EXPECT_ALL_CLOSE(ours.pareto_k.to_doubles(), theirs["pareto_k"]);
  EXPECT_EQ(ours.warning, theirs["warning"].get<bool>());
  const Elpd deviance = loo(data_, {.scale = "deviance", .legacy_tail = true});
  EXPECT_CLOSE(deviance.elpd, expected_["loo_deviance"]["elpd"].get<double>());
  EXPECT_CLOSE(deviance.se, expected_["loo_deviance"]["se"].get<double>());
  EXPECT_CLOSE(deviance.p, theirs["p"].get<double>());
}

TEST_P(Models, Waic) {
  const Elpd ours = waic(data_);
  const auto& theirs = expected_["waic"];
  EXPECT_CLOSE(ours.elpd, theirs["elpd"].get<double>());
  EXPECT_CLOSE(ours.se, theirs["se"].get<double>());
  EXPECT_CLOSE(ours.p, theirs["p"].get<double>());
  EXPECT_ALL_CLOSE(ours.elpd_i.to_doubles(), theirs["elpd_i"]);
  EXPECT_EQ(ours.warning, theirs["warning"].get<bool>());
  EXPECT_FALSE(waic(data_, {.pointwise = false}).pointwise());
}

INSTANTIATE_TEST_SUITE_P(Reference, Models, ::testing::Values("normal", "shifted", "student"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Psis, WeightsSumToOneAndGiveLoo) {
  const InferenceData data = reference_model("normal");
  const DataArray& log_likelihood = data.log_likelihood["y"];
  detail::Array ratios =
      filled(f64, log_likelihood.shape(), [&](std::int64_t i) { return -log_likelihood.values().as<double>()[i]; });
  const double r_eff = relative_efficiency(data);
  const SmoothedWeights smoothed = psis(DataArray(log_likelihood.dims(), ratios), r_eff);
  EXPECT_EQ(smoothed.log_weights.dims(), log_likelihood.dims());
  const auto w = smoothed.log_weights.to_doubles(), ll = log_likelihood.to_doubles();
  const Elpd estimate = loo(data);
  const auto elpd_i = estimate.elpd_i.to_doubles();
  EXPECT_EQ(smoothed.pareto_k.to_doubles(), estimate.pareto_k.to_doubles());
  for (std::size_t o = 0; o < 60; ++o) {
    double total = 0, predictive = 0;
    for (std::size_t s = 0; s < 1000; ++s) {
      total += std::exp(w[s * 60 + o]);
      predictive += std::exp(w[s * 60 + o] + ll[s * 60 + o]);
    }
    EXPECT_NEAR(total, 1, 1e-13);
    EXPECT_NEAR(std::log(predictive), elpd_i[o], 1e-12);
  }
}

TEST(Psis, EqualRatiosNeedNoSmoothing) {
  std::vector<double> flat(400, -3.5);
  EXPECT_EQ(detail::smooth_importance_weights(flat, 1), 0);
  for (double v : flat) EXPECT_NEAR(v, -std::log(400.0), 1e-14);
  // Two values only: the tail is flat and cannot be fitted. The weights stay what they were.
  std::vector<double> two(400);
  for (std::size_t i = 0; i < 400; ++i) two[i] = i < 300 ? 0 : 1;
  EXPECT_EQ(detail::smooth_importance_weights(two, 1), INFINITY);
  EXPECT_NEAR(std::exp(two[399] - two[0]), std::exp(1.0), 1e-12);
  std::vector<double> few{1, 2, 3};
  EXPECT_EQ(detail::smooth_importance_weights(few, 1), INFINITY);
}

TEST(Psis, RecoversTheShapeOfAParetoTail) {
  // Quantiles of a generalised Pareto distribution in place of draws.
  for (const double k : {-0.2, 0.3, 0.8}) {
    std::vector<double> x;
    for (int i = 0; i < 20000; ++i) x.push_back(detail::GeneralisedPareto{k, 2}.quantile((i + 0.5) / 20000));
    const auto fit = detail::fit_generalised_pareto(x);
    EXPECT_NEAR(fit.k, k, 0.01);
    EXPECT_NEAR(fit.sigma, 2, 0.02);
  }
}

TEST(Loo, MistakesNameTheObservation) {
  InferenceData data = reference_model("normal");
  EXPECT_NE(error_of([] { loo(InferenceData()); }).find("no group log_likelihood"), std::string::npos);
  EXPECT_NE(error_of([&] { loo(data, {.var_name = "z"}); }).find("no variable `z` in log_likelihood; there are y"),
            std::string::npos);
  EXPECT_NE(error_of([&] { loo(data, {.r_eff = 0}); }).find("r_eff = 0"), std::string::npos);
  EXPECT_NE(error_of([&] { loo(data, {.scale = "bits"}); }).find(".scale = \"bits\""), std::string::npos);
  EXPECT_NE(error_of([&] { waic(data, {.scale = "bits"}); }).find("loo_test.cpp"), std::string::npos);
  data.log_likelihood.set("z", data.log_likelihood["y"]);
  EXPECT_NE(error_of([&] { loo(data); }).find("several variables (y, z)"), std::string::npos);
  data.log_likelihood.erase("z");
  data.posterior = Dataset();
  EXPECT_NE(error_of([&] { loo(data); }).find("without a group posterior, .r_eff must be given"), std::string::npos);
  EXPECT_EQ(loo(data, {.r_eff = 1}).num_data, 60);
  data.log_likelihood = Dataset();
  data.log_likelihood.set("y", DataArray({"chain", "draw", "school"}, filled(f64, {2, 5, 3}, [](auto i) {
                                           return i == 7 * 3 + 1 ? -INFINITY : -1.0;
                                         })));
  data.log_likelihood.set_coord("school", std::vector<std::string>{"Choate", "Deerfield", "Exeter"});
  EXPECT_NE(error_of([&] { loo(data, {.r_eff = 1}); }).find("y[Deerfield] is -inf in draw 2 of chain 1"),
            std::string::npos);
  EXPECT_NE(error_of([&] { waic(data); }).find("y[Deerfield] is -inf in draw 2 of chain 1"), std::string::npos);
}

TEST(Loo, OneObservationOfAScalarSite) {
  InferenceData data;
  data.log_likelihood.set("y", DataArray({"chain", "draw"}, filled(f64, {2, 50}, [](auto i) {
                                           return std::sin(0.1 * static_cast<double>(i));
                                         })));
  const Elpd one = loo(data, {.r_eff = 1});
  EXPECT_EQ(one.num_data, 1);
  EXPECT_EQ(one.se, 0);
  EXPECT_EQ(one.elpd_i.item(), one.elpd);
  EXPECT_EQ(to_string(loo(data, {.r_eff = 1, .pointwise = false})).find("Pareto"), std::string::npos);
}

#ifdef NUTHATCH_TEST_HDF5
class ArviZFile : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    std::ifstream in(testing::oracle_folder() / "arviz_diagnostics.json");
    if (!in) GTEST_SKIP() << "no oracle in " << testing::oracle_folder() << "; set NUTHATCH_ORACLES";
    expected_ = nlohmann::json::parse(in)["arviz"][GetParam()];
    const testing::NetcdfFile file(testing::oracle_folder() / (std::string(GetParam()) + ".nc"));
    const auto array = [&](const std::string& variable) {
      const auto stored = file.numbers(variable);
      return filled(f64, Shape(std::vector<std::int64_t>(stored.shape.begin(), stored.shape.end())),
                    [&](std::int64_t i) { return stored.values[static_cast<std::size_t>(i)]; });
    };
    data_.posterior.set("mu", DataArray({"chain", "draw"}, array("posterior/mu")));
    data_.posterior.set("theta", DataArray({"chain", "draw", "school"}, array("posterior/theta")));
    data_.posterior.set("tau", DataArray({"chain", "draw"}, array("posterior/tau")));
    if (std::string(GetParam()) == "non_centered_eight")
      data_.posterior.set("theta_t", DataArray({"chain", "draw", "school"}, array("posterior/theta_t")));
    data_.log_likelihood.set("obs", DataArray({"chain", "draw", "school"}, array("log_likelihood/obs")));
    data_.log_likelihood.set_coord("school", file.strings("posterior/school"));
  }
  InferenceData data_;
  nlohmann::json expected_;
};

TEST_P(ArviZFile, LooAndWaic) {
  const Elpd l = loo(data_), w = waic(data_);
  EXPECT_CLOSE(relative_efficiency(data_), expected_["loo"]["reff"].get<double>());
  EXPECT_ALL_CLOSE(l.elpd_i.to_doubles(), expected_["loo"]["elpd_i"]);
  EXPECT_ALL_CLOSE(l.pareto_k.to_doubles(), expected_["loo"]["pareto_k"]);
  EXPECT_ALL_CLOSE(l.p_i.to_doubles(), expected_["loo"]["p_i"]);
  EXPECT_ALL_CLOSE(w.elpd_i.to_doubles(), expected_["waic"]["elpd_i"]);
  EXPECT_ALL_CLOSE(w.p_i.to_doubles(), expected_["waic"]["p_i"]);
}

TEST_P(ArviZFile, ParetoShapesOfDraws) {
  for (const auto& [name, stats] : expected_.items()) {
    if (!stats.contains("pareto_khat_both")) continue;
    const auto bracket = name.find('[');
    const DataArray& variable = data_.posterior[name.substr(0, bracket)];
    const detail::Columns columns(variable, {"chain", "draw"});
    const auto values = columns.column(bracket == std::string::npos ? 0 : std::stoul(name.substr(bracket + 1)));
    const detail::Chains x{values, 4, 500};
    EXPECT_CLOSE(detail::pareto_k(x, detail::Tail::both, 1.0), stats["pareto_khat_both"].get<double>());
    EXPECT_CLOSE(detail::pareto_min_sample_size(x), stats["pareto_min_ss"].get<double>());
  }
}

INSTANTIATE_TEST_SUITE_P(ArviZ, ArviZFile, ::testing::Values("centered_eight", "non_centered_eight"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ArviZText, IsPrinted) {
  if (!std::ifstream(testing::oracle_folder() / "centered_eight.nc")) GTEST_SKIP() << "set NUTHATCH_ORACLES";
  const testing::NetcdfFile file(testing::oracle_folder() / "centered_eight.nc");
  const auto stored = file.numbers("log_likelihood/obs");
  InferenceData data;
  data.log_likelihood.set("obs", DataArray({"chain", "draw", "school"}, filled(f64, {4, 500, 8}, [&](std::int64_t i) {
                                             return stored.values[static_cast<std::size_t>(i)];
                                           })));
  EXPECT_EQ("\n" + to_string(loo(data, {.r_eff = 0.241280875241094})), R"(
Computed from 2000 posterior samples and 8 observations log-likelihood matrix.

         Estimate       SE
elpd_loo   -30.76     1.34
p_loo        0.95        -
------

Pareto k diagnostic values:
                         Count   Pct.
(-Inf, 0.70]   (good)        8  100.0%
   (0.70, 1]   (bad)         0    0.0%
   (1, Inf)   (very bad)    0    0.0%)");
  EXPECT_EQ("\n" + to_string(loo(data, {.r_eff = 0.241280875241094, .pointwise = false, .scale = "deviance"})), R"(
Computed from 2000 posterior samples and 8 observations log-likelihood matrix.

             Estimate       SE
deviance_loo    61.53     2.68
p_loo            0.95        -)");
}
#endif

} // namespace
} // namespace nuthatch
