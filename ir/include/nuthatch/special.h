#pragma once
/// Special functions beyond those of math.h: incomplete gamma and beta functions with their inverses, polygamma, Bessel
/// functions, Owen's T. Elementwise over floating-point numbers; integers become f64; operands broadcast and promote as the
/// operators do (tensor.h). Arguments outside of the domain give NaN. All have derivatives in every operand but orders; of
/// the incomplete functions there are first and second derivatives in the parameters. Accuracy: ir/math/README.md.
#include "nuthatch/tensor.h"

namespace nuthatch {

// ---- gamma distribution function ----
/// P(a, x) = integral of t^(a-1) e^-t / Gamma(a) over 0 < t < x, the distribution function of Gamma(a, 1); a >= 0, x >= 0.
/// P(0, x) = 1 for x > 0 (DLMF 8.2.4).
Tensor igamma(const Tensor& a, const Tensor& x, Where where = Where::current());
/// Q(a, x) = 1 - P(a, x), the survival function, accurate where it is small.
Tensor igammac(const Tensor& a, const Tensor& x, Where where = Where::current());
/// x with P(a, x) = p, 0 <= p <= 1: the quantile function of Gamma(a, 1).
Tensor igamma_inv(const Tensor& a, const Tensor& p, Where where = Where::current());
/// x with Q(a, x) = q, for far upper tails.
Tensor igammac_inv(const Tensor& a, const Tensor& q, Where where = Where::current());

// ---- beta distribution function ----
/// I_x(a, b) = integral of t^(a-1) (1-t)^(b-1) / B(a, b) over 0 < t < x, the distribution function of Beta(a, b); a, b > 0,
/// 0 <= x <= 1 (DLMF 8.17.2). The survival function is betainc(b, a, 1 - x).
Tensor betainc(const Tensor& a, const Tensor& b, const Tensor& x, Where where = Where::current());
/// x with I_x(a, b) = p, 0 <= p <= 1.
Tensor betainc_inv(const Tensor& a, const Tensor& b, const Tensor& p, Where where = Where::current());

// ---- gamma function ----
/// log |gamma(x)|, the same as lgamma.
Tensor gammaln(const Tensor& x, Where where = Where::current());
/// The n-th derivative of digamma, 0 <= n <= 170; Error for other n.
Tensor polygamma(int n, const Tensor& x, Where where = Where::current());

// ---- modified Bessel functions of the first kind ----
/// e^-|x| I0(x) and e^-|x| I1(x).
Tensor bessel_i0e(const Tensor& x, Where where = Where::current());
Tensor bessel_i1e(const Tensor& x, Where where = Where::current());
/// I0(x) and I1(x); infinite beyond about 714.
Tensor bessel_i0(const Tensor& x, Where where = Where::current());
Tensor bessel_i1(const Tensor& x, Where where = Where::current());
/// log I0(x), accurate to an ulp of 1 near 0 and relative to the result elsewhere.
Tensor log_bessel_i0(const Tensor& x, Where where = Where::current());

// ---- error function, normal distribution ----
/// e^(x^2) erfc(x), which neither underflows nor cancels for large x.
Tensor erfcx(const Tensor& x, Where where = Where::current());
/// x with erfc(x) = q, 0 <= q <= 2.
Tensor erfc_inv(const Tensor& q, Where where = Where::current());
/// Owen's T(h, a) = 1 / (2 pi) integral of e^(-h^2 (1 + t^2) / 2) / (1 + t^2) over 0 < t < a.
Tensor owens_t(const Tensor& h, const Tensor& a, Where where = Where::current());

// ---- elementary ----
/// The real cube root.
Tensor cbrt(const Tensor& x, Where where = Where::current());

// ---- bits of integers ----
/// The number of ones.
Tensor popcount(const Tensor& x, Where where = Where::current());
/// x moved right by n bits, zeros from the left also where x is negative; 0 for n < 0 or beyond the width. `>>` keeps the sign.
Tensor shift_right_logical(const Tensor& x, const Tensor& n, Where where = Where::current());

}  // namespace nuthatch
