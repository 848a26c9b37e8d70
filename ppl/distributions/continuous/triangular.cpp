#include "nuthatch/distributions/triangular.h"

#include "nuthatch/math.h"
#include "ppl/distributions/bounds.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class TriangularDensity final : public detail::Family<TriangularDensity, 3> {
 public:
  TriangularDensity(const Tensor& low, const Tensor& peak, const Tensor& high, Where where)
      : Family("Triangular",
               {{"low", low, constraints::real}, {"peak", peak, constraints::real}, {"high", high, constraints::real}},
               {}, where) {
    detail::require_less(*this, 0, 2);
    detail::require_not_greater(*this, 0, 1);
    detail::require_not_greater(*this, 1, 2);
  }
  Constraint support() const override { return constraints::interval(low(), high()); }
  Tensor log_prob(const Tensor& x) const override {
    const Tensor left = x < peak();
    Tensor height = select(left, (x - low()) / left_side(), (high() - x) / right_side());
    return log(height) + (detail::kLog2 - log(high() - low()));
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return (low() + peak() + high()) / 3.0; }
  Tensor variance() const override { return (square(high() - low()) - (peak() - low()) * (high() - peak())) / 18.0; }
  Tensor mode() const override { return peak(); }
  Tensor entropy() const override { return 0.5 - detail::kLog2 + log(high() - low()); }
  // The mass between the peak and x is a product: 1 less the mass beyond x cancels where the peak is at an end.
  Tensor cdf(const Tensor& x) const override {
    return select(x < peak(), square(x - low()) / (range() * left_side()),
                  (peak() - low()) / range() + (x - peak()) * (right_side() + (high() - x)) / (range() * right_side()));
  }
  Tensor survival(const Tensor& x) const override {
    return select(x < peak(),
                  (high() - peak()) / range() + (peak() - x) * (left_side() + (x - low())) / (range() * left_side()),
                  square(high() - x) / (range() * right_side()));
  }
  Tensor icdf(const Tensor& q) const override {
    const Tensor left = q * range() < peak() - low();
    // From the high end, or from the peak (without a difference that cancels), whichever is nearer.
    const Tensor to_high = sqrt((1.0 - q) * range() * right_side());
    const Tensor from_peak = (q * range() - (peak() - low())) * right_side() / (right_side() + to_high);
    Tensor right = select(to_high < 0.5 * right_side(), high() - to_high, peak() + from_peak);
    return select(left, low() + sqrt(q * range() * left_side()), right);
  }

 private:
  const Tensor& low() const { return p(0); }
  const Tensor& peak() const { return p(1); }
  const Tensor& high() const { return p(2); }
  Tensor range() const { return high() - low(); }
  // A side of length 0 is not used.
  Tensor left_side() const { return select(peak() > low(), peak() - low(), 1.0); }
  Tensor right_side() const { return select(high() > peak(), high() - peak(), 1.0); }
};

} // namespace

Distribution Triangular::make(const Tensor& low, const Tensor& peak, const Tensor& high, Where where) {
  return Distribution(share<TriangularDensity>(low, peak, high, where));
}

} // namespace nuthatch
