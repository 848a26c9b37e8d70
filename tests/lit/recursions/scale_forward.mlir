// RUN: nh-opt --scale-forward --dce %s | FileCheck %s

// One loop of products; the loop with logarithms is in a branch for what underflows.
// CHECK-LABEL: @main
// CHECK: %[[P:.*]] = nh.unary exp {{.*}} : tensor<3x3xf64>
// CHECK: %[[E:.*]] = nh.unary exp {{.*}} : tensor<20x3xf64>
// CHECK: nh.for %{{.*}}, %[[E]]
// CHECK-NOT: nh.unary
// CHECK: nh.dot_general %{{.*}}, %[[P]]
// CHECK: nh.yield
// CHECK: nh.case
// CHECK: nh.for %arg0, %arg2
// CHECK: nh.reduce max
func.func @main(%a: tensor<3xf64>, %t: tensor<3x3xf64>, %e: tensor<20x3xf64>) -> tensor<3xf64> {
  %zero = nh.constant dense<0.0> : tensor<1x3xf64>
  %one = nh.constant dense<1.0> : tensor<1x3xf64>
  %never = nh.constant dense<0xFFF0000000000000> : tensor<1x3xf64>
  %r = nh.for %a, %e attributes {num_carries = 1 : i64, reverse = false, trip = 20 : i64} : (tensor<3xf64>, tensor<20x3xf64>) -> tensor<3xf64> {
  ^bb0(%i: tensor<i64>, %old: tensor<3xf64>, %now: tensor<3xf64>):
    %from = nh.broadcast %old {dims = array<i64: 0>, shape = array<i64: 3, 3>} : (tensor<3xf64>) -> tensor<3x3xf64>
    %x = nh.binary add %from, %t : tensor<3x3xf64>
    %max = nh.reduce max %x {dims = array<i64: 0>} : (tensor<3x3xf64>) -> tensor<3xf64>
    %row = nh.reshape %max {shape = array<i64: 1, 3>} : (tensor<3xf64>) -> tensor<1x3xf64>
    %finite = nh.unary is_finite %row : tensor<1x3xf64> -> tensor<1x3xi1>
    %m = nh.select %finite, %row, %zero : (tensor<1x3xi1>, tensor<1x3xf64>, tensor<1x3xf64>) -> tensor<1x3xf64>
    %ms = nh.broadcast %m {dims = array<i64: 0, 1>, shape = array<i64: 3, 3>} : (tensor<1x3xf64>) -> tensor<3x3xf64>
    %d = nh.binary sub %x, %ms : tensor<3x3xf64>
    %p = nh.unary exp %d : tensor<3x3xf64> -> tensor<3x3xf64>
    %s = nh.reduce sum %p {dims = array<i64: 0>} : (tensor<3x3xf64>) -> tensor<3xf64>
    %sum = nh.reshape %s {shape = array<i64: 1, 3>} : (tensor<3xf64>) -> tensor<1x3xf64>
    %empty = nh.compare eq %sum, %zero : (tensor<1x3xf64>, tensor<1x3xf64>) -> tensor<1x3xi1>
    %safe = nh.select %empty, %one, %sum : (tensor<1x3xi1>, tensor<1x3xf64>, tensor<1x3xf64>) -> tensor<1x3xf64>
    %log = nh.unary log %safe : tensor<1x3xf64> -> tensor<1x3xf64>
    %l = nh.select %empty, %never, %log : (tensor<1x3xi1>, tensor<1x3xf64>, tensor<1x3xf64>) -> tensor<1x3xf64>
    %lse = nh.binary add %l, %m : tensor<1x3xf64>
    %flat = nh.reshape %lse {shape = array<i64: 3>} : (tensor<1x3xf64>) -> tensor<3xf64>
    %next = nh.binary add %flat, %now : tensor<3xf64>
    nh.yield %next : tensor<3xf64>
  }
  return %r : tensor<3xf64>
}

// Without the guard for an empty sum it is another function.
// CHECK-LABEL: @other
// CHECK-NOT: nh.case
// CHECK: return
func.func @other(%a: tensor<3xf64>, %t: tensor<3x3xf64>, %e: tensor<20x3xf64>) -> tensor<3xf64> {
  %r = nh.for %a, %e attributes {num_carries = 1 : i64, reverse = false, trip = 20 : i64} : (tensor<3xf64>, tensor<20x3xf64>) -> tensor<3xf64> {
  ^bb0(%i: tensor<i64>, %old: tensor<3xf64>, %now: tensor<3xf64>):
    %from = nh.broadcast %old {dims = array<i64: 0>, shape = array<i64: 3, 3>} : (tensor<3xf64>) -> tensor<3x3xf64>
    %x = nh.binary add %from, %t : tensor<3x3xf64>
    %p = nh.unary exp %x : tensor<3x3xf64> -> tensor<3x3xf64>
    %s = nh.reduce sum %p {dims = array<i64: 0>} : (tensor<3x3xf64>) -> tensor<3xf64>
    %log = nh.unary log %s : tensor<3xf64> -> tensor<3xf64>
    %next = nh.binary add %log, %now : tensor<3xf64>
    nh.yield %next : tensor<3xf64>
  }
  return %r : tensor<3xf64>
}
