#include "nuthatch/distributions/multivariate_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

class MultivariateNormalDensity final : public detail::Family<MultivariateNormalDensity, 2> {
 public:
  MultivariateNormalDensity(const Tensor& loc, const Tensor& scale_tril, Where where)
      : MultivariateNormalDensity(loc, detail::ScaleMatrix{scale_tril, {}}, where) {}
  MultivariateNormalDensity(const Tensor& loc, const detail::ScaleMatrix& scale, Where where)
      : Family("MultivariateNormal",
               {{"loc", loc, constraints::real_vector()}, {"scale_tril", scale.scale_tril, constraints::lower_cholesky}},
               detail::trailing(scale.scale_tril.shape(), 1), where),
        scale_(scale) {
    if (!problem && loc.shape().back() != scale.scale_tril.shape().back())
      problem = "MultivariateNormal: loc " + to_string(loc.shape()) + " does not fit a scale matrix " +
                to_string(scale.scale_tril.shape());
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    auto [squares, half_log_det] = detail::quadratic_form(scale_, x - loc());
    return {{squares, -0.5}, {-(half_log_det + double(L().shape().back()) * detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + detail::matvec(L(), nuthatch::normal(key, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor mode() const override { return loc(); }
  Tensor variance() const override { return sum(square(L()), -1); }
  Tensor entropy() const override {
    return detail::half_log_det(L()) + double(L().shape().back()) * (0.5 + detail::kHalfLogTwoPi);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& L() const { return p(1); }
  detail::ScaleMatrix scale_;
};

Distribution make(const MultivariateNormalOptions& o, Where where) {
  auto scale = detail::scale_matrix("MultivariateNormal", o.scale_tril, o.covariance, o.precision, where);
  Tensor loc = detail::location_vector(o.loc, scale.scale_tril.shape().back());
  return Distribution(share<MultivariateNormalDensity>(loc, scale, where));
}

}  // namespace

MultivariateNormal::MultivariateNormal(const MultivariateNormalOptions& options, Where where)
    : Distribution(nuthatch::make(options, where)) {}

}  // namespace nuthatch
