#include "nuthatch/distributions/projected_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

/// The moments I_m(t) = integral_0^inf r^m exp(-r^2 / 2 + r t) dr follow I_m = t I_{m-1} + (m - 1) I_{m-2} with
/// I_0 = sqrt(2 pi) exp(t^2 / 2) Phi(t), I_1 = 1 + t I_0. Left of this t the recursion cancels; there the ratios
/// I_m / I_{m-1} are the minimal solution and are computed from large m down (Miller).
constexpr double kSwitch = -2.0;
constexpr std::int64_t kStart = 120;

/// log(I_{n-1} / I_0) for t >= kSwitch, from log I_0.
Tensor log_ratio_upwards(const Tensor& t, const Tensor& log_i0, std::int64_t n) {
  Tensor before = 1.0, current = t + exp(-log_i0);
  for (std::int64_t m = 2; m < n; ++m) {
    Tensor next = t * current + double(m - 1) * before;
    before = current;
    current = next;
  }
  return log(current);
}

/// The same for t <= kSwitch: I_m / I_{m-1} = m / (I_{m+1} / I_m - t).
Tensor log_ratio_downwards(const Tensor& t, std::int64_t n) {
  Tensor ratio = fori_loop(0, kStart, zeros_like(t), [&](const Tensor& i, const Tensor& r) {
    return (double(n + kStart - 1) - i.cast(f64)) / (r - t);
  });
  Tensor total = 0.0 * t;
  for (std::int64_t m = n - 1; m >= 1; --m) {
    ratio = double(m) / (ratio - t);
    total = total + log(ratio);
  }
  return total;
}

class ProjectedNormalDensity final : public detail::Family<ProjectedNormalDensity, 1> {
 public:
  ProjectedNormalDensity(const Tensor& concentration, Where where)
      : Family("ProjectedNormal", {{"concentration", concentration, constraints::real_vector()}},
               detail::trailing(concentration.shape(), 1), where) {}
  Constraint support() const override { return constraints::sphere; }
  Tensor log_prob(const Tensor& x) const override {
    const std::int64_t n = event_shape[0];
    Tensor t = sum(x * mu(), -1), across = sum(square(mu()), -1) - square(t);
    Tensor right = maximum(t, kSwitch), left = minimum(t, kSwitch);
    Tensor log_i0 = 0.5 * square(right) + log_ndtr(right) + detail::kHalfLogTwoPi;
    Tensor log_ratio = select(t >= kSwitch, log_ratio_upwards(right, log_i0, n), log_ratio_downwards(left, n));
    return log_ndtr(t) + log_ratio - 0.5 * across - double(n - 1) * detail::kHalfLogTwoPi;
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor z = mu() + normal(key, shape);
    return z * rsqrt(sum(square(z), {.axis = -1, .keepdims = true}));
  }
  bool has_rsample() const override { return true; }
  Tensor mode() const override { return mu() * rsqrt(sum(square(mu()), {.axis = -1, .keepdims = true})); }

 private:
  const Tensor& mu() const { return p(0); }
};

}  // namespace

Distribution ProjectedNormal::make(const Tensor& concentration, Where where) {
  if (concentration.ndim() > 0 && concentration.shape().back() < 2)
    throw Error("ProjectedNormal: directions need two dimensions or more, but concentration has shape " +
                    to_string(concentration.shape()),
                where);
  return Distribution(share<ProjectedNormalDensity>(concentration, where));
}

}  // namespace nuthatch
