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
const double kHalfLog2Pi = 0.5 * std::log(2 * std::numbers::pi);
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

Tensor xlogy(const Tensor& x, const Tensor& y, Where where) {
  CallerLine line(where);
  const Tensor zero = x == 0.0;
  return select(zero, 0.0, x * log(select(zero, 1.0, y)));
}

Tensor xlog1py(const Tensor& x, const Tensor& y, Where where) {
  CallerLine line(where);
  const Tensor zero = x == 0.0;
  return select(zero, 0.0, x * log1p(select(zero, 0.0, y)));
}

Tensor ndtr(const Tensor& x, Where where) {
  CallerLine line(where);
  return 0.5 * erfc(x * -kHalfSqrt2);
}

// Above -5 the logarithm of erfc; below, with t = -x, the continued fraction of the Mills ratio,
//   Phi(x) = phi(x) / (t + 1/(t + 2/(t + 3/(t + ...))))   (Abramowitz and Stegun 26.2.14).
Tensor log_ndtr(const Tensor& x, Where where) {
  CallerLine line(where);
  const Tensor right = x > 0.0, tail = x < -5.0;
  Tensor upper = log1p(-0.5 * erfc(select(right, x, 1.0) * kHalfSqrt2));
  Tensor middle = log(0.5 * erfc(select(right | tail, -1.0, x) * -kHalfSqrt2));
  Tensor t = select(tail, -x, 6.0), fraction = t;
  for (int k = 24; k >= 1; --k) fraction = t + double(k) / fraction;
  Tensor lower = -0.5 * t * t - kHalfLog2Pi - log(fraction);
  return select(right, upper, select(tail, lower, middle));
}

Tensor ndtri(const Tensor& p, Where where) {
  CallerLine line(where);
  return std::numbers::sqrt2 * erf_inv(2.0 * p - 1.0);
}

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
