#include "nuthatch/distributions/zero_sum_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class ZeroSumNormalDensity final : public detail::DistributionImpl {
 public:
  ZeroSumNormalDensity(const Tensor& scale, const Shape& event_shape, Where where)
      : DistributionImpl("ZeroSumNormal", {{"scale", scale, constraints::positive}}, event_shape, where),
        dims_(int(event_shape.size())) {
    for (std::int64_t n : event_shape) {
      freedom_ *= double(n - 1);
      share_ *= 1.0 - 1.0 / double(n);
    }
  }
  Constraint support() const override { return constraints::zero_sum(dims_); }
  detail::Terms terms(const Tensor& x) const override {
    std::vector<int> axes;
    for (int i = 1; i <= dims_; ++i) axes.push_back(-i);
    return {{sum(square(x), {.axis = Axes(axes)}), -0.5 / square(scale())}, {-normaliser()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Bijector onto = transforms::zero_sum(dims_);
    return wide(scale()) * onto.forward(normal(key, onto.inverse_shape(shape)));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return 0.0; }
  Tensor mode() const override { return 0.0; }
  Tensor variance() const override { return share_ * square(wide(scale())); }
  Tensor entropy() const override { return normaliser() + 0.5 * freedom_; }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return share<ZeroSumNormalDensity>(values[0], event_shape, where);
  }

 private:
  const Tensor& scale() const { return p(0); }
  Tensor wide(Tensor x) const {
    for (int i = 0; i < dims_; ++i) x = expand_dims(x, -1);
    return x;
  }
  Tensor normaliser() const { return freedom_ * (log(scale()) + detail::kHalfLogTwoPi); }
  int dims_;
  double freedom_ = 1, share_ = 1;
};

}  // namespace

Distribution ZeroSumNormal::make(const Tensor& scale, const Shape& event_shape, Where where) {
  if (event_shape.empty()) throw Error("ZeroSumNormal: the event shape has no dimension", where);
  for (std::int64_t n : event_shape)
    if (n < 2)
      throw Error("ZeroSumNormal: every dimension needs 2 elements or more, but the event shape is " + to_string(event_shape),
                  where);
  return Distribution(share<ZeroSumNormalDensity>(scale, event_shape, where));
}

}  // namespace nuthatch
