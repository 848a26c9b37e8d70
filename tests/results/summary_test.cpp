#include "nuthatch/summary.h"

#include <gtest/gtest.h>

#include <fstream>

#include "example_fit.h"
#include "oracle_files.h"
#include "reference_models.h"
#ifdef NUTHATCH_TEST_HDF5
#include "netcdf_file.h"
#endif

namespace nuthatch {
namespace {

using testing::example_fit;
using testing::filled;

std::vector<std::string> labels(const InferenceData& data, std::vector<std::string> names) {
  return summary(data, {.var_names = std::move(names), .kind = "stats"}).rows();
}

TEST(Summary, ChoosesAndOrdersVariables) {
  const Fit fit = example_fit();
  EXPECT_EQ(labels(fit, {}), (std::vector<std::string>{"tau", "mu", "theta[Choate]", "theta[Zürich]", "theta[Ōsaka 𝛉]",
                                                       "b[0, 0]", "b[0, 1]"}));
  EXPECT_EQ(labels(fit, {"mu", "tau"}), (std::vector<std::string>{"mu", "tau"}));
  EXPECT_EQ(labels(fit, {"~theta", "~b"}), (std::vector<std::string>{"tau", "mu"}));
  EXPECT_THROW(labels(fit, {"nu"}), Error);
  EXPECT_THROW(labels(fit, {"~nu"}), Error);
  EXPECT_THROW(fit.summary({.kind = "everything"}), Error);
  EXPECT_THROW(fit.summary({.prob = 94}), Error);
  EXPECT_THROW(InferenceData().summary(), Error);
}

TEST(Summary, KindsProbabilityAndRounding) {
  const Fit fit = example_fit();
  EXPECT_EQ(fit.summary({.prob = 0.89, .kind = "stats"}).columns(),
            (std::vector<std::string>{"mean", "sd", "hdi_5.5%", "hdi_94.5%"}));
  EXPECT_EQ(fit.summary({.kind = "diagnostics"}).columns(),
            (std::vector<std::string>{"mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"}));
  EXPECT_EQ(fit.summary().columns().size(), 9u);
  EXPECT_EQ(fit.summary().at("mu", "sd"), 3.028); // sqrt(55/6) = 3.0277
  EXPECT_EQ(fit.summary({.round_to = 1}).at("mu", "sd"), 3.0);
  EXPECT_THROW(fit.summary().at("nu", "sd"), Error);
}

/// ArviZ's numbers for the same draws: arviz_stats.summary of 1.3.3, arviz.summary(stat_focus="median") of 0.23.4.
TEST(Summary, LayoutOfArviZ1AndMedians) {
  const InferenceData data = testing::reference_model("normal");
  const auto expect = [&](const Table& table, const std::string& row, const std::map<std::string, double>& values) {
    for (const auto& [column, value] : values) EXPECT_EQ(table.at(row, column), value) << row << " " << column;
  };
  const Table v1 = data.summary({.layout = "v1"});
  EXPECT_EQ(v1.columns(), (std::vector<std::string>{"mean", "sd", "eti89_lb", "eti89_ub", "ess_bulk", "ess_tail",
                                                    "r_hat", "mcse_mean", "mcse_sd"}));
  expect(v1, "mu",
         {{"mean", 0.18},
          {"eti89_lb", -0.13},
          {"eti89_ub", 0.5},
          {"ess_bulk", 409},
          {"ess_tail", 524},
          {"r_hat", 1},
          {"mcse_mean", 0.0098}});
  expect(v1, "log_sigma",
         {{"mean", 0.1},
          {"eti89_lb", -0.058},
          {"eti89_ub", 0.27},
          {"ess_bulk", 359},
          {"ess_tail", 470},
          {"r_hat", 1},
          {"mcse_mean", 0.0054}});
  const Table median = data.summary({.kind = "all_median", .layout = "v1"});
  EXPECT_EQ(median.columns(), (std::vector<std::string>{"median", "mad", "eti89_lb", "eti89_ub", "ess_median",
                                                        "ess_tail", "r_hat", "mcse_median"}));
  expect(median, "mu",
         {{"median", 0.19},
          {"mad", 0.13},
          {"eti89_ub", 0.5},
          {"ess_median", 500},
          {"ess_tail", 524},
          {"mcse_median", 0.011}});
  expect(median, "log_sigma", {{"median", 0.1}, {"mad", 0.069}, {"ess_median", 445}, {"mcse_median", 0.0055}});
  const Table checks = data.summary({.kind = "mc_diagnostics", .layout = "v1"});
  expect(checks, "mu", {{"mcse_mean", 0.0098}, {"ess_mean", 408}, {"min_ss", 10}});
  const Table legacy = data.summary({.kind = "all_median"});
  EXPECT_EQ(legacy.columns(), (std::vector<std::string>{"median", "mad", "eti_3%", "eti_97%", "mcse_median",
                                                        "ess_median", "ess_tail", "r_hat"}));
  expect(legacy, "mu",
         {{"median", 0.188},
          {"mad", 0.130},
          {"eti_3%", -0.199},
          {"eti_97%", 0.567},
          {"mcse_median", 0.011},
          {"ess_median", 500},
          {"ess_tail", 533},
          {"r_hat", 1}});
  EXPECT_EQ(data.summary({.ci_kind = "hdi", .kind = "stats", .layout = "v1"}).columns()[2], "hdi89_lb");
  EXPECT_EQ(data.summary({.ci_kind = "eti", .kind = "stats"}).columns()[2], "eti_3%");
  EXPECT_THROW(data.summary({.layout = "v2"}), Error);
  EXPECT_THROW(data.summary({.ci_kind = "wald"}), Error);
}

TEST(Summary, FiltersAndGroups) {
  const InferenceData data = testing::reference_model("normal");
  EXPECT_EQ(data.summary({.var_names = {"sig"}, .filter_vars = "like", .kind = "stats"}).rows(),
            std::vector<std::string>{"log_sigma"});
  EXPECT_EQ(data.summary({.var_names = {"~^log"}, .filter_vars = "regex", .kind = "stats"}).rows(),
            std::vector<std::string>{"mu"});
  EXPECT_EQ(data.summary({.group = "posterior_predictive", .kind = "stats"}).size(), 60u);
  EXPECT_THROW(data.summary({.group = "prior"}), Error);
  EXPECT_THROW(data.summary({.var_names = {"("}, .filter_vars = "regex"}), Error);
  EXPECT_THROW(data.summary({.filter_vars = "glob"}), Error);
}

TEST(Table, AlignsAndShowsTheDecimalsAColumnNeeds) {
  Table table({"mean", "ess"});
  table.add_row("a[Ōsaka]", {1.25, 400});
  table.add_row("b", {-10.5, std::nan("")});
  EXPECT_EQ(to_string(table), "            mean    ess\n"
                              "a[Ōsaka]    1.25  400.0\n"
                              "b         -10.50    NaN");
  EXPECT_EQ(table.index(1), "b");
  EXPECT_THROW(table.add_row("c", {1}), Error);
}

#ifdef NUTHATCH_TEST_HDF5
/// The draws of one of ArviZ's example files, in ArviZ's order of variables.
InferenceData arviz_example(const std::string& name) {
  const testing::NetcdfFile file(testing::oracle_folder() / (name + ".nc"));
  const auto array = [&](const std::string& variable, Dtype dtype) {
    const auto stored = file.numbers(variable);
    return filled(dtype, Shape(std::vector<std::int64_t>(stored.shape.begin(), stored.shape.end())),
                  [&](std::int64_t i) { return stored.values[static_cast<std::size_t>(i)]; });
  };
  InferenceData out;
  out.posterior.set("mu", DataArray({"chain", "draw"}, array("posterior/mu", f64)));
  out.posterior.set("theta", DataArray({"chain", "draw", "school"}, array("posterior/theta", f64)));
  out.posterior.set("tau", DataArray({"chain", "draw"}, array("posterior/tau", f64)));
  out.posterior.set_coord("school", file.strings("posterior/school"));
  for (const char* flag : {"diverging", "reached_max_treedepth"})
    out.sample_stats.set(flag, DataArray({"chain", "draw"}, array(std::string("sample_stats/") + flag, bool_)));
  out.sample_stats.set("energy", DataArray({"chain", "draw"}, array("sample_stats/energy", f64)));
  return out;
}

class ArviZExample : public ::testing::Test {
protected:
  void SetUp() override {
    if (!std::ifstream(testing::oracle_folder() / "centered_eight.nc"))
      GTEST_SKIP() << "no oracle in " << testing::oracle_folder() << "; set NUTHATCH_ORACLES";
  }
};

// The text ArviZ 0.23.4 prints for the same file.
TEST_F(ArviZExample, CentredSummaryIsArviZsText) {
  EXPECT_EQ("\n" + to_string(arviz_example("centered_eight").summary()), R"(
                          mean     sd  hdi_3%  hdi_97%  mcse_mean  mcse_sd  ess_bulk  ess_tail  r_hat
mu                       4.171  3.273  -1.612   10.303      0.206    0.088     241.0     622.0   1.03
theta[Choate]            6.420  5.853  -3.678   17.864      0.246    0.203     572.0     937.0   1.01
theta[Deerfield]         4.954  4.912  -4.976   13.363      0.205    0.149     532.0    1214.0   1.01
theta[Phillips Andover]  3.423  5.425  -7.544   12.890      0.234    0.167     511.0    1017.0   1.01
theta[Phillips Exeter]   4.754  5.247  -5.114   14.139      0.210    0.211     572.0     911.0   1.01
theta[Hotchkiss]         3.453  4.781  -6.117   11.961      0.250    0.148     347.0     789.0   1.02
theta[Lawrenceville]     3.663  5.229  -6.498   12.692      0.217    0.210     506.0     957.0   1.01
theta[St. Paul's]        6.505  5.245  -2.675   16.949      0.223    0.148     528.0    1031.0   1.01
theta[Mt. Hermon]        4.820  5.704  -5.975   15.370      0.236    0.231     538.0    1045.0   1.01
tau                      4.321  2.951   0.715    9.413      0.217    0.140     128.0     214.0   1.03)");
}

TEST_F(ArviZExample, NonCentredSummaryIsArviZsText) {
  const InferenceData data = arviz_example("non_centered_eight");
  EXPECT_EQ("\n" + to_string(data.summary({.var_names = {"tau", "mu", "theta"}, .prob = 0.89, .round_to = 2})), R"(
                         mean    sd  hdi_5.5%  hdi_94.5%  mcse_mean  mcse_sd  ess_bulk  ess_tail  r_hat
tau                      3.52  3.18      0.00       7.45       0.09     0.12    833.80    659.53    1.0
mu                       4.31  3.26     -0.42       9.68       0.07     0.08   2114.93   1205.58    1.0
theta[Choate]            6.05  5.31     -1.61      14.14       0.12     0.13   2195.61   1686.42    1.0
theta[Deerfield]         4.92  4.71     -2.92      11.47       0.10     0.13   2321.77   1625.46    1.0
theta[Phillips Andover]  3.79  5.28     -3.69      11.66       0.12     0.20   2108.37   1283.85    1.0
theta[Phillips Exeter]   4.56  4.67     -2.38      12.11       0.10     0.11   2288.23   1218.68    1.0
theta[Hotchkiss]         3.58  4.57     -3.09      10.87       0.10     0.11   2103.07   1539.36    1.0
theta[Lawrenceville]     4.30  4.76     -2.49      11.92       0.10     0.12   2364.50   1551.91    1.0
theta[St. Paul's]        6.23  5.18     -1.65      13.51       0.14     0.15   1431.25   1511.07    1.0
theta[Mt. Hermon]        4.71  5.17     -2.91      12.36       0.12     0.16   2187.97   1671.79    1.0)");
}

TEST_F(ArviZExample, CentredDiagnosisNamesEveryProblem) {
  const Diagnosis d = arviz_example("centered_eight").diagnose();
  EXPECT_FALSE(d);
  EXPECT_EQ(d.divergences, 19);
  EXPECT_NEAR(d.max_r_hat, 1.028448179583388, 1e-12);
  EXPECT_NEAR(d.min_ess_bulk, 127.97351478203073, 1e-9);
  EXPECT_NEAR(d.min_ess_tail, 214.2960234831669, 1e-9);
  EXPECT_NEAR(d.min_bfmi, 0.28671974347062595, 1e-12);
  ASSERT_EQ(d.messages.size(), 5u);
  const char* expected[] = {"19 of 2000 draws diverged",
                            "R-hat above 1.01 for 7 of 10 quantities (worst: tau 1.028, mu 1.025",
                            "bulk effective sample size below 100 per chain for 3 of 10 quantities (worst: tau 128, mu "
                            "241, theta[Hotchkiss] 347)",
                            "tail effective sample size below 100 per chain for 1 of 10 quantities (worst: tau 214)",
                            "BFMI below 0.3 (chain 0 0.29)"};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NE(d.messages[i].find(expected[i]), std::string::npos) << d.messages[i];
}

TEST_F(ArviZExample, NonCentredDiagnosisFindsOnlyItsDivergences) {
  const Diagnosis d = arviz_example("non_centered_eight").diagnose();
  EXPECT_LT(d.max_r_hat, 1.01);
  EXPECT_GT(d.min_ess_bulk, 400);
  EXPECT_EQ(d.messages.size(), d.divergences > 0 ? 1u : 0u);
}
#endif

TEST(Diagnose, GoodSampleHasNothingToSay) {
  Fit fit;
  const auto noise = [](std::int64_t i) { return std::fmod(static_cast<double>(i + 1) * 0.6180339887498949, 1.0); };
  fit.posterior.set("x", DataArray({"chain", "draw"}, filled(f64, {4, 500}, noise)));
  fit.posterior.set("one", DataArray({"chain", "draw"}, filled(f64, {4, 500}, [](auto) { return 1; })));
  fit.sample_stats.set("diverging", DataArray({"chain", "draw"}, filled(bool_, {4, 500}, [](auto) { return 0; })));
  const Diagnosis d = fit.diagnose();
  EXPECT_TRUE(d) << (d.messages.empty() ? "" : d.messages[0]);
  EXPECT_EQ(d.divergences, 0);
  EXPECT_LT(d.max_r_hat, 1.01);
  EXPECT_TRUE(std::isnan(d.min_bfmi));
  EXPECT_EQ(to_string(d), "No problems detected.");
}

TEST(Diagnose, SeesNanTreeDepthAndASingleChain) {
  Fit fit;
  fit.posterior.set(
      "x", DataArray({"chain", "draw"}, filled(f64, {1, 500}, [](auto i) { return i == 77 ? std::nan("") : i; })));
  fit.sample_stats.set("tree_depth",
                       DataArray({"chain", "draw"}, filled(i64, {1, 500}, [](auto i) { return i < 30 ? 10 : 3; })));
  fit.sample_stats.attrs["max_tree_depth"] = std::int64_t{10};
  const Diagnosis d = fit.diagnose();
  EXPECT_EQ(d.max_tree_depth_reached, 30);
  ASSERT_EQ(d.messages.size(), 3u);
  EXPECT_NE(d.messages[0].find("30 of 500 trajectories were cut"), std::string::npos);
  EXPECT_NE(d.messages[1].find("NaN among the draws of x."), std::string::npos);
  EXPECT_NE(d.messages[2].find("one chain"), std::string::npos);
}

TEST(Diagnose, NamesStuckChains) {
  const auto noise = [](std::int64_t i) { return std::fmod(static_cast<double>(i + 1) * 0.6180339887498949, 1.0); };
  const auto third_is_still = [&](std::int64_t i) { return i / 500 == 2 ? 0.25 : noise(i); };
  Fit fit;
  fit.posterior.set("x", DataArray({"chain", "draw"}, filled(f64, {4, 500}, third_is_still)));
  fit.posterior.set("one", DataArray({"chain", "draw"}, filled(f64, {4, 500}, [](auto) { return 1; })));
  const Diagnosis d = fit.diagnose();
  ASSERT_FALSE(d.messages.empty());
  EXPECT_NE(d.messages[0].find("stuck: chain 2. All draws there are one point."), std::string::npos) << d.messages[0];
  // A label that is the same throughout one chain is no reason to worry while other things move there.
  fit.posterior.set("y", DataArray({"chain", "draw"}, filled(f64, {4, 500}, noise)));
  for (const std::string& message : fit.diagnose().messages) EXPECT_EQ(message.find("stuck"), std::string::npos) << message;
}

} // namespace
} // namespace nuthatch
