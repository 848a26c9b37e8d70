#include "nuthatch/distributions/skellam.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

/// Nodes of the trapezoidal rule over half of the contour. The integrands are periodic and analytic, so that its error
/// falls geometrically in the number of nodes.
constexpr std::int64_t kNodes = 72;

/// Angles 0 ... R, R = min(pi, 12 / sd), beyond which exp(-sd^2 (1 - cos)) is below 1e-17, along a new last axis, and
/// weights for 1/pi times the integral over 0 ... pi of an even function.
struct Contour {
  Tensor angle, weight;
};
Contour contour(const Tensor& variance) {
  Tensor range = minimum(12.0 * rsqrt(maximum(variance, 1e-300)), detail::kPi);
  Tensor j = arange(kNodes + 1).cast(f64);
  Tensor step = expand_dims(range, -1) / double(kNodes);
  return {step * j, step * select((j == 0.0) | (j == double(kNodes)), 0.5, 1.0) / detail::kPi};
}

class SkellamMass final : public detail::Family<SkellamMass, 2> {
 public:
   SkellamMass(const Tensor& mu1, const Tensor& mu2, Where where)
       : Family("Skellam", {{"mu1", mu1, constraints::nonnegative}, {"mu2", mu2, constraints::nonnegative}}, {},
                where) {}
   Constraint support() const override { return constraints::integer_interval(-INFINITY, INFINITY); }

   // With A = mu1 exp(t), B = mu2 exp(-t) at the saddle point t, where A - B = x:
   // p(x) = exp(A + B - mu1 - mu2 - x t) 1/pi int_0^pi exp(-(A + B)(1 - cos s)) cos(x (sin s - s)) ds.
   Tensor log_prob(const Tensor& value) const override {
     Tensor x = value.cast(f64), n = abs(x), up = x >= 0.0;
     Tensor total = sqrt(square(x) + 4.0 * mu1() * mu2()); // A + B
     total = select(total > 0.0, total, 0.0);
     Tensor c = select(up, mu1(), mu2()), larger = 0.5 * (n + total);
     Tensor log_tilt = xlogy(n, larger) - xlogy(n, c); // |x t|
     auto [s, w] = contour(total);
     Tensor integral =
         sum(w * exp(-expand_dims(total, -1) * one_minus_cos(s)) * cos(expand_dims(x, -1) * (sin(s) - s)), -1);
     return total - mu1() - mu2() - log_tilt + log(integral);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k1, k2] = split<2>(key);
    return detail::poisson(k1, mu1(), shape) - detail::poisson(k2, mu2(), shape);
  }
  Tensor mean() const override { return mu1() - mu2(); }
  Tensor variance() const override { return mu1() + mu2(); }
  /// Convolutions of log-concave masses are log-concave: one mode.
  Tensor mode() const override { return detail::mode_by_search(*this, floor(mean()), -INFINITY, INFINITY); }
  Tensor entropy() const override {
    const Tensor reach = 12.0 * sqrt(variance()) + 45.0;
    return detail::entropy_by_summation(*this, floor(mean() - reach), ceil(mean() + reach));
  }
  Tensor support_point() const override { return floor(mean() + 0.5); }
  // The tail on one's own side of the mean is exact to rounding, the other one is its complement.
  Tensor cdf(const Tensor& k) const override {
    Tensor lower = k.cast(f64) < mean(), tail = lower_tail(select(lower, k, ceil(mean()) - 1.0));
    Tensor upper = upper_tail(select(lower, floor(mean()), k));
    return select(lower, tail, 1.0 - upper);
  }
  Tensor survival(const Tensor& k) const override {
    Tensor lower = k.cast(f64) < mean(), tail = lower_tail(select(lower, k, ceil(mean()) - 1.0));
    Tensor upper = upper_tail(select(lower, floor(mean()), k));
    return select(lower, 1.0 - tail, upper);
  }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, mean(), sqrt(variance()), -INFINITY, INFINITY,
                                  [&](const Tensor& k) { return cdf(k); });
  }

 private:
  const Tensor& mu1() const { return p(0); }
  const Tensor& mu2() const { return p(1); }
  static Tensor one_minus_cos(const Tensor& s) { return 2.0 * square(sin(0.5 * s)); }

  /// P(X <= k) for k < mean: sum over j <= k of p(j), where the sum of exp(-j t) is a geometric series for Re t < 0.
  Tensor lower_tail(const Tensor& k) const { return exp(log_tail(k, mu1(), mu2())); }
  /// P(X > k) for k >= mean: by X -> -X.
  Tensor upper_tail(const Tensor& k) const { return exp(log_tail(-(k + 1.0), mu2(), mu1())); }

  /// log of 1/2pi int exp(K(t) - k t) / (1 - exp(t)) ds, t = t0 + i s, K(t) = m1 (exp(t) - 1) + m2 (exp(-t) - 1). t0 <
  /// 0 is the saddle point, kept two standard deviations away from the pole at 0.
  static Tensor log_tail(const Tensor& k, const Tensor& m1, const Tensor& m2) {
    Tensor total = sqrt(square(k) + 4.0 * m1 * m2);
    Tensor log_larger = log(0.5 * (abs(k) + total));
    Tensor saddle = select(k >= 0.0, log_larger - log(m1), log(m2) - log_larger);
    Tensor t0 = minimum(saddle, -minimum(2.0 * rsqrt(m1 + m2), 1.0));
    Tensor A = m1 * exp(t0), B = m2 * exp(-t0), variance = A + B;
    auto [s, w] = contour(variance);
    auto wide = [](const Tensor& x) { return expand_dims(x, -1); };
    Tensor magnitude = exp(-wide(variance) * one_minus_cos(s)), phase = wide(A - B) * sin(s) - wide(k) * s;
    // 1 / (1 - e^t0 e^is) = (1 - e^t0 cos s + i e^t0 sin s) / |1 - e^t0 e^is|^2.
    Tensor r = wide(exp(t0)), real = 1.0 - r * cos(s), imaginary = r * sin(s);
    Tensor integral =
        sum(w * magnitude * (cos(phase) * real - sin(phase) * imaginary) / (square(real) + square(imaginary)), -1);
    return A + B - m1 - m2 - k * t0 + log(maximum(integral, 0.0));
  }
};

}  // namespace

Distribution Skellam::make(const Tensor& mu1, const Tensor& mu2, Where where) {
  return Distribution(share<SkellamMass>(mu1, mu2, where));
}

}  // namespace nuthatch
