#include "ir/api/operands.h"

#include <cmath>

namespace nuthatch::detail {

namespace {
thread_local bool calling = false;
thread_local std::source_location caller;
}  // namespace

CallerLine::CallerLine(std::source_location where) : outermost_(!calling) {
  if (!outermost_) return;
  calling = true;
  caller = where;
}
CallerLine::~CallerLine() {
  if (outermost_) calling = false;
}
std::source_location CallerLine::or_else(std::source_location where) { return calling ? caller : where; }

void fail(const char* op, const std::string& message, Where where) {
  throw Error(std::string(op) + ": " + message, CallerLine::or_else(where));
}

std::string describe(const TensorType& type) { return std::string(name(type.dtype)) + to_string(type.shape); }
std::string describe(const Tensor& x) { return x.defined() ? describe(value(x)->type) : "an empty Tensor"; }

const Value& checked(const char* op, const Tensor& x, Where where) {
  if (!x.defined()) fail(op, "an empty Tensor is used", where);
  return *value(x);
}

int axis_of(const char* op, int axis, std::size_t rank, const Shape& shape, Where where) {
  const int n = int(rank);
  if (axis < -n || axis >= n) fail(op, "axis " + std::to_string(axis) + " is not an axis of shape " + to_string(shape), where);
  return axis < 0 ? axis + n : axis;
}

double real_at(const Array& a, std::int64_t i) {
  switch (a.dtype) {
    case Dtype::bool_: return a.as<bool>()[i];
    case Dtype::i32: return a.as<std::int32_t>()[i];
    case Dtype::i64: return double(a.as<std::int64_t>()[i]);
    case Dtype::ui32: return a.as<std::uint32_t>()[i];
    case Dtype::ui64: return double(a.as<std::uint64_t>()[i]);
    case Dtype::f32: return a.as<float>()[i];
    case Dtype::f64: return a.as<double>()[i];
  }
  return 0;
}

std::int64_t integer_at(const Array& a, std::int64_t i) {
  switch (a.dtype) {
    case Dtype::bool_: return a.as<bool>()[i];
    case Dtype::i32: return a.as<std::int32_t>()[i];
    case Dtype::i64: return a.as<std::int64_t>()[i];
    case Dtype::ui32: return a.as<std::uint32_t>()[i];
    case Dtype::ui64: return std::int64_t(a.as<std::uint64_t>()[i]);
    default: break;
  }
  const double x = real_at(a, i);  // truncates and saturates, NaN gives 0
  if (std::isnan(x)) return 0;
  if (x >= 0x1p63) return INT64_MAX;
  if (x <= -0x1p63) return INT64_MIN;
  return std::int64_t(x);
}

namespace {
template <class T, class From>
T saturated(From x) {
  using Limits = std::numeric_limits<T>;
  if (x < From(0) && (std::is_unsigned_v<T> || x < From(Limits::min()))) return Limits::min();
  if (x > From(0) && std::uint64_t(x) > std::uint64_t(Limits::max())) return Limits::max();
  return T(x);
}

/// One element of a literal written in dtype; integers keep all their bits.
Array scalar(Dtype dtype, double real, std::int64_t integer) {
  Array a(dtype, {});
  switch (dtype) {
    case Dtype::bool_: *a.as<bool>() = real != 0; break;
    case Dtype::i32: *a.as<std::int32_t>() = saturated<std::int32_t>(integer); break;
    case Dtype::i64: *a.as<std::int64_t>() = integer; break;
    case Dtype::ui32: *a.as<std::uint32_t>() = std::uint32_t(integer); break;
    case Dtype::ui64: *a.as<std::uint64_t>() = std::uint64_t(integer); break;
    case Dtype::f32: *a.as<float>() = float(real); break;
    case Dtype::f64: *a.as<double>() = real; break;
  }
  return a;
}
}  // namespace

Tensor literal(double x, Dtype dtype) { return wrap(concrete(scalar(dtype, x, std::int64_t(is_float(dtype) ? 0 : x)), true)); }
Tensor literal_integer(std::int64_t x, Dtype dtype) { return wrap(concrete(scalar(dtype, double(x), x), true)); }

Tensor constant(Array array, Where where) {
  if (!tracing()) return wrap(concrete(std::move(array), false, where));
  return wrap(emit("constant", {}, {{"value", DenseConstant{std::move(array)}}}, where));
}

Array array_of(const std::vector<std::int64_t>& x) {
  Array a(Dtype::i64, Shape{std::int64_t(x.size())});
  std::copy(x.begin(), x.end(), a.as<std::int64_t>());
  return a;
}

int axis_in(const char* op, const Tensor& x, int axis, Where where) {
  const Shape& shape = checked(op, x, where).type.shape;
  return axis_of(op, axis, shape.size(), shape, where);
}

Tensor emit_one(const char* op, const std::vector<Tensor>& operands, const Attrs& attrs, Where where) {
  Values values;
  values.reserve(operands.size());
  for (const auto& x : operands) values.push_back(value(x));
  return wrap(emit(op, values, attrs, CallerLine::or_else(where)));
}
Tensor emit_one(const char* op, std::initializer_list<Tensor> operands, const Attrs& attrs, Where where) {
  return emit_one(op, std::vector<Tensor>(operands), attrs, where);
}

Dtype floating(Dtype d) { return is_float(d) ? d : Dtype::f64; }

namespace {
/// bool_ < integers < floats: a literal may not pull its partner down this ladder.
int ladder(Dtype d) { return d == Dtype::bool_ ? 0 : is_float(d) ? 2 : 1; }
bool is_unsigned(Dtype d) { return d == Dtype::ui32 || d == Dtype::ui64; }

std::optional<Dtype> common(Dtype a, bool weak_a, Dtype b, bool weak_b) {
  if (a == b) return a;
  if (weak_a != weak_b) {
    const Dtype literal = weak_a ? a : b, strong = weak_a ? b : a;
    if (ladder(literal) <= ladder(strong)) return strong;
    return literal;  // an integer tensor with 0.5: f64
  }
  if (a == Dtype::bool_) return b;
  if (b == Dtype::bool_) return a;
  if (is_float(a) && is_float(b)) return Dtype::f64;
  if (is_float(a)) return a;
  if (is_float(b)) return b;
  if (is_unsigned(a) != is_unsigned(b)) return std::nullopt;
  return is_unsigned(a) ? Dtype::ui64 : Dtype::i64;
}
}  // namespace

Dtype promote(const char* op, const Tensor& a, const Tensor& b, Where where) {
  const Value &u = checked(op, a, where), &v = checked(op, b, where);
  if (auto d = common(u.type.dtype, u.weak, v.type.dtype, v.weak)) return *d;
  fail(op, std::string("no common dtype of ") + name(u.type.dtype) + " and " + name(v.type.dtype) + "; cast one of them", where);
}

Dtype promote(const char* op, const std::vector<Tensor>& xs, Where where) {
  if (xs.empty()) fail(op, "needs at least one operand", where);
  Dtype dtype = checked(op, xs[0], where).type.dtype;
  bool weak = xs[0].is_weak();
  for (const auto& x : xs) {
    const Value& v = checked(op, x, where);
    auto d = common(dtype, weak, v.type.dtype, v.weak);
    if (!d) fail(op, std::string("no common dtype of ") + name(dtype) + " and " + name(v.type.dtype) + "; cast one of them", where);
    dtype = *d;
    weak = weak && v.weak;
  }
  return dtype;
}

Tensor weak_if(bool weak, Tensor x) {
  if (!weak || x.is_weak()) return x;
  auto v = share<Value>(*value(x));
  v->weak = true;
  return wrap(std::move(v));
}

Tensor convert(const Tensor& x, Dtype dtype, Where where) {
  const Value& v = *value(x);
  if (v.type.dtype == dtype) return x;
  if (v.weak && v.concrete() && v.type.shape.empty())
    return wrap(concrete(scalar(dtype, real_at(v.array, 0), integer_at(v.array, 0)), true, v.where));
  return weak_if(v.weak, emit_one("convert", {x}, {{"dtype", dtype}}, where));
}

Tensor to_float(const char* op, const Tensor& x, Where where) {
  return convert(x, floating(checked(op, x, where).type.dtype), where);
}

Tensor to_index(const char* op, const Tensor& x, Where where) {
  if (!is_integer(checked(op, x, where).type.dtype))
    fail(op, "indices are integers, not " + describe(x) + (x.dtype() == Dtype::bool_ ? "; use select for masks" : ""), where);
  return convert(x, Dtype::i64, where);
}

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b, Where where) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (std::size_t k = 1; k <= out.size(); ++k) {
    const std::int64_t m = k <= a.size() ? a[a.size() - k] : 1, n = k <= b.size() ? b[b.size() - k] : 1;
    if (m != n && m != 1 && n != 1) fail(op, "cannot broadcast " + to_string(a) + " with " + to_string(b), where);
    out[out.size() - k] = m == 1 ? n : m;
  }
  return out;
}

Tensor expand(const Tensor& x, const Shape& shape, Where where) {
  if (x.shape() == shape) return x;
  Ints dims(x.shape().size());
  for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = std::int64_t(shape.size() - dims.size() + i);
  return emit_one("broadcast", {x}, {{"shape", Ints(shape)}, {"dims", dims}}, where);
}

void unify(const char* op, std::initializer_list<Tensor*> operands, std::optional<Dtype> dtype, Where where) {
  std::vector<Tensor> all;
  for (auto* x : operands) all.push_back(*x);
  const Dtype d = dtype ? *dtype : promote(op, all, where);
  Shape shape;
  for (const auto& x : all) shape = broadcast_shape(op, shape, x.shape(), where);
  for (auto* x : operands) *x = expand(convert(*x, d, where), shape, where);
}

Tensor unary(Unary kind, const char* name, const Tensor& x, Where where) {
  const Value& v = checked(name, x, where);
  return weak_if(v.weak, emit_one("unary", {x}, {{"kind", Kind{int(kind)}}}, where));
}

Tensor binary(Binary kind, const char* name, Tensor a, Tensor b, Where where) {
  Dtype d = promote(name, a, b, where);
  const bool logical = kind == Binary::and_ || kind == Binary::or_ || kind == Binary::xor_;
  if (d == Dtype::bool_ && !logical) d = Dtype::i64;
  const bool weak = a.is_weak() && b.is_weak();
  unify(name, {&a, &b}, d, where);
  return weak_if(weak, emit_one("binary", {a, b}, {{"kind", Kind{int(kind)}}}, where));
}

Tensor compare(Compare kind, const char* name, Tensor a, Tensor b, Where where) {
  unify(name, {&a, &b}, promote(name, a, b, where), where);
  return emit_one("compare", {a, b}, {{"kind", Kind{int(kind)}}}, where);
}

Tensor reshaped(const Tensor& x, const Shape& shape, Where where) {
  if (x.shape() == shape) return x;
  return emit_one("reshape", {x}, {{"shape", Ints(shape)}}, where);
}

Tensor transposed(const Tensor& x, const Ints& perm, Where where) {
  for (std::size_t i = 0; i < perm.size(); ++i)
    if (perm[i] != std::int64_t(i)) return emit_one("transpose", {x}, {{"perm", perm}}, where);
  return x;
}

Tensor sliced(const Tensor& x, const Ints& start, const Ints& limit, const Ints& stride, Where where) {
  bool whole = true;
  for (std::size_t d = 0; d < start.size(); ++d) whole = whole && start[d] == 0 && limit[d] == x.shape()[d] && stride[d] == 1;
  if (whole) return x;
  return emit_one("slice", {x}, {{"start", start}, {"limit", limit}, {"stride", stride}}, where);
}

Tensor part(const Tensor& x, std::size_t dim, std::int64_t from, std::int64_t to, Where where) {
  Ints start(x.shape().size(), 0), limit(x.shape()), stride(x.shape().size(), 1);
  start[dim] = from;
  limit[dim] = to;
  return sliced(x, start, limit, stride, where);
}

Tensor iota(Dtype dtype, const Shape& shape, int dim, Where where) {
  return emit_one("iota", {}, {{"dtype", dtype}, {"shape", Ints(shape)}, {"dim", std::int64_t(dim)}}, where);
}

Tensor dot_general(const Tensor& a, const Tensor& b, const Ints& batch_a, const Ints& batch_b, const Ints& contract_a,
                   const Ints& contract_b, Where where) {
  return emit_one("dot_general", {a, b},
                  {{"lhs_batch", batch_a}, {"rhs_batch", batch_b}, {"lhs_contract", contract_a}, {"rhs_contract", contract_b}},
                  where);
}

}  // namespace nuthatch::detail
