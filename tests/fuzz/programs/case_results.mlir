// A case that yields one value as two results, of which only the later is used: both were dropped.
module {
  func.func @main(%arg0: tensor<f64>, %arg1: tensor<2xf64>, %arg2: tensor<i64>) -> tensor<f64> {
    %0:2 = nh.case %arg2 : (tensor<i64>) -> (tensor<f64>, tensor<f64>) {
      %1 = nh.reduce sum %arg1 {dims = array<i64: 0>} : (tensor<2xf64>) -> tensor<f64>
      nh.yield %1, %1 : tensor<f64>, tensor<f64>
    }, {
      %1 = nh.unary sin %arg0 : tensor<f64> -> tensor<f64>
      nh.yield %1, %1 : tensor<f64>, tensor<f64>
    }
    return %0#1 : tensor<f64>
  }
}
