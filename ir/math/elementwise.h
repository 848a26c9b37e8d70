// The elementwise functions of the dialect over floating-point numbers: what each kind means, written once for the
// interpreter (V = double) and the code generator (V = a vector being emitted). `kind` is known to the caller at
// compile time in the interpreter's loops, where the switch folds away, and at emission time in the generator.
//
// f32 is computed in f64 and rounded. For + - * / sqrt and everything exact that is the same as computing in f32
// (53 >= 2 * 24 + 2), so a generator may do those natively.
#pragma once

#include "ir/math/concept.h"
#include "ir/math/math.h"
#include "nuthatch/detail/kinds.h"

namespace nuthatch::math {

using nuthatch::detail::Binary;
using nuthatch::detail::Compare;
using nuthatch::detail::Unary;

// Stand-ins until ir/math has these; the pack makes any real template of the same name the better match.
template <class V, class... P> V erf(V x, P...) {  // Abramowitz and Stegun 7.1.26
  const V t = 1.0 / fma(abs(x), 0.3275911, lit(x, 1.0));
  const V p = t * fma(t, fma(t, fma(t, fma(t, 1.061405429, lit(x, -1.453152027)), lit(x, 1.421413741)), lit(x, -0.284496736)), lit(x, 0.254829592));
  return copysign(1.0 - p * exp(-x * x), x);
}
template <class V, class... P> V erfc(V x, P...) { return 1.0 - erf(x); }
template <class V, class... P> V erf_inv(V x, P...) {  // Winitzki
  const V w = log1p(-x * x), t = w * 0.5 + 4.330746750799873;
  return copysign(sqrt(sqrt(t * t - w * 6.802721088435374) - t), x);
}
template <class V, class... P> V lgamma(V x, P...) {
  V product = lit(x, 1.0), z = x;
  for (int k = 0; k < 8; ++k) { product = product * z; z = z + 1.0; }
  const V f = 1.0 / (z * z);
  return (z - 0.5) * log(z) - z + 0.9189385332046727 + fma(f, fma(f, 1.0 / 1260, lit(x, -1.0 / 360)), lit(x, 1.0 / 12)) / z - log(product);
}
template <class V, class... P> V digamma(V x, P...) {
  V sum = lit(x, 0.0), z = x;
  for (int k = 0; k < 8; ++k) { sum = sum + 1.0 / z; z = z + 1.0; }
  const V f = 1.0 / (z * z);
  return log(z) - 0.5 / z - f * fma(f, fma(f, 1.0 / 252, lit(x, -1.0 / 120)), lit(x, 1.0 / 12)) - sum;
}
template <class V, class... P> V trigamma(V x, P...) {
  V sum = lit(x, 0.0), z = x;
  for (int k = 0; k < 8; ++k) { sum = sum + 1.0 / (z * z); z = z + 1.0; }
  const V f = 1.0 / (z * z);
  return 1.0 / z + f * 0.5 + f / z * fma(f, fma(f, 1.0 / 42, lit(x, -1.0 / 30)), lit(x, 1.0 / 6)) + sum;
}
template <class V, class... P> V atan(V x, P...) {
  V t = x;
  for (int k = 0; k < 4; ++k) t = t / (1.0 + sqrt(fma(t, t, lit(x, 1.0))));
  const V f = t * t;
  return 16.0 * t * fma(f, fma(f, fma(f, -1.0 / 7, lit(x, 0.2)), lit(x, -1.0 / 3)), lit(x, 1.0));
}
template <class V, class... P> V atan2(V y, V x, P...) {
  return atan(y / x) + select(x < 0.0, copysign(lit(x, 3.141592653589793), y), lit(x, 0.0));
}
template <class V, class... P> V pow(V a, V b, P...) { return exp(b * log(a)); }

/// Remainder of the truncated quotient, exact; the sign is the dividend's.
inline double fmod(double a, double b) { return __builtin_fmod(a, b); }

/// NaN if either is; of equal numbers, the second.
template <class V> V maximum(const V &a, const V &b) {
  return select((a > b) | (a != a), a, b);
}
template <class V> V minimum(const V &a, const V &b) {
  return select((a < b) | (a != a), a, b);
}

/// -1, 0 or 1 with zeros keeping their sign; NaN of NaN.
template <class V> V sign(const V &x) {
  return select(x > 0.0, lit(x, 1.0), select(x < 0.0, lit(x, -1.0), x));
}

template <class V> V ceil(const V &x) { return -floor(-x); }

template <class V> mask_t<V> is_finite(const V &x) { return abs(x) < kInf; }

/// log(e^a + e^b).
template <class V> V log_add_exp(const V &a, const V &b) {
  const V high = maximum(a, b);
  const V low = minimum(a, b);
  const V sum = high + log1p(exp(low - high));
  return select((a == b) & (abs(a) == kInf), a, sum);
}

/// Every kind but is_finite and logical_not, whose results are masks.
template <class V> V apply(Unary kind, V x) {
  switch (kind) {
    case Unary::neg: return -x;
    case Unary::abs: return abs(x);
    case Unary::sign: return sign(x);
    case Unary::floor: return floor(x);
    case Unary::ceil: return ceil(x);
    case Unary::round: return rint(x);  // halves to even
    case Unary::sqrt: return sqrt(x);
    case Unary::rsqrt: return 1.0 / sqrt(x);
    case Unary::exp: return exp(x);
    case Unary::expm1: return expm1(x);
    case Unary::log: return log(x);
    case Unary::log1p: return log1p(x);
    case Unary::sin: return sin(x);
    case Unary::cos: return cos(x);
    case Unary::tan: return tan(x);
    case Unary::tanh: return tanh(x);
    case Unary::logistic: return logistic(x);
    case Unary::softplus: return softplus(x);
    case Unary::erf: return erf(x);
    case Unary::erfc: return erfc(x);
    case Unary::erf_inv: return erf_inv(x);
    case Unary::lgamma: return lgamma(x);
    case Unary::digamma: return digamma(x);
    case Unary::trigamma: return trigamma(x);
    case Unary::atan: return atan(x);
    case Unary::is_finite:
    case Unary::logical_not:
    case Unary::stop_gradient: return x;
  }
  return x;
}

/// Every kind but the bitwise ones, which take integers.
template <class V> V apply(Binary kind, V a, V b) {
  switch (kind) {
    case Binary::add: return a + b;
    case Binary::sub: return a - b;
    case Binary::mul: return a * b;
    case Binary::div: return a / b;
    case Binary::rem: return fmod(a, b);
    case Binary::max: return maximum(a, b);
    case Binary::min: return minimum(a, b);
    case Binary::pow: return pow(a, b);
    case Binary::atan2: return atan2(a, b);
    default: return a;
  }
}

/// Numbers of any kind, and integers in their wrapper (ir/math/integer.h).
template <class V> auto compare(Compare kind, const V &a, const V &b) {
  switch (kind) {
    case Compare::eq: return a == b;
    case Compare::ne: return a != b;
    case Compare::lt: return a < b;
    case Compare::le: return a <= b;
    case Compare::gt: return a > b;
    case Compare::ge: break;
  }
  return a >= b;
}

} // namespace nuthatch::math
