// RUN: nh-opt --expand-transforms --dce --form-fma --simplify %s | FileCheck %s

// The exponentials of the forward loop are not stacked: the reverse loop reads the state and computes them again.
// CHECK-LABEL: @loop
// CHECK: %[[F:.*]]:2 = nh.for %arg0 {{.*}} -> (tensor<9xf64>, tensor<4x9xf64>)
// CHECK: nh.unary exp
// CHECK: nh.for %arg1, %[[F]]#1 {{.*}}reverse = true
// CHECK: ^bb0(%{{.*}}: tensor<i64>, %[[G:.*]]: tensor<9xf64>, %[[X:.*]]: tensor<9xf64>):
// CHECK: %[[B:.*]] = nh.barrier %[[X]], %[[G]]
// CHECK: nh.unary exp %[[B]]
func.func @loop(%x: tensor<9xf64>, %g: tensor<9xf64>) -> (tensor<9xf64>, tensor<9xf64>) {
  %r:2 = nh.vjp %x, %g attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<9xf64>, tensor<9xf64>) -> (tensor<9xf64>, tensor<9xf64>) {
  ^bb0(%a: tensor<9xf64>):
    %l = nh.for %a attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64> {
    ^bb0(%i: tensor<i64>, %s: tensor<9xf64>):
      %c = nh.checkpoint %s : (tensor<9xf64>) -> tensor<9xf64> {
      ^bb0(%b: tensor<9xf64>):
        %e = nh.unary exp %b : tensor<9xf64> -> tensor<9xf64>
        %t = nh.unary sin %e : tensor<9xf64> -> tensor<9xf64>
        nh.yield %t : tensor<9xf64>
      }
      nh.yield %c : tensor<9xf64>
    }
    nh.yield %l : tensor<9xf64>
  }
  return %r#0, %r#1 : tensor<9xf64>, tensor<9xf64>
}

// The second computation makes no report.
// CHECK-LABEL: @straight
// CHECK: nh.checkpoint %arg0
// CHECK: nh.report
// CHECK: %[[B:.*]] = nh.barrier %arg0, %arg1
// CHECK: nh.unary exp %[[B]]
// CHECK-NOT: nh.report
// CHECK: return
func.func @straight(%x: tensor<f64>, %g: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %yes = nh.constant dense<true> : tensor<i1>
  %r:2 = nh.vjp %x, %g attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  ^bb0(%a: tensor<f64>):
    %c = nh.checkpoint %a : (tensor<f64>) -> tensor<f64> {
    ^bb0(%b: tensor<f64>):
      %e = nh.unary exp %b : tensor<f64> -> tensor<f64>
      nh.report %yes, %e {text = "{}", fatal = false} : tensor<i1>, tensor<f64>
      %t = nh.unary sin %e : tensor<f64> -> tensor<f64>
      nh.yield %t : tensor<f64>
    }
    nh.yield %c : tensor<f64>
  }
  return %r#0, %r#1 : tensor<f64>, tensor<f64>
}

// Forward mode has nothing to keep.
// CHECK-LABEL: @forward
// CHECK: %[[E:.*]] = nh.unary exp %arg0
// CHECK: nh.binary mul {{.*}}%[[E]]
// CHECK-NOT: nh.barrier
// CHECK: return
func.func @forward(%x: tensor<f64>, %t: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %r:2 = nh.jvp %x, %t : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  ^bb0(%a: tensor<f64>):
    %c = nh.checkpoint %a : (tensor<f64>) -> tensor<f64> {
    ^bb0(%b: tensor<f64>):
      %e = nh.unary exp %b : tensor<f64> -> tensor<f64>
      nh.yield %e : tensor<f64>
    }
    nh.yield %c : tensor<f64>
  }
  return %r#0, %r#1 : tensor<f64>, tensor<f64>
}
