#include "nuthatch/distributions/poisson.h"

#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class PoissonDensity final : public detail::Family<PoissonDensity, 1> {
 public:
  PoissonDensity(const Tensor& rate, Where where)
      : Family("Poisson", {{"rate", rate, constraints::nonnegative}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  detail::Terms terms(const Tensor& x) const override {
    return {{xlogy(x, rate()) - rate()}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return detail::poisson(key, rate(), shape); }
  Tensor mean() const override { return rate(); }
  Tensor variance() const override { return rate(); }

 private:
  const Tensor& rate() const { return p(0); }
};

}  // namespace

Distribution Poisson::make(const Tensor& rate, Where where) {
  return Distribution(std::make_shared<PoissonDensity>(rate, where));
}

}  // namespace nuthatch
