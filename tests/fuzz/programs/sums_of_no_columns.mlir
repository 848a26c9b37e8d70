// Groups of threads divided by the number of results, which is zero.
module {
  func.func @main(%arg0: tensor<8x0xi64>, %arg1: tensor<0x40xf64>, %arg2: tensor<40x3xf64>) -> (tensor<0xi64>, tensor<0x3xf64>) {
    %0 = nh.reduce sum %arg0 {dims = array<i64: 0>} : (tensor<8x0xi64>) -> tensor<0xi64>
    %1 = nh.dot_general %arg1, %arg2 {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<0x40xf64>, tensor<40x3xf64>) -> tensor<0x3xf64>
    return %0, %1 : tensor<0xi64>, tensor<0x3xf64>
  }
}
