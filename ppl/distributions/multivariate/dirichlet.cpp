#include "nuthatch/distributions/dirichlet.h"

#include <cmath>

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
    // x^0 is 1, also at 0.
    Tensor edge = (x == 0.0) & (a() == 1.0);
    return {{sum((a() - 1.0) * log(select(edge, 1.0, x)), -1)}, {-log_normaliser()}};
  }
  /// Normalised gammas, from their logarithms.
  Tensor sample(const Key& key, const Shape& shape) const override {
    return softmax(detail::log_standard_gamma(key, a(), shape), -1);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return a() / total(); }
  Tensor variance() const override {
    Tensor m = a() / total();
    return m * (1.0 - m) / (total() + 1.0);
  }
  /// Where all a_i > 1; else the density has no maximum, or many.
  Tensor mode() const override {
    Tensor inside = all_of(a() > 1.0, {.axis = -1, .keepdims = true});
    return select(inside, (a() - 1.0) / (total() - double(event_shape[0])), NAN);
  }
  Tensor entropy() const override {
    Tensor all = squeeze(total(), -1);
    return log_normaliser() + (all - double(event_shape[0])) * digamma(all) - sum((a() - 1.0) * digamma(a()), -1);
  }

 private:
  const Tensor& a() const { return p(0); }
  Tensor total() const { return sum(a(), {.axis = -1, .keepdims = true}); }
  Tensor log_normaliser() const { return sum(lgamma(a()), -1) - lgamma(sum(a(), -1)); }
};

}  // namespace

Distribution Dirichlet::make(const Tensor& concentration, Where where) {
  return Distribution(share<DirichletDensity>(concentration, where));
}

}  // namespace nuthatch
