// RUN: nh-opt --pull-scalars --dce %s | FileCheck %s

// chol(s R) = sqrt(s) chol(R); a solve with it is one with chol(R) over sqrt(s); log s c = log s + log c.
// CHECK-LABEL: @scaled_covariance
// CHECK: %[[L:.*]] = nh.cholesky %arg1
// CHECK: nh.unary log
// CHECK: nh.while
// CHECK: %[[ROOT:.*]] = nh.unary sqrt
// CHECK-NOT: nh.cholesky
// CHECK: nh.triangular_solve %[[L]],
// CHECK-NOT: nh.cholesky
// CHECK: return
func.func @scaled_covariance(%s0: tensor<f64>, %r: tensor<20x20xf64>, %y: tensor<20x1xf64>) -> tensor<f64> {
  %u = nh.while %s0 attributes {max_trip = -1 : i64} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%s: tensor<f64>):
    %c = nh.compare lt %s, %s0 : (tensor<f64>, tensor<f64>) -> tensor<i1>
    nh.yield %c : tensor<i1>
  } {
  ^bb0(%s: tensor<f64>):
    %b = nh.broadcast %s {dims = array<i64>, shape = array<i64: 20, 20>} : (tensor<f64>) -> tensor<20x20xf64>
    %k = nh.binary mul %b, %r : tensor<20x20xf64>
    %l = nh.cholesky %k : (tensor<20x20xf64>) -> tensor<20x20xf64>
    %m = nh.broadcast %s {dims = array<i64>, shape = array<i64: 20, 1>} : (tensor<f64>) -> tensor<20x1xf64>
    %e = nh.binary sub %y, %m : tensor<20x1xf64>
    %z = nh.triangular_solve %l, %e {lower = true, transpose = false, unit_diagonal = false} : (tensor<20x20xf64>, tensor<20x1xf64>) -> tensor<20x1xf64>
    %flat = nh.reshape %l {shape = array<i64: 400>} : (tensor<20x20xf64>) -> tensor<400xf64>
    %d = nh.slice %flat {start = array<i64: 0>, limit = array<i64: 400>, stride = array<i64: 21>} : (tensor<400xf64>) -> tensor<20xf64>
    %g = nh.unary log %d : tensor<20xf64> -> tensor<20xf64>
    %p = nh.reduce sum %g {dims = array<i64: 0>} : (tensor<20xf64>) -> tensor<f64>
    %q = nh.reduce sum %z {dims = array<i64: 0, 1>} : (tensor<20x1xf64>) -> tensor<f64>
    %t = nh.binary add %p, %q : tensor<f64>
    nh.yield %t : tensor<f64>
  }
  return %u : tensor<f64>
}

// (s A) B = s (A B), with A B in front of the loop.
// CHECK-LABEL: @product_of_constants
// CHECK: nh.dot_general %arg1, %arg2
// CHECK: nh.for
// CHECK-NOT: nh.dot_general
// CHECK: return
func.func @product_of_constants(%s0: tensor<4x4xf64>, %a: tensor<4x4xf64>, %b: tensor<4x4xf64>) -> tensor<4x4xf64> {
  %u = nh.for %s0 attributes {trip = 30 : i64, num_carries = 1 : i64, reverse = false} : (tensor<4x4xf64>) -> tensor<4x4xf64> {
  ^bb0(%i: tensor<i64>, %c: tensor<4x4xf64>):
    %s = nh.reduce sum %c {dims = array<i64: 0, 1>} : (tensor<4x4xf64>) -> tensor<f64>
    %w = nh.broadcast %s {dims = array<i64>, shape = array<i64: 4, 4>} : (tensor<f64>) -> tensor<4x4xf64>
    %x = nh.binary div %a, %w : tensor<4x4xf64>
    %p = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
    nh.yield %p : tensor<4x4xf64>
  }
  return %u : tensor<4x4xf64>
}

// A matrix that the loop changes keeps its factorisation.
// CHECK-LABEL: @changing_matrix
// CHECK-NEXT: nh.for
// CHECK: nh.cholesky
func.func @changing_matrix(%r: tensor<4x4xf64>) -> tensor<4x4xf64> {
  %u = nh.for %r attributes {trip = 30 : i64, num_carries = 1 : i64, reverse = false} : (tensor<4x4xf64>) -> tensor<4x4xf64> {
  ^bb0(%i: tensor<i64>, %k: tensor<4x4xf64>):
    %l = nh.cholesky %k : (tensor<4x4xf64>) -> tensor<4x4xf64>
    nh.yield %l : tensor<4x4xf64>
  }
  return %u : tensor<4x4xf64>
}
