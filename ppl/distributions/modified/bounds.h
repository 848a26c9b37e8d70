#pragma once
/// Bounds that modify a distribution of one number, and its quantiles in both tails.
#include "nuthatch/distributions/truncated.h"

namespace nuthatch::detail {

/// A distribution between bounds: their parameters, the batch shape, and what is wrong with them or the base.
class Bounded : public DistributionImpl {
 public:
  Bounded(const char* name, const Distribution& base, const Bounds& bounds, Where where);

 protected:
  bool discrete() const { return base_.support().discrete(); }
  /// P(X <= x) for x below the lower bound is that up to `before()`; `last()` is the upper bound, of integers the
  /// largest one below it. Empty handles where there is no bound.
  Tensor before() const;
  Tensor last() const;
  /// The bounds and the support of the base together.
  Constraint between() const;
  Distribution base_;
  Tensor lower_, upper_;
};

/// The x of d with log P(X > x) = log_s, for probabilities however small; below `high`, which may be infinite. Without
/// derivatives.
Tensor upper_quantile(const Distribution& d, const Tensor& log_s, const Tensor& high);
/// The x with log P(X <= x) = log_F, above `low`, for a family that is symmetric about a location; the quantile of
/// exp(log_F) for others.
Tensor lower_quantile(const Distribution& d, const Tensor& log_F, const Tensor& low);

/// The x with P(X > x) = s, differentiable in s and the parameters of d.
Tensor complementary_quantile(const Distribution& d, const Tensor& s);

}  // namespace nuthatch::detail
