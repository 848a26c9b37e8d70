#include "inference/kernels/elliptical_slice.h"

#include <cmath>

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/elliptical_slice.h"
#include "nuthatch/linalg.h"
#include "nuthatch/transform.h"

namespace nuthatch::kernels {
namespace {

using State = EllipticalSlice::State;

constexpr double two_pi = 6.283185307179586;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

}  // namespace

std::vector<Statistic> EllipticalSlice::statistics() const {
  return {{"acceptance_rate", f64}, {"lp", f64}, {"n_steps", i64}};
}

State EllipticalSlice::begin(std::int64_t dim) const {
  const Tensor zero = full(Shape{}, Tensor(0.0));
  return {full(Shape{}, Tensor(true)), zeros(dim), zero, zero, zero, zero, integer(0)};
}

/// Up to a constant: the target without its Gaussian factor.
Tensor EllipticalSlice::log_likelihood(const Evaluated& at) const {
  Tensor x = at.position - prior_.mean;
  Tensor standardised = prior_.factor.ndim() == 2 ? matmul(transpose(prior_.factor), x) : prior_.factor * x;
  return fma(0.5, sum(square(standardised)), at.log_density);
}

State EllipticalSlice::new_ellipse(const Chain& chain, const State& before, const Evaluated& current) const {
  State s = before;
  Tensor normals = normal(draw_key(chain.key, chain.draw, Purpose::momentum), s.other.shape());
  s.other = prior_.factor.ndim() == 2 ? triangular_solve(prior_.factor, normals, /*lower=*/true, /*transpose=*/true)
                                      : normals / prior_.factor;
  Tensor u = uniform(draw_key(chain.key, chain.draw, Purpose::doubling), {2});
  s.level = log_likelihood(current) + log1p(-u[0]);
  s.angle = two_pi * u[1];
  s.low = s.angle - two_pi;
  s.high = s.angle;
  s.evaluations = integer(0);
  s.fresh = full(Shape{}, Tensor(false));
  return s;
}

std::pair<State, Tensor> EllipticalSlice::propose(const Chain& chain, const State& before, const Evaluated& current,
                                                  const Tuning&) const {
  State s = update_if(before.fresh & chain.live, before,
                      [&](const State& x) { return new_ellipse(chain, x, current); });
  Tensor x = current.position - prior_.mean;
  return {s, prior_.mean + fma(cos(s.angle), x, sin(s.angle) * s.other)};
}

Judgement<State> EllipticalSlice::judge(const Chain& chain, const State& before, const Evaluated& current,
                                        const Evaluated& reached, const Tuning&) const {
  State s = before;
  s.evaluations = s.evaluations + 1;
  Tensor above = log_likelihood(reached) > s.level;
  Tensor found = above | (s.angle == 0.0);  // shrunk to the point itself
  s.low = nuthatch::select(s.angle < 0.0, s.angle, s.low);
  s.high = nuthatch::select(s.angle < 0.0, s.high, s.angle);
  Tensor u = uniform(fold_in(draw_key(chain.key, chain.draw, Purpose::leaf), s.evaluations));
  s.angle = fma(u, s.high - s.low, s.low);
  s.fresh = found;
  Evaluated next = select(above, reached, current);
  return {s, next, found, stack({Tensor(1.0), next.log_density, s.evaluations.cast(f64)})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {
namespace {

/// Mean and precision of the prior from its first two derivatives at the origin, checked elsewhere.
kernels::GaussianPrior gaussian_prior(const LogDensity& density, Where where) {
  const auto log_prior = [&](const Tensor& z) { return density.log_prior(z); };
  const std::int64_t dim = density.dim();
  const Tensor origin = zeros(dim);
  const Tensor precision = -hessian(log_prior)(origin), slope = grad(log_prior)(origin);
  const Tensor factor = cholesky(precision), mean = cho_solve(factor, slope);
  const auto quadratic = [&](const Tensor& z) {
    return -0.5 * sum(square(matmul(transpose(factor), z - mean)));
  };
  const Tensor constant = log_prior(mean);
  for (int i = 0; i < 4; ++i) {
    const Tensor z = mean + double(1 + 3 * i) * normal(fold_in(Key(0), Tensor(i)), {dim});
    const double expected = (constant + quadratic(z)).item<double>(), found = log_prior(z).item<double>();
    if (!(std::abs(found - expected) <= 1e-8 * (1.0 + std::abs(expected))))
      throw Error("EllipticalSlice: the prior of the latent sites is not a normal distribution in unconstrained space; "
                  "use SliceSampler or NUTS",
                  where);
  }
  const bool diagonal = sum(abs(tril(precision, -1))).item<double>() == 0;
  return {mean, diagonal ? nuthatch::diagonal(factor) : factor};
}

}  // namespace

Kernel EllipticalSlice(const Model& model, const EllipticalSliceOptions& o, Where where) {
  KernelSettings s = kernels::without_adaptation("EllipticalSlice", o.init);
  s.rule = [where](const LogDensity& density) {
    return kernels::point_rule("EllipticalSlice", kernels::EllipticalSlice(gaussian_prior(density, where)));
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
