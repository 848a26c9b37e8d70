#include "nuthatch/distributions/doubly_truncated_power_law.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/bounds.h"
#include "ppl/distributions/ratios.h"

namespace nuthatch {
namespace {

/// With s = alpha + 1, L = log(high / low), t = |s| L, and m the end where the density of log x is larger (high for s >
/// 0, low otherwise), the integral of x^alpha is m^s (1 - exp(-t)) / |s|, which is L at s = 0 and has no difference
/// that cancels. low may be 0 when s > 0: L is infinite then.
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
  // (x / high)^s = 1 - (1 - q)(1 - exp(-t)) for s > 0, (x / low)^s = 1 - q (1 - exp(-t)) for s < 0.
  Tensor icdf(const Tensor& q) const override {
    const Tensor s = alpha() + 1.0, rising = s > 0.0, length = log(high() / low());
    const Tensor small = abs(s) * length < 1e-9, ss = select(small, 1.0, s), t = abs(ss) * select(small, 1.0, length);
    Tensor near = low() * exp(q * select(small, length, 0.0));
    Tensor from_high = high() * exp(log1p((1.0 - q) * expm1(-t)) / ss),
           from_low = low() * exp(log1p(q * expm1(-t)) / ss);
    return clamp(select(small, near, select(rising, from_high, from_low)), low(), high());
  }

 private:
  const Tensor& alpha() const { return p(0); }
  const Tensor& low() const { return p(1); }
  const Tensor& high() const { return p(2); }
  /// log of the integral of x^(s - 1) from a to b, less s log m.
  static Tensor log_shape(const Tensor& s, const Tensor& a, const Tensor& b) {
    const Tensor length = log(b / a), t = abs(s) * length, small = t < 1.0;
    Tensor near = log(select(small, length, 1.0) * detail::expm1_ratio(-select(small, t, 0.0)));
    return select(small, near, log(-expm1(-select(small, 1.0, t)) / select(small, 1.0, abs(s))));
  }
  static Tensor log_integral(const Tensor& s, const Tensor& a, const Tensor& b) {
    return xlogy(s, select(s > 0.0, b, a)) + log_shape(s, a, b);
  }
  Tensor part(const Tensor& a, const Tensor& b) const {
    const Tensor s = alpha() + 1.0, end = select(s > 0.0, b / high(), a / low());
    return exp(xlogy(s, end) + log_shape(s, a, b) - log_shape(s, low(), high()));
  }
  /// E x^n.
  Tensor raw(double n) const {
    return exp(log_integral(alpha() + (n + 1.0), low(), high()) - log_integral(alpha() + 1.0, low(), high()));
  }
  /// E log x, the derivative of the log integral in s.
  Tensor mean_log() const {
    const Tensor s = alpha() + 1.0, length = log(high() / low()), t = abs(s) * length, small = t < 1e-2,
                 st = select(small, t, 0.0), lt = select(small, 1.0, t);
    // 1 / (exp(t) - 1) - 1 / t, from which L is taken out: its limit at 0 is -1/2.
    Tensor near =
        (-0.5 + st / 12.0 - st * square(st) / 720.0 + st * square(square(st)) / 30240.0) * select(small, length, 0.0);
    Tensor far = 1.0 / select(small, 1.0, abs(s));
    Tensor from_end = select(small, near, select(isinf(lt), 0.0, lt / expm1(select(isinf(lt), 1.0, lt))) * far - far);
    return select(s > 0.0, log(high()) + from_end, log(low()) - from_end);
  }
};

} // namespace

Distribution DoublyTruncatedPowerLaw::make(const Tensor& alpha, const Tensor& low, const Tensor& high, Where where) {
  return Distribution(std::make_shared<DoublyTruncatedPowerLawDensity>(alpha, low, high, where));
}

} // namespace nuthatch
