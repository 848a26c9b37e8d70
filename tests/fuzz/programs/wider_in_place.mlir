// A value overwritten in place by one of wider elements: later elements were gone before they were read.
module {
  func.func @main(%arg0: tensor<i1>, %arg1: tensor<5x24xf32>, %arg2: tensor<27x7xf32>) -> tensor<27x7xf64> {
    %0 = nh.convert %arg2 {dtype = f64} : (tensor<27x7xf32>) -> tensor<27x7xf64>
    return %0 : tensor<27x7xf64>
  }
}
