// RUN: nh-opt --mask-lanes=11 --simplify %s | FileCheck %s

// A report in a branch that varies is made where the lane takes the branch; a branch that only reports still runs.
// CHECK-LABEL: @branch
// CHECK: %[[OK:.*]] = nh.compare lt %arg1
// CHECK: nh.case
// CHECK: %[[BAD:.*]] = nh.unary logical_not %[[OK]]
// CHECK: %[[M:.*]] = nh.binary and_ %arg0, %[[BAD]]
// CHECK: nh.report %[[M]], %arg1
func.func @branch(%p: tensor<i1>, %x: tensor<f64>) -> tensor<f64> {
  %two = nh.constant dense<2.0> : tensor<f64>
  %i = nh.convert %p {dtype = i64} : (tensor<i1>) -> tensor<i64>
  %ok = nh.compare lt %x, %two : (tensor<f64>, tensor<f64>) -> tensor<i1>
  nh.case %i : (tensor<i64>) -> () {
    nh.yield
  }, {
    %bad = nh.unary logical_not %ok : tensor<i1> -> tensor<i1>
    nh.report %bad, %x {text = "x is {}", fatal = true} : tensor<i1>, tensor<f64>
    nh.yield
  }
  return %x : tensor<f64>
}
