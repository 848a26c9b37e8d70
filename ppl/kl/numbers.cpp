// Of continuous distributions of one number.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/kl/pairs.h"
#include "ppl/distributions/quantile_quadrature.h"

namespace nuthatch::detail {
namespace {

/// 1/2 (r^2 - 1) - log r, for the ratio r of two scales.
Tensor of_scales(const Tensor& r) { return 0.5 * (square(r) - 1.0) - log(r); }

Tensor normal(const Member& p, const Member& q) {
  return of_scales(p["scale"] / q["scale"]) + 0.5 * square((p["loc"] - q["loc"]) / q["scale"]);
}

Tensor gamma(const Member& p, const Member& q) {
  Tensor a = p["concentration"], b = p["rate"], c = q["concentration"], d = q["rate"];
  return (a - c) * digamma(a) - lgamma(a) + lgamma(c) + c * (log(b) - log(d)) + a * (d - b) / b;
}

Tensor beta(const Member& p, const Member& q) {
  Tensor a = p["concentration1"], b = p["concentration0"], c = q["concentration1"], d = q["concentration0"];
  return betaln(c, d) - betaln(a, b) + (a - c) * digamma(a) + (b - d) * digamma(b) + (c - a + d - b) * digamma(a + b);
}

/// E log x of Kumaraswamy(a, b): x^a is one minus a Beta(b, 1).
Tensor mean_log(const Tensor& a, const Tensor& b) { return -(kEuler + digamma(b + 1.0)) / a; }

/// E log(1 - x^c) of Kumaraswamy(a, b), over the quantiles x = (1 - (1 - u)^(1/b))^(1/a).
Tensor mean_log_complement(const Tensor& a, const Tensor& b, const Tensor& c) {
  Tensor exponent = c / a + zeros_like(b);
  return integrate_quantiles(exponent.shape(), [&](const Tensor&, const Tensor& complement) {
    // y = (1 - u)^(1/b), x^c = (1 - y)^(c/a).
    Tensor log_y = log(complement) / b;
    return log(-expm1(exponent * log1p(-exp(log_y))));
  });
}

Tensor kumaraswamy(const Member& p, const Member& q) {
  Tensor a = p["concentration1"], b = p["concentration0"], c = q["concentration1"], d = q["concentration0"];
  return log(a) + log(b) - log(c) - log(d) + (a - c) * mean_log(a, b) - (b - 1.0) / b -
         (d - 1.0) * mean_log_complement(a, b, c);
}

Tensor kumaraswamy_beta(const Member& p, const Member& q) {
  Tensor a = p["concentration1"], b = p["concentration0"], c = q["concentration1"], d = q["concentration0"];
  return log(a) + log(b) + (a - c) * mean_log(a, b) - (b - 1.0) / b + betaln(c, d) -
         (d - 1.0) * mean_log_complement(a, b, 1.0);
}

Tensor weibull(const Member& p, const Member& q) {
  Tensor s = p["scale"], k = p["concentration"], t = q["scale"], l = q["concentration"];
  Tensor log_ratio = log(s) - log(t);
  return log(k) - log(l) - l * log_ratio + (l / k - 1.0) * kEuler + exp(l * log_ratio + lgamma(l / k + 1.0)) - 1.0;
}

Tensor weibull_gamma(const Member& p, const Member& q) {
  Tensor s = p["scale"], k = p["concentration"], a = q["concentration"], b = q["rate"];
  Tensor entropy = kEuler * (1.0 - 1.0 / k) + log(s / k) + 1.0;
  Tensor cross = a * log(b) - lgamma(a) + (a - 1.0) * (log(s) - kEuler / k) - b * s * exp(lgamma(1.0 + 1.0 / k));
  return -entropy - cross;
}

Tensor laplace(const Member& p, const Member& q) {
  Tensor s = p["scale"], t = q["scale"], d = abs(p["loc"] - q["loc"]);
  return log(t / s) + d / t + s / t * exp(-d / s) - 1.0;
}

/// Chyzak and Nielsen, A closed-form formula for the Kullback-Leibler divergence between Cauchy distributions, 2019.
Tensor cauchy(const Tensor& d, const Tensor& s, const Tensor& t) {
  return log((square(s + t) + square(d)) / (4.0 * s * t));
}

Tensor gumbel(const Member& p, const Member& q) {
  Tensor s = p["scale"], t = q["scale"], d = (p["loc"] - q["loc"]) / t, r = s / t;
  return kEuler * (r - 1.0) - log(r) - 1.0 + d + exp(lgamma(1.0 + r) - d);
}

Tensor pareto(const Member& p, const Member& q) {
  Tensor r = log(p["scale"]) - log(q["scale"]), a = p["alpha"], b = q["alpha"];
  return select(r >= 0.0, log(a / b) + b * r + b / a - 1.0, INFINITY);
}

Tensor uniform(const Member& p, const Member& q) {
  Tensor inside = (p["low"] >= q["low"]) & (p["high"] <= q["high"]);
  return select(inside, log((q["high"] - q["low"]) / (p["high"] - p["low"])), INFINITY);
}

/// By E x = m, E 1/x = 1/m + 1/c, c the concentration.
Tensor inverse_gaussian(const Member& p, const Member& q) {
  Tensor m = p["mean"], c = p["concentration"], n = q["mean"], d = q["concentration"];
  return 0.5 * (log(c) - log(d) + d / c - 1.0 + d * square((m - n) / n) / m);
}

Tensor von_mises(const Member& p, const Member& q) {
  Tensor k = p["concentration"], l = q["concentration"], ratio = bessel_i1e(k) / bessel_i0e(k);
  return log_bessel_i0(l) - log_bessel_i0(k) + ratio * (k - l * cos(p["loc"] - q["loc"]));
}

}  // namespace

Tensor kl_of_numbers(const Member& p, const Member& q) {
  const std::string& f = p.family;
  if (f == q.family) {
    if (f == "Normal" || f == "LogNormal") return normal(p, q);
    if (f == "HalfNormal") return of_scales(p["scale"] / q["scale"]);
    if (f == "Gamma" || f == "InverseGamma") return gamma(p, q);
    if (f == "Beta") return beta(p, q);
    if (f == "Kumaraswamy") return kumaraswamy(p, q);
    if (f == "Weibull") return weibull(p, q);
    if (f == "Laplace") return laplace(p, q);
    if (f == "Cauchy") return cauchy(p["loc"] - q["loc"], p["scale"], q["scale"]);
    if (f == "HalfCauchy") return cauchy(0.0, p["scale"], q["scale"]);
    if (f == "Gumbel") return gumbel(p, q);
    if (f == "Pareto") return pareto(p, q);
    if (f == "Uniform") return uniform(p, q);
    if (f == "VonMises") return von_mises(p, q);
    if (f == "InverseGaussian") return inverse_gaussian(p, q);
  }
  if (f == "Weibull" && q.family == "Gamma") return weibull_gamma(p, q);
  if (f == "Kumaraswamy" && q.family == "Beta") return kumaraswamy_beta(p, q);
  return {};
}

}  // namespace nuthatch::detail
