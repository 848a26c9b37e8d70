#include "nuthatch/distributions/half_student_t.h"

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

class HalfStudentTDensity final : public detail::Family<HalfStudentTDensity, 2> {
 public:
  HalfStudentTDensity(const Tensor& df, const Tensor& scale, Where where)
      : Family("HalfStudentT", {{"df", df, constraints::positive}, {"scale", scale, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor normaliser =
        detail::kLog2 + detail::lgamma_half_step(0.5 * df()) - 0.5 * (log(df()) + detail::kLogPi) - log(scale());
    return {{log1p(square(detail::standardized(x, scale())) / df()), -0.5 * (df() + 1.0)}, {normaliser}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_gamma] = split<2>(key);
    Tensor chi2_over_df = detail::standard_gamma(k_gamma, 0.5 * df(), shape) / (0.5 * df());
    return scale() * abs(nuthatch::normal(k_normal, shape)) * rsqrt(chi2_over_df);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = df() > 1.0, n = select(finite, df(), 2.0);
    Tensor value = 2.0 * exp(detail::lgamma_half_step(0.5 * n) + 0.5 * (log(n) - detail::kLogPi)) / (n - 1.0);
    return select(finite, scale() * value, INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = df() > 2.0, n = select(finite, df(), 3.0);
    return select(finite, square(scale()) * n / (n - 2.0) - square(mean()), INFINITY);
  }
  Tensor mode() const override { return 0.0; }
  Tensor support_point() const override { return scale(); }
  Tensor entropy() const override {
    Tensor half = 0.5 * (df() + 1.0);
    return half * (digamma(half) - digamma(0.5 * df())) + 0.5 * (log(df()) + detail::kLogPi) -
           detail::lgamma_half_step(0.5 * df()) + log(scale()) - detail::kLog2;
  }
  Tensor cdf(const Tensor& x) const override { return detail::student_centre(df(), x / scale()); }
  Tensor survival(const Tensor& x) const override { return 2.0 * detail::student_cdf(df(), -x / scale()); }
  // In the tail, the point with half of 1 - q to its right.
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5, r = select(low, 0.5, q);
    return scale() * select(low, detail::student_centre_icdf(df(), select(low, q, 0.25)),
                            -detail::student_icdf(df(), 0.5 * (1.0 - r), 0.5 + 0.5 * r));
  }

 private:
  const Tensor& df() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

} // namespace

Distribution HalfStudentT::make(const Tensor& df, const Tensor& scale, Where where) {
  return Distribution(share<HalfStudentTDensity>(df, scale, where));
}

HalfStudentT::HalfStudentT(const HalfStudentTParameters& options, Where where)
    : Distribution(make(detail::required("HalfStudentT", {"df", options.df}, where),
                        detail::scale_or_precision("HalfStudentT", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
