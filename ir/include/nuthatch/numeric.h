#pragma once
/// Numerical recipes with NumPy's names and defaults: finite differences and integrals of samples, interpolation,
/// convolution, covariance, polynomials, comparisons within tolerances.
#include <optional>
#include <utility>

#include "nuthatch/math.h"

namespace nuthatch {

// ---- samples of a function ----
/// Central second-order differences, one-sided at the ends; samples `spacing` apart along an axis with two or more.
Tensor gradient(const Tensor& f, double spacing = 1.0, int axis = -1, Where where = Where::current());
/// At coordinates x, a vector; second order for unequal steps too.
Tensor gradient(const Tensor& f, const Tensor& x, int axis = -1, Where where = Where::current());
/// The integral by the trapezoidal rule.
Tensor trapezoid(const Tensor& y, double dx = 1.0, int axis = -1, Where where = Where::current());
Tensor trapezoid(const Tensor& y, const Tensor& x, int axis = -1, Where where = Where::current());
/// Piecewise linear through the points (xp, fp), xp ascending; beyond them `left` and `right`, by default the end values.
struct InterpOptions {
  OnlyNamed only_named{};
  std::optional<double> left{}, right{};
};
Tensor interp(const Tensor& x, const Tensor& xp, const Tensor& fp, const InterpOptions& options = {}, Where where = Where::current());

enum class ConvolveMode { full, same, valid };
/// sum_k a_k v_(n-k) of two vectors: [m + n - 1] (full), its middle [max(m, n)] (same), or where they overlap wholly
/// (valid).
Tensor convolve(const Tensor& a, const Tensor& v, ConvolveMode mode = ConvolveMode::full, Where where = Where::current());
/// p[0] x^(n-1) + ... + p[n-1].
Tensor polyval(const Tensor& p, const Tensor& x, Where where = Where::current());

// ---- moments ----
/// Weighted mean; the weights have x's shape, or are a vector along the one axis.
Tensor average(const Tensor& x, const Tensor& weights, const ReduceOptions& options = {}, Where where = Where::current());
/// variance (math.h) under NumPy's name; its square root is stddev.
Tensor var(const Tensor& x, const VarianceOptions& options = {}, Where where = Where::current());
Tensor var(const Tensor& x, int axis, Where where = Where::current());
/// Covariance matrix of variables in rows (or columns) and observations in the others; divisor n - ddof.
struct CovOptions {
  OnlyNamed only_named{};
  bool rowvar = true;
  int ddof = 1;
};
Tensor cov(const Tensor& x, const CovOptions& options = {}, Where where = Where::current());
/// Correlation matrix.
Tensor corrcoef(const Tensor& x, const CovOptions& options = {}, Where where = Where::current());

// ---- elementwise ----
/// clamp (math.h) under NumPy's name.
Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high, Where where = Where::current());
/// NaN and infinities replaced: by default 0, the largest and the lowest finite number of the type.
struct NanToNumOptions {
  OnlyNamed only_named{};
  double nan = 0;
  std::optional<double> posinf{}, neginf{};
};
Tensor nan_to_num(const Tensor& x, const NanToNumOptions& options = {}, Where where = Where::current());
/// |a - b| <= atol + rtol |b|; equal infinities are close, NaN only to NaN and only with equal_nan.
struct CloseOptions {
  OnlyNamed only_named{};
  double rtol = 1e-5, atol = 1e-8;
  bool equal_nan = false;
};
Tensor isclose(const Tensor& a, const Tensor& b, const CloseOptions& options = {}, Where where = Where::current());
/// Whether all elements are; a bool_ scalar.
Tensor allclose(const Tensor& a, const Tensor& b, const CloseOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
