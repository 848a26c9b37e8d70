#pragma once
#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch::detail {

/// A density that falls exponentially on both sides of its first parameter, at scale `left` and `right`.
template <class Self> class TwoExponentials : public Family<Self, 3> {
 public:
  using Family<Self, 3>::Family;
  virtual Tensor left() const = 0;
  virtual Tensor right() const = 0;

  Constraint support() const override { return constraints::real; }
  Terms terms(const Tensor& x) const override {
    Tensor d = x - loc();
    return {{select(d < 0.0, d / left(), -d / right())}, {-log(left() + right())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc() + (right() - left()); }
  Tensor variance() const override { return square(left()) + square(right()); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return 1.0 + log(left() + right()); }
  Tensor cdf(const Tensor& x) const override { return exp(log_cdf(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_tail(loc() - x, left(), right()); }
  Tensor log_survival(const Tensor& x) const override { return log_tail(x - loc(), right(), left()); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor below = left() / (left() + right()), low = q < below;
    return loc() + select(low, left() * log(select(low, q, below) / below),
                          -right() * log(select(low, 1.0 - below, 1.0 - q) / (1.0 - below)));
  }

 private:
  const Tensor& loc() const { return this->p(0); }
  /// log P(the value lies further than d on one side), of scale `own`.
  static Tensor log_tail(const Tensor& d, const Tensor& own, const Tensor& other) {
    const Tensor outside = d > 0.0, total = own + other;
    return select(outside, log(own / total) - d / own, log1p(-(other / total) * exp(select(outside, 0.0, d) / other)));
  }
};

} // namespace nuthatch::detail
