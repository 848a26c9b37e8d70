#include "nuthatch/distributions/skew_normal.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/quadrature.h"
#include "ppl/distributions/standardized.h"
#include "ppl/distributions/quantile_quadrature.h"
#include "ppl/distributions/roots.h"

namespace nuthatch {
namespace {

class SkewNormalDensity final : public detail::Family<SkewNormalDensity, 3> {
 public:
  SkewNormalDensity(const Tensor& loc, const Tensor& scale, const Tensor& skewness, Where where)
      : Family("SkewNormal",
               {{"loc", loc, constraints::real},
                {"scale", scale, constraints::positive},
                {"skewness", skewness, constraints::real}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = detail::standardized(x, loc(), scale());
    return {{square(y), -0.5}, {log_ndtr(skewness() * y)}, {detail::kLog2 - detail::kHalfLogTwoPi - log(scale())}};
  }
  // delta |Z0| + sqrt(1 - delta^2) Z1 with delta = skewness / sqrt(1 + skewness^2).
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k0, k1] = split<2>(key);
    Tensor y = skewness() * abs(nuthatch::normal(k0, shape)) + nuthatch::normal(k1, shape);
    return loc() + scale() * rsqrt(1.0 + square(skewness())) * y;
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc() + scale() * delta() * std::sqrt(2.0 / detail::kPi); }
  Tensor variance() const override { return square(scale()) * (1.0 - (2.0 / detail::kPi) * square(delta())); }
  /// z = a phi(a z) / Phi(a z): between 0 and 1 on the side of the skewness a.
  Tensor mode() const override {
    const Tensor a = abs(skewness());
    auto ratio = [&](const Tensor& z) { return a * exp(-0.5 * square(a * z) - detail::kHalfLogTwoPi - log_ndtr(a * z)); };
    auto slope = [&](const Tensor& z) { return -1.0 - ratio(z) * (square(a) * z + ratio(z)); };
    const Tensor z = detail::root_of_falling([&](const Tensor& z) { return ratio(z) - z; }, slope, 0.0, ones_like(a));
    return loc() + scale() * select(skewness() < 0.0, -z, z);
  }
  /// That of the normal distribution less E log(2 Phi(a Z)), Z = +-t with probabilities Phi(+-a t), over the quantiles t
  /// of a half normal: for large a the function changes within t ~ 1 / a, where these are dense.
  Tensor entropy() const override {
    const Tensor a = abs(skewness());
    const Tensor less = detail::integrate_quantiles(a.shape(), [&](const Tensor& u, const Tensor& complement) {
      const Tensor low = u < 0.5;
      const Tensor t = a * select(low, ndtri(0.5 + 0.5 * select(low, u, 0.25)), -ndtri(0.5 * select(low, 0.5, complement)));
      auto part = [](const Tensor& s) { return ndtr(s) * (log_ndtr(s) + detail::kLog2); };
      return part(t) + part(-t);
    });
    return 0.5 + detail::kHalfLogTwoPi + log(scale()) - less;
  }
  Tensor cdf(const Tensor& x) const override { return below(skewness(), z(x)); }
  Tensor survival(const Tensor& x) const override { return below(-skewness(), -z(x)); }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, mean()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  const Tensor& skewness() const { return p(2); }
  Tensor z(const Tensor& x) const { return (x - loc()) / scale(); }
  Tensor delta() const { return skewness() * rsqrt(1.0 + square(skewness())); }

  /// Integral of 2 phi(t) Phi(-a t) from y >= 0 on, for a >= 0: both factors fall, so that nothing cancels. It ends
  /// within 9 / sqrt(1 + a^2), where what is left has no weight.
  static Tensor thin_tail(const Tensor& a, const Tensor& y) {
    Tensor across = expand_dims(a, -1);
    return detail::integral(
        [&](const Tensor& t) {
          return exp(-0.5 * square(t) + log_ndtr(-across * t) + (detail::kLog2 - detail::kHalfLogTwoPi));
        },
        y, 9.0 * rsqrt(1.0 + square(a)));
  }
  /// P(Y <= y) for skewness a. With the tail T of |a| and |y| it is T where a y < 0 and y < 0, 1 - T where a y < 0 and
  /// y > 0; on the thick side 2 Phi(-|y|) - T is the tail instead.
  static Tensor below(const Tensor& a, const Tensor& y) {
    const Tensor far = abs(y), thin = thin_tail(abs(a) + zeros_like(far), far + zeros_like(a));
    Tensor tail = select((a >= 0.0) == (y < 0.0), thin, 2.0 * ndtr(-far) - thin);
    return select(y < 0.0, tail, 1.0 - tail);
  }
};

} // namespace

Distribution SkewNormal::make(const Tensor& loc, const Tensor& scale, const Tensor& skewness, Where where) {
  return Distribution(share<SkewNormalDensity>(loc, scale, skewness, where));
}

SkewNormal::SkewNormal(const SkewNormalParameters& options, Where where)
    : Distribution(make(detail::or_zero(options.loc),
                        detail::scale_or_precision("SkewNormal", options.scale, options.precision, where),
                        detail::required("SkewNormal", {"skewness", options.skewness}, where), where)) {}

} // namespace nuthatch
