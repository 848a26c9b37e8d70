// Concatenation read at an index that differs between lanes.
module {
  func.func @main(%arg0: tensor<i64>, %arg1: tensor<5x1xf64>) -> tensor<3x1xf64> {
    %0 = nh.constant dense<0> : tensor<i64>
    %1 = nh.concatenate %arg1, %arg1 {dim = 1 : i64} : (tensor<5x1xf64>, tensor<5x1xf64>) -> tensor<5x2xf64>
    %2 = nh.dynamic_slice %1, %0, %arg0 {sizes = array<i64: 3, 1>} : (tensor<5x2xf64>, tensor<i64>, tensor<i64>) -> tensor<3x1xf64>
    return %2 : tensor<3x1xf64>
  }
}
