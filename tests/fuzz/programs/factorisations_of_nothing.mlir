// The derivatives of LU factors of matrices without elements: rows were gathered in blocks of one.
module {
  func.func @main(%x: tensor<2x0x0xf64>, %y: tensor<0x3x3xf64>, %z: tensor<f64>) -> (tensor<2x0x0xf64>, tensor<0x3x3xf64>, tensor<0x3x3xf64>, tensor<f64>) {
    %a:4 = nh.jvp %x, %x : (tensor<2x0x0xf64>, tensor<2x0x0xf64>) -> (tensor<2x0x0xf64>, tensor<2x0xi64>, tensor<2x0x0xf64>, tensor<2x0xi64>) {
    ^bb0(%p: tensor<2x0x0xf64>):
      %f, %r = nh.lu %p : (tensor<2x0x0xf64>) -> (tensor<2x0x0xf64>, tensor<2x0xi64>)
      nh.yield %f, %r : tensor<2x0x0xf64>, tensor<2x0xi64>
    }
    %b:2 = nh.jvp %y, %y : (tensor<0x3x3xf64>, tensor<0x3x3xf64>) -> (tensor<0x3x3xf64>, tensor<0x3x3xf64>) {
    ^bb0(%p: tensor<0x3x3xf64>):
      %f, %r = nh.lu %p : (tensor<0x3x3xf64>) -> (tensor<0x3x3xf64>, tensor<0x3xi64>)
      nh.yield %f : tensor<0x3x3xf64>
    }
    %c:2 = nh.vjp %y, %y attributes {num_primals = 1 : i64, wrt = array<i64: 0>} : (tensor<0x3x3xf64>, tensor<0x3x3xf64>) -> (tensor<0x3x3xf64>, tensor<0x3x3xf64>) {
    ^bb0(%p: tensor<0x3x3xf64>):
      %f, %r = nh.lu %p : (tensor<0x3x3xf64>) -> (tensor<0x3x3xf64>, tensor<0x3xi64>)
      nh.yield %f : tensor<0x3x3xf64>
    }
    return %a#2, %b#1, %c#1, %z : tensor<2x0x0xf64>, tensor<0x3x3xf64>, tensor<0x3x3xf64>, tensor<f64>
  }
}
