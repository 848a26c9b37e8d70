// CmdStan's CSV files.
#include "nuthatch/cmdstan.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "example_fit.h"

namespace nuthatch {
namespace {

namespace fs = std::filesystem;
using testing::example_fit;
using testing::filled;

class CmdStan : public ::testing::Test {
protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("nuthatch_cmdstan_" + std::to_string(::getpid()) + "_" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  static std::string error_of(auto f) {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
  fs::path folder_;
};

/// As CmdStan 2.36 writes: settings, names, adaptation in the middle, times at the end.
std::string stan_output(int chain, const std::string& warmup = "0") {
  return "# stan_version_major = 2\n# model = eight_schools_model\n# method = sample (Default)\n#   sample\n"
         "#     num_samples = 2\n#     num_warmup = 3 (Default)\n#     save_warmup = " +
         warmup + "\n#     thin = 1 (Default)\n#         max_depth = 11\n# id = " + std::to_string(chain) +
         "\nlp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,mu,L.1.1,L.2.1,L.1.2,L.2.2,"
         "log_lik.1,log_lik.2,extra__\n"
         "# Adaptation terminated\n# Step size = 0.7\n# Diagonal elements of inverse mass matrix:\n# 1, 2\n" +
         (warmup == "0" ? std::string()
                        : "-1,0.5,0.7,1,1,0,5,9,1,2,3,4,-1,-2,0\n-1,0.5,0.7,1,1,0,5,9,1,2,3,4,-1,-2,0\n"
                          "-1,0.5,0.7,1,1,0,5,9,1,2,3,4,-1,-2,0\n") +
         "-4.5,0.95,0.7,2,3,0,6.25," + std::to_string(chain) +
         ",11,21,12,22,-1.5,-2.5,0.1\n-5e-1,1,0.7,3,7,1,7,nan,11,21,12,22,-inf,-2.5,0.2\n#\n"
         "#  Elapsed Time: 0.01 seconds (Warm-up)\n";
}

TEST_F(CmdStan, ReadsOutputOfTheSampler) {
  const auto one = write("a_1.csv", stan_output(1)), two = write("a_2.csv", stan_output(2));
  const InferenceData fit = load_cmdstan({one, two}, {.log_likelihood = {"log_lik"}});
  EXPECT_EQ(fit.posterior.names(), (std::vector<std::string>{"mu", "L"}));
  EXPECT_EQ(fit.posterior["mu"].shape(), (Shape{2, 2}));
  EXPECT_EQ(fit.posterior["mu"].to_doubles()[2], 2);
  EXPECT_TRUE(std::isnan(fit.posterior["mu"].to_doubles()[1]));
  const DataArray& matrix = fit.posterior["L"];
  EXPECT_EQ(matrix.dims(), (std::vector<std::string>{"chain", "draw", "L_dim_0", "L_dim_1"}));
  const auto elements = matrix.to_doubles();
  EXPECT_EQ(std::vector<double>(elements.begin(), elements.begin() + 4), (std::vector<double>{11, 12, 21, 22}));
  EXPECT_EQ(fit.log_likelihood["log_lik"].to_doubles()[2], -INFINITY);
  EXPECT_EQ(fit.sample_stats["diverging"].dtype(), bool_);
  EXPECT_EQ(fit.sample_stats["diverging"].to_doubles(), (std::vector<double>{0, 1, 0, 1}));
  EXPECT_EQ(fit.sample_stats["n_steps"].dtype(), i64);
  EXPECT_EQ(fit.sample_stats["tree_depth"].to_doubles(), (std::vector<double>{2, 3, 2, 3}));
  EXPECT_EQ(fit.sample_stats["lp"].to_doubles()[1], -0.5);
  EXPECT_EQ(fit.sample_stats["extra"].to_doubles()[1], 0.2);
  EXPECT_EQ(fit.sample_stats.attrs.at("max_tree_depth"), Attribute(std::int64_t{11}));
  EXPECT_EQ(fit.attrs.at("model_name"), Attribute(std::string("eight_schools_model")));
  EXPECT_FALSE(fit.has("warmup_posterior"));
}

TEST_F(CmdStan, KeepsSavedWarmupApart) {
  const InferenceData fit = load_cmdstan({write("a.csv", stan_output(1, "true"))});
  EXPECT_EQ(fit.posterior["mu"].shape(), (Shape{1, 2}));
  EXPECT_EQ(fit.warmup_posterior["mu"].to_doubles(), (std::vector<double>{9, 9, 9}));
  EXPECT_EQ(fit.warmup_sample_stats["lp"].to_doubles()[0], -1);
}

TEST_F(CmdStan, WritesWhatItReads) {
  Fit fit = example_fit();
  fit.sample_stats.attrs["max_tree_depth"] = std::int64_t{10};
  const auto files = save_cmdstan(fit, (folder_ / "fit").string());
  ASSERT_EQ(files.size(), 2u);
  std::ifstream in(files[1]);
  std::string header;
  while (std::getline(in, header) && header[0] == '#') {
  }
  EXPECT_EQ(header, "treedepth__,divergent__,tau,mu,theta.1,theta.2,theta.3,b.1.1,b.1.2");
  const InferenceData back = load_cmdstan(files);
  for (const char* name : {"tau", "mu", "theta", "b"}) {
    EXPECT_EQ(back.posterior[name].shape(), fit.posterior[name].shape());
    EXPECT_EQ(back.posterior[name].to_doubles(), fit.posterior[name].to_doubles()); // exactly
  }
  EXPECT_EQ(back.sample_stats["diverging"].to_doubles(), fit.sample_stats["diverging"].to_doubles());
  EXPECT_EQ(back.sample_stats.attrs.at("max_tree_depth"), Attribute(std::int64_t{10}));
}

TEST_F(CmdStan, ErrorsNameFileAndLine) {
  const auto good = write("good.csv", stan_output(1));
  EXPECT_NE(error_of([] { load_cmdstan({}); }).find("no files"), std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({(folder_ / "none.csv").string()}); }).find("No such file"), std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({write("c.csv", "# only comments\n")}); }).find("no line of column names"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({write("n.csv", "mu,tau\n")}); }).find("no draws"), std::string::npos);
  EXPECT_NE(
      error_of([&] { load_cmdstan({write("s.csv", "mu,tau\n1,2\n3\n")}); }).find("line 3: 1 values for 2 columns"),
      std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({write("w.csv", "mu\n1\ntwo\n")}); }).find("line 3: `two` is not a number"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({write("h.csv", "x.1,x.3\n1,2\n")}); }).find("2 columns for shape [3]"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({write("r.csv", "x.1,x.1.2\n1,2\n")}); }).find("different numbers of indices"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({good, write("o.csv", "mu\n1\n")}); }).find("1 of 1"), std::string::npos);
  EXPECT_NE(error_of([&] { load_cmdstan({good}, {.log_likelihood = {"ll"}}); }).find("no variable `ll`"),
            std::string::npos);
  EXPECT_NE(error_of([&] { save_cmdstan(InferenceData(), "x"); }).find("no posterior"), std::string::npos);
  Fit odd = example_fit();
  odd.posterior.set("a,b", odd.posterior["mu"]);
  EXPECT_NE(error_of([&] { save_cmdstan(odd, (folder_ / "x").string()); }).find("`a,b` cannot be the name"),
            std::string::npos);
}

} // namespace
} // namespace nuthatch
