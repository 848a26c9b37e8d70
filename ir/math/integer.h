// The elementwise functions of the dialect over integers. Nothing traps: arithmetic wraps, x / 0 is -1 (all bits set)
// and x rem 0 is x, the smallest number / -1 wraps to itself, a shift by the width or more gives 0.
//
// V is an integer lane type of one width and signedness, where `integer_traits<V>` gives both, with + - * & | ^ that
// wrap, / and % that truncate (never called with divisor 0 or -1), comparisons that give masks, `shift_left`,
// `shift_right` (arithmetic if signed; counts below the width), `select` and `lit`. Wrapping<T> is the scalar one.
#pragma once

#include <cstdint>
#include <type_traits>

#include "nuthatch/detail/kinds.h"

namespace nuthatch::math {

using nuthatch::detail::Binary;
using nuthatch::detail::Unary;

template <class V> struct integer_traits;

template <class T> struct Wrapping {
  using U = std::make_unsigned_t<T>;
  T v;
  friend Wrapping operator+(Wrapping a, Wrapping b) { return {T(U(a.v) + U(b.v))}; }
  friend Wrapping operator-(Wrapping a, Wrapping b) { return {T(U(a.v) - U(b.v))}; }
  friend Wrapping operator*(Wrapping a, Wrapping b) { return {T(U(a.v) * U(b.v))}; }
  friend Wrapping operator/(Wrapping a, Wrapping b) { return {T(a.v / b.v)}; }
  friend Wrapping operator%(Wrapping a, Wrapping b) { return {T(a.v % b.v)}; }
  friend Wrapping operator&(Wrapping a, Wrapping b) { return {T(a.v & b.v)}; }
  friend Wrapping operator|(Wrapping a, Wrapping b) { return {T(a.v | b.v)}; }
  friend Wrapping operator^(Wrapping a, Wrapping b) { return {T(a.v ^ b.v)}; }
  friend auto operator<=>(Wrapping, Wrapping) = default;
};
template <class T> struct integer_traits<Wrapping<T>> {
  static constexpr int width = 8 * sizeof(T);
  static constexpr bool is_signed = std::is_signed_v<T>;
};

template <class T> Wrapping<T> shift_left(Wrapping<T> a, Wrapping<T> n) {
  return {T(std::make_unsigned_t<T>(a.v) << n.v)};
}
template <class T> Wrapping<T> shift_right(Wrapping<T> a, Wrapping<T> n) { return {T(a.v >> n.v)}; }
template <class T> Wrapping<T> select(bool m, Wrapping<T> a, Wrapping<T> b) { return m ? a : b; }
template <class T> Wrapping<T> lit(Wrapping<T>, std::int64_t c) { return {T(c)}; }

/// The quotient and the remainder of a truncating division.
template <class V> struct Division {
  V quotient, remainder;
};
template <class V> Division<V> divide(const V &a, const V &b) {
  const V zero = lit(a, 0), one = lit(a, 1), all = lit(a, -1);
  const auto by_zero = b == zero;
  if constexpr (integer_traits<V>::is_signed) {
    const auto by_minus_one = b == all;
    const V safe = select(by_zero | by_minus_one, one, b);
    return {select(by_zero, all, select(by_minus_one, zero - a, a / safe)), select(by_zero, a, a % safe)};
  } else {
    const V safe = select(by_zero, one, b);
    return {select(by_zero, all, a / safe), select(by_zero, a, a % safe)};
  }
}

/// a^n by repeated squaring, wrapping. A negative exponent gives the real power truncated: 0 unless a is 1 or -1.
template <class V> V integer_power(V a, V n) {
  const V zero = lit(a, 0), one = lit(a, 1);
  V result = one, square = a, rest = n;
  for (int bit = 0; bit < integer_traits<V>::width; ++bit) {
    result = select((rest & one) == one, result * square, result);
    square = square * square;
    rest = shift_right(rest, one);
  }
  if constexpr (integer_traits<V>::is_signed) {
    const V minus_one = lit(a, -1);
    const V odd = select((n & one) == one, minus_one, one);
    const V truncated = select(a == one, one, select(a == minus_one, odd, zero));
    return select(n < zero, truncated, result);
  } else {
    return result;
  }
}

/// The number of ones.
template <class V> V popcount(const V &x) {
  const V zero = lit(x, 0), one = lit(x, 1);
  V rest = x, count = zero;
  for (int bit = 0; bit < integer_traits<V>::width; ++bit) {
    count = count + (rest & one);
    rest = shift_right(rest, one);
  }
  return count;
}

/// neg, abs, sign and popcount; the other unary kinds take no integers.
template <class V> V apply_integer(Unary kind, const V &x) {
  const V zero = lit(x, 0);
  switch (kind) {
    case Unary::neg: return zero - x;
    case Unary::abs:
      if constexpr (integer_traits<V>::is_signed) return select(x < zero, zero - x, x);
      return x;
    case Unary::sign: return select(x > zero, lit(x, 1), select(x < zero, lit(x, -1), zero));
    case Unary::popcount: return popcount(x);
    default: return x;
  }
}

/// The kinds that take integers.
template <class V> V apply_integer(Binary kind, const V &a, const V &b) {
  const V zero = lit(a, 0), width = lit(a, integer_traits<V>::width);
  const auto in_range = [&] {
    const auto below = b < width;
    if constexpr (!integer_traits<V>::is_signed) return below;
    else return below & (zero <= b);
  };
  switch (kind) {
    case Binary::add: return a + b;
    case Binary::sub: return a - b;
    case Binary::mul: return a * b;
    case Binary::div: return divide(a, b).quotient;
    case Binary::rem: return divide(a, b).remainder;
    case Binary::max: return select(a > b, a, b);
    case Binary::min: return select(a < b, a, b);
    case Binary::pow: return integer_power(a, b);
    case Binary::and_: return a & b;
    case Binary::or_: return a | b;
    case Binary::xor_: return a ^ b;
    case Binary::shl: return select(in_range(), shift_left(a, select(in_range(), b, zero)), zero);
    case Binary::shr: return select(in_range(), shift_right(a, select(in_range(), b, zero)), zero);
    default: return a;
  }
}

} // namespace nuthatch::math
