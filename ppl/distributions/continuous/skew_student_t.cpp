#include "nuthatch/distributions/skew_student_t.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

/// With u = asinh(t / sqrt(a + b)): (1 + t / s) / 2 = 1 / (1 + exp(-2 u)) is a Beta(a, b) value.
class SkewStudentTDensity final : public detail::Family<SkewStudentTDensity, 4> {
 public:
  SkewStudentTDensity(const Tensor& a, const Tensor& b, const Tensor& loc, const Tensor& scale, Where where)
      : Family("SkewStudentT",
               {{"a", a, constraints::positive},
                {"b", b, constraints::positive},
                {"loc", loc, constraints::real},
                {"scale", scale, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor t = (x - loc()) / scale(), n = a() + b();
    return {{asinh(t * rsqrt(n)), a() - b()},
            {log1p(square(t) / n), -0.5 * (n + 1.0)},
            {-((n - 1.0) * detail::kLog2 + betaln(a(), b()) + 0.5 * log(n) + log(scale()))}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [ka, kb] = split<2>(key);
    return at(detail::log_standard_gamma(ka, a(), shape) - detail::log_standard_gamma(kb, b(), shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = (a() > 0.5) & (b() > 0.5), sa = select(finite, a(), 1.0), sb = select(finite, b(), 1.0);
    return select(finite, loc() + scale() * first(sa, sb), NAN);
  }
  Tensor variance() const override {
    const Tensor finite = (a() > 1.0) & (b() > 1.0), sa = select(finite, a(), 2.0), sb = select(finite, b(), 2.0);
    Tensor second = 0.25 * (sa + sb) * (square(sa - sb) + sa + sb - 2.0) / ((sa - 1.0) * (sb - 1.0));
    return select(finite, square(scale()) * (second - square(first(sa, sb))),
                  select((a() > 0.5) & (b() > 0.5), Tensor(INFINITY), NAN));
  }
  Tensor mode() const override {
    return loc() + scale() * (a() - b()) * sqrt((a() + b()) / ((2.0 * a() + 1.0) * (2.0 * b() + 1.0)));
  }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override {
    Tensor n = a() + b(), all = digamma(n);
    return (n - 1.0) * detail::kLog2 + betaln(a(), b()) + 0.5 * log(n) + log(scale()) -
           (a() + 0.5) * (detail::kLog2 + digamma(a()) - all) - (b() + 0.5) * (detail::kLog2 + digamma(b()) - all);
  }
  Tensor cdf(const Tensor& x) const override { return betainc(a(), b(), fraction((x - loc()) / scale())); }
  Tensor survival(const Tensor& x) const override { return betainc(b(), a(), fraction((loc() - x) / scale())); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    Tensor below = betainc_inv(a(), b(), select(low, q, 0.25)),
           above = betainc_inv(b(), a(), 1.0 - select(low, 0.75, q));
    return at(select(low, log(below) - log1p(-below), log1p(-above) - log(above)));
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
  const Tensor& loc() const { return p(2); }
  const Tensor& scale() const { return p(3); }
  /// x whose beta value has these log odds.
  Tensor at(const Tensor& log_odds) const { return loc() + scale() * sqrt(a() + b()) * sinh(0.5 * log_odds); }
  Tensor fraction(const Tensor& t) const { return sigmoid(2.0 * asinh(t * rsqrt(a() + b()))); }
  /// E t = (a - b) / 2 sqrt(a + b) gamma(a - 1/2) gamma(b - 1/2) / (gamma(a) gamma(b)).
  static Tensor first(const Tensor& a, const Tensor& b) {
    return 0.5 * (a - b) * sqrt(a + b) * exp(lgamma(a - 0.5) - lgamma(a) + lgamma(b - 0.5) - lgamma(b));
  }
};

} // namespace

Distribution SkewStudentT::make(const Tensor& a, const Tensor& b, const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<SkewStudentTDensity>(a, b, loc, scale, where));
}

SkewStudentT::SkewStudentT(const SkewStudentTParameters& options, Where where)
    : Distribution(make(detail::required("SkewStudentT", {"a", options.a}, where),
                        detail::required("SkewStudentT", {"b", options.b}, where), detail::or_zero(options.loc),
                        detail::scale_or_precision("SkewStudentT", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
