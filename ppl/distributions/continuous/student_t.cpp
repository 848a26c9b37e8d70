#include "nuthatch/distributions/student_t.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class StudentTDensity final : public detail::Family<StudentTDensity, 3> {
 public:
  StudentTDensity(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where)
      : Family("StudentT",
               {{"df", df, constraints::positive}, {"loc", loc, constraints::real}, {"scale", scale, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor half = 0.5 * (df() + 1.0);
    Tensor normaliser = lgamma(half) - lgamma(0.5 * df()) - 0.5 * (log(df()) + detail::kLogPi) - log(scale());
    return {{log1p(square(detail::standardized(x, loc(), scale())) / df()), -half}, {normaliser}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_gamma] = split<2>(key);
    Tensor chi2_over_df = detail::standard_gamma(k_gamma, 0.5 * df(), shape) / (0.5 * df());
    return loc() + scale() * nuthatch::normal(k_normal, shape) * rsqrt(chi2_over_df);
  }
  Tensor mean() const override { return select(df() > 1.0, loc(), NAN); }
  Tensor variance() const override {
    Tensor finite = square(scale()) * df() / (df() - 2.0);
    return select(df() > 2.0, finite, select(df() > 1.0, Tensor(INFINITY), NAN));
  }

 private:
  const Tensor& df() const { return p(0); }
  const Tensor& loc() const { return p(1); }
  const Tensor& scale() const { return p(2); }
};

}  // namespace

Distribution StudentT::make(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<StudentTDensity>(df, loc, scale, where));
}

}  // namespace nuthatch
