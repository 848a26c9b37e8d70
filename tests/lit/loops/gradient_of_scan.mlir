// RUN: nh-opt --expand-transforms --simplify %s | FileCheck %s

// The cotangent of an array read at the counter is a stacked output of the reversed loop: no array-sized operation in it.
// CHECK-LABEL: @gradient
// CHECK: nh.for %arg1, %arg0
// CHECK: %[[R:.*]]:2 = nh.for {{.*}}reverse = true
// CHECK-NEXT: ^bb0
// CHECK-NOT: tensor<100xf64>
// CHECK: nh.yield
// CHECK: return %[[R]]#1
func.func @gradient(%h: tensor<100xf64>, %c: tensor<f64>, %g: tensor<f64>) -> tensor<100xf64> {
  %r:2 = nh.vjp %h, %c, %g attributes {num_primals = 2 : i64, wrt = array<i64: 0>} : (tensor<100xf64>, tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<100xf64>) {
  ^bb0(%x: tensor<100xf64>, %s: tensor<f64>):
    %n = nh.constant dense<100> : tensor<i64>
    %zero = nh.constant dense<0> : tensor<i64>
    %q = nh.for %s attributes {trip = 100 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>) -> tensor<f64> {
    ^bb0(%i: tensor<i64>, %a: tensor<f64>):
      %p = nh.compare lt %i, %zero : (tensor<i64>, tensor<i64>) -> tensor<i1>
      %e = nh.binary add %i, %n : tensor<i64>
      %j = nh.select %p, %e, %i : (tensor<i1>, tensor<i64>, tensor<i64>) -> tensor<i64>
      %v = nh.dynamic_slice %x, %j {sizes = array<i64: 1>} : (tensor<100xf64>, tensor<i64>) -> tensor<1xf64>
      %w = nh.reshape %v {shape = array<i64>} : (tensor<1xf64>) -> tensor<f64>
      %m = nh.binary mul %a, %w : tensor<f64>
      %b = nh.unary sin %m : tensor<f64> -> tensor<f64>
      nh.yield %b : tensor<f64>
    }
    nh.yield %q : tensor<f64>
  }
  return %r#1 : tensor<100xf64>
}
