// RUN: nh-opt --simplify %s | FileCheck %s

// CHECK-LABEL: @known_branch
// CHECK-NEXT: %[[E:.*]] = nh.unary exp %arg0
// CHECK-NEXT: return %[[E]]
func.func @known_branch(%x: tensor<f64>) -> tensor<f64> {
  %i = nh.constant dense<7> : tensor<i64>
  %r = nh.case %i : (tensor<i64>) -> tensor<f64> {
    nh.yield %x : tensor<f64>
  }, {
    %e = nh.unary exp %x : tensor<f64> -> tensor<f64>
    nh.yield %e : tensor<f64>
  }
  return %r : tensor<f64>
}

// The unused result and the one that every branch takes from above go.
// CHECK-LABEL: @results_of_branches
// CHECK: %[[R:.*]] = nh.case %arg0 : (tensor<i64>) -> tensor<f64>
// CHECK-NOT: nh.unary exp
// CHECK: return %[[R]], %arg1
func.func @results_of_branches(%i: tensor<i64>, %x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %r:3 = nh.case %i : (tensor<i64>) -> (tensor<f64>, tensor<f64>, tensor<f64>) {
    nh.yield %x, %x, %x : tensor<f64>, tensor<f64>, tensor<f64>
  }, {
    %s = nh.unary sin %x : tensor<f64> -> tensor<f64>
    %e = nh.unary exp %x : tensor<f64> -> tensor<f64>
    nh.yield %s, %e, %x : tensor<f64>, tensor<f64>, tensor<f64>
  }
  return %r#0, %r#2 : tensor<f64>, tensor<f64>
}

// What is invariant moves out, what is dead goes: the second carry, the stack of a constant, the unused input.
// CHECK-LABEL: @loop
// CHECK: %[[S:.*]] = nh.broadcast %arg1
// CHECK: %[[E:.*]] = nh.unary exp %arg1
// CHECK: %[[R:.*]] = nh.for %arg0 attributes {num_carries = 1 : i64, {{.*}}} : (tensor<f64>) -> tensor<f64>
// CHECK-NEXT: ^bb0(%[[I:.*]]: tensor<i64>, %[[A:.*]]: tensor<f64>):
// CHECK-NEXT: nh.binary add %[[A]], %[[E]]
// CHECK: return %[[R]], %[[S]]
func.func @loop(%c: tensor<f64>, %x: tensor<f64>, %xs: tensor<4xf64>) -> (tensor<f64>, tensor<4xf64>) {
  %r:4 = nh.for %c, %c, %x, %xs attributes {trip = 4 : i64, num_carries = 3 : i64, reverse = false} : (tensor<f64>, tensor<f64>, tensor<f64>, tensor<4xf64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<4xf64>) {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %d: tensor<f64>, %y: tensor<f64>, %s: tensor<f64>):
    %e = nh.unary exp %y : tensor<f64> -> tensor<f64>
    %b = nh.binary add %a, %e : tensor<f64>
    %f = nh.binary mul %d, %s : tensor<f64>
    nh.yield %b, %f, %y, %y : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
  }
  return %r#0, %r#3 : tensor<f64>, tensor<4xf64>
}

// CHECK-LABEL: @one_iteration
// CHECK-NOT: nh.for
func.func @one_iteration(%c: tensor<f64>, %xs: tensor<1xf64>) -> (tensor<f64>, tensor<1xf64>) {
  %r:2 = nh.for %c, %xs attributes {trip = 1 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>, tensor<1xf64>) -> (tensor<f64>, tensor<1xf64>) {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %x: tensor<f64>):
    %b = nh.binary add %a, %x : tensor<f64>
    nh.yield %b, %a : tensor<f64>, tensor<f64>
  }
  return %r#0, %r#1 : tensor<f64>, tensor<1xf64>
}

// CHECK-LABEL: @while_carries
// CHECK: nh.while %arg0 attributes {{.*}} : (tensor<i64>) -> tensor<i64>
func.func @while_carries(%n: tensor<i64>, %m: tensor<i64>, %x: tensor<f64>) -> tensor<i64> {
  %r:3 = nh.while %n, %m, %x attributes {max_trip = -1 : i64} : (tensor<i64>, tensor<i64>, tensor<f64>) -> (tensor<i64>, tensor<i64>, tensor<f64>) {
  ^bb0(%i: tensor<i64>, %k: tensor<i64>, %y: tensor<f64>):
    %p = nh.compare lt %i, %k : (tensor<i64>, tensor<i64>) -> tensor<i1>
    nh.yield %p : tensor<i1>
  } {
  ^bb0(%i: tensor<i64>, %k: tensor<i64>, %y: tensor<f64>):
    %j = nh.binary add %i, %i : tensor<i64>
    %z = nh.unary sin %y : tensor<f64> -> tensor<f64>
    nh.yield %j, %k, %z : tensor<i64>, tensor<i64>, tensor<f64>
  }
  return %r#0 : tensor<i64>
}

// A while inside a loop that may not run could be one that does not end: it stays.
// CHECK-LABEL: @invariant_while
// CHECK-NEXT: nh.for
// CHECK: nh.while
func.func @invariant_while(%c: tensor<f64>, %x: tensor<f64>) -> tensor<f64> {
  %r = nh.for %c attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>):
    %w = nh.while %x attributes {max_trip = -1 : i64} : (tensor<f64>) -> tensor<f64> {
    ^bb0(%y: tensor<f64>):
      %p = nh.compare lt %y, %x : (tensor<f64>, tensor<f64>) -> tensor<i1>
      nh.yield %p : tensor<i1>
    } {
    ^bb0(%y: tensor<f64>):
      %z = nh.unary sin %y : tensor<f64> -> tensor<f64>
      nh.yield %z : tensor<f64>
    }
    %b = nh.binary mul %a, %w : tensor<f64>
    nh.yield %b : tensor<f64>
  }
  return %r : tensor<f64>
}

// CHECK-LABEL: @no_iteration
// CHECK-NOT: nh.for
// CHECK: return %arg0
func.func @no_iteration(%c: tensor<f64>, %xs: tensor<0xf64>) -> (tensor<f64>, tensor<0xf64>) {
  %r:2 = nh.for %c, %xs attributes {trip = 0 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>, tensor<0xf64>) -> (tensor<f64>, tensor<0xf64>) {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %x: tensor<f64>):
    %b = nh.binary add %a, %x : tensor<f64>
    nh.yield %b, %a : tensor<f64>, tensor<f64>
  }
  return %r#0, %r#1 : tensor<f64>, tensor<0xf64>
}
