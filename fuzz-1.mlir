// nh-fuzz --seed 1 --count 1: ended by signal 8
module {
  func.func @main(%arg0: tensor<8x0xi64>) -> tensor<0xi64> {
    %0 = nh.reduce sum %arg0 {dims = array<i64: 0>} : (tensor<8x0xi64>) -> tensor<0xi64>
    return %0 : tensor<0xi64>
  }
}
