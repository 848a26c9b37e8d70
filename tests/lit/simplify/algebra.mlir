// RUN: nh-opt --simplify %s | FileCheck %s

// CHECK-LABEL: @exact_identities
// CHECK-NEXT: return %arg0, %arg0, %arg0, %arg0, %arg0
func.func @exact_identities(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %one = nh.constant dense<1.0> : tensor<f64>
  %zero = nh.constant dense<0.0> : tensor<f64>
  %minus_zero = nh.constant dense<-0.0> : tensor<f64>
  %a = nh.binary mul %x, %one : tensor<f64>
  %b = nh.binary div %x, %one : tensor<f64>
  %c = nh.binary sub %x, %zero : tensor<f64>
  %d = nh.binary add %minus_zero, %x : tensor<f64>
  %m = nh.unary neg %x : tensor<f64> -> tensor<f64>
  %e = nh.unary neg %m : tensor<f64> -> tensor<f64>
  return %a, %b, %c, %d, %e : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// -0 + 0 is +0: the sum stays. x * 0 may be NaN or -0.
// CHECK-LABEL: @inexact
// CHECK: nh.binary add
// CHECK: nh.binary mul
func.func @inexact(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %zero = nh.constant dense<0.0> : tensor<f64>
  %a = nh.binary add %x, %zero : tensor<f64>
  %b = nh.binary mul %x, %zero : tensor<f64>
  return %a, %b : tensor<f64>, tensor<f64>
}

// exp is never -0.
// CHECK-LABEL: @add_zero_to_exp
// CHECK-NEXT: %[[E:.*]] = nh.unary exp %arg0
// CHECK-NEXT: return %[[E]]
func.func @add_zero_to_exp(%x: tensor<f64>) -> tensor<f64> {
  %zero = nh.constant dense<0.0> : tensor<f64>
  %e = nh.unary exp %x : tensor<f64> -> tensor<f64>
  %a = nh.binary add %e, %zero : tensor<f64>
  return %a : tensor<f64>
}

// CHECK-LABEL: @division_by_a_power_of_two
// CHECK-DAG: %[[Q:.*]] = nh.constant dense<2.500000e-01>
// CHECK-DAG: %[[T:.*]] = nh.constant dense<3.000000e+00>
// CHECK: nh.binary mul %arg0, %[[Q]]
// CHECK: nh.binary div %arg0, %[[T]]
func.func @division_by_a_power_of_two(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %four = nh.constant dense<4.0> : tensor<f64>
  %three = nh.constant dense<3.0> : tensor<f64>
  %a = nh.binary div %x, %four : tensor<f64>
  %b = nh.binary div %x, %three : tensor<f64>
  return %a, %b : tensor<f64>, tensor<f64>
}

// CHECK-LABEL: @signs
// CHECK: nh.binary sub %arg0, %arg1
// CHECK: nh.binary add %arg0, %arg1
// CHECK: nh.binary mul %arg0, %arg1
// CHECK: nh.unary neg %arg0
func.func @signs(%x: tensor<f64>, %y: tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %m = nh.unary neg %y : tensor<f64> -> tensor<f64>
  %n = nh.unary neg %x : tensor<f64> -> tensor<f64>
  %minus_one = nh.constant dense<-1.0> : tensor<f64>
  %a = nh.binary add %x, %m : tensor<f64>
  %b = nh.binary sub %x, %m : tensor<f64>
  %c = nh.binary mul %n, %m : tensor<f64>
  %d = nh.binary mul %x, %minus_one : tensor<f64>
  return %a, %b, %c, %d : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// CHECK-LABEL: @selects
// CHECK-NEXT: %[[S:.*]] = nh.select %arg0, %arg2, %arg1
// CHECK-NEXT: return %arg1, %[[S]], %arg1
func.func @selects(%p: tensor<i1>, %x: tensor<f64>, %y: tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
  %true = nh.constant dense<true> : tensor<i1>
  %a = nh.select %true, %x, %y : (tensor<i1>, tensor<f64>, tensor<f64>) -> tensor<f64>
  %n = nh.unary logical_not %p : tensor<i1> -> tensor<i1>
  %b = nh.select %n, %x, %y : (tensor<i1>, tensor<f64>, tensor<f64>) -> tensor<f64>
  %c = nh.select %p, %x, %x : (tensor<i1>, tensor<f64>, tensor<f64>) -> tensor<f64>
  return %a, %b, %c : tensor<f64>, tensor<f64>, tensor<f64>
}

// CHECK-LABEL: @converts
// CHECK-NEXT: return %arg0, %arg1
func.func @converts(%p: tensor<i1>, %x: tensor<f32>) -> (tensor<i1>, tensor<f32>) {
  %a = nh.convert %p {dtype = f64} : (tensor<i1>) -> tensor<f64>
  %b = nh.convert %a {dtype = i1} : (tensor<f64>) -> tensor<i1>
  %c = nh.convert %x {dtype = f64} : (tensor<f32>) -> tensor<f64>
  %d = nh.convert %c {dtype = f32} : (tensor<f64>) -> tensor<f32>
  return %b, %d : tensor<i1>, tensor<f32>
}

// CHECK-LABEL: @stop_gradient_after_differentiation
// CHECK-NEXT: return %arg0
func.func @stop_gradient_after_differentiation(%x: tensor<f64>) -> tensor<f64> {
  %a = nh.unary stop_gradient %x : tensor<f64> -> tensor<f64>
  return %a : tensor<f64>
}

// CHECK-LABEL: @choices_between_truth_values
// CHECK-NEXT: %[[A:.*]] = nh.binary or_ %arg0, %arg1
// CHECK-NEXT: %[[B:.*]] = nh.binary and_ %arg0, %arg1
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @choices_between_truth_values(%p: tensor<i1>, %q: tensor<i1>) -> (tensor<i1>, tensor<i1>) {
  %true = nh.constant dense<true> : tensor<i1>
  %false = nh.constant dense<false> : tensor<i1>
  %a = nh.select %p, %true, %q : (tensor<i1>, tensor<i1>, tensor<i1>) -> tensor<i1>
  %b = nh.select %p, %q, %false : (tensor<i1>, tensor<i1>, tensor<i1>) -> tensor<i1>
  return %a, %b : tensor<i1>, tensor<i1>
}
