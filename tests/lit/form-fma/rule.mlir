// RUN: nh-opt --form-fma %s | FileCheck %s

// CHECK-LABEL: @sums_of_products
// CHECK: nh.fma %arg0, %arg1, %arg2
// CHECK: %[[C:.*]] = nh.unary neg %arg2
// CHECK: nh.fma %arg0, %arg1, %[[C]]
// CHECK: %[[A:.*]] = nh.unary neg %arg0
// CHECK: nh.fma %[[A]], %arg1, %arg2
func.func @sums_of_products(%a: tensor<f64>, %b: tensor<f64>, %c: tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
  %p = nh.binary mul %a, %b : tensor<f64>
  %x = nh.binary add %c, %p : tensor<f64>
  %q = nh.binary mul %a, %b : tensor<f64>
  %y = nh.binary sub %q, %c : tensor<f64>
  %r = nh.binary mul %a, %b : tensor<f64>
  %z = nh.binary sub %c, %r : tensor<f64>
  return %x, %y, %z : tensor<f64>, tensor<f64>, tensor<f64>
}

// Of two products the left one; a product with another use stays.
// CHECK-LABEL: @choice
// CHECK: %[[Q:.*]] = nh.binary mul %arg2, %arg2
// CHECK: nh.fma %arg0, %arg1, %[[Q]]
// CHECK: nh.binary add
func.func @choice(%a: tensor<f64>, %b: tensor<f64>, %c: tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
  %p = nh.binary mul %a, %b : tensor<f64>
  %q = nh.binary mul %c, %c : tensor<f64>
  %x = nh.binary add %p, %q : tensor<f64>
  %r = nh.binary mul %a, %c : tensor<f64>
  %y = nh.binary add %r, %b : tensor<f64>
  return %x, %y, %r : tensor<f64>, tensor<f64>, tensor<f64>
}

// Through a broadcast.
// CHECK-LABEL: @shared_product
// CHECK: nh.fma {{.*}} : (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>)
func.func @shared_product(%a: tensor<f64>, %b: tensor<f64>, %c: tensor<4xf64>) -> tensor<4xf64> {
  %p = nh.binary mul %a, %b : tensor<f64>
  %q = nh.broadcast %p {shape = array<i64: 4>, dims = array<i64>} : (tensor<f64>) -> tensor<4xf64>
  %x = nh.binary add %q, %c : tensor<4xf64>
  return %x : tensor<4xf64>
}
