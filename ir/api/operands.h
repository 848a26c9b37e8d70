#pragma once
// What every function of the API does with its operands before it emits an operation: promotion, broadcasting, checks.
#include <initializer_list>
#include <optional>
#include <string>

#include "nuthatch/detail/caller_line.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/kinds.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

using Ints = std::vector<std::int64_t>;

/// Throws nuthatch::Error "file:line: op: message".
[[noreturn]] void fail(const char* op, const std::string& message, Where);
/// "f64[3, 4]".
std::string describe(const Tensor& x);
std::string describe(const TensorType& type);

/// The value behind a handle; an empty handle is an Error.
const Value& checked(const char* op, const Tensor& x, Where);
/// An axis counted from the end made positive; Error naming axis and shape when there is no such axis of `rank`.
int axis_of(const char* op, int axis, std::size_t rank, const Shape& shape, Where);

/// A literal scalar of exactly this dtype: a constant of the program, not one of its captures.
Tensor literal(double x, Dtype dtype);
Tensor literal_integer(std::int64_t x, Dtype dtype = Dtype::i64);
/// A constant array inside a program, an ordinary concrete tensor outside.
Tensor constant(Array array, Where);
Array array_of(const std::vector<std::int64_t>& x);

/// Element i of a concrete array as double, or as integer.
double real_at(const Array& a, std::int64_t i);
std::int64_t integer_at(const Array& a, std::int64_t i);

Tensor emit_one(const char* op, std::initializer_list<Tensor> operands, const Attrs& attrs, Where);
Tensor emit_one(const char* op, const std::vector<Tensor>& operands, const Attrs& attrs, Where);

/// `axis` counted from the front; Error when x has no such axis.
int axis_in(const char* op, const Tensor& x, int axis, Where);

/// The common dtype of two operands by the rules of tensor.h.
Dtype promote(const char* op, const Tensor& a, const Tensor& b, Where);
Dtype promote(const char* op, const std::vector<Tensor>& xs, Where);
/// The dtype itself when it is a float, else f64.
Dtype floating(Dtype d);
/// x in this dtype; literals stay literals.
Tensor convert(const Tensor& x, Dtype dtype, Where);
/// x as a float.
Tensor to_float(const char* op, const Tensor& x, Where);
/// x as i64; Error when it is not an integer tensor.
Tensor to_index(const char* op, const Tensor& x, Where);

/// Common shape; Error "add: cannot broadcast [8] with [7]".
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b, Where);
/// x repeated to a shape it is known to fit, aligned at the last dimension.
Tensor expand(const Tensor& x, const Shape& shape, Where);
/// Promotes and broadcasts operands to one type.
void unify(const char* op, std::initializer_list<Tensor*> operands, std::optional<Dtype> dtype, Where);

/// A result of literals only is a literal again.
Tensor weak_if(bool weak, Tensor x);

Tensor unary(Unary kind, const char* name, const Tensor& x, Where);
Tensor binary(Binary kind, const char* name, Tensor a, Tensor b, Where);
Tensor compare(Compare kind, const char* name, Tensor a, Tensor b, Where);

Tensor reshaped(const Tensor& x, const Shape& shape, Where);
Tensor transposed(const Tensor& x, const Ints& perm, Where);
Tensor sliced(const Tensor& x, const Ints& start, const Ints& limit, const Ints& stride, Where);
/// Elements [from, to) of one dimension.
Tensor part(const Tensor& x, std::size_t dim, std::int64_t from, std::int64_t to, Where);
Tensor iota(Dtype dtype, const Shape& shape, int dim, Where);

Tensor dot_general(const Tensor& a, const Tensor& b, const Ints& batch_a, const Ints& batch_b, const Ints& contract_a,
                   const Ints& contract_b, Where);

}  // namespace nuthatch::detail
