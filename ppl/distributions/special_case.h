#pragma once
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// A family that is another one at parameters computed from its own: Chi2(df) is Gamma(df / 2, 1/2). It has its own
/// name and parameters in messages and derivatives, everything else comes from the other family.
template <class Self, std::size_t N> class SpecialCase : public Family<Self, N> {
 public:
  SpecialCase(std::string name, std::vector<Parameter> parameters, DistributionPtr general, Where where)
      : Family<Self, N>(std::move(name), std::move(parameters), general->event_shape, where),
        general_(std::move(general)) {}
  Constraint support() const override { return general_->support(); }
  Terms terms(const Tensor& x) const override { return general_->terms(x); }
  Tensor log_prob(const Tensor& x) const override { return general_->log_prob(x); }
  Tensor total_log_prob(const Tensor& x, std::int64_t count) const override {
    return general_->total_log_prob(x, count);
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return general_->sample(key, shape); }
  bool has_rsample() const override { return general_->has_rsample(); }
  Tensor mean() const override { return general_->mean(); }
  Tensor variance() const override { return general_->variance(); }
  Tensor mode() const override { return general_->mode(); }
  Tensor entropy() const override { return general_->entropy(); }
  Tensor cdf(const Tensor& x) const override { return general_->cdf(x); }
  Tensor log_cdf(const Tensor& x) const override { return general_->log_cdf(x); }
  Tensor survival(const Tensor& x) const override { return general_->survival(x); }
  Tensor log_survival(const Tensor& x) const override { return general_->log_survival(x); }
  Tensor icdf(const Tensor& q) const override { return general_->icdf(q); }
  Tensor support_point() const override { return general_->support_point(); }

 private:
  DistributionPtr general_;
};

} // namespace nuthatch::detail
