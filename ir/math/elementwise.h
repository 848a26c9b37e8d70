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

namespace pending {  // until ir/math has them all; any template of the same name is preferred
struct Any { double x; Any(double x) : x(x) {} };
}
inline double erf(pending::Any a) { return std::erf(a.x); }
inline double erfc(pending::Any a) { return std::erfc(a.x); }
inline double lgamma(pending::Any a) { return std::lgamma(a.x); }
inline double atan(pending::Any a) { return std::atan(a.x); }
inline double atan2(pending::Any a, pending::Any b) { return std::atan2(a.x, b.x); }
inline double pow(pending::Any a, pending::Any b) { return std::pow(a.x, b.x); }
inline double digamma(pending::Any a) {
  double x = a.x, r = 0;
  if (x <= 0) return std::floor(x) == x ? kNaN : digamma(1 - x) - 3.141592653589793 / std::tan(3.141592653589793 * x);
  for (; x < 10; ++x) r -= 1 / x;
  double f = 1 / (x * x);
  return r + std::log(x) - 0.5 / x - f * (1.0 / 12 - f * (1.0 / 120 - f * (1.0 / 252 - f * (1.0 / 240 - f * (1.0 / 132)))));
}
inline double trigamma(pending::Any a) {
  double x = a.x, r = 0;
  for (; x < 10; ++x) r += 1 / (x * x);
  double f = 1 / (x * x);
  return r + 1 / x + f / 2 + f / x * (1.0 / 6 - f * (1.0 / 30 - f * (1.0 / 42 - f * (1.0 / 30))));
}
inline double erf_inv(pending::Any a) {
  double x = a.x;
  if (!(std::fabs(x) < 1)) return std::fabs(x) == 1 ? x * kInf : kNaN;
  double w = std::log1p(-x * x), t = 2 / (3.141592653589793 * 0.147) + w / 2;
  double y = std::copysign(std::sqrt(std::sqrt(t * t - w / 0.147) - t), x);
  for (int i = 0; i < 4; ++i) y -= (x > 0 ? -(std::erfc(y) - (1 - x)) : std::erfc(-y) - (1 + x)) / (1.1283791670955126 * std::exp(-y * y));
  return y;
}

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
