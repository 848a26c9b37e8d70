// The program `nuthatch` run as a user runs it: output, files and exit codes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

namespace fs = std::filesystem;

struct Result {
  int status = 0;
  std::string text;  // stdout and stderr
};

class Tool : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("nuthatch_tool_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result run(const std::string& arguments, const std::string& environment = "") const {
    const std::string command = "cd " + folder_.string() + " && " + environment + " " NUTHATCH_TOOL " " + arguments + " 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), [](FILE*) { return 0; });
    Result result;
    for (int c = std::getc(pipe.get()); c != EOF; c = std::getc(pipe.get())) result.text += char(c);
    result.status = WEXITSTATUS(pclose(pipe.get()));
    return result;
  }

  /// 4 chains of 250 independent normal draws shifted by `shift` from chain to chain; two observations.
  void save(const std::string& name, double shift = 0, double spread = 1) const {
    InferenceData fit;
    Tensor mu = normal(Key(1), {4, 250}) + shift * arange(4)(all, newaxis);
    fit.posterior.set_draws("mu", mu);
    fit.posterior.set_draws("theta", normal(Key(2), {4, 250, 2}), {"school"});
    fit.posterior.set_coord("school", std::vector<std::string>{"Choate", "Paul, \"St\""});
    fit.log_likelihood.set_draws("y", Normal(mu(all, all, newaxis), spread).log_prob(Tensor{0.1, -0.2}), {"observation"});
    fit.save((folder_ / name).string());
  }

  fs::path folder_;
};

TEST_F(Tool, SummaryHasTheNumbersOfTheLibrary) {
  save("a.zarr");
  const Table expected = load((folder_ / "a.zarr").string()).summary({.var_names = {"mu"}});
  const Result r = run("summary a.zarr --var mu");
  EXPECT_EQ(r.status, 0) << r.text;
  EXPECT_EQ(r.text, to_string(expected) + "\n");
  const Result others = run("summary a.zarr --var '~mu' --prob 0.5 --kind stats");
  EXPECT_EQ(others.text.find("mu "), std::string::npos) << others.text;
  EXPECT_NE(others.text.find("hdi_25%"), std::string::npos) << others.text;
}

TEST_F(Tool, DiagnoseTellsGoodFromBadByItsExitCode) {
  save("good.zarr");
  save("bad.zarr", 3.0);
  const Result good = run("diagnose good.zarr"), bad = run("diagnose bad.zarr");
  EXPECT_EQ(good.status, 0) << good.text;
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.text.find("R-hat above 1.01 for 1 of 3 quantities (worst: mu"), std::string::npos) << bad.text;
}

TEST_F(Tool, ConvertedFitsDifferInNothing) {
  save("a.zarr");
  EXPECT_EQ(run("convert a.zarr b.zarr").status, 0);
  const Result same = run("diff a.zarr b.zarr");
  EXPECT_EQ(same.status, 0) << same.text;
  EXPECT_EQ(same.text, "");
  save("c.zarr", 1.0);
  const Result other = run("diff a.zarr c.zarr");
  EXPECT_EQ(other.status, 1);
  // Chain 0 is the same; the other three are shifted by up to 3.
  EXPECT_NE(other.text.find("posterior.mu: 750 of 1000 values differ, by at most 3\n"), std::string::npos) << other.text;
  EXPECT_EQ(other.text.find("posterior.theta"), std::string::npos);
}

TEST_F(Tool, ExtractWritesNumbersThatReadBack) {
  save("a.zarr");
  ASSERT_EQ(run("extract a.zarr --var mu theta -o a.csv").status, 0);
  std::ifstream in(folder_ / "a.csv");
  std::string header, row;
  std::getline(in, header);
  EXPECT_EQ(header, "chain,draw,mu,theta[Choate],\"theta[Paul, \"\"St\"\"]\"");
  const Fit fit = load((folder_ / "a.zarr").string());
  const auto mu = fit.posterior["mu"].to_doubles(), theta = fit.posterior["theta"].to_doubles();
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(std::getline(in, row));
    std::istringstream fields(row);
    std::vector<double> values;
    for (std::string field; std::getline(fields, field, ',');) values.push_back(std::stod(field));
    EXPECT_EQ(values, (std::vector<double>{double(i / 250), double(i % 250), mu[i], theta[2 * i], theta[2 * i + 1]}));
  }
  EXPECT_FALSE(std::getline(in, row));
}

TEST_F(Tool, ComparesByTheSameNumbersAsTheLibrary) {
  save("narrow.zarr");
  save("wide.zarr", 0, 10.0);
  const Result r = run("compare wide.zarr narrow.zarr");
  EXPECT_EQ(r.status, 0) << r.text;
  EXPECT_LT(r.text.find("narrow.zarr"), r.text.find("wide.zarr")) << r.text;  // best first
  const Result loo = run("loo narrow.zarr");
  EXPECT_NE(loo.text.find(to_string(nuthatch::loo(load((folder_ / "narrow.zarr").string())))), std::string::npos) << loo.text;
}

TEST_F(Tool, ConcatenatesAlongChains) {
  save("a.zarr");
  ASSERT_EQ(run("concatenate a.zarr a.zarr -o both.zarr").status, 0);
  EXPECT_EQ(load((folder_ / "both.zarr").string()).posterior["mu"].size("chain"), 8);
  EXPECT_NE(run("show both.zarr").text.find("posterior (chain 8, draw 250, school 2)"), std::string::npos);
}

TEST_F(Tool, BadArgumentsAndFilesAreExitCodeTwo) {
  save("a.zarr");
  for (const auto& [arguments, message] : std::vector<std::pair<std::string, std::string>>{
           {"summary nothing.zarr", "nuthatch: cannot read `nothing.zarr`"},
           {"extract a.zarr --var sigma", "extract: no variable `sigma`; there are mu, theta"},
           {"psense a.zarr", "psense: the data have no group log_prior"},
           {"compare a.zarr a.zarr", "compare: a.zarr is given twice"},
           {"summary", "files is required"},
           {"frobnicate", "subcommand is required"},
           {"", "subcommand is required"}}) {
    const Result r = run(arguments);
    EXPECT_EQ(r.status, 2) << arguments;
    EXPECT_NE(r.text.find(message), std::string::npos) << arguments << ": " << r.text;
    EXPECT_EQ(r.text.find(".cpp:"), std::string::npos) << "a line of the program itself: " << r.text;
  }
}

/// The driver is the simulated one (docs/design/simulated_gpu.md), told what to be.
TEST_F(Tool, DevicesSaysWhyThereIsNoGpu) {
  auto devices = [&](const std::string& simulation) {
    return run("devices --gpu", "NUTHATCH_CUDA=" NUTHATCH_SIMULATED_CUDA " NUTHATCH_SIMULATED=" + simulation);
  };
  auto expect = [](const Result& r, int status, const std::string& part) {
    EXPECT_EQ(r.status, status) << r.text;
    EXPECT_NE(r.text.find("cpu:0 ("), std::string::npos) << r.text;
    EXPECT_NE(r.text.find(part), std::string::npos) << r.text;
  };
  if (!NUTHATCH_HAS_GPU) return expect(devices("devices=2"), 1, "this build of the library has no GPU support");
  expect(devices("devices=2"), 0, "gpu:1 (");
  expect(devices("devices=0"), 1, "no GPU can be used: the CUDA driver shows no GPU");
  expect(devices("driver_version=11040"), 1, "the CUDA driver is too old: it is of CUDA 11.4, at least 12.0 is needed");
  expect(devices("compute_capability=70"), 1, "its compute capability is 7.0");
  expect(run("devices --gpu", "NUTHATCH_CUDA=/nowhere/libcuda.so"), 1, "NUTHATCH_CUDA=/nowhere/libcuda.so cannot be opened");
  expect(run("devices", "NUTHATCH_CUDA=/nowhere/libcuda.so"), 0, "no GPU can be used");
  expect(run("devices --gpu", "NUTHATCH_CUDA=libm.so.6"), 1, "has no function cuInit");
}

}  // namespace
}  // namespace nuthatch::test
