// RUN: nh-opt --mask-lanes=111 --simplify %s | FileCheck %s

// A branch on a value that varies: taken when any lane needs it, the row selected, the array updated in place.
// CHECK-LABEL: @store_if
// CHECK: %[[ANY:.*]] = nh.lane_any %arg0
// CHECK: %[[I:.*]] = nh.convert %[[ANY]]
// CHECK: %[[R:.*]] = nh.case %[[I]]
// CHECK-NEXT: nh.yield %arg1
// CHECK: %[[ROW:.*]] = nh.unary exp %arg2
// CHECK: %[[OLD:.*]] = nh.slice %arg1
// CHECK: %[[P:.*]] = nh.broadcast %arg0
// CHECK: %[[NEW:.*]] = nh.select %[[P]], %[[ROW]], %[[OLD]]
// CHECK: %[[X:.*]] = nh.dynamic_update_slice %arg1, %[[NEW]]
// CHECK: nh.yield %[[X]]
// CHECK: return %[[R]]
func.func @store_if(%p: tensor<i1>, %x: tensor<9xf64>, %row: tensor<2xf64>) -> tensor<9xf64> {
  %three = nh.constant dense<3> : tensor<i64>
  %i = nh.convert %p {dtype = i64} : (tensor<i1>) -> tensor<i64>
  %r = nh.case %i : (tensor<i64>) -> tensor<9xf64> {
    nh.yield %x : tensor<9xf64>
  }, {
    %e = nh.unary exp %row : tensor<2xf64> -> tensor<2xf64>
    %u = nh.dynamic_update_slice %x, %e, %three : (tensor<9xf64>, tensor<2xf64>, tensor<i64>) -> tensor<9xf64>
    nh.yield %u : tensor<9xf64>
  }
  return %r : tensor<9xf64>
}

// A loop that lanes leave at different times, with an effect that only active lanes have.
// CHECK-LABEL: @loop
// CHECK: %[[FIRST:.*]] = nh.compare lt %arg0, %arg1
// CHECK: nh.while %arg0, %[[FIRST]]
// CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %[[ACTIVE:.*]]: tensor<i1>):
// CHECK-NEXT: %[[ANY:.*]] = nh.lane_any %[[ACTIVE]]
// CHECK-NEXT: nh.yield %[[ANY]]
// CHECK: ^bb0(%[[I:.*]]: tensor<i64>, %[[A:.*]]: tensor<i1>):
// CHECK: nh.emit %[[A]], %[[I]], %arg2
// CHECK: %[[NEXT:.*]] = nh.binary add
// CHECK: %[[KEPT:.*]] = nh.select {{.*}}, %[[NEXT]], %[[I]]
// CHECK: %[[GOES:.*]] = nh.compare lt %[[KEPT]], %arg1
// CHECK: %[[B:.*]] = nh.binary and_ %[[A]], %[[GOES]]
// CHECK: nh.yield %[[KEPT]], %[[B]]
func.func @loop(%start: tensor<i64>, %end: tensor<i64>, %x: tensor<f64>) -> tensor<i64> {
  %one = nh.constant dense<1> : tensor<i64>
  %true = nh.constant dense<true> : tensor<i1>
  %r = nh.while %start attributes {max_trip = -1 : i64} : (tensor<i64>) -> tensor<i64> {
  ^bb0(%i: tensor<i64>):
    %c = nh.compare lt %i, %end : (tensor<i64>, tensor<i64>) -> tensor<i1>
    nh.yield %c : tensor<i1>
  } {
  ^bb0(%i: tensor<i64>):
    nh.emit %true, %i, %x {stream = 0 : i64} : tensor<i1>, tensor<i64>, tensor<f64>
    %j = nh.binary add %i, %one : tensor<i64>
    nh.yield %j : tensor<i64>
  }
  return %r : tensor<i64>
}
