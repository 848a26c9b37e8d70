#pragma once
/// Foreign code as an operation: a C function of the user's own that programs call by name, compiled or not, under vmap,
/// in loops and inside models.
#include <string>
#include <vector>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// What a general kernel is given. Arrays are row-major; sizes count elements, not bytes.
struct ForeignCall {
  std::int64_t num_inputs;
  const void* const* inputs;
  const std::int64_t* input_sizes;
  std::int64_t num_results;
  void* const* results;
  const std::int64_t* result_sizes;
};
/// Any number of inputs and results of any dtype (bool_ is one byte).
using CustomKernel = void (*)(const ForeignCall*);
/// One f64 result of n elements from f64 inputs: in[k] points to the elements of input k.
using ForeignKernel = void (*)(const double* const* in, double* out, std::int64_t n);

/// Makes `kernel` known under `name` to this process. Kernels must be pure functions of their inputs: they may run
/// several times, on several threads at once, for lanes whose result is thrown away (with whatever values those lanes
/// have), or not at all. An exception thrown by a kernel becomes an Error of the run. Registering the same function
/// again is allowed, another one under the same name an Error: programs on disk refer to the name.
void register_kernel(const std::string& name, CustomKernel kernel, Where where = Where::current());

/// Type of a result of custom_call.
struct ResultType {
  Dtype dtype = Dtype::f64;
  Shape shape;
};
/// Calls a registered kernel; results have the given types. Under vmap the kernel is called for each element. No
/// derivative: wrap it by custom_vjp or custom_jvp. Error: the name is not registered.
std::vector<Tensor> custom_call(const std::string& name, const std::vector<Tensor>& inputs,
                                const std::vector<ResultType>& results, Where where = Where::current());

struct ForeignOptions {
  OnlyNamed only_named{};
  /// The name programs refer to it by.
  std::string name;
  /// Shape of the result from those of the inputs; without it that of the first input.
  Shape (*shape)(std::vector<Shape>) = nullptr;
  /// The code. Inputs are converted to f64.
  ForeignKernel cpu = nullptr;
  /// Cotangents of the inputs from the inputs and the cotangent of the result; without it a derivative is an Error.
  std::vector<Tensor> (*vjp)(std::vector<Tensor>, Tensor) = nullptr;
  /// Element i of the result depends on element i of the inputs only, which all have the result's shape: one call may
  /// then serve all elements of vmap and all lanes.
  bool elementwise = false;
};

/// An operation made of foreign code; see foreign.
class Foreign {
 public:
  Foreign(ForeignOptions options, Where where);
  template <class... T>
  Tensor operator()(const T&... inputs) const {
    return apply({Tensor(inputs)...});
  }
  Tensor apply(const std::vector<Tensor>& inputs) const;

 private:
  ForeignOptions options_;
  Where where_;
};
/// auto op = foreign({.name = "airy", .cpu = airy, .vjp = ...}); op(x). Lambdas given here capture nothing.
Foreign foreign(ForeignOptions options, Where where = Where::current());

}  // namespace nuthatch
