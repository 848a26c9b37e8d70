// RUN: nh-opt --raise-xs %s | FileCheck %s

// x[t] and x[t + 1] become stacked inputs, as does the column; x[2 t] does not.
// CHECK-LABEL: @reads
// CHECK: %[[X:.*]] = nh.dynamic_slice %arg0, {{.*}} {sizes = array<i64: 4>}
// CHECK: %[[N:.*]] = nh.dynamic_slice %arg0, {{.*}} {sizes = array<i64: 4>}
// CHECK: %[[C:.*]] = nh.transpose %arg1 {perm = array<i64: 1, 0>}
// CHECK: nh.for %arg2, %[[X]], %[[N]], %[[C]] attributes
// CHECK-COUNT-1: nh.dynamic_slice
// CHECK-NOT: nh.dynamic_slice
func.func @reads(%x: tensor<5xf64>, %w: tensor<2x4xf64>, %c: tensor<f64>) -> tensor<f64> {
  %one = nh.constant dense<1> : tensor<i64>
  %zero = nh.constant dense<0> : tensor<i64>
  %r = nh.for %c attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>):
    %j = nh.binary add %i, %one : tensor<i64>
    %k = nh.binary add %i, %i : tensor<i64>
    %u = nh.dynamic_slice %x, %i {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    %v = nh.dynamic_slice %x, %j {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    %q = nh.dynamic_slice %w, %zero, %i {sizes = array<i64: 2, 1>} : (tensor<2x4xf64>, tensor<i64>, tensor<i64>) -> tensor<2x1xf64>
    %z = nh.dynamic_slice %x, %k {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    %s = nh.binary mul %u, %v : tensor<1xf64>
    %t = nh.binary mul %s, %z : tensor<1xf64>
    %m = nh.reduce sum %t {dims = array<i64: 0>} : (tensor<1xf64>) -> tensor<f64>
    %n = nh.reduce sum %q {dims = array<i64: 0, 1>} : (tensor<2x1xf64>) -> tensor<f64>
    %b = nh.binary add %a, %m : tensor<f64>
    %d = nh.binary add %b, %n : tensor<f64>
    nh.yield %d : tensor<f64>
  }
  return %r : tensor<f64>
}

// A range that would be clamped is left.
// CHECK-LABEL: @clamped
// CHECK: nh.for %arg1 attributes
func.func @clamped(%x: tensor<3xf64>, %c: tensor<1xf64>) -> tensor<1xf64> {
  %r = nh.for %c attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = false} : (tensor<1xf64>) -> tensor<1xf64> {
  ^bb0(%i: tensor<i64>, %a: tensor<1xf64>):
    %u = nh.dynamic_slice %x, %i {sizes = array<i64: 1>} : (tensor<3xf64>, tensor<i64>) -> tensor<1xf64>
    %b = nh.binary add %a, %u : tensor<1xf64>
    nh.yield %b : tensor<1xf64>
  }
  return %r : tensor<1xf64>
}
