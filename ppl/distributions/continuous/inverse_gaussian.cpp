#include "nuthatch/distributions/inverse_gaussian.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/exponential_integral.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

class InverseGaussianDensity final : public detail::Family<InverseGaussianDensity, 2> {
 public:
  InverseGaussianDensity(const Tensor& mean, const Tensor& concentration, Where where)
      : Family("InverseGaussian",
               {{"mean", mean, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), -1.5}, {square(x / mu() - 1.0) / x, -0.5 * c()}, {0.5 * log(c()) - detail::kHalfLogTwoPi}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_root] = split<2>(key);
    // The smaller root of w = mean y / (2 concentration), y chi-squared, or the other one, mean^2 divided by it.
    Tensor w = 0.5 * mu() * square(nuthatch::normal(k_normal, shape)) / c();
    Tensor root = reciprocal(1.0 + w + sqrt(w * (2.0 + w)));
    Tensor smaller = nuthatch::uniform(k_root, shape) * (1.0 + root) <= 1.0;
    return detail::implicit_draw(*this, mu() * select(smaller, root, reciprocal(root)));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return mu(); }
  Tensor variance() const override { return square(mu()) * mu() / c(); }
  // mean (sqrt(1 + s^2) - s), s = 3 mean / (2 concentration), without the difference.
  Tensor mode() const override {
    Tensor s = 1.5 * mu() / c();
    return mu() / (sqrt(1.0 + square(s)) + s);
  }
  Tensor entropy() const override {
    return 0.5 * (1.0 + 3.0 * log(mu()) - log(c())) + detail::kHalfLogTwoPi -
           1.5 * detail::scaled_exponential_integral(2.0 * c() / mu());
  }
  // Phi(a) + exp(2 c / mean) Phi(-b) with a, b = sqrt(c / x) (x / mean -+ 1), and exp(2 c / mean) = phi(a) / phi(b).
  Tensor cdf(const Tensor& x) const override {
    const Tensor a = end(x, -1.0);
    return ndtr(a) + other(x, a);
  }
  Tensor survival(const Tensor& x) const override {
    // phi(a) times the difference of Mills' ratios at a and b where both are positive.
    const Tensor a = end(x, -1.0), right = a > 0.0, sa = select(right, a, 1.0);
    Tensor far = 0.5 * exp(-0.5 * square(sa)) * (erfcx(sa * std::sqrt(0.5)) - erfcx(end(x, 1.0) * std::sqrt(0.5)));
    return select(right, far, ndtr(-a) - other(x, a));
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, mode()); }

 private:
  const Tensor& mu() const { return p(0); }
  const Tensor& c() const { return p(1); }
  Tensor end(const Tensor& x, double sign) const { return sqrt(c() / x) * (x / mu() + sign); }
  Tensor other(const Tensor& x, const Tensor& a) const {
    return 0.5 * exp(-0.5 * square(a)) * erfcx(end(x, 1.0) * std::sqrt(0.5));
  }
};

Distribution named(const InverseGaussianParameters& o, Where where) {
  auto positive = [&](const char* name, const Tensor& x) -> const Tensor& {
    return detail::checked("InverseGaussian", {name, x}, constraints::positive, where);
  };
  if (int(o.mean.defined()) + int(o.concentration.defined()) + int(o.phi.defined()) != 2)
    throw Error("InverseGaussian: give two of .mean, .concentration, .phi", where);
  if (!o.phi.defined()) return Distribution(share<InverseGaussianDensity>(o.mean, o.concentration, where));
  const Tensor& phi = positive("phi", o.phi);
  return o.mean.defined()
             ? Distribution(share<InverseGaussianDensity>(o.mean, positive("mean", o.mean) * phi, where))
             : Distribution(share<InverseGaussianDensity>(positive("concentration", o.concentration) / phi,
                                                                     o.concentration, where));
}

} // namespace

Distribution InverseGaussian::make(const Tensor& mean, const Tensor& concentration, Where where) {
  return Distribution(share<InverseGaussianDensity>(mean, concentration, where));
}

InverseGaussian::InverseGaussian(const InverseGaussianParameters& options, Where where)
    : Distribution(named(options, where)) {}

} // namespace nuthatch
