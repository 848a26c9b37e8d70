// RUN: nh-opt --simplify %s | FileCheck %s

// CHECK-LABEL: @literals
// CHECK-NEXT: %[[C:.*]] = nh.constant dense<7.000000e+00> : tensor<f64>
// CHECK-NEXT: return %[[C]]
func.func @literals() -> tensor<f64> {
  %a = nh.constant dense<3.0> : tensor<f64>
  %b = nh.constant dense<4.0> : tensor<f64>
  %c = nh.binary add %a, %b : tensor<f64>
  return %c : tensor<f64>
}

// A repeated literal stays one element; an iota is not stored.
// CHECK-LABEL: @repeated
// CHECK-DAG: nh.constant dense<2.000000e+00> : tensor<1000xf64>
// CHECK-DAG: nh.iota
func.func @repeated() -> (tensor<1000xf64>, tensor<1000xf64>) {
  %a = nh.constant dense<2.0> : tensor<f64>
  %b = nh.broadcast %a {shape = array<i64: 1000>, dims = array<i64>} : (tensor<f64>) -> tensor<1000xf64>
  %i = nh.iota {dtype = f64, shape = array<i64: 1000>, dim = 0 : i64} : () -> tensor<1000xf64>
  return %b, %i : tensor<1000xf64>, tensor<1000xf64>
}

// CHECK-LABEL: @equal_operations
// CHECK-COUNT-1: nh.unary exp
// CHECK-NOT: nh.unary exp
func.func @equal_operations(%x: tensor<f64>) -> tensor<f64> {
  %a = nh.unary exp %x : tensor<f64> -> tensor<f64>
  %b = nh.unary exp %x : tensor<f64> -> tensor<f64>
  %c = nh.binary mul %a, %b : tensor<f64>
  return %c : tensor<f64>
}
