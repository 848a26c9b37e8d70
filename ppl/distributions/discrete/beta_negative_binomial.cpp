#include "nuthatch/distributions/beta_negative_binomial.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class BetaNegativeBinomialMass final : public detail::Family<BetaNegativeBinomialMass, 3> {
 public:
  BetaNegativeBinomialMass(const Tensor& concentration1, const Tensor& concentration0, const Tensor& n, Where where)
      : Family("BetaNegativeBinomial",
               {{"concentration1", concentration1, constraints::positive},
                {"concentration0", concentration0, constraints::positive},
                {"n", n, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  detail::Terms terms(const Tensor& x) const override {
    return {{lgamma(x + n()) + betaln(x + a(), n() + b())},
            {lgamma(n()) + betaln(a(), b()), -1.0},
            {lgamma(x + 1.0), -1.0}};
  }
  /// Poisson(Gamma(n) p / (1 - p)), where the odds of a Beta draw p are the ratio of two gammas.
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k1, k0, k_rate, k_count] = split<4>(key);
    Tensor log_rate = detail::log_standard_gamma(k1, a(), shape) - detail::log_standard_gamma(k0, b(), shape) +
                      detail::log_standard_gamma(k_rate, n(), shape);
    return detail::poisson(k_count, exp(log_rate), shape);
  }
  Tensor mean() const override { return select(b() > 1.0, n() * a() / select(b() > 1.0, b() - 1.0, 1.0), INFINITY); }
  Tensor variance() const override {
    Tensor finite = b() > 2.0, c = select(finite, b(), 3.0);
    return select(finite, n() * a() * (n() + c - 1.0) * (a() + c - 1.0) / ((c - 2.0) * square(c - 1.0)), INFINITY);
  }
  // p(x) / p(x-1) = (x + n - 1)(x + a - 1) / (x (x + n + a + b - 1)) >= 1 for x <= (n - 1)(a - 1) / (b + 1).
  Tensor mode() const override {
    return select((n() > 1.0) & (a() > 1.0), floor((n() - 1.0) * (a() - 1.0) / (b() + 1.0)), 0.0);
  }
  Tensor support_point() const override { return mode(); }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
  const Tensor& n() const { return p(2); }
};

}  // namespace

Distribution BetaNegativeBinomial::make(const Tensor& concentration1, const Tensor& concentration0, const Tensor& n,
                                        Where where) {
  return Distribution(share<BetaNegativeBinomialMass>(concentration1, concentration0, n, where));
}

}  // namespace nuthatch
