// Special functions composed of others, in forms whose gradients are finite where the function is: an argument outside
// a branch's domain is replaced before the branch computes with it (the "double where").
#include <cmath>
#include <numbers>

#include "ir/api/operands.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
constexpr double kHalfSqrt2 = std::numbers::sqrt2 / 2;
}  // namespace

// Maechler, "Accurately computing log(1 - exp(-|a|))", 2012.
Tensor log1mexp(const Tensor& x, Where where) {
  CallerLine line(where);
  const Tensor small = x < std::numbers::ln2;
  return select(small, log(-expm1(-select(small, x, 0.5))), log1p(-exp(-select(small, 1.0, x))));
}

Tensor logaddexp(const Tensor& a, const Tensor& b, Where where) {
  CallerLine line(where);
  Tensor x = a, y = b;
  unify("logaddexp", {&x, &y}, floating(promote("logaddexp", {a, b}, where)), where);
  // max + log1p(exp(-|x - y|)); equal infinities have no difference.
  const Tensor d = x - y, finite = isfinite(d), larger = maximum(x, y);
  Tensor near = larger + softplus(-abs(select(finite, d, 0.0)));
  return select(finite, near, select(x == y, stop_gradient(x), larger));
}

// Only where log y is no number is it kept away from x = 0, so that the derivative there is log y otherwise.
Tensor xlogy(const Tensor& x, const Tensor& y, Where where) {
  CallerLine line(where);
  const Tensor empty = (x == 0.0) & ((y <= 0.0) | (y == INFINITY));
  return select(empty, 0.0, x * log(select(empty, 1.0, y)));
}

Tensor xlog1py(const Tensor& x, const Tensor& y, Where where) {
  CallerLine line(where);
  const Tensor empty = (x == 0.0) & ((y <= -1.0) | (y == INFINITY));
  return select(empty, 0.0, x * log1p(select(empty, 0.0, y)));
}

Tensor ndtr(const Tensor& x, Where where) {
  CallerLine line(where);
  return 0.5 * erfc(x * -kHalfSqrt2);
}

Tensor log_ndtr(const Tensor& x, Where where) { return unary(Unary::log_ndtr, "log_ndtr", to_float("log_ndtr", x, where), where); }
Tensor ndtri(const Tensor& p, Where where) { return unary(Unary::ndtri, "ndtri", to_float("ndtri", p, where), where); }

Tensor betaln(const Tensor& a, const Tensor& b, Where where) {
  CallerLine line(where);
  return lgamma(a) + lgamma(b) - lgamma(a + b);
}

Tensor log_binomial(const Tensor& n, const Tensor& k, Where where) {
  CallerLine line(where);
  return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

Tensor multigammaln(const Tensor& a, int d, Where where) {
  CallerLine line(where);
  if (d < 1) fail("multigammaln", "dimension " + std::to_string(d) + " is below 1", where);
  Tensor result = 0.25 * d * (d - 1) * std::log(std::numbers::pi);
  for (int i = 0; i < d; ++i) result = result + lgamma(a - 0.5 * i);
  return result;
}

}  // namespace nuthatch
