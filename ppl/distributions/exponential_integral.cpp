#include "ppl/distributions/exponential_integral.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch::detail {

// Abramowitz and Stegun 5.1.11 (the power series) up to 3, 5.1.22 in its contracted form, a continued fraction, beyond.
Tensor scaled_exponential_integral(const Tensor& x) {
  const Tensor small = x < 3.0, s = select(small, x, 1.0), t = select(small, 4.0, x);
  Tensor series = 0.0;
  for (int k = 36; k >= 1; --k) series = s / double(k) * (1.0 / double(k) - series);
  Tensor fraction = 0.0;
  for (int k = 40; k >= 1; --k) fraction = double(k) * double(k) / (t + double(2 * k + 1) - fraction);
  return select(small, exp(s) * (series - kEuler - log(s)), 1.0 / (t + 1.0 - fraction));
}

} // namespace nuthatch::detail
