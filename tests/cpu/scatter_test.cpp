// Scatters in code: eight updates are computed at once and applied one after the other.
#include <regex>

#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

/// `n` updates, exponentials of a vector, at indices from -2 to 2 into five places; `clamped` to the places there are.
std::string program(const std::string& kind, int n, bool clamped) {
  const std::string v = "tensor<" + std::to_string(n) + "xf64>", i = "tensor<" + std::to_string(n) + "x1xi64>";
  std::string out = "func.func @main(%x: tensor<5xf64>, %i: " + i + ", %u: " + v + ") -> tensor<5xf64> {\n  %two = nh.constant dense<2> : " +
                    i + "\n  %at = nh.binary sub %i, %two : " + i + "\n";
  if (clamped)
    out += "  %zero = nh.constant dense<0> : " + i + "\n  %last = nh.constant dense<4> : " + i + "\n  %up = nh.binary max %at, %zero : " +
           i + "\n  %place = nh.binary min %up, %last : " + i + "\n";
  else
    out += "  %place = nh.binary max %at, %at : " + i + "\n";
  return out + "  %e = nh.unary exp %u : " + v + " -> " + v + "\n  %s = nh.scatter " + kind +
         " %x, %place, %e {window_dims = array<i64>, inserted_dims = array<i64: 0>, operand_batch_dims = array<i64>, "
         "indices_batch_dims = array<i64>, index_map = array<i64: 0>} : (tensor<5xf64>, " + i + ", " + v +
         ") -> tensor<5xf64>\n  return %s : tensor<5xf64>\n}\n";
}

TEST(Scatter, UpdatesOfOnePlaceKeepTheirOrder) {
  for (const char* kind : {"add", "set", "mul"})
    for (bool clamped : {false, true}) runAllWays(program(kind, 43, clamped));
}

TEST(Scatter, WindowsThatFillVectors) {
  for (const char* window : {"9", "3"}) {
    const std::string w = window;
    runAllWays("func.func @main(%x: tensor<6x" + w + "xf64>, %i: tensor<11x1xi64>, %u: tensor<11x" + w + "xf64>) -> tensor<6x" + w +
               "xf64> {\n  %three = nh.constant dense<3> : tensor<11x1xi64>\n  %at = nh.binary add %i, %three : tensor<11x1xi64>\n" +
               "  %s = nh.scatter add %x, %at, %u {window_dims = array<i64: 1>, inserted_dims = array<i64: 0>, operand_batch_dims = "
               "array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>} : (tensor<6x" + w +
               "xf64>, tensor<11x1xi64>, tensor<11x" + w + "xf64>) -> tensor<6x" + w + "xf64>\n  return %s : tensor<6x" + w + "xf64>\n}\n");
  }
}

/// Inside a window of columns, at an offset that the indices choose.
TEST(Scatter, OffsetsWithinARow) {
  runAllWays(R"(func.func @main(%x: tensor<20xf64>, %i: tensor<12x1xi64>, %u: tensor<12x16xf64>) -> tensor<20xf64> {
  %s = nh.scatter add %x, %i, %u {window_dims = array<i64: 1>, inserted_dims = array<i64>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>} : (tensor<20xf64>, tensor<12x1xi64>, tensor<12x16xf64>) -> tensor<20xf64>
  return %s : tensor<20xf64>
})");
}

/// Clamped indices are not compared again, and updates are vectors.
TEST(Scatter, CodeOfClampedIndices) {
  const auto count = [](const std::string& text, const char* pattern) {
    const std::regex r(pattern);
    return std::distance(std::sregex_iterator(text.begin(), text.end(), r), std::sregex_iterator());
  };
  const auto clamped = cpu::compile(*parse(program("add", 64, true)), 1, {}, true)->dump_llvm,
             open = cpu::compile(*parse(program("add", 64, false)), 1, {}, true)->dump_llvm;
  EXPECT_EQ(count(clamped, "icmp u[lg][te]"), 0);
  EXPECT_GE(count(open, "icmp u[lg][te]"), 1);
  EXPECT_GT(count(clamped, "llvm.fma.v8f64"), 5);
  EXPECT_EQ(count(clamped, "llvm.fma.f64"), 0);
}

}  // namespace
}  // namespace nuthatch::test
