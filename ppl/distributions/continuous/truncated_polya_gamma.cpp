#include "nuthatch/distributions/truncated_polya_gamma.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

constexpr double kEnd = 2.5;
constexpr int kTerms = 8;

/// Both series of PG(1, 0) converge fast on their side of this point.
constexpr double kChange = 0.16;

Tensor left_density(const Tensor& x) {
  Tensor series = 0.0;
  for (int n = kTerms; n >= 0; --n) {
    const double k = 2 * n + 1, first = n % 2 == 0 ? k : -k;
    series = series + first * exp(-(k * k - 1.0) / (8.0 * x));
  }
  return log(series) - 1.0 / (8.0 * x) - detail::kHalfLogTwoPi - 1.5 * log(x);
}
Tensor right_density(const Tensor& x) {
  Tensor series = 0.0;
  for (int n = kTerms; n >= 0; --n) {
    const double k = 2 * n + 1, first = n % 2 == 0 ? k : -k;
    series = series + first * exp(-0.5 * detail::kPi * detail::kPi * (k * k - 1.0) * x);
  }
  return log(series) - 0.5 * detail::kPi * detail::kPi * x + (detail::kLogPi + detail::kLog2);
}
/// P(X <= x) and P(X > x) of PG(1, 0).
Tensor left_mass(const Tensor& x) {
  Tensor series = 0.0;
  for (int n = kTerms; n >= 0; --n) series = series + (n % 2 == 0 ? 2.0 : -2.0) * erfc((2 * n + 1) * rsqrt(8.0 * x));
  return series;
}
Tensor right_mass(const Tensor& x) {
  Tensor series = 0.0;
  for (int n = kTerms; n >= 0; --n) {
    const double k = 2 * n + 1;
    series = series + (n % 2 == 0 ? 4.0 : -4.0) / (detail::kPi * k) * exp(-0.5 * detail::kPi * detail::kPi * k * k * x);
  }
  return series;
}

class TruncatedPolyaGammaDensity final : public detail::Family<TruncatedPolyaGammaDensity, 0> {
 public:
  explicit TruncatedPolyaGammaDensity(Where where) : Family("TruncatedPolyaGamma", {}, {}, where) {}
  Constraint support() const override { return constraints::open_interval(0.0, kEnd); }
  Tensor log_prob(const Tensor& x) const override {
    const Tensor left = x < kChange;
    return select(left, left_density(select(left, x, kChange)), right_density(select(left, kChange, x))) -
           log(inside());
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor support_point() const override { return 0.25; }
  // There are no parameters: numbers, by quadrature and a root of the derivative at 40 digits.
  Tensor mean() const override { return 0.24998630211998488; }
  Tensor variance() const override { return 0.041633073844426056; }
  Tensor entropy() const override { return -0.5110901572425026; }
  Tensor mode() const override { return 0.08332106637373697; }
  Tensor cdf(const Tensor& x) const override {
    const Tensor left = x < kChange;
    return select(left, left_mass(select(left, x, kChange)), 1.0 - right_mass(select(left, kChange, x))) / inside();
  }
  Tensor survival(const Tensor& x) const override {
    const Tensor left = x < kChange;
    Tensor right = right_mass(select(left, kChange, x)) - right_mass(kEnd);
    return select(left, inside() - left_mass(select(left, x, kChange)), right) / inside();
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, 0.2); }

 private:
  static Tensor inside() { return 1.0 - right_mass(kEnd); }
};

} // namespace

TruncatedPolyaGamma::TruncatedPolyaGamma(Where where)
    : Distribution(share<TruncatedPolyaGammaDensity>(where)) {}

} // namespace nuthatch
