// Every number of ArviZ's diagnostics on its own example files, to 1e-9 relative.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "inference/diagnostics/chains.h"
#include "oracle_files.h"

#ifdef NUTHATCH_TEST_HDF5
#include "netcdf_file.h"

namespace {

using namespace nuthatch::detail;
using nuthatch::testing::NetcdfFile;
using nuthatch::testing::oracle_folder;

class DiagnosticsOracle : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    const auto path = oracle_folder() / "arviz_diagnostics.json";
    std::ifstream in(path);
    if (!in) GTEST_SKIP() << "no oracle at " << path << "; set NUTHATCH_ORACLES";
    expected_ = nlohmann::json::parse(in)["arviz"][GetParam()];
  }

  void compare(const std::string& what, double ours, double theirs) {
    ++compared_;
    const double difference = std::abs(ours - theirs) / std::max(std::abs(theirs), 1e-300);
    largest_ = std::max(largest_, difference);
    EXPECT_LE(difference, 1e-9) << what << ": " << ours << " instead of " << theirs;
  }

  nlohmann::json expected_;
  int compared_ = 0;
  double largest_ = 0;
};

TEST_P(DiagnosticsOracle, EveryStatisticOfEveryParameter) {
  const NetcdfFile file(oracle_folder() / (std::string(GetParam()) + ".nc"));
  for (const auto& [name, stats] : expected_.items()) {
    if (!stats.contains("rhat_rank")) continue;
    const auto bracket = name.find('[');
    const auto stored = file.numbers("posterior/" + name.substr(0, bracket));
    const std::size_t chains = stored.shape[0], draws = stored.shape[1], width = stored.values.size() / chains / draws;
    const std::size_t element = bracket == std::string::npos ? 0 : std::stoul(name.substr(bracket + 1));
    std::vector<double> values(chains * draws);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = stored.values[i * width + element];
    const Chains x{values, chains, draws};

    compare(name + " mean", mean(values), stats["mean"]);
    compare(name + " sd", std::sqrt(variance(values)), stats["sd"]);
    compare(name + " median", median(values), stats["median"]);
    compare(name + " hdi low", hdi(values, 0.94).first, stats["hdi94"][0]);
    compare(name + " hdi high", hdi(values, 0.94).second, stats["hdi94"][1]);
    compare(name + " eti low", eti(values, 0.89).first, stats["eti89"][0]);
    compare(name + " eti high", eti(values, 0.89).second, stats["eti89"][1]);
    compare(name + " mad", median(fold(x).values), stats["mad"]);
    compare(name + " r_hat", r_hat(x), stats["rhat_rank"]);
    compare(name + " r_hat split", r_hat_split(x), stats["rhat_split"]);
    compare(name + " r_hat folded", r_hat_folded(x), stats["rhat_folded"]);
    compare(name + " r_hat z_scale", r_hat_z_scale(x), stats["rhat_z"]);
    compare(name + " r_hat identity", r_hat_identity(x), stats["rhat_identity"]);
    compare(name + " ess_bulk", ess_bulk(x), stats["ess_bulk"]);
    compare(name + " ess_tail 5/95", ess_tail(x), stats["ess_tail_05_95"]);
    compare(name + " ess_tail 11/89", ess_tail(x, 0.11, 0.89), stats["ess_tail_11_89"]);
    compare(name + " ess_mean", ess_mean(x), stats["ess_mean"]);
    compare(name + " ess_sd", ess_sd(x), stats["ess_sd"]);
    compare(name + " ess_median", ess_median(x), stats["ess_median"]);
    compare(name + " ess_mad", ess_mad(x), stats["ess_mad"]);
    compare(name + " ess_local", ess_local(x, 0.1, 0.2), stats["ess_local_10_20"]);
    compare(name + " ess_identity", ess_identity(x), stats["ess_identity"]);
    compare(name + " ess_folded", ess_folded(x), stats["ess_folded"]);
    compare(name + " mcse_mean", mcse_mean(x), stats["mcse_mean"]);
    compare(name + " mcse_sd", mcse_sd(x), stats["mcse_sd_legacy"]);
    compare(name + " mcse_median", mcse_median(x), stats["mcse_median"]);
    compare(name + " mcse_quantile 0.1", mcse_quantile(x, 0.1), stats["mcse_q10"]);
  }
  EXPECT_GE(compared_, 10 * 27);
  RecordProperty("compared", compared_);
  RecordProperty("largest_relative_difference", std::to_string(largest_));
  std::printf("%s: %d numbers, largest relative difference %.1e\n", GetParam(), compared_, largest_);
}

TEST_P(DiagnosticsOracle, FractionOfMissingInformation) {
  const NetcdfFile file(oracle_folder() / (std::string(GetParam()) + ".nc"));
  const auto energy = file.numbers("sample_stats/energy");
  const auto ours = bfmi({energy.values, energy.shape[0], energy.shape[1]});
  ASSERT_EQ(ours.size(), expected_["bfmi"].size());
  for (std::size_t c = 0; c < ours.size(); ++c) compare("bfmi", ours[c], expected_["bfmi"][c]);
}

INSTANTIATE_TEST_SUITE_P(ArviZ, DiagnosticsOracle, ::testing::Values("centered_eight", "non_centered_eight"),
                         [](const auto& info) { return std::string(info.param); });

} // namespace

#else
TEST(DiagnosticsOracle, NeedsHdf5) { GTEST_SKIP() << "built without libhdf5, which reads ArviZ's example files"; }
#endif
