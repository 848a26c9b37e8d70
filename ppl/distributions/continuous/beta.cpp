#include "nuthatch/distributions/beta.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "nuthatch/special.h"
#include "ppl/distributions/log_power.h"
#include "ppl/distributions/named_parameters.h"
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
    return sigmoid(detail::log_standard_gamma(ka, a(), shape) - detail::log_standard_gamma(kb, b(), shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return a() / (a() + b()); }
  Tensor variance() const override {
    Tensor n = a() + b();
    return a() * b() / (square(n) * (n + 1.0));
  }
  /// The end with the higher density where there is no inner mode; 1/2 for the uniform distribution.
  Tensor mode() const override {
    const Tensor inside = (a() >= 1.0) & (b() >= 1.0) & (a() + b() > 2.0);
    Tensor inner = select(inside, a() - 1.0, 1.0) / (select(inside, a() + b(), 4.0) - 2.0);
    return select(inside, inner, select(a() < b(), 0.0, select(a() > b(), 1.0, select(a() < 1.0, 0.0, 0.5))));
  }
  Tensor entropy() const override {
    Tensor n = a() + b();
    return betaln(a(), b()) - (a() - 1.0) * digamma(a()) - (b() - 1.0) * digamma(b()) + (n - 2.0) * digamma(n);
  }
  Tensor cdf(const Tensor& x) const override { return betainc(a(), b(), x); }
  Tensor survival(const Tensor& x) const override {
    const Tensor low = x < 0.5; // where 1 - x would lose digits of x
    return select(low, 1.0 - betainc(a(), b(), select(low, x, 0.25)), betainc(b(), a(), 1.0 - select(low, 0.75, x)));
  }
  Tensor log_survival(const Tensor& x) const override {
    const Tensor low = x < 0.5;
    return select(low, log1p(-betainc(a(), b(), select(low, x, 0.25))),
                  log(betainc(b(), a(), 1.0 - select(low, 0.75, x))));
  }
  Tensor icdf(const Tensor& q) const override { return betainc_inv(a(), b(), q); }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
};

Distribution named(const BetaParameters& o, Where where) {
  Tensor mean = detail::checked("Beta", {"mean", o.mean}, constraints::open_interval(0.0, 1.0), where),
         n = o.concentration;
  if (detail::one_of("Beta", {{"sd", o.sd}, {"concentration", o.concentration}}, where) == 0) {
    n = mean * (1.0 - mean) / square(detail::checked("Beta", {"sd", o.sd}, constraints::positive, where)) - 1.0;
    if (!detail::NoValidation::active() && n.is_concrete() && Constraint(constraints::positive).violation(n, ""))
      throw Error("Beta: .sd must be less than sqrt(mean (1 - mean)), which no distribution on [0, 1] can reach",
                  where);
  }
  return Distribution(share<BetaDensity>(mean * n, (1.0 - mean) * n, where));
}

} // namespace

Distribution Beta::make(const Tensor& concentration1, const Tensor& concentration0, Where where) {
  return Distribution(share<BetaDensity>(concentration1, concentration0, where));
}

Beta::Beta(const BetaParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
