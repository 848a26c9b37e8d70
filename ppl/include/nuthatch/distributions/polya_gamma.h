#pragma once
/// PolyaGamma(h, z): x > 0, shape h > 0, tilt z.
///   p(x) = cosh(z / 2)^h exp(-x z^2 / 2) p_h(x)
///   p_h(x) = 2^(h-1) / Gamma(h) sum over n of (-1)^n Gamma(n + h) / n! (2 n + h) (2 pi x^3)^(-1/2) exp(-(2 n + h)^2 / (8 x))
/// Its Laplace transform is (cosh(z / 2) / cosh(sqrt(z^2 / 4 + t / 2)))^h; the density and the distribution function are
/// computed from it, since the series cancels for large x. Draws are sums of gamma variables,
///   x = 1 / (2 pi^2) sum over k = 1, 2, ... of Gamma(h, 1) / ((k - 1/2)^2 + z^2 / (4 pi^2)),
/// 16 of them and an inverse Gaussian variable for the rest, with its mean and variance: mean and variance are exact, the
/// third cumulant is to 1e-8 for |z| < 20. Polson, Scott and Windle, Bayesian inference for logistic models using
/// Polya-Gamma latent variables, JASA 108 (2013).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct PolyaGamma : Distribution {
  template <Positional A, Positional B>
  explicit PolyaGamma(const A& h, const B& z, Where where = Where::current()) : Distribution(make(h, z, where)) {}

 private:
  static Distribution make(const Tensor& h, const Tensor& z, Where where);
};

} // namespace nuthatch
