// log(exp x) is x: to the last bit, where exp overflows too, and in
// derivatives.
#include <cmath>

#include "passes/pipeline.h"
#include "tests/passes/support.h"

namespace nuthatch::test {
namespace {

Array reals(std::vector<double> values) {
  Array a(Dtype::f64, {std::int64_t(values.size())});
  std::copy(values.begin(), values.end(), a.as<double>());
  return a;
}

Arrays evaluate(const std::string &text, const Arrays &arguments) {
  auto context = ir::makeContext();
  auto module = parse(*context, text);
  EXPECT_TRUE(mlir::succeeded(passes::toPlainOperations(*module)));
  return ir::interpretFunction(mainOf(*module), arguments);
}

TEST(CancelInverses, GivesTheArgumentItself) {
  const Array x = reals(
      {-800, -3.25, 0.1, 1.0 / 3, 700, 710.5, 1e300, -INFINITY, INFINITY, NAN});
  const Arrays y =
      evaluate(R"(func.func @main(%x: tensor<10xf64>) -> tensor<10xf64> {
    %e = nh.unary exp %x : tensor<10xf64> -> tensor<10xf64>
    %l = nh.unary log %e : tensor<10xf64> -> tensor<10xf64>
    return %l : tensor<10xf64>
  })",
               {x});
  EXPECT_TRUE(sameBits(x, y[0]));
}

/// The log density of Normal(0, exp x) at 0, without constant, and its
/// derivative: -x and -1.
TEST(CancelInverses, TheDerivativeIsExact) {
  const Array x = reals({-750, -1.7, 0.3, 1000}), ones = reals({1, 1, 1, 1});
  const Arrays y = evaluate(
      R"(func.func @main(%x: tensor<4xf64>, %g: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
    %r:2 = nh.vjp %x, %g attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<4xf64>, tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
    ^bb0(%a: tensor<4xf64>):
      %e = nh.unary exp %a : tensor<4xf64> -> tensor<4xf64>
      %l = nh.unary log %e : tensor<4xf64> -> tensor<4xf64>
      %n = nh.unary neg %l : tensor<4xf64> -> tensor<4xf64>
      nh.yield %n : tensor<4xf64>
    }
    return %r#0, %r#1 : tensor<4xf64>, tensor<4xf64>
  })",
      {x, ones});
  EXPECT_TRUE(sameBits(y[0], reals({750, 1.7, -0.3, -1000})));
  EXPECT_TRUE(sameBits(y[1], reals({-1, -1, -1, -1})));
}

} // namespace
} // namespace nuthatch::test
