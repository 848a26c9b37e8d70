// The derivatives of running reductions along an empty dimension: the shift by one place had negative bounds.
module {
  func.func @main(%x: tensor<0xf32>, %g: tensor<0xf32>, %y: tensor<2x0xf64>) -> (tensor<0xf32>, tensor<0xf32>, tensor<2x0xf64>) {
    %r:2 = nh.jvp %x, %g : (tensor<0xf32>, tensor<0xf32>) -> (tensor<0xf32>, tensor<0xf32>) {
    ^bb0(%a: tensor<0xf32>):
      %b = nh.cumulative min %a {dim = 0 : i64, reverse = false} : (tensor<0xf32>) -> tensor<0xf32>
      nh.yield %b : tensor<0xf32>
    }
    %s:2 = nh.vjp %x, %g attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<0xf32>, tensor<0xf32>) -> (tensor<0xf32>, tensor<0xf32>) {
    ^bb0(%a: tensor<0xf32>):
      %b = nh.cumulative logsumexp %a {dim = 0 : i64, reverse = true} : (tensor<0xf32>) -> tensor<0xf32>
      nh.yield %b : tensor<0xf32>
    }
    %t:2 = nh.vjp %y, %y attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<2x0xf64>, tensor<2x0xf64>) -> (tensor<2x0xf64>, tensor<2x0xf64>) {
    ^bb0(%a: tensor<2x0xf64>):
      %b = nh.cumulative prod %a {dim = 1 : i64, reverse = false} : (tensor<2x0xf64>) -> tensor<2x0xf64>
      nh.yield %b : tensor<2x0xf64>
    }
    return %r#1, %s#1, %t#1 : tensor<0xf32>, tensor<0xf32>, tensor<2x0xf64>
  }
}
