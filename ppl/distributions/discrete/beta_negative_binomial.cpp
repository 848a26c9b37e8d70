#include "nuthatch/distributions/beta_negative_binomial.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "nuthatch/transform.h"
#include "ppl/distributions/discrete/summation.h"
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
  Tensor cdf(const Tensor& k) const override { return minimum(mixed(k, false), 1.0); }
  Tensor survival(const Tensor& k) const override { return minimum(mixed(k, true), 1.0); }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, mode(), 0.0, INFINITY, [&](const Tensor& k) { return cdf(k); });
  }

 private:
  /// P(X > k), `above`, or P(X <= k): the mean over p ~ Beta(a, b) of I_p(k + 1, n), or of I_(1-p)(n, k + 1). As a function
  /// of t = logit(p) the integrand is analytic for |Im t| < pi and log-concave, so the trapezoidal rule between the points
  /// where it has fallen by exp(-40) converges exponentially: to 1e-11 for a, b >= 0.2.
  Tensor mixed(const Tensor& count, bool above) const {
    const Shape batch = broadcast_shapes({count.shape(), batch_shape});
    const Tensor k = detail::broadcast_if_needed(count.cast(f64), batch) + 1.0;
    auto log_integrand = [&](const Tensor& t) {
      const Tensor tail = above ? betainc(k, n(), sigmoid(t)) : betainc(n(), k, sigmoid(-t));
      return log(tail) - a() * softplus(-t) - b() * softplus(t) - betaln(a(), b());
    };
    struct Bracket {
      Tensor low, high;
    };
    // The t up to which `left` holds.
    auto search = [&](const Tensor& low, const Tensor& high, auto&& left) {
      const Bracket last = fori_loop(0, 55, Bracket{low, high}, [&](const Tensor&, const Bracket& x) {
        const Tensor middle = 0.5 * (x.low + x.high), here = left(middle);
        return Bracket{select(here, middle, x.low), select(here, x.high, middle)};
      });
      return 0.5 * (last.low + last.high);
    };
    const Tensor far = full(batch, 700.0);
    const Tensor peak = stop_gradient(search(-far, far, [&](const Tensor& t) {
      const Tensor rise = log_integrand(t + 1e-4) - log_integrand(t - 1e-4);
      return above ? ~(rise <= 0.0) : rise > 0.0;  // NaN where the tail underflows, to the left or to the right
    }));
    const Tensor enough = stop_gradient(log_integrand(peak)) - 40.0;
    const Tensor from = stop_gradient(search(-far, peak, [&](const Tensor& t) { return ~(log_integrand(t) >= enough); }));
    const Tensor to = stop_gradient(search(peak, far, [&](const Tensor& t) { return log_integrand(t) >= enough; }));
    constexpr int kIntervals = 256;
    const Tensor step = (to - from) / double(kIntervals);
    Shape tall(batch.size() + 1, 1);
    tall[0] = kIntervals + 1;
    const Tensor t = from + step * reshape(arange(kIntervals + 1).cast(f64), tall);
    return step * sum(exp(log_integrand(t)), 0);
  }
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
