#include "nuthatch/distributions/chi.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/ratios.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class ChiDensity final : public detail::Family<ChiDensity, 1> {
 public:
  ChiDensity(const Tensor& df, Where where) : Family("Chi", {{"df", df, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), df() - 1.0}, {square(x), -0.5}, {-((0.5 * df() - 1.0) * detail::kLog2 + lgamma(0.5 * df()))}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return exp(0.5 * (detail::kLog2 + detail::log_standard_gamma(key, 0.5 * df(), shape)));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return std::sqrt(2.0) * exp(detail::lgamma_half_step(0.5 * df())); }
  Tensor variance() const override { return df() - square(mean()); }
  Tensor mode() const override { return sqrt(maximum(df() - 1.0, 0.0)); }
  Tensor entropy() const override {
    return lgamma(0.5 * df()) + 0.5 * (df() - detail::kLog2 - (df() - 1.0) * digamma(0.5 * df()));
  }
  Tensor cdf(const Tensor& x) const override { return igamma(0.5 * df(), 0.5 * square(x)); }
  Tensor survival(const Tensor& x) const override { return igammac(0.5 * df(), 0.5 * square(x)); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    return sqrt(2.0 * select(low, igamma_inv(0.5 * df(), select(low, q, 0.25)),
                             igammac_inv(0.5 * df(), 1.0 - select(low, 0.75, q))));
  }

 private:
  const Tensor& df() const { return p(0); }
};

} // namespace

Distribution Chi::make(const Tensor& df, Where where) { return Distribution(share<ChiDensity>(df, where)); }

} // namespace nuthatch
