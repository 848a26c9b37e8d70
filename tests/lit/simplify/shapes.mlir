// RUN: nh-opt --simplify %s | FileCheck %s

// CHECK-LABEL: @there_and_back
// CHECK-NEXT: return %arg0, %arg0, %arg0, %arg0
func.func @there_and_back(%x: tensor<2x3xf64>) -> (tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xf64>) {
  %a = nh.reshape %x {shape = array<i64: 6>} : (tensor<2x3xf64>) -> tensor<6xf64>
  %b = nh.reshape %a {shape = array<i64: 2, 3>} : (tensor<6xf64>) -> tensor<2x3xf64>
  %c = nh.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf64>) -> tensor<3x2xf64>
  %d = nh.transpose %c {perm = array<i64: 1, 0>} : (tensor<3x2xf64>) -> tensor<2x3xf64>
  %e = nh.reverse %x {dims = array<i64: 1>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
  %f = nh.reverse %e {dims = array<i64: 1>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
  %zero = nh.constant dense<0.0> : tensor<f64>
  %g = nh.pad %x, %zero {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>
  return %b, %d, %f, %g : tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xf64>
}

// CHECK-LABEL: @slice_of_slice
// CHECK: nh.slice %arg0 {limit = array<i64: 8>, start = array<i64: 3>, stride = array<i64: 4>}
func.func @slice_of_slice(%x: tensor<10xf64>) -> tensor<2xf64> {
  %a = nh.slice %x {start = array<i64: 1>, limit = array<i64: 10>, stride = array<i64: 2>} : (tensor<10xf64>) -> tensor<5xf64>
  %b = nh.slice %a {start = array<i64: 1>, limit = array<i64: 4>, stride = array<i64: 2>} : (tensor<5xf64>) -> tensor<2xf64>
  return %b : tensor<2xf64>
}

// CHECK-LABEL: @split_and_joined
// CHECK-NEXT: return %arg0, %arg1
func.func @split_and_joined(%x: tensor<4xf64>, %y: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
  %a = nh.slice %x {start = array<i64: 0>, limit = array<i64: 1>, stride = array<i64: 1>} : (tensor<4xf64>) -> tensor<1xf64>
  %b = nh.slice %x {start = array<i64: 1>, limit = array<i64: 4>, stride = array<i64: 1>} : (tensor<4xf64>) -> tensor<3xf64>
  %c = nh.concatenate %a, %b {dim = 0 : i64} : (tensor<1xf64>, tensor<3xf64>) -> tensor<4xf64>
  %d = nh.concatenate %x, %y {dim = 0 : i64} : (tensor<4xf64>, tensor<4xf64>) -> tensor<8xf64>
  %e = nh.slice %d {start = array<i64: 4>, limit = array<i64: 8>, stride = array<i64: 1>} : (tensor<8xf64>) -> tensor<4xf64>
  return %c, %e : tensor<4xf64>, tensor<4xf64>
}

// Elementwise functions of repeated values are computed once; the transposed broadcast keeps increasing dimensions.
// CHECK-LABEL: @broadcasts
// CHECK: nh.unary exp %arg0 : tensor<2x3xf64>
// CHECK: nh.broadcast {{.*}}dims = array<i64: 0, 2>{{.*}} : (tensor<3x2xf64>) -> tensor<3x5x2xf64>
func.func @broadcasts(%x: tensor<2x3xf64>) -> tensor<3x5x2xf64> {
  %a = nh.broadcast %x {shape = array<i64: 2, 3, 5>, dims = array<i64: 0, 1>} : (tensor<2x3xf64>) -> tensor<2x3x5xf64>
  %b = nh.unary exp %a : tensor<2x3x5xf64> -> tensor<2x3x5xf64>
  %c = nh.transpose %b {perm = array<i64: 1, 2, 0>} : (tensor<2x3x5xf64>) -> tensor<3x5x2xf64>
  return %c : tensor<3x5x2xf64>
}

// Repetitions do not change a maximum; a floating-point sum of copies is not a product.
// CHECK-LABEL: @reduce_of_broadcast
// CHECK: %[[S:.*]] = nh.reduce sum
// CHECK: return %arg0, %[[S]]
func.func @reduce_of_broadcast(%x: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {
  %a = nh.broadcast %x {shape = array<i64: 3, 5>, dims = array<i64: 0>} : (tensor<3xf64>) -> tensor<3x5xf64>
  %m = nh.reduce max %a {dims = array<i64: 1>} : (tensor<3x5xf64>) -> tensor<3xf64>
  %s = nh.reduce sum %a {dims = array<i64: 1>} : (tensor<3x5xf64>) -> tensor<3xf64>
  return %m, %s : tensor<3xf64>, tensor<3xf64>
}

// CHECK-LABEL: @sum_of_one
// CHECK-NEXT: %[[R:.*]] = nh.reshape %arg0
// CHECK-NEXT: return %[[R]]
func.func @sum_of_one(%x: tensor<3x1xf64>) -> tensor<3xf64> {
  %s = nh.reduce sum %x {dims = array<i64: 1>} : (tensor<3x1xf64>) -> tensor<3xf64>
  return %s : tensor<3xf64>
}
