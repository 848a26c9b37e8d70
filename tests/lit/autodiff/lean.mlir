// RUN: nh-opt --expand-transforms --simplify %s | FileCheck %s

// Logistic regression: X b once, one pass back with X^T r, nothing multiplied by the ones of the seed.
// CHECK-LABEL: @logistic_regression
// CHECK: %[[ETA:.*]] = nh.dot_general %arg0, %arg2
// CHECK: nh.unary logistic %[[ETA]]
// CHECK: nh.dot_general
// CHECK-NOT: nh.dot_general
// CHECK: return
func.func @logistic_regression(%X: tensor<100x5xf64>, %y: tensor<100xf64>, %b: tensor<5xf64>) -> (tensor<f64>, tensor<5xf64>) {
  %one = nh.constant dense<1.0> : tensor<f64>
  %r:2 = nh.vjp %b, %one attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<5xf64>, tensor<f64>) -> (tensor<f64>, tensor<5xf64>) {
  ^bb0(%c: tensor<5xf64>):
    %eta = nh.dot_general %X, %c {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>}
        : (tensor<100x5xf64>, tensor<5xf64>) -> tensor<100xf64>
    %ye = nh.binary mul %y, %eta : tensor<100xf64>
    %sp = nh.unary softplus %eta : tensor<100xf64> -> tensor<100xf64>
    %t = nh.binary sub %ye, %sp : tensor<100xf64>
    %s = nh.reduce sum %t {dims = array<i64: 0>} : (tensor<100xf64>) -> tensor<f64>
    nh.yield %s : tensor<f64>
  }
  return %r#0, %r#1 : tensor<f64>, tensor<5xf64>
}

// Normal log density: the scale is multiplied in after the sums, which run over the residuals alone.
// CHECK-LABEL: @normal
// CHECK: nh.binary div
// CHECK-NOT: nh.binary div {{.*}} : tensor<50xf64>
// CHECK: return
func.func @normal(%mu: tensor<f64>, %sigma: tensor<f64>, %y: tensor<50xf64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
  %one = nh.constant dense<1.0> : tensor<f64>
  %r:3 = nh.vjp %mu, %sigma, %one attributes {num_primals = 2 : i64, wrt = array<i64: 0, 1>}
      : (tensor<f64>, tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
  ^bb0(%m: tensor<f64>, %s: tensor<f64>):
    %half = nh.constant dense<-0.5> : tensor<50xf64>
    %mm = nh.broadcast %m {shape = array<i64: 50>, dims = array<i64>} : (tensor<f64>) -> tensor<50xf64>
    %ss = nh.broadcast %s {shape = array<i64: 50>, dims = array<i64>} : (tensor<f64>) -> tensor<50xf64>
    %d = nh.binary sub %y, %mm : tensor<50xf64>
    %z = nh.binary div %d, %ss : tensor<50xf64>
    %zz = nh.binary mul %z, %z : tensor<50xf64>
    %h = nh.binary mul %half, %zz : tensor<50xf64>
    %l = nh.unary log %s : tensor<f64> -> tensor<f64>
    %ll = nh.broadcast %l {shape = array<i64: 50>, dims = array<i64>} : (tensor<f64>) -> tensor<50xf64>
    %t = nh.binary sub %h, %ll : tensor<50xf64>
    %sum = nh.reduce sum %t {dims = array<i64: 0>} : (tensor<50xf64>) -> tensor<f64>
    nh.yield %sum : tensor<f64>
  }
  return %r#0, %r#1, %r#2 : tensor<f64>, tensor<f64>, tensor<f64>
}

// Parameters cut out of one vector: one concatenation, no padded copies.
// CHECK-LABEL: @unpack
// CHECK-NOT: nh.pad
// CHECK: nh.concatenate
// CHECK-NOT: nh.pad
// CHECK: return
func.func @unpack(%q: tensor<6xf64>, %g: tensor<2xf64>, %k: tensor<4xf64>) -> tensor<6xf64> {
  %r:3 = nh.vjp %q, %g, %k attributes {num_primals = 1 : i64, wrt = array<i64: 0>}
      : (tensor<6xf64>, tensor<2xf64>, tensor<4xf64>) -> (tensor<2xf64>, tensor<4xf64>, tensor<6xf64>) {
  ^bb0(%x: tensor<6xf64>):
    %a = nh.slice %x {start = array<i64: 0>, limit = array<i64: 2>, stride = array<i64: 1>} : (tensor<6xf64>) -> tensor<2xf64>
    %b = nh.slice %x {start = array<i64: 2>, limit = array<i64: 6>, stride = array<i64: 1>} : (tensor<6xf64>) -> tensor<4xf64>
    %e = nh.unary exp %b : tensor<4xf64> -> tensor<4xf64>
    nh.yield %a, %e : tensor<2xf64>, tensor<4xf64>
  }
  return %r#2 : tensor<6xf64>
}
