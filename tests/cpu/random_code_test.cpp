// Random numbers in loops over data: the bits of the interpreter, from one Threefry for a vector of counters.
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

std::string bits(int n) {
  return "func.func @main(%k: tensor<2xui32>) -> tensor<" + std::to_string(n) + "xui64> {\n"
         "  %a = nh.rng_bits %k {dtype = ui64, shape = array<i64: " + std::to_string(n) +
         ">} : (tensor<2xui32>) -> tensor<" + std::to_string(n) + "xui64>\n"
         "  return %a : tensor<" + std::to_string(n) + "xui64>\n}\n";
}

TEST(RandomCode, LengthsAroundAVector) {
  for (int n : {1, 7, 8, 9, 16, 17, 40, 100}) runAllWays(bits(n));
}

TEST(RandomCode, RowsThatVectorsCross) {
  runAllWays(R"(func.func @main(%k: tensor<2xui32>, %x: tensor<33x3xui64>) -> (tensor<33x3xui64>, tensor<40x2xui32>, tensor<16x24xui32>) {
    %a = nh.rng_bits %k {dtype = ui64, shape = array<i64: 33, 3>} : (tensor<2xui32>) -> tensor<33x3xui64>
    %s = nh.binary add %a, %x : tensor<33x3xui64>
    %b = nh.rng_split %k {count = 40 : i64} : (tensor<2xui32>) -> tensor<40x2xui32>
    %c = nh.rng_bits %k {dtype = ui32, shape = array<i64: 16, 24>} : (tensor<2xui32>) -> tensor<16x24xui32>
    return %s, %b, %c : tensor<33x3xui64>, tensor<40x2xui32>, tensor<16x24xui32>
  })");
}

TEST(RandomCode, AKeyForEachElement) {
  runAllWays(R"(func.func @main(%k: tensor<2xui32>, %d: tensor<20xui32>) -> (tensor<20xui64>, tensor<20x2xui32>, tensor<20x9xui32>, tensor<20x3x2xui32>) {
    %keys = nh.rng_split %k {count = 20 : i64} : (tensor<2xui32>) -> tensor<20x2xui32>
    %f = nh.rng_fold_in %keys, %d : (tensor<20x2xui32>, tensor<20xui32>) -> tensor<20x2xui32>
    %a = nh.rng_bits %f {dtype = ui64, shape = array<i64>} : (tensor<20x2xui32>) -> tensor<20xui64>
    %b = nh.rng_bits %f {dtype = ui32, shape = array<i64: 9>} : (tensor<20x2xui32>) -> tensor<20x9xui32>
    %c = nh.rng_split %f {count = 3 : i64} : (tensor<20x2xui32>) -> tensor<20x3x2xui32>
    return %a, %f, %b, %c : tensor<20xui64>, tensor<20x2xui32>, tensor<20x9xui32>, tensor<20x3x2xui32>
  })");
}

/// The index of a gather is a number for each lane, also where the gathered value is put together from parts.
TEST(RandomCode, GathersFromViews) {
  runAllWays(R"(func.func @main(%x: tensor<3xf64>, %v: tensor<f64>, %i: tensor<19x1xi64>) -> (tensor<19xf64>, tensor<19xf64>) {
    %a = nh.binary mul %x, %x : tensor<3xf64>
    %c = nh.concatenate %a, %x {dim = 0 : i64} : (tensor<3xf64>, tensor<3xf64>) -> tensor<6xf64>
    %g = nh.gather %c, %i {offset_dims = array<i64>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1>} : (tensor<6xf64>, tensor<19x1xi64>) -> tensor<19xf64>
    %p = nh.pad %a, %v {low = array<i64: 1>, high = array<i64: 2>, interior = array<i64: 1>} : (tensor<3xf64>, tensor<f64>) -> tensor<8xf64>
    %h = nh.gather %p, %i {offset_dims = array<i64>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1>} : (tensor<8xf64>, tensor<19x1xi64>) -> tensor<19xf64>
    return %g, %h : tensor<19xf64>, tensor<19xf64>
  })");
}

long instructions(const std::string& text) { return cpu::compile(*parse(text), 1, {false}, true)->stats.instructions; }

/// A scalar Threefry is about a hundred instructions; eight for a vector would be 800.
TEST(RandomCode, OneThreefryForAVector) {
  EXPECT_LT(instructions(bits(64)), 300);
}

}  // namespace
}  // namespace nuthatch::test
