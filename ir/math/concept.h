// The arithmetic a special function is written against, and its scalar form.
//
// One source per function serves the interpreter (V = double) and the code
// generator (V = a wrapper around a vector value being emitted). Both perform
// the same IEEE operations in the same order, so results agree bit for bit.
// That asks for straight-line code: no branch on data, no table, no libm call;
// a piecewise function evaluates its pieces and selects.
//
// A type V models `Real` when it offers:
//
//   + - * / and unary -      between V and V, or V and a double on either side
//   < <= > >= == !=          likewise; the result is mask_t<V>
//   & | !                    on masks (never && || ?:, which need a bool)
//   fma(a, b, c)             rounded once; each argument V or double, one is V
//   select(m, a, b)          a where m holds, else b; at least one arm is V
//   sqrt abs floor rint trunc copysign(x, y)   rint rounds halves to even
//   lit(x, c)                the constant c as a value of x's type
//   bits(x) from_bits(i)     reinterpret as int_t<V> and back
//   to_int(x) to_real(i)     exact conversion of integers below 2^51
//   + - & | ^ <<             on int_t<V>, modulo 2^64, with std::int64_t on
//                            either side; the shift count is a constant
//   shr(i, n)                logical shift right by a constant
//   == !=                    on int_t<V>; the result is mask_t<V>
//   where_rare(m, y, f)      f() where m holds, else y; see below
//
// A bare double has no lane count, so two of them never meet to form a V.
// Contraction is off everywhere: a fused multiply-add is written as one.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace nuthatch::math {

/// Specialise for a wrapper: `using mask = ...; using integer = ...;`.
template <class V> struct real_traits;
template <> struct real_traits<double> {
  using mask = bool;
  using integer = std::uint64_t; // wraps without undefined behaviour
};
template <class V> using mask_t = typename real_traits<V>::mask;
template <class V> using int_t = typename real_traits<V>::integer;

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

inline double fma(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}
inline double select(bool m, double a, double b) { return m ? a : b; }
inline double sqrt(double x) { return __builtin_sqrt(x); }
inline double abs(double x) { return __builtin_fabs(x); }
inline double floor(double x) { return __builtin_floor(x); }
inline double rint(double x) { return __builtin_rint(x); }
inline double trunc(double x) { return __builtin_trunc(x); }
inline double copysign(double x, double y) {
  return __builtin_copysign(x, y);
}
inline double lit(double, double c) { return c; }

inline std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }
inline double from_bits(std::uint64_t i) { return std::bit_cast<double>(i); }
inline std::uint64_t shr(std::uint64_t i, int n) { return i >> n; }

namespace detail {
// 1.5 * 2^52: adding it leaves an integer in the low bits of the significand.
inline constexpr double kRound = 6755399441055744.0;
inline constexpr std::int64_t kRoundBits = 0x4338000000000000;
} // namespace detail

inline std::uint64_t to_int(double x) {
  return bits(x + detail::kRound) - detail::kRoundBits;
}
inline double to_real(std::uint64_t i) {
  return from_bits(i + detail::kRoundBits) - detail::kRound;
}

/// A piece that few arguments need. Where m holds the result is rare(), else
/// usual. A scalar skips the work with a branch; a wrapper that can ask "does
/// any lane need it" may overload this and do the same; the default evaluates
/// and selects. The bits are the same in all three.
template <class V, class Rare>
V where_rare(const mask_t<V> &m, const V &usual, Rare &&rare) {
  if constexpr (std::is_same_v<V, double>)
    return m ? rare() : usual;
  else
    return select(m, rare(), usual);
}

/// min and max that return x, hence NaN, when x is NaN.
template <class V> V at_most(V x, double bound) {
  return select(x > bound, bound, x);
}
template <class V> V at_least(V x, double bound) {
  return select(x < bound, bound, x);
}

} // namespace nuthatch::math
