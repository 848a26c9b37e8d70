// Programs, samplers and arrays on a GPU: the simulated one, or that of NUTHATCH_CUDA.
#include "nuthatch/device.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "nuthatch/nuthatch.h"
#include "tests/errors/messages.h"
#include "tests/gpu/card.h"

namespace nuthatch::test {
namespace {

const bool ready = (useSimulatedCard(), true);

std::vector<double> numbers(const Tensor& x) { return x.to_vector<double>(); }

void expectSame(const Tensor& a, const Tensor& b) {
  const auto x = numbers(a), y = numbers(b);
  ASSERT_EQ(x.size(), y.size());
  EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(double)), 0);
}

TEST(Gpu, IsThere) {
  ASSERT_FALSE(gpus().empty());
  EXPECT_EQ(devices().size(), gpus().size() + 1);
  EXPECT_EQ(name(Device::gpu(0)).find("gpu:0 ("), 0u);
  EXPECT_TRUE(Device::gpu(0).is_gpu());
  EXPECT_EQ(Device(), Device::cpu());
  EXPECT_GT(memory(Device::gpu(0)).total, 0);
}

TEST(Gpu, ThatDoesNotExist) {
  const std::string text = text_of_error([] { Device::gpu(17); });
  EXPECT_NE(text.find("device_test.cpp:"), std::string::npos) << text;
  EXPECT_NE(text.find("Device::gpu(17): there"), std::string::npos) << text;
  EXPECT_NE(text_of_error([] { Device::gpu(-1); }).find("numbered from 0"), std::string::npos);
}

TEST(Gpu, ProgramsHaveTheBitsOfTheProcessors) {
  const auto f = [](const Tensor& x, const Tensor& y) {
    Tensor a = exp(-square(x)) * log1p(abs(y)), s = sum(a, 1), c = matmul(x, transpose(y));
    return std::tuple(s, cholesky(matmul(c, transpose(c)) + 40.0 * eye(c.size(0))), logsumexp(c, 1), max(a));
  };
  Tensor x = normal(Key(1), {20, 700}), y = normal(Key(2), {20, 700});
  const auto here = jit(f)(x, y), there = jit(f, {.device = Device::gpu(0)})(x, y);
  expectSame(std::get<0>(here), std::get<0>(there));
  expectSame(std::get<1>(here), std::get<1>(there));
  expectSame(std::get<2>(here), std::get<2>(there));
  expectSame(std::get<3>(here), std::get<3>(there));
}

TEST(Gpu, EveryElementType) {
  const auto f = [](const Tensor& i, const Tensor& r, const Tensor& b) {
    return std::tuple(i * 3 - 1, exp(r), select(b, i, -i), ~b, (i.cast(ui64) << Tensor(std::int64_t(3)).cast(ui64)));
  };
  Tensor i = arange(50) - 25, r = normal(Key(1), {50}).cast(f32), b = i > 3;
  const auto here = jit(f)(i, r, b), there = jit(f, {.device = Device::gpu(0)})(i, r, b);
  expectSame(std::get<0>(here), std::get<0>(there));
  expectSame(std::get<1>(here), std::get<1>(there));
  expectSame(std::get<2>(here), std::get<2>(there));
  expectSame(std::get<3>(here), std::get<3>(there));
  expectSame(std::get<4>(here), std::get<4>(there));
}

TEST(Gpu, LargeProgramsAreSharedByAllThreads) {
  const auto f = [](const Tensor& x) { return std::pair(sum(exp(x)), cumsum(x)); };
  Tensor x = 0.1 * normal(Key(1), {60'000});
  const auto here = jit(f)(x), there = jit(f, {.device = Device::gpu(0)})(x);
  expectSame(here.first, there.first);
  expectSame(here.second, there.second);
  if (isSimulated()) EXPECT_GT(simulated("cooperative"), 0);
}

TEST(Gpu, EmptyArraysAndNoArguments) {
  const auto f = [](const Tensor& x) { return std::pair(x + 1.0, sum(x)); };
  const auto there = jit(f, {.device = Device::gpu(0)})(zeros(0));
  EXPECT_EQ(there.first.size(), 0);
  EXPECT_EQ(there.second.item(), 0.0);
}

TEST(Gpu, ResultsStayThereUntilTheyAreLookedAt) {
  const auto step = jit([](const Tensor& x) { return 0.5 * x + 1.0; }, {.device = Device::gpu(0)});
  Tensor x = normal(Key(1), {20'000}), expected = x;
  for (int i = 0; i < 3; ++i) expected = 0.5 * expected + 1.0;
  Tensor y = step(x);
  const auto copied = simulated("bytes_to_host"), given = simulated("bytes_to_device");
  y = step(step(y));
  if (isSimulated()) {
    EXPECT_EQ(simulated("bytes_to_host"), copied);
    EXPECT_LT(simulated("bytes_to_device") - given, 4000);  // tables of pointers
  }
  expectSame(y, expected);
  expectSame(step(x), 0.5 * x + 1.0);  // the copy of x serves again
}

TEST(Gpu, TensorsGoThereAndBack) {
  Tensor x = normal(Key(1), {300}), there = x.to(Device::gpu(0));
  EXPECT_EQ(there.shape(), x.shape());
  expectSame(there.to(Device::cpu()), x);
  expectSame(there + 1.0, x + 1.0);
  EXPECT_NE(text_of_error([] { jit([](const Tensor& v) { return v.to(Device::gpu(0)); })(Tensor{1.0}); }).find("to: "), std::string::npos);
}

TEST(Gpu, DefaultDevice) {
  EXPECT_EQ(default_device(), Device::cpu());
  set_default_device(Device::gpu(0));
  const auto before = simulated("launches");
  EXPECT_EQ(jit([](const Tensor& x) { return sum(x); })(Tensor{1.0, 2.0}).item(), 3.0);
  const std::string text = compile([](const Tensor& x) { return sum(x); }, Tensor{1.0, 2.0}).dump("explain");
  set_default_device(Device::cpu());
  if (isSimulated()) EXPECT_GT(simulated("launches"), before);
  EXPECT_NE(text.find("on gpu:0 ("), std::string::npos) << text;
  EXPECT_NE(text.find("registers"), std::string::npos) << text;
}

/// What one of these tests prints in a process of its own; its exit status at the end.
std::string outputOf(const std::string& test, const std::string& environment) {
  char path[4096] = {};
  if (::readlink("/proc/self/exe", path, sizeof path - 1) <= 0) return "";
  FILE* pipe = ::popen(("NUTHATCH_TEST_CHILD=1 " + environment + " " + path + " --gtest_filter=" + test + " 2>&1").c_str(), "r");
  std::string text;
  for (int c = std::getc(pipe); c != EOF; c = std::getc(pipe)) text += char(c);
  return text + "exit status " + std::to_string(::pclose(pipe));
}
std::string outputWith(const std::string& environment) { return outputOf("Gpu.DefaultDevice", environment); }

TEST(Gpu, DefaultDeviceOfTheEnvironment) {
  EXPECT_NE(outputWith("NUTHATCH_DEVICE=tpu").find("NUTHATCH_DEVICE is `tpu`; it must be cpu, gpu, or gpu: and a number"), std::string::npos);
  EXPECT_NE(outputWith("NUTHATCH_DEVICE=gpu:x").find("NUTHATCH_DEVICE is `gpu:x`"), std::string::npos);
  EXPECT_NE(outputWith("NUTHATCH_DEVICE=gpu:17").find("Device::gpu(17): there"), std::string::npos);
}

TEST(Gpu, MemoryIsCountedAndGivenBack) {
  const Device d = Device::gpu(0);
  const auto before = memory(d);
  {
    Tensor x = zeros(1'000'000).to(d);
    EXPECT_GE(memory(d).used, before.used + 8'000'000);
    EXPECT_GE(memory(d).peak, before.used + 8'000'000);
  }
  EXPECT_EQ(memory(d).used, before.used);
  EXPECT_GE(memory(d).held, 8'000'000);
}

TEST(Gpu, TooLittleMemoryIsSaidBeforeTheProgramStarts) {
  const auto f = [](const Tensor& x) { return x + arange(std::int64_t(1) << 40).cast(f64); };
  const std::string text = text_of_error([&] { jit(f, {.device = Device::gpu(0)})(Tensor(1.0)); });
  EXPECT_NE(text.find("this program needs 8796.1 GB of memory"), std::string::npos) << text;
  EXPECT_NE(text.find("gpu:0"), std::string::npos) << text;
  EXPECT_EQ(jit([](const Tensor& x) { return x + 1.0; }, {.device = Device::gpu(0)})(Tensor(1.0)).item(), 2.0);
}

TEST(Gpu, DataThatIsThereIsNotCountedAgain) {
  if (!isSimulated()) GTEST_SKIP() << "data for more than half of a real card takes long";
  if (!std::getenv("NUTHATCH_TEST_CHILD")) {
    const std::string text = outputOf("Gpu.DataThatIsThereIsNotCountedAgain", "NUTHATCH_SIMULATED=memory=100000000");
    EXPECT_TRUE(text.ends_with("exit status 0")) << text;
    return;
  }
  const Tensor data = zeros(8'000'000);
  EXPECT_GT(64'000'000, memory(Device::gpu(0)).total / 2);
  const auto program = jit([](const Tensor& x, const Tensor& y) { return x[7] + y; }, {.device = Device::gpu(0)});
  EXPECT_EQ(program(data, Tensor(1.0)).item(), 1.0);
  EXPECT_EQ(program(data, Tensor(2.0)).item(), 2.0);
}

TEST(Gpu, ProgramsThatCallThisProcessRunOnTheProcessors) {
  const auto f = [](const Tensor& x) {
    check(all_of(x > 0.0), "not positive");
    return sum(log(x));
  };
  const auto g = jit(f, {.device = Device::gpu(0)});
  EXPECT_NEAR(g(Tensor{1.0, 2.0}).item(), std::log(2.0), 1e-15);
  EXPECT_NE(text_of_error([&] { g(Tensor{1.0, -2.0}).item(); }).find("not positive"), std::string::npos);
}

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0)), tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}
const Model noncentred = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});

MCMCOptions options(std::int64_t chains) { return {.num_warmup = 30, .num_samples = 20, .num_chains = chains, .progress = false}; }
Fit fitSchools(const MCMCOptions& o) {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return MCMC(NUTS(noncentred), o).run(Key(3), sigma, y);
}

TEST(GpuSampler, HasTheDrawsOfTheProcessorsWhateverTheThreads) {
  MCMCOptions here = options(3);
  here.lane_width = 1;
  const Fit expected = fitSchools(here);
  for (const int threads : {0, 1, 8, 32, 64}) {
    SCOPED_TRACE(threads);
    MCMCOptions o = options(3);
    o.device = Device::gpu(0), o.threads_per_chain = threads;
    const Fit fit = fitSchools(o);
    expectSame(fit["theta"], expected["theta"]);
    expectSame(fit.sample_stats["n_steps"], expected.sample_stats["n_steps"]);
    EXPECT_NE(std::get<std::string>(fit.attrs.at("device")).find("gpu:0"), std::string::npos);
    const std::string layout = std::get<std::string>(fit.attrs.at("device_layout"));
    EXPECT_EQ(layout.find("tier T1: one kernel; " + (threads ? std::to_string(threads) : "")), 0u) << layout;
  }
}

TEST(GpuSampler, SlicesResumeAndThinningChangeNothing) {
  MCMCOptions whole = options(2);
  whole.device = Device::gpu(0), whole.threads_per_chain = 4;
  const Fit expected = fitSchools(whole);
  MCMCOptions sliced = whole;
  sliced.slice_ticks = 37;
  expectSame(fitSchools(sliced)["mu"], expected["mu"]);
  sliced.max_gradients = 200;
  const Fit part = fitSchools(sliced);
  ASSERT_FALSE(std::get<bool>(part.attrs.at("complete")));
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  expectSame(MCMC(NUTS(noncentred), whole).resume(part.state(), sigma, y)["mu"], expected["mu"]);
}

/// An ensemble is one chain, whose walkers are its data.
TEST(GpuSampler, EnsemblesAreOneChainOfManyWalkers) {
  const Model model = [] {
    sample("a", Normal(0.0, 1.0));
    sample("b", Normal(zeros({3}), 2.0));
  };
  auto fit = [&](std::optional<Device> device) {
    return MCMC(AIES(model), {.num_warmup = 10, .num_samples = 20, .num_chains = 16, .progress = false, .device = device}).run(Key(4));
  };
  expectSame(fit(Device::gpu(0))["b"], fit({})["b"]);
}

TEST(GpuSampler, HostCallsAreRefusedWithTheirLine) {
  const Model model = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0));
    check(m < 1e9, "large");
    sample("y", Normal(m, 1.0), y);
  };
  MCMCOptions o = options(2);
  o.device = Device::gpu(0);
  const std::string text = text_of_error([&] { MCMC(NUTS(model), o).run(Key(1), Tensor{1.0}); });
  EXPECT_NE(text.find("device_test.cpp:"), std::string::npos) << text;
  EXPECT_NE(text.find("calls a function of this process"), std::string::npos) << text;
}

TEST(GpuSampler, BadOptions) {
  MCMCOptions o = options(2);
  o.threads_per_chain = 12;
  EXPECT_NE(text_of_error([&] { fitSchools(o); }).find("threads_per_chain is 1, 2, 4"), std::string::npos);
  o = options(2);
  o.device = Device::gpu(0), o.interpret = true;
  EXPECT_NE(text_of_error([&] { fitSchools(o); }).find("interpreter"), std::string::npos);
}

TEST(GpuSvi, HasTheParamsOfTheProcessors) {
  const Model model = [](const Tensor& x, const Observed& y) {
    Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(0.0, 1.0));
    Plate rows("row", x.size(0));
    sample("y", Normal(a + b * x, 0.5), y);
  };
  Tensor x = normal(Key(1), {40}), y = 0.7 + 0.3 * x;
  auto fit = [&](std::optional<Device> device) {
    return SVI(model, AutoNormal(model), Adam(0.05), {.num_steps = 30, .device = device}).run(Key(2), x, y);
  };
  const auto here = fit({}), there = fit(Device::gpu(0));
  expectSame(here.losses, there.losses);
}

/// In a process of its own: the context is gone afterwards.
TEST(GpuThatFails, KeepsTheDrawsOnDisk) {
  if (!isSimulated()) GTEST_SKIP() << "a real card is not made to fail";
  if (!std::getenv("NUTHATCH_TEST_CHILD")) {
    const std::string text = outputOf("GpuThatFails.KeepsTheDrawsOnDisk", "");
    EXPECT_TRUE(text.ends_with("exit status 0")) << text;
    return;
  }
  const auto store = std::filesystem::path(::testing::TempDir()) / ("nuthatch_failing_card_" + std::to_string(::getpid()) + ".zarr");
  MCMCOptions o = options(2);
  o.num_samples = 400;
  o.device = Device::gpu(0), o.threads_per_chain = 8, o.slice_ticks = 50, o.stream_to = store.string();
  int slices = 0;
  o.on_progress = [&](const Progress& p) {
    if (!p.warmup && p.draw > 60 && slices++ == 0) simulated("fail_launch_after", 3);
    return true;
  };
  const std::string text = text_of_error([&] { fitSchools(o); });
  EXPECT_NE(text.find("CUDA_ERROR_LAUNCH_FAILED"), std::string::npos) << text;
  EXPECT_GT(load(store.string())["mu"].size(), 0);
  const std::string later = text_of_error([] { jit([](const Tensor& x) { return x + 1.0; }, {.device = Device::gpu(0)})(Tensor(1.0)).item(); });
  EXPECT_NE(later.find("cannot be used any more in this process"), std::string::npos) << later;
  EXPECT_EQ(jit([](const Tensor& x) { return x + 1.0; })(Tensor(1.0)).item(), 2.0);
  std::filesystem::remove_all(store);
}

}  // namespace
}  // namespace nuthatch::test
