#include "nuthatch/distributions/polya_gamma.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/inverse_gaussian.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "nuthatch/transform.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

/// Gammas of a draw, and nodes of the contour integral on its upper half.
constexpr int kGammas = 16, kNodes = 48;
/// The Laplace transform cosh(w)^-h, w^2 = s / 2, has a cut from here to the left.
constexpr double kBranch = -0.5 * detail::kPi * detail::kPi;

/// tanh(w) / w for w^2 = t of either sign.
Tensor tanh_ratio(const Tensor& t) {
  const Tensor near = abs(t) < 1e-3, right = t > 0.0;
  const Tensor w = sqrt(select(near, 1.0, abs(t)));
  const Tensor series = 1.0 - t * (1.0 / 3.0 - t * (2.0 / 15.0 - t * (17.0 / 315.0)));
  return select(near, series, select(right, tanh(w), tan(select(right, 0.5, w))) / w);
}
/// (2 tanh(w) - 2 w sech(w)^2) / (32 w^3), w^2 = t >= 0: the variance of PG(1, 2 w).
Tensor variance_ratio(const Tensor& t) {
  const Tensor near = t < 1e-3, safe = select(near, 1.0, t), ratio = tanh_ratio(safe);
  const Tensor series = 1.0 / 24.0 - t * (1.0 / 30.0 - t * (17.0 / 840.0 - t * (31.0 / 2835.0)));
  return select(near, series, (ratio - (1.0 - safe * square(ratio))) / (16.0 * safe));
}

/// log cosh(w) for w = sqrt(s / 2) with s = u + i v, v >= 0.
struct LogCosh {
  Tensor modulus, argument;
};
LogCosh log_cosh_root(const Tensor& u, const Tensor& v) {
  const Tensor x = 0.5 * u, y = 0.5 * v, r = sqrt(square(x) + square(y)), right = x >= 0.0;
  // The larger of real and imaginary part of the root, and from it the other.
  const Tensor large = sqrt(0.5 * (r + abs(x))), small = 0.5 * y / maximum(large, 1e-300);
  const Tensor a = select(right, large, small), b = select(right, small, large);
  // cosh(w) = exp(w) (1 + exp(-2 w)) / 2.
  const Tensor shrunk = exp(-2.0 * a), gap = -expm1(-2.0 * a), cosine = square(cos(b));
  return {a + 0.5 * log(square(0.5 * gap) + shrunk * cosine),
          b + atan2(-shrunk * sin(2.0 * b), gap + 2.0 * shrunk * cosine)};
}

/// s = branch + radius (1 + i theta)^2, a parabola around the cut.
/// Weideman and Trefethen, Parabolic and hyperbolic contours for computing the Bromwich integral (2007).
struct Contour {
  Tensor radius, crossing;  // crossing = branch + radius, on the real line
};
Contour contour(const Tensor& radius) { return {radius, kBranch + radius}; }

/// The radius whose crossing is the saddle point of exp(s x) cosh(sqrt(s / 2))^-h: there the integral does not cancel.
/// h tanh(w) / (4 w) = x, where tanh(w) / w falls like radius^-1 to radius^-1/2.
Tensor saddle(const Tensor& x, const Tensor& h) {
  const Tensor target = 4.0 * x / h;
  return fori_loop(0, 14, 2.0 / square(target) + 4.0 / target, [&](const Tensor&, const Tensor& radius) {
    return radius * pow(tanh_ratio(0.5 * (kBranch + radius)) / target, 1.4);
  });
}

class PolyaGammaDensity final : public detail::Family<PolyaGammaDensity, 2> {
 public:
  PolyaGammaDensity(const Tensor& h, const Tensor& z, Where where)
      : Family("PolyaGamma", {{"h", h, constraints::positive}, {"z", z, constraints::real}}, {}, where) {}
  Constraint support() const override { return constraints::positive; }
  Tensor log_prob(const Tensor& x) const override {
    const Tensor first = first_term_suffices(x), y = select(first, stop_gradient(mean()), x);
    const Tensor at = stop_gradient(y), shape = stop_gradient(h());
    const Tensor whole = log_integral(y, contour(maximum(saddle(at, shape), 1.0 / at)), {});
    const Tensor near = (h() - 1.0) * detail::kLog2 + log(h()) - detail::kHalfLogTwoPi - 1.5 * log(x) - 0.125 * square(h()) / x;
    return log_tilt(x) + select(first, near, whole);
  }

  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_gammas, k_rest] = split<2>(key);
    std::vector<double> squares;
    for (int k = 0; k < kGammas; ++k) squares.push_back((k + 0.5) * (k + 0.5));
    const Tensor weight = 0.5 / (square(detail::kPi) * Tensor(squares) + 0.25 * square(expand_dims(z(), -1)));
    const Tensor count = expand_dims(h(), -1);
    const Tensor first = sum(weight * detail::standard_gamma(k_gammas, count, detail::join(shape, Shape{kGammas})), -1);
    const Tensor rest_mean = mean() - h() * sum(weight, -1), rest_variance = variance() - h() * sum(square(weight), -1);
    return first + InverseGaussian(rest_mean, rest_mean * square(rest_mean) / rest_variance).impl()->sample(k_rest, shape);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return 0.25 * h() * tanh_ratio(0.25 * square(z())); }
  Tensor variance() const override { return h() * variance_ratio(0.25 * square(z())); }

  Tensor cdf(const Tensor& x) const override {
    const Tail t = tail(x);
    return select(t.upper, -expm1(t.log_mass), exp(t.log_mass));
  }
  Tensor survival(const Tensor& x) const override {
    const Tail t = tail(x);
    return select(t.upper, exp(t.log_mass), -expm1(t.log_mass));
  }
  Tensor log_cdf(const Tensor& x) const override {
    const Tail t = tail(x);
    return select(t.upper, log1mexp(-t.log_mass), t.log_mass);
  }
  Tensor log_survival(const Tensor& x) const override {
    const Tail t = tail(x);
    return select(t.upper, t.log_mass, log1mexp(-t.log_mass));
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, mean()); }

 private:
  const Tensor& h() const { return p(0); }
  const Tensor& z() const { return p(1); }

  /// log(cosh(z / 2)^h exp(-x z^2 / 2)).
  Tensor log_tilt(const Tensor& x) const {
    const Tensor half = 0.5 * abs(z());
    return h() * (half + log1p(exp(-2.0 * half)) - detail::kLog2) - 0.5 * x * square(z());
  }

  /// The logarithm of |1 / (2 pi i) integral of exp(s x) cosh(sqrt(s / 2))^-h / (s - pole) ds| along the contour; without
  /// the denominator when there is no pole. The trapezoidal rule converges exponentially. The contour is a constant: the
  /// integral does not depend on it.
  Tensor log_integral(const Tensor& x, const Contour& c, const Tensor& pole) const {
    const Shape batch = broadcast_shapes({x.shape(), batch_shape});
    auto column = [&](const Tensor& t) { return expand_dims(detail::broadcast_if_needed(t, batch), -1); };
    std::vector<double> number, half;
    for (int k = 0; k <= kNodes; ++k) {
      number.push_back(double(k) / kNodes);
      half.push_back(k == 0 ? 0.5 : 1.0);
    }
    // exp(-radius x theta^2) is 4e-18 at the last node.
    const Tensor radius = stop_gradient(c.radius), last = stop_gradient(sqrt(40.0 / (radius * x)));
    const Tensor theta = column(last) * Tensor(number), r = column(radius), shape = column(h()), at = column(x);
    const Tensor real = -r * square(theta), imaginary = 2.0 * r * theta, start = column(stop_gradient(c.crossing));
    const LogCosh there = log_cosh_root(start + real, imaginary), here = log_cosh_root(start, zeros_like(start));
    const Tensor size = exp(at * real - shape * (there.modulus - here.modulus)),
                 angle = at * imaginary - shape * there.argument;
    // (1 + i theta) exp(i angle), over s - pole.
    const Tensor cosine = cos(angle), sine = sin(angle);
    Tensor a = cosine - theta * sine;
    if (pole.defined()) {
      const Tensor b = sine + theta * cosine, distance = column(c.crossing - pole) + real;
      a = (a * distance + b * imaginary) / (square(distance) + square(imaginary));
    }
    const Tensor total = abs(sum(Tensor(half) * size * a, -1));
    return c.crossing * x - h() * squeeze(here.modulus, -1) + log(2.0 / (detail::kPi * kNodes) * radius * last * total);
  }

  /// log P(X <= x), or where `upper`, log P(X > x): the integral of the transform over s - pole to the right, or to the
  /// left, of the pole z^2 / 2, as far from it as the trapezoidal rule needs.
  struct Tail {
    Tensor log_mass, upper;
  };
  Tail tail(const Tensor& value) const {
    const Tensor first = first_term_suffices(value), x = select(first, stop_gradient(mean()), value);
    const Tensor at = stop_gradient(x), shape = stop_gradient(h()), pole = 0.5 * square(z()),
                 root = sqrt(stop_gradient(pole) - kBranch), gap = 0.8 * rsqrt(at);
    const Tensor upper = (at > stop_gradient(mean())) & (root > 2.0 * rsqrt(at));
    const Tensor best = maximum(saddle(at, shape), 1.0 / at);
    const Tensor radius = select(upper, minimum(best, square(root - gap)), maximum(best, square(root + gap)));
    const Tensor whole = minimum(log_tilt(x) + log_integral(x, contour(radius), pole), 0.0);
    return {select(first, log_first_mass(select(first, value, stop_gradient(1e-3 * mean()))), whole), upper & ~first};
  }

  /// The second term of the series is less than exp(-50) times the first.
  Tensor first_term_suffices(const Tensor& x) const {
    return x < stop_gradient(minimum((1.0 + h()) / (120.0 + 2.0 * log1p(h())), 0.25 * h() / (abs(z()) + 1e-100)));
  }
  /// The logarithm of the integral of the first term from 0 to x, a first passage time of a Brownian motion with drift:
  ///   (1 + exp(-|z|))^h exp(-a^2) (erfcx(a) + erfcx(b)) / 2,  a, b = (h / 2 -+ |z| x) / sqrt(2 x).
  Tensor log_first_mass(const Tensor& x) const {
    const Tensor drift = abs(z()) * x, scale = rsqrt(2.0 * x), a = (0.5 * h() - drift) * scale, b = (0.5 * h() + drift) * scale;
    return h() * log1p(exp(-abs(z()))) - square(a) + log(erfcx(a) + erfcx(b)) - detail::kLog2;
  }
};

} // namespace

Distribution PolyaGamma::make(const Tensor& h, const Tensor& z, Where where) {
  return Distribution(share<PolyaGammaDensity>(h, z, where));
}

} // namespace nuthatch
