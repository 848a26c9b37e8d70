#include "nuthatch/distributions/sine_bivariate_von_mises.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

using detail::kPi;

constexpr std::int64_t kNodes = 512;  // on half of the circle: the integrand is even
constexpr std::int64_t kBins = 256, kRounds = 500;

Tensor wrapped(const Tensor& angle) { return clamp(angle - 2.0 * kPi * round(angle / (2.0 * kPi)), -kPi, kPi); }

class SineBivariateVonMisesDensity final : public detail::Family<SineBivariateVonMisesDensity, 5> {
 public:
  SineBivariateVonMisesDensity(const Tensor& phi_loc, const Tensor& psi_loc, const Tensor& phi_concentration,
                               const Tensor& psi_concentration, const Tensor& correlation, Where where)
      : Family("SineBivariateVonMises",
               {{"phi_loc", phi_loc, constraints::circular},
                {"psi_loc", psi_loc, constraints::circular},
                {"phi_concentration", phi_concentration, constraints::positive},
                {"psi_concentration", psi_concentration, constraints::positive},
                {"correlation", correlation, constraints::real}},
               {2}, where) {}
  Constraint support() const override { return Constraint(constraints::circular).independent(1); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor phi = x(ellipsis, 0) - p(0), psi = x(ellipsis, 1) - p(1);
    return {{cos(phi), k1()}, {cos(psi), k2()}, {sin(phi) * sin(psi), r()}, {-log_normaliser()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    const Shape batch = detail::leading(shape, 1);
    auto [k_phi, k_psi] = split<2>(key);
    Tensor phi = phi_draw(k_phi, batch), tilt = r() * sin(phi);
    Tensor psi = detail::von_mises(k_psi, sqrt(square(k2()) + square(tilt)), batch) + atan2(tilt, k2());
    return stack({wrapped(phi + p(0)), wrapped(psi + p(1))}, -1);
  }
  /// The direction of the mean of each angle.
  Tensor mean() const override {
    Shape shape = detail::join(batch_shape, {1});
    return concat({broadcast_to(expand_dims(p(0), -1), shape), broadcast_to(expand_dims(p(1), -1), shape)}, -1);
  }

 private:
  const Tensor& k1() const { return p(2); }
  const Tensor& k2() const { return p(3); }
  const Tensor& r() const { return p(4); }

  /// log of the marginal density of the first angle at t [n], unnormalised: [..., n].
  Tensor log_marginal(const Tensor& t) const {
    auto wide = [](const Tensor& x) { return expand_dims(x, -1); };
    return wide(k1()) * cos(t) + log_bessel_i0(sqrt(wide(square(k2())) + square(wide(r()) * sin(t))));
  }
  Tensor log_normaliser() const {
    Tensor t = (kPi / double(kNodes)) * arange(kNodes + 1).cast(f64);
    // Nodes inside stand for their mirror images too.
    Tensor weights = select((arange(kNodes + 1) == 0) | (arange(kNodes + 1) == kNodes), 0.0, detail::kLog2);
    return logsumexp(log_marginal(t) + weights, -1) + std::log(2.0 * kPi * kPi / double(kNodes));
  }

  /// Over each bin the density is at most its larger value at the ends times exp(h^2 / 8 (k1 + |r|)): the logarithm's
  /// second derivative is no less than -(k1 + |r|).
  Tensor phi_draw(const Key& key, const Shape& batch) const {
    const double h = 2.0 * kPi / double(kBins);
    Tensor ends = log_marginal(h * arange(kBins + 1).cast(f64) - kPi);
    Tensor slack = expand_dims((h * h / 8.0) * (k1() + abs(r())), -1);
    Tensor bound = maximum(ends(ellipsis, until(-1)), ends(ellipsis, from(1))) + slack;
    Tensor cumulative = cumsum(softmax(bound, -1), -1);
    cumulative = cumulative / cumulative(ellipsis, from(-1));
    struct State { Tensor angle, done, i; };
    auto attempt = [&](const Tensor& i) {
      auto [k_bin, k_place, k_accept] = split<3>(fold_in(key, i));
      Tensor u = expand_dims(uniform(k_bin, batch), -1);
      Tensor bin = sum((u >= cumulative).cast(i64), -1);
      Tensor angle = h * (bin.cast(f64) + uniform(k_place, batch)) - kPi;
      Tensor here = squeeze(at(angle), -1);
      Tensor above = bound.ndim() == 1 ? take(bound, bin) : take_last(broadcast_to(bound, detail::join(batch, {kBins})), bin);
      return std::pair(angle, log1p(-uniform(k_accept, batch)) < here - above);
    };
    auto [angle, accepted] = attempt(0);
    State last = while_loop(
        State{angle, accepted, Tensor(1)}, [&](const State& s) { return ~all_of(s.done) & (s.i < kRounds); },
        [&](const State& s) {
          auto [fresh, ok] = attempt(s.i);
          return State{select(s.done, s.angle, fresh), s.done | ok, s.i + 1};
        });
    return last.angle;
  }
  Tensor at(const Tensor& angle) const { return log_marginal(expand_dims(angle, -1)); }
};

}  // namespace

SineBivariateVonMises::SineBivariateVonMises(const SineBivariateVonMisesOptions& o, Where where) {
  const char* name = "SineBivariateVonMises";
  for (auto [parameter, x] : {std::pair{"phi_loc", o.phi_loc}, std::pair{"psi_loc", o.psi_loc},
                              std::pair{"phi_concentration", o.phi_concentration},
                              std::pair{"psi_concentration", o.psi_concentration}})
    detail::required(name, {parameter, x}, where);
  const bool weighted =
      detail::one_of(name, {{"correlation", o.correlation}, {"weighted_correlation", o.weighted_correlation}}, where) == 1;
  Tensor r = weighted ? o.weighted_correlation * sqrt(o.phi_concentration * o.psi_concentration) : o.correlation;
  static_cast<Distribution&>(*this) = Distribution(share<SineBivariateVonMisesDensity>(
      o.phi_loc, o.psi_loc, o.phi_concentration, o.psi_concentration, r, where));
}

}  // namespace nuthatch
