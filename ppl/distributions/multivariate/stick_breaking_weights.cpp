#include "nuthatch/distributions/stick_breaking_weights.h"

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class StickBreakingWeightsDensity final : public detail::DistributionImpl {
 public:
  StickBreakingWeightsDensity(const Tensor& concentration, std::int64_t breaks, Where where)
      : DistributionImpl("StickBreakingWeights", {{"concentration", concentration, constraints::positive}},
                         {breaks + 1}, where),
        breaks_(breaks) {}
  Constraint support() const override { return constraints::simplex; }
  detail::Terms terms(const Tensor& x) const override {
    detail::Terms result{{double(breaks_) * log(a())}, {log(x(ellipsis, -1)), a() - 1.0}};
    if (breaks_ == 1) return result;
    Tensor left = cumsum(x, {.axis = -1, .reverse = true});
    result.push_back({-sum(log(left(ellipsis, slice(1, breaks_))), -1)});
    return result;
  }
  /// 1 - Beta(1, a) is U^(1 / a).
  Tensor sample(const Key& key, const Shape& shape) const override {
    Shape breaks = shape;
    breaks.back() -= 1;
    Tensor log_rest = log1p(-uniform(key, breaks)) / expand_dims(a(), -1), log_left = cumsum(log_rest, -1);
    Tensor head = exp(log_left - log_rest) * -expm1(log_rest);
    return concat({head, exp(log_left(ellipsis, from(-1)))}, -1);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return moments(1.0 / (1.0 + a()), a() / (1.0 + a())); }
  Tensor variance() const override {
    return moments(2.0 / ((1.0 + a()) * (2.0 + a())), a() / (2.0 + a())) - square(mean());
  }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return share<StickBreakingWeightsDensity>(values[0], breaks_, where);
  }

 private:
  const Tensor& a() const { return p(0); }
  /// taken * left^k for the parts k = 0, 1, ..., and left^breaks for the last.
  Tensor moments(const Tensor& taken, const Tensor& left) const {
    Tensor power = pow(expand_dims(left, -1), arange(breaks_ + 1).cast(f64));
    return select(arange(breaks_ + 1) == breaks_, power, expand_dims(taken, -1) * power);
  }
  std::int64_t breaks_;
};

}  // namespace

Distribution StickBreakingWeights::make(const Tensor& concentration, std::int64_t breaks, Where where) {
  if (breaks < 1) throw Error("StickBreakingWeights: breaks must be 1 or more, but it is " + std::to_string(breaks), where);
  return Distribution(share<StickBreakingWeightsDensity>(concentration, breaks, where));
}

}  // namespace nuthatch
