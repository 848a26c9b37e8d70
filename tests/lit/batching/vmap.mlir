// RUN: nh-opt --expand-transforms --simplify %s | FileCheck %s

// The matrix is read once for all vectors.
// CHECK-LABEL: @matrix_vector
// CHECK: nh.dot_general %arg0, %arg1 {{.*}} : (tensor<50x3xf64>, tensor<8x3xf64>) -> tensor<50x8xf64>
func.func @matrix_vector(%x: tensor<50x3xf64>, %b: tensor<8x3xf64>) -> tensor<8x50xf64> {
  %r = nh.vmap %x, %b attributes {size = 8 : i64, in_axes = array<i64: -1, 0>} : (tensor<50x3xf64>, tensor<8x3xf64>) -> tensor<8x50xf64> {
  ^bb0(%y: tensor<50x3xf64>, %c: tensor<3xf64>):
    %d = nh.dot_general %y, %c {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<50x3xf64>, tensor<3xf64>) -> tensor<50xf64>
    nh.yield %d : tensor<50xf64>
  }
  return %r : tensor<8x50xf64>
}

// A mapped condition: the loop runs while any element goes on.
// CHECK-LABEL: @loop
// CHECK: nh.while
// CHECK: %[[ANY:.*]] = nh.reduce any
// CHECK-NEXT: nh.yield %[[ANY]]
// CHECK: nh.select
func.func @loop(%n: tensor<8xi64>) -> tensor<8xi64> {
  %r = nh.vmap %n attributes {size = 8 : i64, in_axes = array<i64: 0>} : (tensor<8xi64>) -> tensor<8xi64> {
  ^bb0(%m: tensor<i64>):
    %one = nh.constant dense<1> : tensor<i64>
    %hundred = nh.constant dense<100> : tensor<i64>
    %q = nh.while %m attributes {max_trip = -1 : i64} : (tensor<i64>) -> tensor<i64> {
    ^bb0(%i: tensor<i64>):
      %c = nh.compare lt %i, %hundred : (tensor<i64>, tensor<i64>) -> tensor<i1>
      nh.yield %c : tensor<i1>
    } {
    ^bb0(%i: tensor<i64>):
      %j = nh.binary add %i, %i : tensor<i64>
      %k = nh.binary add %j, %one : tensor<i64>
      nh.yield %k : tensor<i64>
    }
    nh.yield %q : tensor<i64>
  }
  return %r : tensor<8xi64>
}

// A mapped index that addresses a shared array is a gather, a shared index a slice.
// CHECK-LABEL: @indices
// CHECK: nh.gather %arg0
// CHECK: nh.dynamic_slice %arg1
func.func @indices(%x: tensor<5xf64>, %xs: tensor<8x5xf64>, %i: tensor<8xi64>, %j: tensor<i64>) -> (tensor<8x1xf64>, tensor<8x1xf64>) {
  %r:2 = nh.vmap %x, %xs, %i, %j attributes {size = 8 : i64, in_axes = array<i64: -1, 0, 0, -1>} : (tensor<5xf64>, tensor<8x5xf64>, tensor<8xi64>, tensor<i64>) -> (tensor<8x1xf64>, tensor<8x1xf64>) {
  ^bb0(%a: tensor<5xf64>, %b: tensor<5xf64>, %k: tensor<i64>, %l: tensor<i64>):
    %u = nh.dynamic_slice %a, %k {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    %v = nh.dynamic_slice %b, %l {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    nh.yield %u, %v : tensor<1xf64>, tensor<1xf64>
  }
  return %r#0, %r#1 : tensor<8x1xf64>, tensor<8x1xf64>
}
