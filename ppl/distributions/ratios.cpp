#include "ppl/distributions/ratios.h"

#include <cmath>
#include <iterator>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch::detail {
namespace {

/// Values of Riemann's zeta function at 2, 3, ...; log gamma(1 - k) = gamma k + sum of zeta(n) k^n / n.
constexpr double kZeta[] = {1.64493406684822644, 1.20205690315959429, 1.08232323371113819, 1.03692775514336993,
                            1.01734306198444914, 1.00834927738192283, 1.00407735619794434, 1.00200839282608221,
                            1.00099457512781809, 1.00049418860411946, 1.00024608655330805, 1.00012271334757849,
                            1.0000612481350587,  1.00003058823630702, 1.00001528225940865, 1.0000076371976379,
                            1.000003817293265,   1.00000190821271655};
constexpr int kLast = int(std::size(kZeta)) + 1;
double zeta(int n) { return kZeta[n - 2]; }

} // namespace

Tensor log1p_ratio(const Tensor& t) {
  const Tensor small = abs(t) < 1e-3, u = select(small, t, 0.0), large = select(small, 1.0, t);
  Tensor series = 1.0 - u * (1.0 / 2 - u * (1.0 / 3 - u * (1.0 / 4 - u * (1.0 / 5 - u * (1.0 / 6 - u / 7.0)))));
  return select(small, series, log1p(large) / large);
}

Tensor expm1_ratio(const Tensor& t) {
  const Tensor small = abs(t) < 1e-3, u = select(small, t, 0.0), large = select(small, 1.0, t);
  Tensor series = 1.0 + u / 2.0 * (1.0 + u / 3.0 * (1.0 + u / 4.0 * (1.0 + u / 5.0 * (1.0 + u / 6.0))));
  return select(small, series, expm1(large) / large);
}

Tensor lgamma_ratio(const Tensor& k) {
  const Tensor small = abs(k) < 0.1, u = select(small, k, 0.0), large = select(small, 0.5, k);
  Tensor series = 0.0;
  for (int n = kLast; n >= 2; --n) series = u * (zeta(n) / n + series);
  return select(small, kEuler + series, lgamma(1.0 - large) / large);
}

Tensor lgamma_curvature(const Tensor& k) {
  const Tensor small = abs(k) < 0.05, u = select(small, k, 0.0), large = select(small, 0.25, k);
  Tensor series = 0.0;
  for (int n = kLast; n >= 2; --n)
    series = zeta(n) * (std::ldexp(1.0, n) - 2.0) / n + (n == kLast ? Tensor(0.0) : u * series);
  return select(small, series, (lgamma(1.0 - 2.0 * large) - 2.0 * lgamma(1.0 - large)) / square(large));
}

// Tricomi and Erdelyi, The asymptotic expansion of a ratio of gamma functions, Pacific J. Math. 1 (1951).
Tensor lgamma_half_step(const Tensor& x) {
  const Tensor large = x > 16.0, u = select(large, x, 16.0), s = select(large, 1.0, x), r = square(reciprocal(u));
  Tensor series =
      (-1.0 / 8 +
       r * (1.0 / 192 + r * (-1.0 / 640 + r * (17.0 / 14336 + r * (-31.0 / 18432 + r * (691.0 / 180224)))))) /
      u;
  return select(large, 0.5 * log(u) + series, lgamma(s + 0.5) - lgamma(s));
}

} // namespace nuthatch::detail
