#include "nuthatch/distributions/uniform.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/message.h"

namespace nuthatch {
namespace {

class UniformDensity final : public detail::Family<UniformDensity, 2> {
 public:
  UniformDensity(const Tensor& low, const Tensor& high, Where where)
      : Family("Uniform", {{"low", low, constraints::real}, {"high", high, constraints::real}}, {}, where) {
    if (problem || detail::NoValidation::active() || !low.is_concrete() || !high.is_concrete()) return;
    if (auto bad = constraints::greater_than(low).violation(high, "high"))
      problem = "Uniform: high must be greater than low, but " + *bad + " and low = " +
                (low.size() == 1 ? detail::number(low.to_vector<double>()[0]) : to_string(low));
  }
  Constraint support() const override { return constraints::interval(low(), high()); }
  Tensor log_prob(const Tensor&) const override { return -log(high() - low()); }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  Tensor mean() const override { return 0.5 * (low() + high()); }
  Tensor variance() const override { return square(high() - low()) / 12.0; }
  Tensor cdf(const Tensor& x) const override { return clamp((x - low()) / (high() - low()), 0.0, 1.0); }
  Tensor icdf(const Tensor& q) const override { return low() + (high() - low()) * q; }
  Tensor entropy() const override { return log(high() - low()); }

 private:
  const Tensor& low() const { return p(0); }
  const Tensor& high() const { return p(1); }
};

}  // namespace

Distribution Uniform::make(const Tensor& low, const Tensor& high, Where where) {
  return Distribution(std::make_shared<UniformDensity>(low, high, where));
}

}  // namespace nuthatch
