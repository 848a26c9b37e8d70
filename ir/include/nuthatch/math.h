#pragma once
/// Elementwise functions and reductions. Integers and bool_ become f64 where the function is not defined on them.
/// Two operands broadcast and promote as the operators do (tensor.h).
#include "nuthatch/tensor.h"

namespace nuthatch {

// ---- rounding, sign ----
Tensor abs(const Tensor& x, Where where = Where::current());
/// -1, 0 or 1; NaN stays.
Tensor sign(const Tensor& x, Where where = Where::current());
Tensor floor(const Tensor& x, Where where = Where::current());
Tensor ceil(const Tensor& x, Where where = Where::current());
/// To the nearest integer, halves to even.
Tensor round(const Tensor& x, Where where = Where::current());

// ---- powers, exponentials, logarithms ----
Tensor sqrt(const Tensor& x, Where where = Where::current());
/// 1 / sqrt(x).
Tensor rsqrt(const Tensor& x, Where where = Where::current());
/// 1 / x.
Tensor reciprocal(const Tensor& x, Where where = Where::current());
Tensor square(const Tensor& x, Where where = Where::current());
Tensor cube(const Tensor& x, Where where = Where::current());
/// x^y; small integer literals become products. The derivative in y is 0 where x = 0.
Tensor pow(const Tensor& x, const Tensor& y, Where where = Where::current());
Tensor exp(const Tensor& x, Where where = Where::current());
/// e^x - 1, accurate near 0.
Tensor expm1(const Tensor& x, Where where = Where::current());
/// 2^x.
Tensor exp2(const Tensor& x, Where where = Where::current());
Tensor log(const Tensor& x, Where where = Where::current());
/// log(1 + x), accurate near 0.
Tensor log1p(const Tensor& x, Where where = Where::current());
Tensor log2(const Tensor& x, Where where = Where::current());
Tensor log10(const Tensor& x, Where where = Where::current());
/// log(1 - exp(-x)) for x > 0, stable at both ends.
Tensor log1mexp(const Tensor& x, Where where = Where::current());
/// log(exp(a) + exp(b)) without overflow; -inf with -inf gives -inf with zero gradients.
Tensor logaddexp(const Tensor& a, const Tensor& b, Where where = Where::current());
/// x log y, 0 where x = 0. Its derivative in x is log y also there, but 0 where y <= 0 or y is infinite as well.
Tensor xlogy(const Tensor& x, const Tensor& y, Where where = Where::current());
/// x log(1 + y), 0 where x = 0; derivatives as for xlogy.
Tensor xlog1py(const Tensor& x, const Tensor& y, Where where = Where::current());

// ---- trigonometric, hyperbolic ----
Tensor sin(const Tensor& x, Where where = Where::current());
Tensor cos(const Tensor& x, Where where = Where::current());
Tensor tan(const Tensor& x, Where where = Where::current());
Tensor asin(const Tensor& x, Where where = Where::current());
Tensor acos(const Tensor& x, Where where = Where::current());
Tensor atan(const Tensor& x, Where where = Where::current());
/// Angle of the point (x, y), in (-pi, pi].
Tensor atan2(const Tensor& y, const Tensor& x, Where where = Where::current());
Tensor sinh(const Tensor& x, Where where = Where::current());
Tensor cosh(const Tensor& x, Where where = Where::current());
Tensor tanh(const Tensor& x, Where where = Where::current());
Tensor asinh(const Tensor& x, Where where = Where::current());
Tensor acosh(const Tensor& x, Where where = Where::current());
Tensor atanh(const Tensor& x, Where where = Where::current());

// ---- logistic family ----
/// 1 / (1 + exp(-x)). Not also under the name `logistic`, which models want for themselves.
Tensor sigmoid(const Tensor& x, Where where = Where::current());
/// log(p / (1 - p)).
Tensor logit(const Tensor& p, Where where = Where::current());
/// log sigmoid(x) = -softplus(-x).
Tensor log_sigmoid(const Tensor& x, Where where = Where::current());
/// log(1 + exp(x)).
Tensor softplus(const Tensor& x, Where where = Where::current());
/// max(x, 0).
Tensor relu(const Tensor& x, Where where = Where::current());

// ---- error function, normal distribution function ----
Tensor erf(const Tensor& x, Where where = Where::current());
Tensor erfc(const Tensor& x, Where where = Where::current());
/// Inverse of erf on (-1, 1).
Tensor erf_inv(const Tensor& x, Where where = Where::current());
/// Standard normal distribution function.
Tensor ndtr(const Tensor& x, Where where = Where::current());
/// Its logarithm, accurate in the far left tail.
Tensor log_ndtr(const Tensor& x, Where where = Where::current());
/// Its inverse.
Tensor ndtri(const Tensor& p, Where where = Where::current());

// ---- gamma function ----
/// log |gamma(x)|.
Tensor lgamma(const Tensor& x, Where where = Where::current());
Tensor digamma(const Tensor& x, Where where = Where::current());
Tensor trigamma(const Tensor& x, Where where = Where::current());
/// log of the beta function.
Tensor betaln(const Tensor& a, const Tensor& b, Where where = Where::current());
/// log of the binomial coefficient "n over k".
Tensor log_binomial(const Tensor& n, const Tensor& k, Where where = Where::current());
/// log of the multivariate gamma function of dimension d.
Tensor multigammaln(const Tensor& a, int d, Where where = Where::current());

// ---- two and three operands ----
/// The larger one; NaN if either is. At ties each gets half of the gradient.
Tensor maximum(const Tensor& a, const Tensor& b, Where where = Where::current());
Tensor minimum(const Tensor& a, const Tensor& b, Where where = Where::current());
/// x limited to [low, high]; the gradient is 0 outside.
Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high, Where where = Where::current());
/// a * b + c rounded once.
Tensor fma(const Tensor& a, const Tensor& b, const Tensor& c, Where where = Where::current());
/// p ? a : b, elementwise; p is bool_. `where` is the same. Both arms are computed: to choose a computation use cond.
Tensor select(const Tensor& p, const Tensor& a, const Tensor& b, Where where = Where::current());
Tensor where(const Tensor& p, const Tensor& a, const Tensor& b, Where location = Where::current());
/// The value without its derivative.
Tensor stop_gradient(const Tensor& x, Where where = Where::current());

// ---- predicates; dtype bool_ ----
Tensor isnan(const Tensor& x, Where where = Where::current());
Tensor isinf(const Tensor& x, Where where = Where::current());
Tensor isfinite(const Tensor& x, Where where = Where::current());
Tensor logical_not(const Tensor& x, Where where = Where::current());
Tensor logical_and(const Tensor& a, const Tensor& b, Where where = Where::current());
Tensor logical_or(const Tensor& a, const Tensor& b, Where where = Where::current());

// ---- reductions ----
/// `.axis`: one axis or several (default all); `.keepdims` leaves reduced dimensions with extent 1.
struct ReduceOptions {
  OnlyNamed only_named{};
  Axes axis{};
  bool keepdims = false;
};
/// `.ddof`: the divisor is n - ddof.
struct VarianceOptions {
  OnlyNamed only_named{};
  Axes axis{};
  bool keepdims = false;
  int ddof = 0;
};

/// Sum over all elements, over one axis, or as options say. bool_ counts as i64. Order: see docs/ir.md.
Tensor sum(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor sum(const Tensor& x, int axis, Where where = Where::current());
Tensor prod(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor prod(const Tensor& x, int axis, Where where = Where::current());
/// Mean; integers give f64. Error over no elements.
Tensor mean(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor mean(const Tensor& x, int axis, Where where = Where::current());
/// Largest and smallest element; NaN if there is one. Error over no elements.
Tensor max(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor max(const Tensor& x, int axis, Where where = Where::current());
Tensor min(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor min(const Tensor& x, int axis, Where where = Where::current());
/// Whether all, or any, elements are true (nonzero).
Tensor all_of(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor all_of(const Tensor& x, int axis, Where where = Where::current());
Tensor any_of(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor any_of(const Tensor& x, int axis, Where where = Where::current());
/// Number of nonzero elements, i64.
Tensor count_nonzero(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor count_nonzero(const Tensor& x, int axis, Where where = Where::current());
/// Variance around the mean (two passes) and its square root; divisor n - ddof, ddof = 0.
Tensor variance(const Tensor& x, const VarianceOptions& options = {}, Where where = Where::current());
Tensor variance(const Tensor& x, int axis, Where where = Where::current());
Tensor stddev(const Tensor& x, const VarianceOptions& options = {}, Where where = Where::current());
Tensor stddev(const Tensor& x, int axis, Where where = Where::current());
/// log(sum(exp(x))) without overflow; -inf, with zero gradients, where all elements are -inf.
Tensor logsumexp(const Tensor& x, const ReduceOptions& options = {}, Where where = Where::current());
Tensor logsumexp(const Tensor& x, int axis, Where where = Where::current());
/// exp(x) / sum(exp(x)) along an axis, and its logarithm.
Tensor softmax(const Tensor& x, int axis = -1, Where where = Where::current());
Tensor log_softmax(const Tensor& x, int axis = -1, Where where = Where::current());
/// i64 index of the first largest (smallest) element: of the flat tensor, or along an axis.
Tensor argmax(const Tensor& x, Where where = Where::current());
Tensor argmax(const Tensor& x, int axis, Where where = Where::current());
Tensor argmin(const Tensor& x, Where where = Where::current());
Tensor argmin(const Tensor& x, int axis, Where where = Where::current());

// ---- running reductions along one axis; `.reverse` starts at the end ----
struct CumulativeOptions {
  OnlyNamed only_named{};
  int axis = 0;
  bool reverse = false;
};
Tensor cumsum(const Tensor& x, const CumulativeOptions& options = {}, Where where = Where::current());
Tensor cumsum(const Tensor& x, int axis, Where where = Where::current());
Tensor cumprod(const Tensor& x, const CumulativeOptions& options = {}, Where where = Where::current());
Tensor cumprod(const Tensor& x, int axis, Where where = Where::current());
Tensor cummax(const Tensor& x, const CumulativeOptions& options = {}, Where where = Where::current());
Tensor cummax(const Tensor& x, int axis, Where where = Where::current());
Tensor cummin(const Tensor& x, const CumulativeOptions& options = {}, Where where = Where::current());
Tensor cummin(const Tensor& x, int axis, Where where = Where::current());
Tensor cumlogsumexp(const Tensor& x, const CumulativeOptions& options = {}, Where where = Where::current());
Tensor cumlogsumexp(const Tensor& x, int axis, Where where = Where::current());

}  // namespace nuthatch
