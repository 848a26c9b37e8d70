// RUN: nh-opt --expand-transforms --simplify %s | FileCheck %s

// Stochastic volatility. The slices of z at the counter become a stacked input, its cotangent a stacked result: no
// iteration touches a whole series. The running log density is not carried backwards. One pass forward that saves what
// the exponential gave, one pass backward.
// CHECK-LABEL: @stochastic_volatility
// CHECK-NOT: nh.dynamic_update_slice
// CHECK: nh.for
// CHECK-SAME: num_carries = 2 : i64, reverse = false
// CHECK: nh.for
// CHECK-SAME: reverse = true
// CHECK-NOT: nh.unary exp
// CHECK-NOT: nh.dynamic_update_slice
// CHECK: return
func.func @stochastic_volatility(%mu: tensor<f64>, %phi: tensor<f64>, %sigma: tensor<f64>, %z: tensor<500xf64>, %y: tensor<500xf64>)
    -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<500xf64>) {
  %one = nh.constant dense<1.0> : tensor<f64>
  %r:5 = nh.vjp %mu, %phi, %sigma, %z, %one attributes {num_primals = 4 : i64, wrt = array<i64: 0, 1, 2, 3>}
      : (tensor<f64>, tensor<f64>, tensor<f64>, tensor<500xf64>, tensor<f64>)
      -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<500xf64>) {
  ^bb0(%m: tensor<f64>, %p: tensor<f64>, %s: tensor<f64>, %x: tensor<500xf64>):
    %zero = nh.constant dense<0.0> : tensor<f64>
    %half = nh.constant dense<-0.5> : tensor<f64>
    %l:2 = nh.for %m, %zero attributes {trip = 500 : i64, num_carries = 2 : i64, reverse = false}
        : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>) {
    ^bb0(%t: tensor<i64>, %h: tensor<f64>, %lp: tensor<f64>):
      %z1 = nh.dynamic_slice %x, %t {sizes = array<i64: 1>} : (tensor<500xf64>, tensor<i64>) -> tensor<1xf64>
      %zt = nh.reshape %z1 {shape = array<i64>} : (tensor<1xf64>) -> tensor<f64>
      %y1 = nh.dynamic_slice %y, %t {sizes = array<i64: 1>} : (tensor<500xf64>, tensor<i64>) -> tensor<1xf64>
      %yt = nh.reshape %y1 {shape = array<i64>} : (tensor<1xf64>) -> tensor<f64>
      %d = nh.binary sub %h, %m : tensor<f64>
      %pd = nh.binary mul %p, %d : tensor<f64>
      %sz = nh.binary mul %s, %zt : tensor<f64>
      %a = nh.binary add %m, %pd : tensor<f64>
      %next = nh.binary add %a, %sz : tensor<f64>
      %nh = nh.binary mul %half, %next : tensor<f64>
      %w = nh.unary exp %nh : tensor<f64> -> tensor<f64>
      %u = nh.binary mul %yt, %w : tensor<f64>
      %uu = nh.binary mul %u, %u : tensor<f64>
      %c = nh.binary add %uu, %next : tensor<f64>
      %hc = nh.binary mul %half, %c : tensor<f64>
      %q = nh.binary add %lp, %hc : tensor<f64>
      nh.yield %next, %q : tensor<f64>, tensor<f64>
    }
    nh.yield %l#1 : tensor<f64>
  }
  return %r#0, %r#1, %r#2, %r#3, %r#4 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<500xf64>
}
