// Kernels on the simulated device: our own, by programs, and its checks.
#include <gtest/gtest.h>

#include "tests/cpu/support.h"
#include "tests/gpu/device_program.h"

namespace nuthatch::test {
namespace {

/// In segments, blocks and a grid, against the interpreter.
void runOnDevice(const std::string& text, unsigned seed = 1) {
  SCOPED_TRACE(text);
  auto program = parse(text);
  std::mt19937 g(seed);
  const std::int64_t chains = 3;
  std::vector<Array> stacked;
  std::vector<std::vector<Array>> each(chains);
  detail::LaneOptions options;
  for (const auto& t : program->arguments) {
    Shape s{chains};
    s.insert(s.end(), t.shape.begin(), t.shape.end());
    stacked.push_back(randomArray(t.dtype, s, g));
    options.varying_argument.push_back(true);
    for (std::int64_t c = 0; c < chains; ++c) {
      Array one(t.dtype, t.shape);
      std::memcpy(one.data.get(), stacked.back().data.get() + c * one.bytes(), one.bytes());
      each[std::size_t(c)].push_back(one);
    }
  }
  struct Way { gpu::Unit unit; std::int64_t threads; };
  for (const Way way : {Way{gpu::Unit::segment, 1}, {gpu::Unit::segment, 4}, {gpu::Unit::segment, 32}, {gpu::Unit::block, 64}, {gpu::Unit::grid, 192}}) {
    auto got = compileForDevice(program, options, way.unit, way.threads)->run(stacked, chains, 1, {});
    for (std::int64_t c = 0; c < chains; ++c) {
      auto want = detail::interpret(*program, each[std::size_t(c)]);
      for (std::size_t i = 0; i < want.size(); ++i)
        expectSameBits(want[i], got[i].data.get() + c * want[i].bytes(),
                       "unit " + std::to_string(int(way.unit)) + " of " + std::to_string(way.threads) + ", chain " + std::to_string(c) + ", result " + std::to_string(i));
    }
  }
}

class Simulated : public testing::Test {
 protected:
  void SetUp() override { driver.start({{"race_check", 1}}); }
  SimulatedDriver& driver = SimulatedDriver::get();
};

TEST_F(Simulated, ElementwiseAndReductions) {
  runOnDevice(R"(func.func @main(%x: tensor<1000xf64>, %y: tensor<20x50xf32>) -> (tensor<f64>, tensor<1000xf64>, tensor<20xf32>) {
    %a = nh.binary mul %x, %x : tensor<1000xf64>
    %b = nh.unary exp %a : tensor<1000xf64> -> tensor<1000xf64>
    %s = nh.reduce sum %b {dims = array<i64: 0>} : (tensor<1000xf64>) -> tensor<f64>
    %m = nh.reduce max %y {dims = array<i64: 1>} : (tensor<20x50xf32>) -> tensor<20xf32>
    return %s, %b, %m : tensor<f64>, tensor<1000xf64>, tensor<20xf32>
  })");
}

}  // namespace
}  // namespace nuthatch::test
