// Arrays whose innermost extent does not fill a vector: eight rows do.
#include <regex>

#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

/// log-sum-exp over the components of a mixture, the weights, and their sums over the points.
std::string mixture(int points, int components) {
  const std::string n = std::to_string(points), k = std::to_string(components), x = "tensor<" + n + "x" + k + "xf64>",
                    v = "tensor<" + n + "xf64>", w = "tensor<" + k + "xf64>", s = "tensor<f64>";
  const auto across = [&](const std::string& name, const std::string& of, const std::string& type, int dim) {
    return "  " + name + " = nh.broadcast " + of + " {dims = array<i64: " + std::to_string(dim) + ">, shape = array<i64: " +
           n + ", " + k + ">} : (" + type + ") -> " + x + "\n";
  };
  std::string out = "func.func @main(%y: " + v + ", %m: " + w + ") -> (" + s + ", " + w + ", " + x + ") {\n";
  out += across("%yy", "%y", v, 0) + across("%mm", "%m", w, 1);
  out += "  %d = nh.binary sub %yy, %mm : " + x + "\n  %q = nh.binary mul %d, %d : " + x + "\n  %l = nh.unary neg %q : " + x +
         " -> " + x + "\n  %most = nh.reduce max %l {dims = array<i64: 1>} : (" + x + ") -> " + v + "\n";
  out += across("%mosts", "%most", v, 0);
  out += "  %r = nh.binary sub %l, %mosts : " + x + "\n  %e = nh.unary exp %r : " + x + " -> " + x +
         "\n  %sum = nh.reduce sum %e {dims = array<i64: 1>} : (" + x + ") -> " + v + "\n  %log = nh.unary log %sum : " + v +
         " -> " + v + "\n  %t = nh.binary add %log, %most : " + v + "\n  %total = nh.reduce sum %t {dims = array<i64: 0>} : (" +
         v + ") -> " + s + "\n";
  out += across("%sums", "%sum", v, 0);
  out += "  %p = nh.binary div %e, %sums : " + x + "\n  %g = nh.binary mul %p, %d : " + x +
         "\n  %grad = nh.reduce sum %g {dims = array<i64: 0>} : (" + x + ") -> " + w + "\n";
  return out + "  return %total, %grad, %p : " + s + ", " + w + ", " + x + "\n}\n";
}

TEST(ShortRows, BitsAreTheDialects) {
  for (auto [points, components] : {std::pair{500, 3}, {13, 2}, {8, 7}, {7, 3}, {21, 12}, {1030, 3}}) runAllWays(mixture(points, components));
}

TEST(ShortRows, SeveralShortDimensions) {
  runAllWays(R"(func.func @main(%x: tensor<2x19x1x3xf64>, %y: tensor<19xf64>) -> (tensor<2x19x1x3xf64>, tensor<2x19x1xf64>, tensor<19xf64>) {
  %b = nh.broadcast %y {dims = array<i64: 1>, shape = array<i64: 2, 19, 1, 3>} : (tensor<19xf64>) -> tensor<2x19x1x3xf64>
  %d = nh.binary sub %x, %b : tensor<2x19x1x3xf64>
  %e = nh.unary sin %d : tensor<2x19x1x3xf64> -> tensor<2x19x1x3xf64>
  %s = nh.reduce sum %e {dims = array<i64: 3>} : (tensor<2x19x1x3xf64>) -> tensor<2x19x1xf64>
  %t = nh.reduce min %e {dims = array<i64: 0, 2, 3>} : (tensor<2x19x1x3xf64>) -> tensor<19xf64>
  return %e, %s, %t : tensor<2x19x1x3xf64>, tensor<2x19x1xf64>, tensor<19xf64>
})");
}

/// 504 rows leave none over; only the trees at the ends of reductions are of single numbers.
TEST(ShortRows, LoopsOverRowsAreVectors) {
  const auto code = cpu::compile(*parse(mixture(504, 3)), 1, {}, true);
  const std::regex vector(R"(= f(sub|mul|div|add|neg) <8 x double>)"), scalar(R"(= f(sub|mul|div|add|neg) double)");
  const auto count = [&](const std::regex& r) {
    return std::distance(std::sregex_iterator(code->dump_llvm.begin(), code->dump_llvm.end(), r), std::sregex_iterator());
  };
  EXPECT_GT(count(vector), 30);
  EXPECT_LT(count(scalar), 40);
}

}  // namespace
}  // namespace nuthatch::test
