#include "nuthatch/distributions/inverse_gamma.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class InverseGammaDensity final : public detail::Family<InverseGammaDensity, 2> {
 public:
  InverseGammaDensity(const Tensor& concentration, const Tensor& rate, Where where)
      : Family("InverseGamma",
               {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), -(a() + 1.0)}, {1.0 / x, -rate()}, {a() * log(rate()) - lgamma(a())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return rate() * exp(-detail::log_standard_gamma(key, a(), shape));
  }
  Tensor mean() const override { return select(a() > 1.0, rate() / (a() - 1.0), INFINITY); }
  Tensor variance() const override {
    return select(a() > 2.0, square(rate() / (a() - 1.0)) / (a() - 2.0), INFINITY);
  }
  Tensor entropy() const override { return a() + log(rate()) + lgamma(a()) - (1.0 + a()) * digamma(a()); }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& rate() const { return p(1); }
};

}  // namespace

Distribution InverseGamma::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(std::make_shared<InverseGammaDensity>(concentration, rate, where));
}

}  // namespace nuthatch
