#include "nuthatch/distributions/beta.h"

#include "nuthatch/math.h"
#include "ppl/distributions/log_power.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class BetaDensity final : public detail::Family<BetaDensity, 2> {
 public:
  BetaDensity(const Tensor& concentration1, const Tensor& concentration0, Where where)
      : Family("Beta",
               {{"concentration1", concentration1, constraints::positive},
                {"concentration0", concentration0, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::unit_interval; }
  detail::Terms terms(const Tensor& x) const override {
    return {detail::log_power(a(), log(x)), detail::log_power(b(), log1p(-x)), {-betaln(a(), b())}};
  }
  /// X / (X + Y) of two gammas, from their logarithms.
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [ka, kb] = split<2>(key);
    return logistic(detail::log_standard_gamma(ka, a(), shape) - detail::log_standard_gamma(kb, b(), shape));
  }
  Tensor mean() const override { return a() / (a() + b()); }
  Tensor variance() const override {
    Tensor n = a() + b();
    return a() * b() / (square(n) * (n + 1.0));
  }
  Tensor entropy() const override {
    Tensor n = a() + b();
    return betaln(a(), b()) - (a() - 1.0) * digamma(a()) - (b() - 1.0) * digamma(b()) + (n - 2.0) * digamma(n);
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
};

}  // namespace

Distribution Beta::make(const Tensor& concentration1, const Tensor& concentration0, Where where) {
  return Distribution(std::make_shared<BetaDensity>(concentration1, concentration0, where));
}

}  // namespace nuthatch
