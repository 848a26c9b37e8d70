#include "nuthatch/distributions/dirichlet.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class DirichletDensity final : public detail::Family<DirichletDensity, 1> {
 public:
  DirichletDensity(const Tensor& concentration, Where where)
      : Family("Dirichlet", {{"concentration", concentration, Constraint(constraints::positive).independent(1)}},
               concentration.defined() ? detail::trailing(concentration.shape(), 1) : Shape{}, where) {}
  Constraint support() const override { return constraints::simplex; }
  detail::Terms terms(const Tensor& x) const override {
    return {{sum((a() - 1.0) * log(x), -1)}, {lgamma(sum(a(), -1)) - sum(lgamma(a()), -1)}};
  }
  /// Normalised gammas, from their logarithms.
  Tensor sample(const Key& key, const Shape& shape) const override {
    return softmax(detail::log_standard_gamma(key, a(), shape), -1);
  }
  Tensor mean() const override { return a() / total(); }
  Tensor variance() const override {
    Tensor m = a() / total();
    return m * (1.0 - m) / (total() + 1.0);
  }

 private:
  const Tensor& a() const { return p(0); }
  Tensor total() const { return sum(a(), {.axis = -1, .keepdims = true}); }
};

}  // namespace

Distribution Dirichlet::make(const Tensor& concentration, Where where) {
  return Distribution(std::make_shared<DirichletDensity>(concentration, where));
}

}  // namespace nuthatch
