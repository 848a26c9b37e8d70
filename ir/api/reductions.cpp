#include <cmath>

#include "ir/api/operands.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
/// Axes of a reduction of x, made positive and increasing.
Ints axes_of(const char* op, const Tensor& x, const Axes& axes, Where where) {
  const Shape& shape = checked(op, x, where).type.shape;
  std::vector<bool> chosen(shape.size(), axes.all());
  for (int axis : axes.list()) {
    const auto d = std::size_t(axis_of(op, axis, shape.size(), shape, where));
    if (chosen[d]) fail(op, "axis " + std::to_string(axis) + " is given twice", where);
    chosen[d] = true;
  }
  Ints out;
  for (std::size_t d = 0; d < chosen.size(); ++d)
    if (chosen[d]) out.push_back(std::int64_t(d));
  return out;
}

std::int64_t reduced_elements(const Tensor& x, const Ints& dims) {
  std::int64_t n = 1;
  for (auto d : dims) n *= x.shape()[std::size_t(d)];
  return n;
}

/// The reduced dimensions put back with extent 1.
Tensor keep(const Tensor& reduced, const Tensor& x, const Ints& dims, bool keepdims, Where where) {
  if (!keepdims) return reduced;
  Shape shape = x.shape();
  for (auto d : dims) shape[std::size_t(d)] = 1;
  return reshaped(reduced, shape, where);
}

/// Dimensions of extent 1 removed.
Tensor drop(const Tensor& x, const Ints& dims, Where where) {
  Shape shape = x.shape();
  for (auto d = dims.rbegin(); d != dims.rend(); ++d) shape.erase(shape.begin() + *d);
  return reshaped(x, shape, where);
}

Tensor reduce(Reduce kind, const Tensor& x, const Ints& dims, Where where) {
  if (dims.empty()) return x;
  return emit_one("reduce", {x}, {{"kind", Kind{int(kind)}}, {"dims", dims}}, where);
}

Tensor numbers(const Tensor& x, Where where) { return x.dtype() == bool_ ? convert(x, i64, where) : x; }

Tensor reduced(Reduce kind, const char* op, const Tensor& x, const ReduceOptions& o, Where where) {
  const Ints dims = axes_of(op, x, o.axis, where);
  if ((kind == Reduce::max || kind == Reduce::min) && reduced_elements(x, dims) == 0)
    fail(op, "no elements in shape " + to_string(x.shape()), where);
  const bool logical = kind == Reduce::all || kind == Reduce::any;
  Tensor y = logical ? convert(x, bool_, where) : numbers(x, where);
  return keep(reduce(kind, y, dims, where), x, dims, o.keepdims, where);
}

Tensor flat(const char* op, const Tensor& x, Where where) {
  checked(op, x, where);
  return reshaped(x, {x.size()}, where);
}

Tensor arg_reduce(const char* op, bool largest, const Tensor& x, int axis, Where where) {
  checked(op, x, where);
  const int dim = axis_of(op, axis, x.shape().size(), x.shape(), where);
  if (x.size(dim) == 0) fail(op, "axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " is empty", where);
  return emit_one("arg_reduce", {numbers(x, where)}, {{"max", largest}, {"dim", std::int64_t(dim)}}, where);
}

Tensor cumulative(Cumulative kind, const char* op, const Tensor& x, const CumulativeOptions& o, Where where) {
  checked(op, x, where);
  const int dim = axis_of(op, o.axis, x.shape().size(), x.shape(), where);
  Tensor y = kind == Cumulative::logsumexp ? to_float(op, x, where) : numbers(x, where);
  return emit_one("cumulative", {y}, {{"kind", Kind{int(kind)}}, {"dim", std::int64_t(dim)}, {"reverse", o.reverse}}, where);
}
}  // namespace

Tensor sum(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::sum, "sum", x, o, where); }
Tensor sum(const Tensor& x, int axis, Where where) { return sum(x, {.axis = axis}, where); }
Tensor prod(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::prod, "prod", x, o, where); }
Tensor prod(const Tensor& x, int axis, Where where) { return prod(x, {.axis = axis}, where); }
Tensor max(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::max, "max", x, o, where); }
Tensor max(const Tensor& x, int axis, Where where) { return max(x, {.axis = axis}, where); }
Tensor min(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::min, "min", x, o, where); }
Tensor min(const Tensor& x, int axis, Where where) { return min(x, {.axis = axis}, where); }
Tensor all_of(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::all, "all_of", x, o, where); }
Tensor all_of(const Tensor& x, int axis, Where where) { return all_of(x, {.axis = axis}, where); }
Tensor any_of(const Tensor& x, const ReduceOptions& o, Where where) { return reduced(Reduce::any, "any_of", x, o, where); }
Tensor any_of(const Tensor& x, int axis, Where where) { return any_of(x, {.axis = axis}, where); }

Tensor count_nonzero(const Tensor& x, const ReduceOptions& o, Where where) {
  checked("count_nonzero", x, where);
  return sum(convert(convert(x, bool_, where), i64, where), o, where);
}
Tensor count_nonzero(const Tensor& x, int axis, Where where) { return count_nonzero(x, {.axis = axis}, where); }

Tensor mean(const Tensor& x, const ReduceOptions& o, Where where) {
  CallerLine line(where);
  const Ints dims = axes_of("mean", x, o.axis, where);
  const std::int64_t n = reduced_elements(x, dims);
  if (n == 0) fail("mean", "no elements in shape " + to_string(x.shape()), where);
  return sum(to_float("mean", x, where), o) / double(n);
}
Tensor mean(const Tensor& x, int axis, Where where) { return mean(x, {.axis = axis}, where); }

Tensor variance(const Tensor& x, const VarianceOptions& o, Where where) {
  CallerLine line(where);
  const std::int64_t n = reduced_elements(x, axes_of("variance", x, o.axis, where)) - o.ddof;
  if (n <= 0) fail("variance", "too few elements in shape " + to_string(x.shape()) + " with ddof " + std::to_string(o.ddof), where);
  Tensor y = to_float("variance", x, where);
  Tensor centred = y - mean(y, {.axis = o.axis, .keepdims = true});
  return sum(square(centred), {.axis = o.axis, .keepdims = o.keepdims}) / double(n);
}
Tensor variance(const Tensor& x, int axis, Where where) { return variance(x, {.axis = axis}, where); }
Tensor stddev(const Tensor& x, const VarianceOptions& o, Where where) {
  CallerLine line(where);
  return sqrt(variance(x, o));
}
Tensor stddev(const Tensor& x, int axis, Where where) { return stddev(x, {.axis = axis}, where); }

// log sum exp(x - m) + m with m = max x outside the derivative, which is then exactly softmax. An infinite m is replaced
// by 0, so that all -inf gives log 0 = -inf without inf - inf; there the sum is kept away from log's pole, whose
// derivative times 0 would be NaN.
Tensor logsumexp(const Tensor& x, const ReduceOptions& o, Where where) {
  CallerLine line(where);
  const Ints dims = axes_of("logsumexp", x, o.axis, where);
  Tensor y = to_float("logsumexp", x, where);
  if (reduced_elements(x, dims) == 0) return log(reduced(Reduce::sum, "logsumexp", y, o, where));
  Tensor m = stop_gradient(reduced(Reduce::max, "logsumexp", y, {.axis = o.axis, .keepdims = true}, where));
  m = select(isfinite(m), m, 0.0);
  Tensor total = reduced(Reduce::sum, "logsumexp", exp(y - m), {.axis = o.axis, .keepdims = true}, where);
  const Tensor empty = total == 0.0;
  Tensor result = select(empty, -INFINITY, log(select(empty, 1.0, total))) + m;
  return o.keepdims ? result : drop(result, dims, where);
}
Tensor logsumexp(const Tensor& x, int axis, Where where) { return logsumexp(x, {.axis = axis}, where); }

Tensor softmax(const Tensor& x, int axis, Where where) {
  CallerLine line(where);
  Tensor y = to_float("softmax", x, where);
  axes_of("softmax", y, axis, where);
  Tensor e = exp(y - stop_gradient(max(y, {.axis = axis, .keepdims = true})));
  return e / sum(e, {.axis = axis, .keepdims = true});
}
Tensor log_softmax(const Tensor& x, int axis, Where where) {
  CallerLine line(where);
  axes_of("log_softmax", x, axis, where);
  return x - logsumexp(x, {.axis = axis, .keepdims = true});
}

Tensor argmax(const Tensor& x, Where where) { return arg_reduce("argmax", true, flat("argmax", x, where), 0, where); }
Tensor argmax(const Tensor& x, int axis, Where where) { return arg_reduce("argmax", true, x, axis, where); }
Tensor argmin(const Tensor& x, Where where) { return arg_reduce("argmin", false, flat("argmin", x, where), 0, where); }
Tensor argmin(const Tensor& x, int axis, Where where) { return arg_reduce("argmin", false, x, axis, where); }

Tensor cumsum(const Tensor& x, const CumulativeOptions& o, Where where) {
  return cumulative(Cumulative::sum, "cumsum", x, o, where);
}
Tensor cumsum(const Tensor& x, int axis, Where where) { return cumsum(x, {.axis = axis}, where); }
Tensor cumprod(const Tensor& x, const CumulativeOptions& o, Where where) {
  return cumulative(Cumulative::prod, "cumprod", x, o, where);
}
Tensor cumprod(const Tensor& x, int axis, Where where) { return cumprod(x, {.axis = axis}, where); }
Tensor cummax(const Tensor& x, const CumulativeOptions& o, Where where) {
  return cumulative(Cumulative::max, "cummax", x, o, where);
}
Tensor cummax(const Tensor& x, int axis, Where where) { return cummax(x, {.axis = axis}, where); }
Tensor cummin(const Tensor& x, const CumulativeOptions& o, Where where) {
  return cumulative(Cumulative::min, "cummin", x, o, where);
}
Tensor cummin(const Tensor& x, int axis, Where where) { return cummin(x, {.axis = axis}, where); }
Tensor cumlogsumexp(const Tensor& x, const CumulativeOptions& o, Where where) {
  return cumulative(Cumulative::logsumexp, "cumlogsumexp", x, o, where);
}
Tensor cumlogsumexp(const Tensor& x, int axis, Where where) { return cumlogsumexp(x, {.axis = axis}, where); }

}  // namespace nuthatch
