// RUN: nh-opt --simplify %s | FileCheck %s

// Literal starts are clamped as the operation clamps them.
// CHECK-LABEL: @literal_start
// CHECK-NEXT: nh.slice %arg0 {limit = array<i64: 5>, start = array<i64: 3>
func.func @literal_start(%x: tensor<5xf64>) -> tensor<2xf64> {
  %i = nh.constant dense<9> : tensor<i64>
  %a = nh.dynamic_slice %x, %i {sizes = array<i64: 2>} : (tensor<5xf64>, tensor<i64>) -> tensor<2xf64>
  return %a : tensor<2xf64>
}

// CHECK-LABEL: @read_what_was_written
// CHECK-NEXT: return %arg1
func.func @read_what_was_written(%x: tensor<5xf64>, %u: tensor<2xf64>, %i: tensor<i64>) -> tensor<2xf64> {
  %a = nh.dynamic_update_slice %x, %u, %i : (tensor<5xf64>, tensor<2xf64>, tensor<i64>) -> tensor<5xf64>
  %b = nh.dynamic_slice %a, %i {sizes = array<i64: 2>} : (tensor<5xf64>, tensor<i64>) -> tensor<2xf64>
  return %b : tensor<2xf64>
}

// CHECK-LABEL: @written_twice
// CHECK-NEXT: nh.dynamic_update_slice %arg0, %arg2, %arg3
func.func @written_twice(%x: tensor<5xf64>, %u: tensor<2xf64>, %v: tensor<2xf64>, %i: tensor<i64>) -> tensor<5xf64> {
  %a = nh.dynamic_update_slice %x, %u, %i : (tensor<5xf64>, tensor<2xf64>, tensor<i64>) -> tensor<5xf64>
  %b = nh.dynamic_update_slice %a, %v, %i : (tensor<5xf64>, tensor<2xf64>, tensor<i64>) -> tensor<5xf64>
  return %b : tensor<5xf64>
}

// CHECK-LABEL: @gather_of_a_range
// CHECK-NOT: nh.gather
// CHECK: nh.slice %arg0 {limit = array<i64: 4, 6>, start = array<i64: 1, 0>, stride = array<i64: 2, 1>}
func.func @gather_of_a_range(%x: tensor<5x6xf64>) -> tensor<6x2xf64> {
  %i = nh.constant dense<[[1], [3]]> : tensor<2x1xi64>
  %a = nh.gather %x, %i {offset_dims = array<i64: 0>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1, 6>} : (tensor<5x6xf64>, tensor<2x1xi64>) -> tensor<6x2xf64>
  return %a : tensor<6x2xf64>
}

// CHECK-LABEL: @gather_of_one
// CHECK-NOT: nh.gather
// CHECK: nh.dynamic_slice %arg0
func.func @gather_of_one(%x: tensor<5x6xf64>, %i: tensor<1xi64>) -> tensor<6xf64> {
  %a = nh.gather %x, %i {offset_dims = array<i64: 0>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1, 6>} : (tensor<5x6xf64>, tensor<1xi64>) -> tensor<6xf64>
  return %a : tensor<6xf64>
}

// A loop counter is not negative: indexing from the end disappears.
// CHECK-LABEL: @counter_is_not_negative
// CHECK-NOT: nh.select
func.func @counter_is_not_negative(%x: tensor<5xf64>, %c: tensor<f64>) -> tensor<f64> {
  %zero = nh.constant dense<0> : tensor<i64>
  %five = nh.constant dense<5> : tensor<i64>
  %r = nh.for %c attributes {trip = 5 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>):
    %n = nh.compare lt %i, %zero : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %e = nh.binary add %i, %five : tensor<i64>
    %j = nh.select %n, %e, %i : (tensor<i1>, tensor<i64>, tensor<i64>) -> tensor<i64>
    %v = nh.dynamic_slice %x, %j {sizes = array<i64: 1>} : (tensor<5xf64>, tensor<i64>) -> tensor<1xf64>
    %s = nh.reshape %v {shape = array<i64>} : (tensor<1xf64>) -> tensor<f64>
    %b = nh.binary add %a, %s : tensor<f64>
    nh.yield %b : tensor<f64>
  }
  return %r : tensor<f64>
}
