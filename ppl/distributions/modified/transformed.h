#pragma once
#include "nuthatch/bijectors.h"
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// A distribution whose draws are bijector(x), x drawn from base_distribution().
class TransformedDensity final : public DistributionImpl {
 public:
  TransformedDensity(const Distribution& base, const Bijector& bijector, Where where);
  const Distribution& base_distribution() const { return base_; }
  const Bijector& bijector() const { return bijector_; }

  Constraint support() const override;
  Tensor log_prob(const Tensor& y) const override;
  Tensor sample(const Key& key, const Shape& shape) const override;
  bool has_rsample() const override { return base_.has_rsample(); }
  Tensor cdf(const Tensor& y) const override;
  Tensor log_cdf(const Tensor& y) const override;
  Tensor survival(const Tensor& y) const override;
  Tensor log_survival(const Tensor& y) const override;
  Tensor icdf(const Tensor& q) const override;
  Tensor support_point() const override;

 private:
  /// f of x = bijector^-1(y) where the map increases, g of it where it decreases.
  template <class F, class G>
  Tensor by_direction(const Tensor& y, F&& f, G&& g) const;
  Distribution base_;
  Bijector bijector_;
};

}  // namespace nuthatch::detail
