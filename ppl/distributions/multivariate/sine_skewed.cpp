#include "nuthatch/distributions/sine_skewed.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class SineSkewedDensity final : public detail::DistributionImpl {
 public:
  SineSkewedDensity(Distribution base, const Tensor& skewness, Where where)
      : DistributionImpl("SineSkewed", {{"skewness", skewness, constraints::l1_ball}}, base.event_shape(), where),
        base_(std::move(base)) {
    auto batch = detail::try_broadcast(batch_shape, base_.batch_shape());
    if (batch) batch_shape = *batch;
    if (!problem) problem = base_.impl()->problem;
    if (!problem && (!batch || skewness.shape().back() != event_shape[0]))
      problem = "SineSkewed: skewness " + to_string(skewness.shape()) + " does not fit a base of batch shape " +
                to_string(base_.batch_shape()) + " and event shape " + to_string(event_shape);
  }
  Constraint support() const override { return Constraint(constraints::circular).independent(1); }
  detail::Terms terms(const Tensor& x) const override { return {{base_.log_prob(x)}, {log1p(tilt(x))}}; }
  /// A draw of the base, mirrored at its centre with the probability that the tilt leaves.
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_base, k_mirror] = split<2>(key);
    Tensor x = base_.impl()->sample(k_base, shape), centre = base_.mean();
    Tensor keep = uniform(k_mirror, detail::leading(shape, 1)) < 0.5 * (1.0 + tilt(x));
    Tensor mirrored = 2.0 * centre - x;
    mirrored = clamp(mirrored - 2.0 * detail::kPi * round(mirrored / (2.0 * detail::kPi)), -detail::kPi, detail::kPi);
    return select(expand_dims(keep, -1), x, mirrored);
  }
  Tensor support_point() const override { return base_.mean(); }

 private:
  /// sum_k skewness_k sin(x_k - centre_k).
  Tensor tilt(const Tensor& x) const { return sum(p(0) * sin(x - base_.mean()), -1); }
  Distribution base_;
};

}  // namespace

SineSkewed::SineSkewed(const Distribution& base, const Tensor& skewness, Where where) {
  base.validate();
  const Constraint set = base.support();
  if (set.kind() != Constraint::Kind::circular || base.event_shape().size() != 1)
    throw Error("SineSkewed: the base must be a distribution of vectors of angles, as VonMises(...).to_event(1), not " +
                    base.name() + " of event shape " + to_string(base.event_shape()),
                where);
  static_cast<Distribution&>(*this) = Distribution(share<SineSkewedDensity>(base, skewness, where));
}

}  // namespace nuthatch
