#include "nuthatch/distributions/interpolated.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class InterpolatedDensity final : public detail::Family<InterpolatedDensity, 2> {
 public:
  InterpolatedDensity(const Tensor& x_points, const Tensor& pdf_points, Where where)
      : Family("Interpolated",
               {{"x_points", x_points, Constraint(constraints::ordered)},
                {"pdf_points", pdf_points, Constraint(constraints::nonnegative).independent(1)}},
               {}, where) {
    if (problem) return;
    if (x_points.shape().size() != 1 || x_points.shape() != pdf_points.shape() || x_points.size() < 2)
      problem =
          "Interpolated: x_points and pdf_points must be vectors of the same length, 2 or more, but have shapes " +
          to_string(x_points.shape()) + " and " + to_string(pdf_points.shape());
  }
  Constraint support() const override { return constraints::interval(at()[0], at()[at().size() - 1]); }
  Tensor log_prob(const Tensor& x) const override {
    const Tensor i = segment(x);
    return log(height()[i] + slope()[i] * (x - at()[i])) - log(sum(areas()));
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  // Simpson's rule is exact for the polynomials x p(x) and x^2 p(x) of a segment.
  Tensor mean() const override {
    return raw([](const Tensor& x) { return x; });
  }
  Tensor variance() const override {
    Tensor m = mean();
    return raw([&](const Tensor& x) { return square(x - m); });
  }
  Tensor mode() const override { return at()[argmax(height())]; }
  /// In a segment with ends m (1 -+ r): m (log m + E (1 + r v) log(1 + r v)), v uniform on [-1, 1].
  Tensor entropy() const override {
    const Tensor a = height()[until(n() - 1)], b = height()[from(1)], m = 0.5 * (a + b);
    const Tensor some = m > 0.0, r = select(some, abs(0.5 * (b - a)) / select(some, m, 1.0), 0.0), large = r > 0.1;
    const Tensor s = square(r), series = s * (1.0 / 6 + s * (1.0 / 60 + s * (1.0 / 210 + s * (1.0 / 504 + s * (1.0 / 990 + s * (1.0 / 1716))))));
    const Tensor q = select(large, r, 0.5), up = 1.0 + q, down = 1.0 - q;
    const Tensor direct = (square(up) * log(up) - select(down > 0.0, square(down) * log(select(down > 0.0, down, 1.0)), 0.0)) / (4.0 * q) - 0.5;
    const Tensor total = sum(areas());
    return log(total) - sum(widths() * (xlogy(m, m) + m * select(large, direct, series))) / total;
  }
  Tensor cdf(const Tensor& x) const override {
    const Tensor i = segment(x), d = x - at()[i];
    return (before()[i] + d * (height()[i] + 0.5 * slope()[i] * d)) / sum(areas());
  }
  Tensor icdf(const Tensor& q) const override {
    // In the segment, r = p d + s d^2 / 2.
    Tensor area = q * sum(areas()), total = cumsum(areas(), 0);
    const Tensor i = minimum(sum((expand_dims(area, -1) >= total).cast(i64), -1), at().size() - 2);
    Tensor r = maximum(area - before()[i], 0.0), h = height()[i], s = slope()[i],
           root = sqrt(maximum(square(h) + 2.0 * s * r, 0.0));
    const Tensor none = h + root == 0.0;
    return clamp(at()[i] + 2.0 * r / select(none, 1.0, h + root), at()[i], at()[i + 1]);
  }

 private:
  const Tensor& at() const { return p(0); }
  const Tensor& height() const { return p(1); }
  std::int64_t n() const { return at().size(); }
  Tensor widths() const { return at()[from(1)] - at()[until(n() - 1)]; }
  Tensor slope() const { return (height()[from(1)] - height()[until(n() - 1)]) / widths(); }
  Tensor areas() const { return 0.5 * (height()[from(1)] + height()[until(n() - 1)]) * widths(); }
  /// Area left of each segment.
  Tensor before() const { return cumsum(areas(), 0) - areas(); }
  /// Index of the segment in which x lies.
  Tensor segment(const Tensor& x) const {
    return clamp(sum((expand_dims(x, -1) >= at()).cast(i64), -1) - 1, 0, n() - 2);
  }
  template <class F> Tensor raw(F&& f) const {
    Tensor a = at()[until(n() - 1)], b = at()[from(1)], c = 0.5 * (a + b), pa = height()[until(n() - 1)],
           pb = height()[from(1)];
    return sum(widths() / 6.0 * (f(a) * pa + 2.0 * f(c) * (pa + pb) + f(b) * pb)) / sum(areas());
  }
};

} // namespace

Distribution Interpolated::make(const Tensor& x_points, const Tensor& pdf_points, Where where) {
  return Distribution(share<InterpolatedDensity>(x_points, pdf_points, where));
}

} // namespace nuthatch
