#include "nuthatch/distributions/student_t.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/continuous/student_tail.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/ratios.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class StudentTDensity final : public detail::Family<StudentTDensity, 3> {
 public:
  StudentTDensity(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where)
      : Family("StudentT",
               {{"df", df, constraints::positive},
                {"loc", loc, constraints::real},
                {"scale", scale, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor normaliser = detail::lgamma_half_step(0.5 * df()) - 0.5 * (log(df()) + detail::kLogPi) - log(scale());
    return {{log1p(square(detail::standardized(x, loc(), scale())) / df()), -0.5 * (df() + 1.0)}, {normaliser}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_gamma] = split<2>(key);
    Tensor chi2_over_df = detail::standard_gamma(k_gamma, 0.5 * df(), shape) / (0.5 * df());
    return loc() + scale() * nuthatch::normal(k_normal, shape) * rsqrt(chi2_over_df);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return select(df() > 1.0, loc(), NAN); }
  Tensor variance() const override {
    const Tensor finite = df() > 2.0;
    Tensor value = square(scale()) * df() / (select(finite, df(), 3.0) - 2.0);
    return select(finite, value, select(df() > 1.0, Tensor(INFINITY), NAN));
  }
  Tensor mode() const override { return loc(); }
  Tensor support_point() const override { return loc(); }
  Tensor entropy() const override {
    Tensor half = 0.5 * (df() + 1.0);
    return half * (digamma(half) - digamma(0.5 * df())) + 0.5 * (log(df()) + detail::kLogPi) -
           detail::lgamma_half_step(0.5 * df()) + log(scale());
  }
  Tensor cdf(const Tensor& x) const override { return detail::student_cdf(df(), (x - loc()) / scale()); }
  Tensor survival(const Tensor& x) const override { return detail::student_cdf(df(), (loc() - x) / scale()); }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * detail::student_icdf(df(), q, 1.0 - q); }

 private:
  const Tensor& df() const { return p(0); }
  const Tensor& loc() const { return p(1); }
  const Tensor& scale() const { return p(2); }
};

} // namespace

Distribution StudentT::make(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<StudentTDensity>(df, loc, scale, where));
}

StudentT::StudentT(const StudentTParameters& options, Where where)
    : Distribution(make(detail::required("StudentT", {"df", options.df}, where), detail::or_zero(options.loc),
                        detail::scale_or_precision("StudentT", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
