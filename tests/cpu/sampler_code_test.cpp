// What the code of a whole sampler must not contain.
#include <cstdlib>
#include <gtest/gtest.h>
#include <regex>

#include "nuthatch/nuthatch.h"

namespace nuthatch {
namespace {

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

/// The optimised LLVM IR of the largest program that a short run compiles: the sampler.
template <class... Data> std::string kernelCode(const Kernel& kernel, int chains, const Data&... data) {
  ::setenv("NUTHATCH_DUMP", "llvm", 1);
  testing::internal::CaptureStderr();
  MCMC(kernel, {.num_warmup = 20, .num_samples = 20, .num_chains = chains, .progress = false}).run(Key(0), data...);
  std::string all = testing::internal::GetCapturedStderr(), largest;
  ::unsetenv("NUTHATCH_DUMP");
  const std::string mark = "; ---- llvm ----";
  for (std::size_t at = all.find(mark); at != std::string::npos;) {
    std::size_t next = all.find(mark, at + mark.size());
    std::string one = all.substr(at, next == std::string::npos ? next : next - at);
    if (one.size() > largest.size()) largest = one;
    at = next;
  }
  return largest;
}
template <class M, class... Data> std::string samplerCode(const M& model, int chains, const Data&... data) {
  return kernelCode(NUTS(model), chains, data...);
}
std::string samplerCode(int chains) {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return samplerCode(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}), chains, sigma, y);
}

void censored() {
  Tensor a = sample("a", HalfNormal(1.0)), b = sample("b", HalfNormal(1.0));
  factor("censored", log(igammac(a + 1.0, 3.0)) + log(betainc(a + 1.0, b + 2.0, 0.3)));
}

/// No calls but of LLVM's intrinsic functions and the program's own functions of numbers, no allocation.
void expectSelfContained(const std::string& code) {
  std::regex call(R"((call|declare) [^@\n]*@([A-Za-z0-9_.]+))");
  for (auto it = std::sregex_iterator(code.begin(), code.end(), call); it != std::sregex_iterator(); ++it)
    if ((*it)[1] == "declare" || (*it)[2].str().rfind("nh.", 0) != 0) EXPECT_EQ((*it)[2].str().rfind("llvm.", 0), 0u) << (*it)[0].str();
  EXPECT_EQ(code.find("invoke "), std::string::npos);
  EXPECT_EQ(code.find("@malloc"), std::string::npos);
}

TEST(SamplerCode, CallsNothingAndAllocatesNothing) {
  for (int chains : {1, 4, 8}) {
    std::string code = samplerCode(chains);
    ASSERT_GT(code.size(), 10000u);
    expectSelfContained(code);
    // Levels and lanes are addressed without gathers.
    EXPECT_EQ(code.find("llvm.masked.gather"), std::string::npos);
  }
}

void two_normals() {
  Tensor a = sample("a", Normal(0.0, 1.0));
  sample("b", Normal(a, 2.0));
  factor("seen", -0.5 * square(a - 1.0));
}
void switching() {
  Tensor z = sample("z", Bernoulli(0.3)), n = sample("n", Poisson(3.0));
  sample("x", Normal(z.cast(f64) + n.cast(f64), 1.0));
}

TEST(SamplerCode, OtherKernelsNeitherCallNorAllocate) {
  const std::pair<const char*, Kernel> kernels[] = {
      {"HMC", HMC(two_normals)},
      {"BarkerMH", BarkerMH(two_normals)},
      {"RandomWalkMetropolis", RandomWalkMetropolis(two_normals)},
      {"SliceSampler", SliceSampler(two_normals)},
      {"EllipticalSlice", EllipticalSlice(two_normals)},
      {"SA", SA(two_normals)},
      {"DEMetropolisZ", DEMetropolisZ(two_normals)},
      {"MAMS", MAMS(two_normals)},
      {"MCLMC", MCLMC(two_normals)},
      {"AIES", AIES(two_normals)},
      {"ESS", ESS(two_normals)},
      {"ChEESHMC", ChEESHMC(two_normals)},
      {"Compound", Compound(switching)},
      {"DiscreteHMCGibbs", DiscreteHMCGibbs(HMC(switching), {.modified = true})},
      {"MixedHMC", MixedHMC(switching)},
  };
  for (const auto& [name, kernel] : kernels) {
    SCOPED_TRACE(name);
    const std::string code = kernelCode(kernel, 8);
    ASSERT_GT(code.size(), 10000u);
    expectSelfContained(code);
  }
}

/// Long functions are called, but they are the program's own: nothing is left to link.
TEST(SamplerCode, CallsItsOwnSpecialFunctions) {
  std::string code = samplerCode(censored, 8);
  const auto defines = [&](const std::string& name) {
    return std::regex_search(code, std::regex("define internal (fastcc )?<8 x double> @nh[.]" + name + "[.]x8"));
  };
  EXPECT_TRUE(defines("igammac"));
  EXPECT_TRUE(defines("betainc_grad_b"));
  std::regex declaration(R"(declare [^@\n]*@([A-Za-z0-9_.]+))");
  for (auto it = std::sregex_iterator(code.begin(), code.end(), declaration); it != std::sregex_iterator(); ++it)
    EXPECT_EQ((*it)[1].str().rfind("llvm.", 0), 0u) << (*it)[0].str();
}

/// What is reached seldom, or needed at many places, stands once.
TEST(SamplerCode, TheGeneratorAndFunctionsOfRareBranchesStandOnce) {
  const std::string code = samplerCode(8);
  const auto count = [&](const std::string& pattern) {
    const std::regex r(pattern);
    return std::distance(std::sregex_iterator(code.begin(), code.end(), r), std::sregex_iterator());
  };
  EXPECT_EQ(count("define internal [^\n]*@nh.threefry.x8"), 1);
  EXPECT_EQ(count("call <8 x i32> @llvm.fshl.v8i32"), 20);  // the rounds of one copy
  EXPECT_EQ(count("define internal [^\n]*@nh.exp.x8"), 1);
  EXPECT_GE(count("call [^\n]*@nh.exp.x8"), 2);
}

TEST(SamplerCode, VectorsHoldAsManyChainsAsThereAreLanes) {
  EXPECT_NE(samplerCode(8).find("<8 x double>"), std::string::npos);
  EXPECT_NE(samplerCode(4).find("<4 x double>"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch
