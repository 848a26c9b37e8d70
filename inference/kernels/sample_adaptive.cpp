#include "inference/kernels/sample_adaptive.h"

#include <algorithm>

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/sa.h"
#include "nuthatch/linalg.h"

namespace nuthatch::kernels {
namespace {

using State = SampleAdaptive::State;

Tensor row(const Tensor& x, const Tensor& index) { return take(x, index); }
Tensor with_row(const Tensor& x, const Tensor& index, const Tensor& value) {
  Tensor here = arange(x.size(0)) == index;
  return select(x.ndim() == 2 ? expand_dims(here, 1) : here, value, x);
}

/// A draw from the normal distribution fitted to the points.
Tensor fitted_normal(const Key& key, const Tensor& points) {
  Tensor center = mean(points, 0), deviation = points - center;
  Tensor covariance = matmul(transpose(deviation), deviation) / double(points.size(0) - 1);
  return center + matmul(cholesky(covariance), normal(key, center.shape()));
}

/// log q(x_j | the others) for each of N + 1 points, up to a constant. With A the scatter matrix of all, d_j the deviation
/// from the mean of all, c = (N + 1) / N and h_j = d_j^T A^-1 d_j: the others have scatter A - c d_j d_j^T, and x_j lies
/// c d_j from their mean. One factorisation serves all j.
Tensor log_density_given_others(const Tensor& points) {
  const double n = double(points.size(0) - 1), c = (n + 1) / n;
  Tensor deviation = points - mean(points, 0);
  Tensor factor = cholesky(matmul(transpose(deviation), deviation));
  Tensor h = sum(square(triangular_solve(factor, transpose(deviation))), 0);
  Tensor left = 1.0 - c * h;
  return -0.5 * (log(left) + ((n - 1) * c * c) * h / left);
}

}  // namespace

std::vector<Statistic> SampleAdaptive::statistics() const { return {{"acceptance_rate", f64}, {"lp", f64}}; }

State SampleAdaptive::begin(std::int64_t dim) const {
  const std::int64_t n = num_points_ > 0 ? num_points_ : std::max(2 * dim, dim + 2);
  return {zeros({n, dim}), zeros(n), full(Shape{}, Tensor(std::int64_t(0))), full(Shape{}, Tensor(std::int64_t(0)))};
}

std::pair<State, Tensor> SampleAdaptive::propose(const Chain& chain, const State& s, const Evaluated& current,
                                                 const Tuning&) const {
  Tensor filling = s.size < s.points.size(0);
  Key start = draw_key(chain.key, Tensor(search_draw), Purpose::leaf);
  Tensor point = cond(
      filling,
      [&] {  // the starting point first, then others around the origin
        return select(s.attempts == 0, current.position,
                      uniform(fold_in(start, s.attempts), current.position.shape(), -2.0, 2.0));
      },
      [&] { return fitted_normal(draw_key(chain.key, chain.draw, Purpose::momentum), s.points); });
  return {s, point};
}

Judgement<State> SampleAdaptive::judge(const Chain& chain, const State& before, const Evaluated& current,
                                       const Evaluated& reached, const Tuning&) const {
  const std::int64_t n = before.points.size(0);
  Tensor finite = isfinite(reached.log_density), filling = before.size < n;

  Tensor points = concat({before.points, expand_dims(reached.position, 0)});
  Tensor log_densities = concat({before.log_densities, expand_dims(reached.log_density, 0)});
  Tensor logits = log_density_given_others(points) - log_densities;
  Tensor leaves = categorical(draw_key(chain.key, chain.draw, Purpose::leaf), logits);
  leaves = select(finite, leaves, n);
  Tensor acceptance = select(finite, 1.0 - exp(logits[n] - logsumexp(logits)), 0.0);

  State s = before;
  Tensor index = select(filling, select(finite, before.size, n), leaves);
  s.points = with_row(before.points, index, reached.position);
  s.log_densities = with_row(before.log_densities, index, reached.log_density);
  s.size = before.size + (filling & finite).cast(i64);
  s.attempts = before.attempts + filling.cast(i64);

  Tensor chosen = randint(draw_key(chain.key, chain.draw, Purpose::doubling), {}, 0, n);
  Evaluated next{select(filling, current.position, row(s.points, chosen)),
                 select(filling, current.log_density, row(s.log_densities, chosen)), current.gradient};
  return {s, next, ~filling, stack({acceptance, next.log_density})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel SA(const Model& model, const SAOptions& o, Where where) {
  if (o.adapt_state_size < 0) throw Error("SA: adapt_state_size must not be negative", where);
  KernelSettings s = kernels::without_adaptation("SA", o.init);
  s.any_data = true;
  s.rule = [size = o.adapt_state_size, where](const LogDensity& density) {
    if (size > 0 && size < density.dim() + 2)
      throw Error("SA: adapt_state_size is " + std::to_string(size) + "; " + std::to_string(density.dim()) +
                      " unconstrained dimensions need at least " + std::to_string(density.dim() + 2),
                  where);
    return kernels::point_rule("SA", kernels::SampleAdaptive(size));
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
