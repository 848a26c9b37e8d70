// An update of an array that is the same for all lanes by a block that differs: the two shared memory.
module {
  func.func @main(%arg0: tensor<i64>, %arg1: tensor<i1>, %arg2: tensor<8x7xi64>, %arg3: tensor<5x3xf64>) -> tensor<5xf64> {
    %0 = nh.constant dense<0.000000e+00> : tensor<2x50xf64>
    %1 = nh.constant dense<3> : tensor<i64>
    %2 = nh.constant dense<0> : tensor<348x2xi64>
    %3 = nh.gather %arg3, %2 {collapsed_dims = array<i64: 1>, index_map = array<i64: 0, 1>, indices_batch_dims = array<i64>, offset_dims = array<i64: 0>, operand_batch_dims = array<i64>, slice_sizes = array<i64: 5, 1>} : (tensor<5x3xf64>, tensor<348x2xi64>) -> tensor<5x348xf64>
    %4 = nh.dynamic_update_slice %3, %0, %1, %arg0 : (tensor<5x348xf64>, tensor<2x50xf64>, tensor<i64>, tensor<i64>) -> tensor<5x348xf64>
    %5 = nh.slice %4 {limit = array<i64: 5, 1>, start = array<i64: 0, 0>, stride = array<i64: 1, 1>} : (tensor<5x348xf64>) -> tensor<5x1xf64>
    %6 = nh.reshape %5 {shape = array<i64: 5>} : (tensor<5x1xf64>) -> tensor<5xf64>
    return %6 : tensor<5xf64>
  }
}
