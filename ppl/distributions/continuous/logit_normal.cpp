#include "nuthatch/distributions/logit_normal.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/standardized.h"
#include "ppl/distributions/quantile_quadrature.h"
#include "ppl/distributions/roots.h"

namespace nuthatch {
namespace {

class LogitNormalDensity final : public detail::Family<LogitNormalDensity, 2> {
 public:
  LogitNormalDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("LogitNormal", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::unit_interval; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor log_x = log(x), log_y = log1p(-x);
    // At the ends 0 and 1 the square wins over the logarithms: the density is 0 there.
    Tensor log_slope = select((x > 0.0) & (x < 1.0), log_x + log_y, 0.0);
    return {{square(detail::standardized(log_x - log_y, loc(), scale())), -0.5},
            {log_slope, -1.0},
            {-(log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return sigmoid(loc() + scale() * nuthatch::normal(key, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor support_point() const override { return sigmoid(loc()); }
  // No closed forms: by quadrature over the quantiles of the logit.
  Tensor mean() const override {
    return expected([](const Tensor& y) { return sigmoid(y); });
  }
  Tensor variance() const override {
    const Tensor m = mean();
    return expected([&](const Tensor& y) { return square(sigmoid(y) - m); });
  }
  Tensor entropy() const override {
    return 0.5 + detail::kHalfLogTwoPi + log(scale()) -
           expected([](const Tensor& y) { return softplus(y) + softplus(-y); });
  }
  /// Of the logit y: (loc - y) / scale^2 + 2 sigmoid(y) - 1 = 0. There may be two; the higher one is on the side of loc, where
  /// the left-hand side is concave and falls from a positive value.
  Tensor mode() const override {
    const Tensor left = loc() < 0.0, m = abs(loc()), v = square(scale());
    auto excess = [&](const Tensor& y) { return (m - y) / v + tanh(0.5 * y); };
    auto slope = [&](const Tensor& y) { return 0.5 * (1.0 - square(tanh(0.5 * y))) - 1.0 / v; };
    const Tensor y = detail::root_of_falling(excess, slope, 0.0, m + v);
    return sigmoid(select(left, -y, y));
  }
  Tensor cdf(const Tensor& x) const override { return ndtr(z(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_ndtr(z(x)); }
  Tensor survival(const Tensor& x) const override { return ndtr(-z(x)); }
  Tensor log_survival(const Tensor& x) const override { return log_ndtr(-z(x)); }
  Tensor icdf(const Tensor& q) const override { return sigmoid(loc() + scale() * ndtri(q)); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  template <class F>
  Tensor expected(F&& f) const {
    return detail::integrate_quantiles(batch_shape, [&](const Tensor& u, const Tensor& complement) {
      const Tensor low = u < 0.5;
      return f(loc() + scale() * select(low, ndtri(select(low, u, 0.5)), -ndtri(select(low, 0.5, complement))));
    });
  }
  Tensor z(const Tensor& x) const { return (log(x) - log1p(-x) - loc()) / scale(); }
};

} // namespace

Distribution LogitNormal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<LogitNormalDensity>(loc, scale, where));
}

LogitNormal::LogitNormal(const LogitNormalParameters& options, Where where)
    : Distribution(make(detail::or_zero(options.loc),
                        detail::scale_or_precision("LogitNormal", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
