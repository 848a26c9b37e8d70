// RUN: nh-opt --cancel-inverses --dce %s | FileCheck %s

// CHECK-LABEL: @undone
// CHECK-NEXT: return %arg0, %arg0, %arg0
func.func @undone(%x: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %a = nh.unary exp %x : tensor<3xf64> -> tensor<3xf64>
  %b = nh.unary log %a : tensor<3xf64> -> tensor<3xf64>
  %c = nh.unary expm1 %x : tensor<3xf64> -> tensor<3xf64>
  %d = nh.unary log1p %c : tensor<3xf64> -> tensor<3xf64>
  %e = nh.unary exp2 %x : tensor<3xf64> -> tensor<3xf64>
  %f = nh.unary log2 %e : tensor<3xf64> -> tensor<3xf64>
  return %b, %d, %f : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}

// The exponential stays for its other use.
// CHECK-LABEL: @through_renamed_elements
// CHECK-NEXT: %[[E:.*]] = nh.unary exp %arg0
// CHECK-NEXT: %[[R:.*]] = nh.reshape %arg0 {shape = array<i64: 1>}
// CHECK-NEXT: %[[B:.*]] = nh.broadcast %[[R]]
// CHECK-NEXT: return %[[E]], %[[B]]
func.func @through_renamed_elements(%x: tensor<f64>) -> (tensor<f64>, tensor<4xf64>) {
  %e = nh.unary exp %x : tensor<f64> -> tensor<f64>
  %r = nh.reshape %e {shape = array<i64: 1>} : (tensor<f64>) -> tensor<1xf64>
  %b = nh.broadcast %r {dims = array<i64: 0>, shape = array<i64: 4>} : (tensor<1xf64>) -> tensor<4xf64>
  %l = nh.unary log %b : tensor<4xf64> -> tensor<4xf64>
  return %e, %l : tensor<f64>, tensor<4xf64>
}

// exp(log x) is x for some arguments only; log1p does not undo exp.
// CHECK-LABEL: @not_undone
// CHECK: nh.unary log
// CHECK: nh.unary exp
// CHECK: nh.unary log1p
func.func @not_undone(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %l = nh.unary log %x : tensor<f64> -> tensor<f64>
  %e = nh.unary exp %l : tensor<f64> -> tensor<f64>
  %p = nh.unary log1p %e : tensor<f64> -> tensor<f64>
  return %e, %p : tensor<f64>, tensor<f64>
}

// Before derivatives are taken: the derivative of log(exp x) + exp(x) has one exponential and no division.
// CHECK-LABEL: @in_a_derivative
// CHECK-NOT: nh.unary log
func.func @in_a_derivative(%x: tensor<f64>, %one: tensor<f64>) -> tensor<f64> {
  %r:2 = nh.vjp %x, %one attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  ^bb0(%a: tensor<f64>):
    %e = nh.unary exp %a : tensor<f64> -> tensor<f64>
    %l = nh.unary log %e : tensor<f64> -> tensor<f64>
    %s = nh.binary add %l, %e : tensor<f64>
    nh.yield %s : tensor<f64>
  }
  return %r#1 : tensor<f64>
}

// The logarithm of a probability that is a function of a predictor, and of the other one.
// CHECK-LABEL: @probabilities
// CHECK-NOT: nh.unary log
// CHECK: %[[N:.*]] = nh.unary neg %arg0
// CHECK: %[[A:.*]] = nh.unary softplus %[[N]]
// CHECK: nh.unary neg %[[A]]
// CHECK: %[[B:.*]] = nh.unary softplus %arg0
// CHECK: nh.unary neg %[[B]]
// CHECK: nh.unary softplus %arg0
// CHECK: return
func.func @probabilities(%x: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %one = nh.constant dense<1.0> : tensor<3xf64>
  %p = nh.unary logistic %x : tensor<3xf64> -> tensor<3xf64>
  %a = nh.unary log %p : tensor<3xf64> -> tensor<3xf64>
  %q = nh.binary sub %one, %p : tensor<3xf64>
  %b = nh.unary log %q : tensor<3xf64> -> tensor<3xf64>
  %n = nh.unary neg %p : tensor<3xf64> -> tensor<3xf64>
  %c = nh.unary log1p %n : tensor<3xf64> -> tensor<3xf64>
  return %a, %b, %c : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}

// A choice between the two by truth values is one softplus; the neutral 1 of xlogy has logarithm 0; a factor is apart.
// CHECK-LABEL: @choices
// CHECK: %[[S:.*]] = nh.select %arg0, %{{.*}}, %arg1
// CHECK: nh.unary softplus %[[S]]
// CHECK: %[[G:.*]] = nh.select %arg0, %{{.*}}, %arg1
// CHECK: %[[L:.*]] = nh.unary log %arg2
// CHECK: nh.binary add %[[L]], %arg1
// CHECK: return
func.func @choices(%t: tensor<3xi1>, %x: tensor<3xf64>, %n: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %one = nh.constant dense<1.0> : tensor<3xf64>
  %p = nh.unary logistic %x : tensor<3xf64> -> tensor<3xf64>
  %q = nh.binary sub %one, %p : tensor<3xf64>
  %s = nh.select %t, %p, %q : (tensor<3xi1>, tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>
  %a = nh.unary log %s : tensor<3xf64> -> tensor<3xf64>
  %e = nh.unary exp %x : tensor<3xf64> -> tensor<3xf64>
  %g = nh.select %t, %one, %e : (tensor<3xi1>, tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>
  %b = nh.unary log %g : tensor<3xf64> -> tensor<3xf64>
  %r = nh.binary mul %n, %e : tensor<3xf64>
  %c = nh.unary log %r : tensor<3xf64> -> tensor<3xf64>
  return %a, %b, %c : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}
