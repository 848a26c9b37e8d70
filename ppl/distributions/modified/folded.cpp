#include "nuthatch/distributions/folded.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/modified/around.h"

namespace nuthatch {
namespace {

class FoldedDensity final : public detail::DistributionImpl {
 public:
  FoldedDensity(const Distribution& base, Where where)
      : DistributionImpl("Folded", {}, {}, where), base_(detail::given("Folded", base, where)) {
    problem = base.impl()->problem;
    batch_shape = base.batch_shape();
    if (!problem && (!base.event_shape().empty() || base.support().discrete()))
      problem = "Folded: the base must be a continuous distribution of one number, but it is a " + base.name();
  }
  Constraint support() const override { return constraints::nonnegative; }
  Tensor log_prob(const Tensor& x) const override {
    return logaddexp(detail::guarded_log_prob(base_, x), detail::guarded_log_prob(base_, -x));
  }
  bool has_rsample() const override { return base_.has_rsample(); }
  Tensor sample(const Key& key, const Shape& shape) const override { return abs(base_.impl()->sample(key, shape)); }
  Tensor cdf(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    Tensor F = exp(detail::log_mass_between(base_, -x, x));
    return select(F < 1e-4, near_zero(x), F);
  }
  Tensor survival(const Tensor& x) const override {
    return base_.has_cdf() ? base_.survival(x) + base_.cdf(-x) : Tensor();
  }
  Tensor log_survival(const Tensor& x) const override {
    return base_.has_cdf() ? logaddexp(base_.log_survival(x), base_.log_cdf(-x)) : Tensor();
  }
  /// The interval between the quantiles (1 - q) / 2 and (1 + q) / 2 has mass q and is inside of (-x, x).
  Tensor icdf(const Tensor& q) const override {
    if (!base_.has_icdf()) return {};
    Tensor high = maximum(abs(base_.icdf(0.5 * (1.0 - q))), abs(base_.icdf(0.5 + 0.5 * q)));
    const Tensor upper = q > 0.5;
    return detail::find_zero(zeros_like(high), high, [&](const Tensor& x) {
      return select(upper, (1.0 - q) - survival(x), cdf(x) - q);
    });
  }
  // Of a normal base in closed form.
  Tensor mean() const override {
    const auto [loc, scale] = normal();
    if (!loc.defined()) return {};
    return scale * exp(detail::kHalfLogTwoOverPi - 0.5 * square(loc / scale)) +
           loc * erf(loc / scale * 0.7071067811865476);
  }
  Tensor variance() const override {
    const auto [loc, scale] = normal();
    return loc.defined() ? square(loc) + square(scale) - square(mean()) : Tensor();
  }
  /// Inside of the support also when the base is centred at 0: at least half the distance between its quartiles.
  Tensor support_point() const override {
    Tensor centre = abs(base_.support_point());
    if (base_.has_icdf()) return maximum(centre, 0.5 * (base_.icdf(0.75) - base_.icdf(0.25)));
    return select(centre == 0.0, base_.has_variance() ? base_.stddev() : Tensor(1.0), centre);
  }

 private:
   /// The integral of the density over 0 ... x by Gauss and Legendre's rule with 8 nodes: where little mass is between
   /// -x and x, its two distribution functions cancel.
   Tensor near_zero(const Tensor& x) const {
     constexpr double node[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363},
                      weight[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
     Tensor total = 0.0;
     for (int i = 0; i < 4; ++i)
       for (double sign : {-1.0, 1.0})
         total = total + 0.5 * weight[i] * exp(log_prob(0.5 * (1.0 + sign * node[i]) * x));
     return x * total;
  }
  struct LocScale { Tensor loc, scale; };
  LocScale normal() const {
    if (base_.name() != "Normal" || base_.impl()->base() || base_.parameters().size() != 2) return {};
    return {base_.parameters()[0].value, base_.parameters()[1].value};
  }
  Distribution base_;
};

}  // namespace

Folded::Folded(const Distribution& base, Where where) : Distribution(share<FoldedDensity>(base, where)) {}

}  // namespace nuthatch
