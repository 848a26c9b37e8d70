// RUN: nh-opt --sufficient-statistics --dce %s | FileCheck %s

// The mean, what is left of it, and the sum of squares are in front of the loop; the loop is of scalars.
// CHECK-LABEL: @squares_about_a_parameter
// CHECK: %[[SUM:.*]] = nh.reduce sum %arg1
// CHECK: %[[MEAN:.*]] = nh.binary div %[[SUM]]
// CHECK: %[[CENTRE:.*]] = nh.select %{{.*}}, %[[MEAN]]
// CHECK: %[[CENTRED:.*]] = nh.binary sub %arg1
// CHECK: nh.reduce sum %[[CENTRED]]
// CHECK: %[[SQUARES:.*]] = nh.binary mul %[[CENTRED]], %[[CENTRED]]
// CHECK: nh.reduce sum %[[SQUARES]]
// CHECK: nh.for
// CHECK-NOT: tensor<50xf64>
// CHECK: return
func.func @squares_about_a_parameter(%mu: tensor<f64>, %y: tensor<50xf64>) -> tensor<f64> {
  %r = nh.for %mu attributes {trip = 100 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%i: tensor<i64>, %m: tensor<f64>):
    %b = nh.broadcast %m {dims = array<i64>, shape = array<i64: 50>} : (tensor<f64>) -> tensor<50xf64>
    %d = nh.binary sub %y, %b : tensor<50xf64>
    %q = nh.binary mul %d, %d : tensor<50xf64>
    %s = nh.reduce sum %q {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
    nh.yield %s : tensor<f64>
  }
  return %r : tensor<f64>
}

// X beta is taken apart into columns: the triangular factor of (y, X), centred, is 4 by 4.
// CHECK-LABEL: @regression
// CHECK: nh.qr %{{.*}} : (tensor<50x4xf64>)
// CHECK: nh.for
// CHECK-NOT: tensor<50
// CHECK: nh.dot_general %{{.*}} : (tensor<4x4xf64>, tensor<4xf64>) -> tensor<4xf64>
// CHECK-NOT: tensor<50
// CHECK: return
func.func @regression(%beta: tensor<3xf64>, %x: tensor<50x3xf64>, %y: tensor<50xf64>) -> tensor<3xf64> {
  %r = nh.for %beta attributes {trip = 100 : i64, num_carries = 1 : i64, reverse = false} : (tensor<3xf64>) -> tensor<3xf64> {
  ^bb0(%i: tensor<i64>, %b: tensor<3xf64>):
    %p = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<50x3xf64>, tensor<3xf64>) -> tensor<50xf64>
    %d = nh.binary sub %y, %p : tensor<50xf64>
    %q = nh.binary mul %d, %d : tensor<50xf64>
    %s = nh.reduce sum %q {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
    %w = nh.broadcast %s {dims = array<i64>, shape = array<i64: 3>} : (tensor<f64>) -> tensor<3xf64>
    nh.yield %w : tensor<3xf64>
  }
  return %r : tensor<3xf64>
}

// log y! is summed once; exp of a predictor that differs from element to element is not a polynomial in data.
// CHECK-LABEL: @log_factorials
// CHECK: %[[G:.*]] = nh.unary lgamma
// CHECK: nh.reduce sum %[[G]]
// CHECK: nh.for
// CHECK-NOT: lgamma
// CHECK: nh.unary exp
// CHECK: nh.reduce sum
// CHECK: return
func.func @log_factorials(%eta: tensor<50xf64>, %y: tensor<50xf64>) -> tensor<50xf64> {
  %r = nh.for %eta attributes {trip = 100 : i64, num_carries = 1 : i64, reverse = false} : (tensor<50xf64>) -> tensor<50xf64> {
  ^bb0(%i: tensor<i64>, %e: tensor<50xf64>):
    %x = nh.unary exp %e : tensor<50xf64> -> tensor<50xf64>
    %g = nh.unary lgamma %y : tensor<50xf64> -> tensor<50xf64>
    %d = nh.binary sub %x, %g : tensor<50xf64>
    %s = nh.reduce sum %d {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
    %w = nh.broadcast %s {dims = array<i64>, shape = array<i64: 50>} : (tensor<f64>) -> tensor<50xf64>
    nh.yield %w : tensor<50xf64>
  }
  return %r : tensor<50xf64>
}

// Without a loop around it, or in one of few iterations, a sum is the cheapest way to a sum.
// CHECK-LABEL: @once
// CHECK-NEXT: nh.broadcast
// CHECK-NEXT: nh.binary sub
// CHECK-NEXT: nh.binary mul
// CHECK-NEXT: nh.reduce sum
// CHECK-NEXT: return
func.func @once(%m: tensor<f64>, %y: tensor<50xf64>) -> tensor<f64> {
  %b = nh.broadcast %m {dims = array<i64>, shape = array<i64: 50>} : (tensor<f64>) -> tensor<50xf64>
  %d = nh.binary sub %y, %b : tensor<50xf64>
  %q = nh.binary mul %d, %d : tensor<50xf64>
  %s = nh.reduce sum %q {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
  return %s : tensor<f64>
}

// Data that the loop changes have no sums that are known before.
// CHECK-LABEL: @changing_data
// CHECK-NOT: nh.reduce
// CHECK: nh.for
// CHECK: nh.reduce sum
func.func @changing_data(%y: tensor<50xf64>) -> tensor<50xf64> {
  %r = nh.for %y attributes {trip = 100 : i64, num_carries = 1 : i64, reverse = false} : (tensor<50xf64>) -> tensor<50xf64> {
  ^bb0(%i: tensor<i64>, %v: tensor<50xf64>):
    %q = nh.binary mul %v, %v : tensor<50xf64>
    %s = nh.reduce sum %q {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
    %w = nh.broadcast %s {dims = array<i64>, shape = array<i64: 50>} : (tensor<f64>) -> tensor<50xf64>
    nh.yield %w : tensor<50xf64>
  }
  return %r : tensor<50xf64>
}
