// The special functions that are one operation each, and their immediate compositions.
#include <numbers>

#include "ir/api/operands.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"

namespace nuthatch {
using namespace detail;

namespace {
Tensor floating_unary(Unary kind, const char* name, const Tensor& x, Where where) {
  return unary(kind, name, to_float(name, x, where), where);
}
Tensor floating_binary(Binary kind, const char* name, const Tensor& a, const Tensor& b, Where where) {
  return binary(kind, name, to_float(name, a, where), to_float(name, b, where), where);
}
Tensor ternary(Ternary kind, const char* name, const Tensor& a, const Tensor& b, const Tensor& c, Where where) {
  Tensor x = a, y = b, z = c;
  unify(name, {&x, &y, &z}, floating(promote(name, {a, b, c}, where)), where);
  return emit_one("ternary", {x, y, z}, {{"kind", Kind{int(kind)}}}, where);
}
const Tensor& integral(const char* name, const Tensor& x, Where where) {
  const Dtype d = checked(name, x, where).type.dtype;
  if (is_float(d) || d == Dtype::bool_) fail(name, "takes integers, not " + describe(x), where);
  return x;
}
}  // namespace

Tensor igamma(const Tensor& a, const Tensor& x, Where where) { return floating_binary(Binary::igamma, "igamma", a, x, where); }
Tensor igammac(const Tensor& a, const Tensor& x, Where where) { return floating_binary(Binary::igammac, "igammac", a, x, where); }
Tensor igamma_inv(const Tensor& a, const Tensor& p, Where where) {
  return floating_binary(Binary::igamma_inv, "igamma_inv", a, p, where);
}
Tensor igammac_inv(const Tensor& a, const Tensor& q, Where where) {
  return floating_binary(Binary::igammac_inv, "igammac_inv", a, q, where);
}

Tensor betainc(const Tensor& a, const Tensor& b, const Tensor& x, Where where) {
  return ternary(Ternary::betainc, "betainc", a, b, x, where);
}
Tensor betainc_inv(const Tensor& a, const Tensor& b, const Tensor& p, Where where) {
  return ternary(Ternary::betainc_inv, "betainc_inv", a, b, p, where);
}

Tensor gammaln(const Tensor& x, Where where) { return floating_unary(Unary::lgamma, "gammaln", x, where); }
Tensor polygamma(int n, const Tensor& x, Where where) {
  if (n < 0 || n > 170) fail("polygamma", "order " + std::to_string(n) + " is not in 0 ... 170", where);
  Tensor y = to_float("polygamma", x, where);
  if (n == 0) return unary(Unary::digamma, "polygamma", y, where);
  if (n == 1) return unary(Unary::trigamma, "polygamma", y, where);
  return binary(Binary::polygamma, "polygamma", literal(n, y.dtype()), y, where);
}

Tensor bessel_i0e(const Tensor& x, Where where) { return floating_unary(Unary::bessel_i0e, "bessel_i0e", x, where); }
Tensor bessel_i1e(const Tensor& x, Where where) { return floating_unary(Unary::bessel_i1e, "bessel_i1e", x, where); }
Tensor bessel_i0(const Tensor& x, Where where) {
  CallerLine line(where);
  return exp(abs(x)) * bessel_i0e(x);
}
Tensor bessel_i1(const Tensor& x, Where where) {
  CallerLine line(where);
  return exp(abs(x)) * bessel_i1e(x);
}
Tensor log_bessel_i0(const Tensor& x, Where where) {
  CallerLine line(where);
  return abs(x) + log(bessel_i0e(x));
}

Tensor erfcx(const Tensor& x, Where where) { return floating_unary(Unary::erfcx, "erfcx", x, where); }
Tensor erfc_inv(const Tensor& q, Where where) {
  CallerLine line(where);
  return (-std::numbers::sqrt2 / 2) * ndtri(0.5 * q);
}
Tensor owens_t(const Tensor& h, const Tensor& a, Where where) { return floating_binary(Binary::owens_t, "owens_t", h, a, where); }

Tensor cbrt(const Tensor& x, Where where) { return floating_unary(Unary::cbrt, "cbrt", x, where); }

Tensor popcount(const Tensor& x, Where where) { return unary(Unary::popcount, "popcount", integral("popcount", x, where), where); }
Tensor shift_right_logical(const Tensor& x, const Tensor& n, Where where) {
  const char* name = "shift_right_logical";
  const Dtype d = promote(name, integral(name, x, where), integral(name, n, where), where);
  const Dtype bits = size_of(d) == 4 ? Dtype::ui32 : Dtype::ui64;
  // A negative count becomes one beyond the width.
  return binary(Binary::shr, name, x.cast(d, where).cast(bits, where), n.cast(d, where).cast(bits, where), where).cast(d, where);
}

}  // namespace nuthatch
