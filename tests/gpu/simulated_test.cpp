// Kernels on the simulated device: what it finds wrong with them.
#include <gtest/gtest.h>

#include "tests/cpu/support.h"
#include "tests/gpu/device_program.h"

namespace nuthatch::test {
namespace {

const std::string kHead = ".version 8.0\n.target sm_80\n.address_size 64\n";

template <class F>
std::string refusalOf(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

/// A kernel test(p) with registers.
std::string kernelText(const std::string& body) {
  return kHead + ".visible .entry test(.param .u64 p)\n.maxntid 256\n{\n  .reg .pred %p<9>;\n  .reg .b32 %r<9>;\n  .reg .b64 %d<9>;\n"
                 "  ld.param.b64 %d0, [p];\n  mov.u32 %r0, %tid.x;\n  mul.wide.u32 %d1, %r0, 8;\n  add.s64 %d2, %d0, %d1;\n" + body + "\n  ret;\n}\n";
}

class Simulated : public testing::Test {
 protected:
  void SetUp() override { driver.start({{"race_check", 1}}); }

  /// The code that a launch and waiting for it give.
  int outcome(const std::string& body, unsigned threads = 32, unsigned blocks = 1, unsigned long long address = 0) {
    const DeviceBytes memory(8 * 64);
    std::vector<double> zeros(64);
    driver("cuMemcpyHtoDAsync_v2", memory.address, static_cast<const void*>(zeros.data()), std::size_t(512), static_cast<void*>(nullptr));
    const DeviceKernel kernel(kernelText(body), "test");
    kernel.launch(blocks, threads, address ? address : memory.address);
    return driver.call("cuCtxSynchronize");
  }
  void expectReport(const std::string& part) { EXPECT_NE(driver.report().find(part), std::string::npos) << driver.report(); }
  SimulatedDriver& driver = SimulatedDriver::get();
};

TEST_F(Simulated, AccessesOutsideOfAllocations) {
  EXPECT_EQ(outcome("st.global.b64 [%d2], 1;", 64), 0);
  EXPECT_EQ(outcome("st.global.b64 [%d2+8], 1;", 64), 700);
  expectReport("8 bytes at 0x");
  expectReport("0 bytes behind [0x");
  expectReport("in kernel test, block 0 of 1, thread 63 of 64");
  expectReport("st.global.b64 [%d2+8], 1;");
  EXPECT_EQ(driver.call("cuCtxSynchronize"), 700) << "the error stays";
  unsigned long long more = 0;
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &more, std::size_t(8)), 700);
}

TEST_F(Simulated, AddressesOfTheHostAreNone) {
  double here = 0;
  EXPECT_EQ(outcome("st.global.b64 [%d0], 1;", 1, 1, reinterpret_cast<unsigned long long>(&here)), 700);
}

TEST_F(Simulated, MisalignedAccesses) {
  EXPECT_EQ(outcome("ld.global.b64 %d3, [%d0+4];"), 716);
  expectReport("8 bytes at 0x");
}

TEST_F(Simulated, FreedMemory) {
  unsigned long long address = 0;
  driver("cuMemAlloc_v2", &address, std::size_t(512));
  driver("cuMemFree_v2", address);
  EXPECT_EQ(driver.call("cuMemFree_v2", address), 1);
  expectReport("was freed before");
  EXPECT_EQ(driver.call("cuMemFree_v2", address + 8), 1);
  EXPECT_EQ(outcome("ld.global.b64 %d3, [%d0];", 1, 1, address), 700);
}

TEST_F(Simulated, NewMemoryHoldsNaNs) {
  const DeviceBytes memory(16);
  double x[2];
  memory.read(x, 16);
  EXPECT_TRUE(std::isnan(x[0]) && std::isnan(x[1]));
}

TEST_F(Simulated, Races) {
  // Each writes what its neighbour reads.
  const std::string write = "st.global.b64 [%d2], %d1;\n", read = "  xor.b64 %d3, %d1, 8;\n  add.s64 %d4, %d0, %d3;\n  ld.global.b64 %d5, [%d4];";
  EXPECT_EQ(outcome(write + "  bar.warp.sync -1;\n" + read, 32), 0);
  EXPECT_EQ(outcome(write + "  bar.sync 0;\n" + read, 64), 0);
  EXPECT_EQ(outcome("st.global.b64 [%d0], 7;", 64), 0) << "all write the same value";
  EXPECT_EQ(outcome("st.global.b64 [%d0], 7;\n  ld.global.b64 %d3, [%d0];", 64), 0) << "and each reads what it wrote";
  EXPECT_EQ(outcome(write + read), 719);
  expectReport("race: thread");
  driver.start({{"race_check", 1}});
  EXPECT_EQ(outcome("st.global.b64 [%d0], 7;\n  setp.ne.b32 %p1, %r0, 0;\n  @%p1 bra X;\n  st.global.b64 [%d0], 8;\nX:"), 719) << "one goes on early";
  driver.start({{"race_check", 1}});
  EXPECT_EQ(outcome("st.global.b64 [%d0], %d1;"), 719) << "they write several values";
  driver.start({{"race_check", 1}});
  EXPECT_EQ(outcome("mov.u32 %r1, %ctaid.x;\n  cvt.u64.u32 %d3, %r1;\n  st.global.b64 [%d0], %d3;", 1, 2), 719) << "two blocks";
  driver.start({{"race_check", 1}});
  EXPECT_EQ(outcome("ld.global.nc.b64 %d3, [%d2];\n  st.global.b64 [%d2], 5;"), 719) << "what is loaded as a constant changes";
  expectReport("as what never changes");
}

TEST_F(Simulated, KnowledgeGoesFromBlockToBlockByReleaseAndAcquire) {
  // Block 0 writes and raises a flag, block 1 waits for it.
  auto text = [](const std::string& before, const std::string& raise, const std::string& look) {
    return kernelText("mov.u32 %r1, %ctaid.x;\n  setp.ne.b32 %p1, %r1, 0;\n  @%p1 bra WAIT;\n  st.global.b64 [%d0], 5;\n  " + before + "\n  " + raise +
                      "\n  ret;\nWAIT:\n  " + look + "\n  setp.eq.b32 %p2, %r2, 0;\n  @%p2 bra WAIT;\n  ld.global.b64 %d3, [%d0];");
  };
  auto run = [&](const std::string& ptx) {
    driver.start({{"race_check", 1}});
    const DeviceBytes memory(512);
    driver("cuMemsetD8Async", memory.address, static_cast<unsigned char>(0), std::size_t(512), static_cast<void*>(nullptr));
    const DeviceKernel kernel(ptx, "test");
    kernel.launchTogether(2, 1, memory.address);
    return driver.call("cuCtxSynchronize");
  };
  const std::string relaxed = "red.global.add.u32 [%d0+64], 1;", acquire = "ld.acquire.gpu.global.b32 %r2, [%d0+64];";
  EXPECT_EQ(run(text("", "st.release.gpu.global.b32 [%d0+64], 1;", acquire)), 0);
  EXPECT_EQ(run(text("fence.acq_rel.gpu;", relaxed, acquire)), 0);
  EXPECT_EQ(run(text("", relaxed, acquire)), 719);
  EXPECT_EQ(run(text("fence.acq_rel.gpu;", relaxed, "ld.relaxed.gpu.global.b32 %r2, [%d0+64];")), 719);
}

TEST_F(Simulated, WaitsThatNeverEnd) {
  EXPECT_EQ(outcome("setp.eq.b32 %p1, %r0, 5;\n  @%p1 bra X;\n  bar.sync 0;\nX:", 64), 702);
  expectReport("threads wait for others that never come");
  expectReport("thread 5 has ended");
  driver.start();
  EXPECT_EQ(outcome("setp.eq.b32 %p1, %r0, 5;\n  @%p1 bra X;\n  bar.warp.sync -1;\nX:"), 702);
  driver.start();
  EXPECT_EQ(outcome("setp.lt.u32 %p1, %r0, 5;\n  @%p1 bra X;\n  bar.sync 0;\n  ret;\nX:\n  bar.sync 0;", 64), 715) << "two places within a warp";
  expectReport("threads of one warp are at barriers in lines");
  driver.start();
  EXPECT_EQ(outcome("bar.warp.sync 2;", 1), 715) << "not among those it waits for";
}

TEST_F(Simulated, LoopsThatNeverEnd) {
  driver.start({{"instructions", 100'000}});
  EXPECT_EQ(outcome("X: bra X;"), 702);
  expectReport("more than 100000 instructions");
}

TEST_F(Simulated, WhatTestsAskToFail) {
  driver.set("fail_launch_after", 1);
  EXPECT_EQ(outcome("", 1), 0);
  EXPECT_EQ(outcome("", 1), 719);
  EXPECT_EQ(driver.call("cuStreamSynchronize", static_cast<void*>(nullptr)), 719);
  driver.start({{"fail_allocation_after", 1}});
  unsigned long long a = 0;
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &a, std::size_t(8)), 0);
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &a, std::size_t(8)), 2);
  driver.start({{"memory", 1 << 20}});
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &a, std::size_t(2) << 20), 2);
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &a, std::size_t(1) << 19), 0);
  EXPECT_EQ(driver.ask("allocated"), 1 << 19);
  EXPECT_EQ(driver.ask("allocations"), 1);
}

TEST_F(Simulated, TextThatIsNotUnderstood) {
  auto refusal = [&](const std::string& text) { return refusalOf([&] { DeviceKernel kernel(text, "test"); }); };
  const auto unknown = refusal(kernelText("ex2.approx.f32 %r1, %r0;"));
  EXPECT_NE(unknown.find("gives 218"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("line 14: the instruction 'ex2.approx.f32' is not known"), std::string::npos) << unknown;
  EXPECT_NE(refusal(kernelText("add.f64 %d3, %d1, %d2;")).find("'add.f64' is not known"), std::string::npos) << "it may be fused";
  EXPECT_NE(refusal(kernelText("bra NOWHERE;")).find("no label 'NOWHERE'"), std::string::npos);
  EXPECT_NE(refusal(kernelText("mov.b64 %d3, %d77;")).find("'%d77' is not known"), std::string::npos);
  EXPECT_NE(refusal(".version 8.0\n.target sm_100\n.address_size 64\n").find("the text is for sm_100, the device is sm_90"), std::string::npos);
  driver.start({{"driver_version", 11080}});
  EXPECT_NE(refusal(kernelText("")).find("gives 222"), std::string::npos);
}

TEST_F(Simulated, LaunchesThatAreTooLarge) {
  const DeviceKernel kernel(kernelText(""), "test");
  const auto refusal = refusalOf([&] { kernel.launch(1, 512, 0ull); });
  EXPECT_NE(refusal.find("a block of 512 threads of a kernel for 256"), std::string::npos) << refusal;
  int most = 0;
  driver("cuOccupancyMaxActiveBlocksPerMultiprocessor", &most, kernel.function, 256, std::size_t(0));
  ASSERT_GT(most, 0);
  const unsigned all = unsigned(most * driver.ask("multiprocessors"));
  kernel.launchTogether(all, 256, 0ull);
  driver("cuCtxSynchronize");
  EXPECT_NE(refusalOf([&] { kernel.launchTogether(all + 1, 256, 0ull); }).find("gives 720"), std::string::npos);
}

/// In segments, blocks and grids, against the interpreter.
void expectInAllUnits(const std::string& text) {
  SCOPED_TRACE(text);
  auto program = parse(text);
  std::mt19937 g(1);
  const std::int64_t chains = 3;
  std::vector<Array> stacked;
  std::vector<std::vector<Array>> each(chains);
  detail::LaneOptions options;
  for (const auto& t : program->arguments) {
    Shape s{chains};
    s.insert(s.end(), t.shape.begin(), t.shape.end());
    stacked.push_back(randomArray(t.dtype, s, g));
    options.varying_argument.push_back(true);
    for (std::size_t c = 0; c < each.size(); ++c) {
      Array one(t.dtype, t.shape);
      std::memcpy(one.data.get(), stacked.back().data.get() + c * one.bytes(), one.bytes());
      each[c].push_back(one);
    }
  }
  struct Way { gpu::Unit unit; std::int64_t threads; };
  for (const Way way : {Way{gpu::Unit::segment, 1}, {gpu::Unit::segment, 4}, {gpu::Unit::segment, 32}, {gpu::Unit::block, 64}, {gpu::Unit::grid, 192}}) {
    auto got = compileForDevice(program, options, way.unit, way.threads)->run(stacked, chains, 1, {});
    for (std::size_t c = 0; c < each.size(); ++c) {
      auto want = detail::interpret(*program, each[c]);
      for (std::size_t i = 0; i < want.size(); ++i)
        expectSameBits(want[i], got[i].data.get() + c * want[i].bytes(),
                       "unit " + std::to_string(int(way.unit)) + " of " + std::to_string(way.threads) + ", result " + std::to_string(i));
    }
  }
}

TEST_F(Simulated, ProgramsInAllUnits) {
  expectInAllUnits(R"(func.func @main(%x: tensor<1000xf64>, %y: tensor<20x50xf32>) -> (tensor<f64>, tensor<1000xf64>, tensor<20xf32>) {
    %a = nh.binary mul %x, %x : tensor<1000xf64>
    %b = nh.unary exp %a : tensor<1000xf64> -> tensor<1000xf64>
    %s = nh.reduce sum %b {dims = array<i64: 0>} : (tensor<1000xf64>) -> tensor<f64>
    %m = nh.reduce max %y {dims = array<i64: 1>} : (tensor<20x50xf32>) -> tensor<20xf32>
    return %s, %b, %m : tensor<f64>, tensor<1000xf64>, tensor<20xf32>
  })");
  expectInAllUnits(R"(func.func @main(%y: tensor<9x70xf64>, %k: tensor<2xui32>) -> (tensor<9x9xf64>, tensor<9x70xf64>, tensor<100xui64>, tensor<9xi64>, tensor<9xf64>) {
    %d = nh.dot_general %y, %y {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 1>} : (tensor<9x70xf64>, tensor<9x70xf64>) -> tensor<9x9xf64>
    %l = nh.cholesky %d : (tensor<9x9xf64>) -> tensor<9x9xf64>
    %s = nh.triangular_solve %l, %y {lower = true, transpose = false, unit_diagonal = false} : (tensor<9x9xf64>, tensor<9x70xf64>) -> tensor<9x70xf64>
    %r = nh.rng_bits %k {dtype = ui64, shape = array<i64: 100>} : (tensor<2xui32>) -> tensor<100xui64>
    %v = nh.reduce sum %y {dims = array<i64: 1>} : (tensor<9x70xf64>) -> tensor<9xf64>
    %o = nh.argsort %v {dim = 0 : i64} : (tensor<9xf64>) -> tensor<9xi64>
    %c = nh.cumulative sum %v {dim = 0 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64>
    return %l, %s, %r, %o, %c : tensor<9x9xf64>, tensor<9x70xf64>, tensor<100xui64>, tensor<9xi64>, tensor<9xf64>
  })");
}

/// Programs whose kernels lack a wait.
TEST_F(Simulated, FindsOutWhereAProgramDoesNotWait) {
  auto program = parse(R"(func.func @main(%x: tensor<700xf64>) -> tensor<f64> {
    %a = nh.unary exp %x : tensor<700xf64> -> tensor<700xf64>
    %b = nh.cumulative sum %a {dim = 0 : i64, reverse = false} : (tensor<700xf64>) -> tensor<700xf64>
    %s = nh.reduce sum %b {dims = array<i64: 0>} : (tensor<700xf64>) -> tensor<f64>
    return %s : tensor<f64>
  })");
  const std::vector<double> x(700, 0.25);
  struct Way { gpu::Unit unit; std::int64_t threads; const char* wait; };
  for (const Way way : {Way{gpu::Unit::segment, 32, "bar.warp.sync"}, {gpu::Unit::block, 64, "bar.sync"}, {gpu::Unit::grid, 192, "fence.acq_rel.gpu"}}) {
    SCOPED_TRACE(way.wait);
    const std::int64_t block = way.unit == gpu::Unit::grid ? 64 : 128;
    const auto ptx = gpu::compilePtx(*program, {.unit = way.unit, .threads = way.threads, .block = block, .varying_argument = {true},
                                               .memory = gpu::Memory::global});
    auto run = [&](const std::string& text) {
      driver.start({{"race_check", 1}});
      const DeviceBytes in(x.data(), 5600), out(8), workspace(std::size_t(ptx.workspace_bytes)), ins(&in.address, 8), outs(&out.address, 8), none(8);
      const DeviceKernel kernel(text, ptx.kernel.c_str());
      const auto launch = [&](auto... a) {
        if (way.unit == gpu::Unit::grid) kernel.launchTogether(3, 64, a...);
        else kernel.launch(1, unsigned(ptx.block_threads), a...);
      };
      launch(ins.address, outs.address, workspace.address, std::int64_t(1), none.address);
      return driver.call("cuCtxSynchronize");
    };
    EXPECT_EQ(run(ptx.text), 0) << driver.report();
    std::size_t found = 0, waits = 0;
    for (auto at = ptx.text.find(way.wait); at != std::string::npos; at = ptx.text.find(way.wait, at + 1)) {
      auto text = ptx.text;
      text.replace(at, 2, "//");
      ++waits;
      found += run(text) != 0;
    }
    // Not needed: one at the begin, one between loops in which each thread has elements of its own, one before all store
    // the same result.
    EXPECT_GT(found, 0u);
    EXPECT_GE(2 * found, waits);
  }
}

}  // namespace
}  // namespace nuthatch::test
