#include "nuthatch/distributions/multivariate_student_t.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class MultivariateStudentTDensity final : public detail::Family<MultivariateStudentTDensity, 3> {
 public:
  MultivariateStudentTDensity(const Tensor& df, const Tensor& loc, const Tensor& scale_tril, Where where)
      : MultivariateStudentTDensity(df, loc, detail::ScaleMatrix{scale_tril, {}}, where) {}
  MultivariateStudentTDensity(const Tensor& df, const Tensor& loc, const detail::ScaleMatrix& scale, Where where)
      : Family("MultivariateStudentT",
               {{"df", df, constraints::positive},
                {"loc", loc, constraints::real_vector()},
                {"scale_tril", scale.scale_tril, constraints::lower_cholesky}},
               detail::trailing(scale.scale_tril.shape(), 1), where),
        scale_(scale) {
    if (!problem && loc.shape().back() != scale.scale_tril.shape().back())
      problem = "MultivariateStudentT: loc " + to_string(loc.shape()) + " does not fit a scale matrix " +
                to_string(scale.scale_tril.shape());
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    auto [squares, half_log_det] = detail::quadratic_form(scale_, x - loc());
    return {{log1p(squares / df()), -0.5 * (df() + n())}, {-normaliser(half_log_det)}};
  }
  /// A normal vector over the square root of chi-squared / df.
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_chi2] = split<2>(key);
    Tensor half = 0.5 * df();
    Tensor log_gamma = detail::log_standard_gamma(k_chi2, half, detail::leading(shape, 1));
    Tensor stretch = exp(0.5 * (log(half) - log_gamma));
    return loc() + expand_dims(stretch, -1) * detail::matvec(L(), normal(k_normal, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return select(expand_dims(df(), -1) > 1.0, loc(), NAN); }
  Tensor mode() const override { return loc(); }
  Tensor variance() const override {
    Tensor nu = expand_dims(df(), -1), above = select(nu > 2.0, nu, 3.0);
    return select(nu > 2.0, above / (above - 2.0) * sum(square(L()), -1), select(nu > 1.0, INFINITY, NAN));
  }
  Tensor entropy() const override {
    Tensor a = 0.5 * (df() + n());
    return a * (digamma(a) - digamma(0.5 * df())) + normaliser(detail::half_log_det(L()));
  }
  Tensor support_point() const override { return loc(); }

 private:
  const Tensor& df() const { return p(0); }
  const Tensor& loc() const { return p(1); }
  const Tensor& L() const { return p(2); }
  double n() const { return double(event_shape[0]); }
  Tensor normaliser(const Tensor& half_log_det) const {
    return lgamma(0.5 * df()) - lgamma(0.5 * (df() + n())) + 0.5 * n() * (log(df()) + detail::kLogPi) + half_log_det;
  }
  detail::ScaleMatrix scale_;
};

Distribution make(const MultivariateStudentTOptions& o, Where where) {
  const char* name = "MultivariateStudentT";
  detail::required(name, {"df", o.df}, where);
  auto scale = detail::scale_matrix(name, o.scale_tril, o.scale_matrix, o.precision, where);
  Tensor loc = detail::location_vector(o.loc, scale.scale_tril.shape().back());
  return Distribution(share<MultivariateStudentTDensity>(o.df, loc, scale, where));
}

}  // namespace

MultivariateStudentT::MultivariateStudentT(const MultivariateStudentTOptions& options, Where where)
    : Distribution(nuthatch::make(options, where)) {}

}  // namespace nuthatch
