#include "nuthatch/distributions/doubly_truncated_power_law.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "ppl/distributions/bounds.h"
#include "ppl/distributions/ratios.h"

namespace nuthatch {
namespace {

/// With s = alpha + 1, L = log(high / low), t = |s| L, and m the end where the density of log x is larger (high for s >
/// 0, low otherwise), the integral of x^alpha is m^s (1 - exp(-t)) / |s|, which is L at s = 0 and has no difference
/// that cancels. low may be 0 when s > 0: L is infinite then, and exp(-t) = (low / high)^|s| is 0. Derivatives hold
/// there too, and at s = 0, where |s| and m belong to the same branch.
class DoublyTruncatedPowerLawDensity final : public detail::Family<DoublyTruncatedPowerLawDensity, 3> {
 public:
  DoublyTruncatedPowerLawDensity(const Tensor& alpha, const Tensor& low, const Tensor& high, Where where)
      : Family("DoublyTruncatedPowerLaw",
               {{"alpha", alpha, constraints::real},
                {"low", low, constraints::nonnegative},
                {"high", high, constraints::positive}},
               {}, where) {
    detail::require_less(*this, 1, 2);
  }
  Constraint support() const override { return constraints::interval(low(), high()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{xlogy(alpha(), x)}, {-log_integral(alpha() + 1.0, low(), high())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return raw(1.0); }
  Tensor variance() const override { return raw(2.0) - square(raw(1.0)); }
  Tensor mode() const override { return select(alpha() > 0.0, high(), low()); }
  Tensor entropy() const override { return log_integral(alpha() + 1.0, low(), high()) - alpha() * mean_log(); }
  Tensor cdf(const Tensor& x) const override { return part(low(), x); }
  Tensor survival(const Tensor& x) const override { return part(x, high()); }
  // (x / high)^s = q + (1 - q) exp(-t) for s > 0, (x / low)^s = 1 - q + q exp(-t) for s < 0; for small t
  // log(x / low) = log(1 + q (exp(s L) - 1)) / s without a quotient of two small numbers.
  Tensor icdf(const Tensor& q) const override {
    const Tensor s = alpha() + 1.0, rising = s > 0.0;
    const Span span(s, low(), high());
    const Tensor growth = detail::expm1_ratio(select(span.small, s, 0.0) * span.length) * span.length;
    const Tensor near = low() * exp(q * growth * detail::log1p_ratio(select(span.small, s, 0.0) * q * growth));
    const Tensor ss = select(span.small, 1.0, s),
                 far = select(rising, high(), low()) *
                       pow(select(rising, q + (1.0 - q) * span.lost, (1.0 - q) + q * span.lost), 1.0 / ss);
    return clamp(select(span.small, near, far), low(), high());
  }

 private:
  const Tensor& alpha() const { return p(0); }
  const Tensor& low() const { return p(1); }
  const Tensor& high() const { return p(2); }
  /// |s|, with the derivative of the branch that s = 0 is in.
  static Tensor magnitude(const Tensor& s) { return select(s > 0.0, s, -s); }

  /// For x from a to b: whether |s| log(b / a) < 1, log(b / a) where that holds (0 elsewhere), |s| and (a / b)^|s|
  /// where it does not (1 and 1/2 elsewhere). No branch that is not taken has an infinite derivative.
  struct Span {
    Tensor small, length, power, lost;
    Span(const Tensor& s, const Tensor& a, const Tensor& b) {
      const Tensor ratio = a / b, positive = ratio > 0.0, log_ratio = -log(select(positive, ratio, 1.0));
      small = positive & (magnitude(s) * log_ratio < 1.0);
      length = select(small, log_ratio, 0.0);
      power = select(small, 1.0, magnitude(s));
      // 0^p is 0 for every p > 0: its slope in p is left out, the one in the base stays.
      const Tensor held = select(positive, power, stop_gradient(power));
      lost = pow(select(small, 0.5, ratio), held);
    }
  };
  /// log of the integral of x^(s - 1) from a to b, less s log m.
  static Tensor log_shape(const Tensor& s, const Tensor& a, const Tensor& b) {
    const Span span(s, a, b);
    const Tensor t = magnitude(select(span.small, s, 0.0)) * span.length;
    const Tensor near = log(select(span.small, span.length, 1.0) * detail::expm1_ratio(-t));
    return select(span.small, near, log((1.0 - span.lost) / span.power));
  }
  static Tensor log_integral(const Tensor& s, const Tensor& a, const Tensor& b) {
    return xlogy(s, select(s > 0.0, b, a)) + log_shape(s, a, b);
  }
  Tensor part(const Tensor& a, const Tensor& b) const {
    const Tensor s = alpha() + 1.0, end = select(s > 0.0, b, a) / select(s > 0.0, high(), low());
    return exp(xlogy(s, end) + log_shape(s, a, b) - log_shape(s, low(), high()));
  }
  /// E x^n.
  Tensor raw(double n) const {
    return exp(log_integral(alpha() + (n + 1.0), low(), high()) - log_integral(alpha() + 1.0, low(), high()));
  }
  /// E log x, the derivative of the log integral in s.
  Tensor mean_log() const {
    const Tensor s = alpha() + 1.0, empty = low() == 0.0, length = log(high() / select(empty, high(), low())),
                 t = magnitude(s) * length, small = ~empty & (t < 1e-2), st = select(small, t, 0.0),
                 lt = select(small | empty, 1.0, t);
    // 1 / (exp(t) - 1) - 1 / t, from which L is taken out: its limit at 0 is -1/2.
    Tensor near =
        (-0.5 + st / 12.0 - st * square(st) / 720.0 + st * square(square(st)) / 30240.0) * select(small, length, 0.0);
    Tensor far = 1.0 / select(small, 1.0, magnitude(s)), lost = select(empty, 0.0, lt * exp(-lt) / -expm1(-lt));
    Tensor from_end = select(small, near, lost * far - far);
    return log(select(s > 0.0, high(), low())) + select(s > 0.0, from_end, -from_end);
  }
};

} // namespace

Distribution DoublyTruncatedPowerLaw::make(const Tensor& alpha, const Tensor& low, const Tensor& high, Where where) {
  return Distribution(share<DoublyTruncatedPowerLawDensity>(alpha, low, high, where));
}

} // namespace nuthatch
