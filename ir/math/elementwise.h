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
using nuthatch::detail::Ternary;
using nuthatch::detail::Unary;

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

/// Every kind but popcount, which takes integers, and is_finite and logical_not, whose results are masks.
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
    case Unary::asin: return asin(x);
    case Unary::acos: return acos(x);
    case Unary::sinh: return sinh(x);
    case Unary::cosh: return cosh(x);
    case Unary::asinh: return asinh(x);
    case Unary::acosh: return acosh(x);
    case Unary::atanh: return atanh(x);
    case Unary::exp2: return exp2(x);
    case Unary::log2: return log2(x);
    case Unary::log10: return log10(x);
    case Unary::cbrt: return cbrt(x);
    case Unary::erfcx: return erfcx(x);
    case Unary::ndtri: return ndtri(x);
    case Unary::log_ndtr: return log_ndtr(x);
    case Unary::bessel_i0e: return bessel_i0e(x);
    case Unary::bessel_i1e: return bessel_i1e(x);
    case Unary::popcount:
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
    case Binary::polygamma: return polygamma(a, b);
    case Binary::owens_t: return owens_t(a, b);
    case Binary::igamma: return igamma(a, b);
    case Binary::igammac: return igammac(a, b);
    case Binary::igamma_grad_a: return igamma_grad_a(a, b);
    case Binary::igamma_grad_aa: return igamma_grad_aa(a, b);
    case Binary::igamma_grad_x: return igamma_grad_x(a, b);
    case Binary::igamma_inv: return igamma_inv(a, b);
    case Binary::igammac_inv: return igammac_inv(a, b);
    default: return a;
  }
}

template <class V> V apply(Ternary kind, V a, V b, V c) {
  switch (kind) {
    case Ternary::betainc: return betainc(a, b, c);
    case Ternary::betainc_grad_a: return betainc_grad_a(a, b, c);
    case Ternary::betainc_grad_b: return betainc_grad_b(a, b, c);
    case Ternary::betainc_grad_aa: return betainc_grad_aa(a, b, c);
    case Ternary::betainc_grad_ab: return betainc_grad_ab(a, b, c);
    case Ternary::betainc_grad_bb: return betainc_grad_bb(a, b, c);
    case Ternary::betainc_grad_x: return betainc_grad_x(a, b, c);
    case Ternary::betainc_inv: return betainc_inv(a, b, c);
  }
  return a;
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
