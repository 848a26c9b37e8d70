// Elementwise functions that are one operation each, and their immediate compositions.
#include <cmath>

#include "ir/api/operands.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
Tensor floating_unary(Unary kind, const char* name, const Tensor& x, Where where) {
  return unary(kind, name, to_float(name, x, where), where);
}
/// Integers are their own floor, ceiling and rounding.
Tensor rounding(Unary kind, const char* name, const Tensor& x, Where where) {
  return is_float(checked(name, x, where).type.dtype) ? unary(kind, name, x, where) : x;
}
Tensor numeric(const char* name, const Tensor& x, Where where) {
  return checked(name, x, where).type.dtype == bool_ ? convert(x, i64, where) : x;
}
}  // namespace

Tensor abs(const Tensor& x, Where where) { return unary(Unary::abs, "abs", numeric("abs", x, where), where); }
Tensor sign(const Tensor& x, Where where) { return unary(Unary::sign, "sign", numeric("sign", x, where), where); }
Tensor floor(const Tensor& x, Where where) { return rounding(Unary::floor, "floor", x, where); }
Tensor ceil(const Tensor& x, Where where) { return rounding(Unary::ceil, "ceil", x, where); }
Tensor round(const Tensor& x, Where where) { return rounding(Unary::round, "round", x, where); }

Tensor sqrt(const Tensor& x, Where where) { return floating_unary(Unary::sqrt, "sqrt", x, where); }
Tensor rsqrt(const Tensor& x, Where where) { return floating_unary(Unary::rsqrt, "rsqrt", x, where); }
Tensor reciprocal(const Tensor& x, Where where) {
  Tensor y = to_float("reciprocal", x, where);
  return binary(Binary::div, "reciprocal", literal(1, y.dtype()), y, where);
}
Tensor square(const Tensor& x, Where where) { return binary(Binary::mul, "square", x, x, where); }
Tensor cube(const Tensor& x, Where where) { return binary(Binary::mul, "cube", square(x, where), x, where); }

Tensor pow(const Tensor& x, const Tensor& y, Where where) {
  checked("pow", x, where);
  const Value& e = checked("pow", y, where);
  if (e.weak && e.concrete() && e.type.shape.empty() && is_float(x.dtype())) {  // cheap and exact
    const double n = real_at(e.array, 0);
    if (n == 1) return x;
    if (n == 2) return square(x, where);
    if (n == 3) return cube(x, where);
    if (n == 4) return square(square(x, where), where);
    if (n == -1) return reciprocal(x, where);
    if (n == 0.5) return sqrt(x, where);
  }
  return binary(Binary::pow, "pow", x, y, where);
}

Tensor exp(const Tensor& x, Where where) { return floating_unary(Unary::exp, "exp", x, where); }
Tensor expm1(const Tensor& x, Where where) { return floating_unary(Unary::expm1, "expm1", x, where); }
Tensor exp2(const Tensor& x, Where where) { return floating_unary(Unary::exp2, "exp2", x, where); }
Tensor log(const Tensor& x, Where where) { return floating_unary(Unary::log, "log", x, where); }
Tensor log1p(const Tensor& x, Where where) { return floating_unary(Unary::log1p, "log1p", x, where); }
Tensor log2(const Tensor& x, Where where) { return floating_unary(Unary::log2, "log2", x, where); }
Tensor log10(const Tensor& x, Where where) { return floating_unary(Unary::log10, "log10", x, where); }

Tensor sin(const Tensor& x, Where where) { return floating_unary(Unary::sin, "sin", x, where); }
Tensor cos(const Tensor& x, Where where) { return floating_unary(Unary::cos, "cos", x, where); }
Tensor tan(const Tensor& x, Where where) { return floating_unary(Unary::tan, "tan", x, where); }
Tensor atan(const Tensor& x, Where where) { return floating_unary(Unary::atan, "atan", x, where); }
Tensor atan2(const Tensor& y, const Tensor& x, Where where) {
  return binary(Binary::atan2, "atan2", to_float("atan2", y, where), to_float("atan2", x, where), where);
}
Tensor asin(const Tensor& x, Where where) { return floating_unary(Unary::asin, "asin", x, where); }
Tensor acos(const Tensor& x, Where where) { return floating_unary(Unary::acos, "acos", x, where); }

Tensor sinh(const Tensor& x, Where where) { return floating_unary(Unary::sinh, "sinh", x, where); }
Tensor cosh(const Tensor& x, Where where) { return floating_unary(Unary::cosh, "cosh", x, where); }
Tensor tanh(const Tensor& x, Where where) { return floating_unary(Unary::tanh, "tanh", x, where); }
Tensor asinh(const Tensor& x, Where where) { return floating_unary(Unary::asinh, "asinh", x, where); }
Tensor acosh(const Tensor& x, Where where) { return floating_unary(Unary::acosh, "acosh", x, where); }
Tensor atanh(const Tensor& x, Where where) { return floating_unary(Unary::atanh, "atanh", x, where); }

Tensor sigmoid(const Tensor& x, Where where) { return floating_unary(Unary::logistic, "sigmoid", x, where); }
Tensor logit(const Tensor& p, Where where) {
  CallerLine line(where);
  return log(p) - log1p(-p);
}
Tensor softplus(const Tensor& x, Where where) { return floating_unary(Unary::softplus, "softplus", x, where); }
Tensor log_sigmoid(const Tensor& x, Where where) {
  CallerLine line(where);
  return -softplus(-x);
}
Tensor relu(const Tensor& x, Where where) {
  Tensor y = numeric("relu", x, where);  // select, not max: the gradient at 0 is 0
  return select(compare(Compare::gt, "relu", y, literal_integer(0), where), y, literal_integer(0), where);
}

Tensor erf(const Tensor& x, Where where) { return floating_unary(Unary::erf, "erf", x, where); }
Tensor erfc(const Tensor& x, Where where) { return floating_unary(Unary::erfc, "erfc", x, where); }
Tensor erf_inv(const Tensor& x, Where where) { return floating_unary(Unary::erf_inv, "erf_inv", x, where); }
Tensor lgamma(const Tensor& x, Where where) { return floating_unary(Unary::lgamma, "lgamma", x, where); }
Tensor digamma(const Tensor& x, Where where) { return floating_unary(Unary::digamma, "digamma", x, where); }
Tensor trigamma(const Tensor& x, Where where) { return floating_unary(Unary::trigamma, "trigamma", x, where); }

Tensor maximum(const Tensor& a, const Tensor& b, Where where) { return binary(Binary::max, "maximum", a, b, where); }
Tensor minimum(const Tensor& a, const Tensor& b, Where where) { return binary(Binary::min, "minimum", a, b, where); }
Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high, Where where) {
  return select(compare(Compare::lt, "clamp", x, low, where), low,
                select(compare(Compare::gt, "clamp", x, high, where), high, x, where), where);
}

Tensor fma(const Tensor& a, const Tensor& b, const Tensor& c, Where where) {
  Tensor x = a, y = b, z = c;
  unify("fma", {&x, &y, &z}, floating(promote("fma", {a, b, c}, where)), where);
  return emit_one("fma", {x, y, z}, {}, where);
}

Tensor select(const Tensor& p, const Tensor& a, const Tensor& b, Where where) {
  if (checked("select", p, where).type.dtype != bool_) fail("select", "the condition is " + describe(p) + ", not bool", where);
  Tensor q = p, x = a, y = b;
  const Dtype dtype = promote("select", a, b, where);
  const bool weak = a.is_weak() && b.is_weak() && p.shape().empty();
  unify("select", {&x, &y}, dtype, where);
  const Shape shape = broadcast_shape("select", p.shape(), x.shape(), where);
  return weak_if(weak, emit_one("select", {expand(q, shape, where), expand(x, shape, where), expand(y, shape, where)}, {}, where));
}
Tensor where(const Tensor& p, const Tensor& a, const Tensor& b, Where location) { return select(p, a, b, location); }
Tensor stop_gradient(const Tensor& x, Where where) {
  return is_float(checked("stop_gradient", x, where).type.dtype) ? unary(Unary::stop_gradient, "stop_gradient", x, where) : x;
}

Tensor isnan(const Tensor& x, Where where) { return compare(Compare::ne, "isnan", x, x, where); }
Tensor isfinite(const Tensor& x, Where where) {
  Tensor y = to_float("isfinite", x, where);
  return emit_one("unary", {y}, {{"kind", Kind{int(Unary::is_finite)}}}, where);
}
Tensor isinf(const Tensor& x, Where where) {
  Tensor y = to_float("isinf", x, where);
  return compare(Compare::eq, "isinf", abs(y, where), literal(INFINITY, y.dtype()), where);
}
Tensor logical_not(const Tensor& x, Where where) { return unary(Unary::logical_not, "logical_not", x.cast(bool_, where), where); }
Tensor logical_and(const Tensor& a, const Tensor& b, Where where) {
  return binary(Binary::and_, "logical_and", a.cast(bool_, where), b.cast(bool_, where), where);
}
Tensor logical_or(const Tensor& a, const Tensor& b, Where where) {
  return binary(Binary::or_, "logical_or", a.cast(bool_, where), b.cast(bool_, where), where);
}

}  // namespace nuthatch
