#include "inference/kernels/point_kernel.h"

#include "nuthatch/linalg.h"

namespace nuthatch::kernels {

Evaluated evaluate(const Target& target, const Tensor& position, bool with_gradient) {
  if (!with_gradient) return {position, never_infinite(target.log_density(position)), zeros(position.shape())};
  auto [log_density, gradient] = target.value_and_grad(position);
  return {position, never_infinite(log_density), gradient};
}

void judge_candidate(const Chain& chain, const Evaluated& at, Search& search, Output& output) {
  Tensor good = acceptable_start(at.log_density, at.gradient);
  search.active = ~good;
  search.attempt = search.attempt + (~good).cast(i64);
  output.failed = ~good & (search.attempt >= search.max_attempts);
  output.position = update_if(~good, at.position, [&](const Tensor& x) {
    return starting_candidate(chain.key, search.attempt, x.size(), search.radius);
  });
}

namespace {
Tensor root(const Tensor& variance) { return sqrt(variance); }
}  // namespace

Tensor spread(const Tuning& tuning, const Tensor& x) {
  return tuning.inverse_mass.ndim() == 2 ? matmul(tuning.momentum_scale, x)
                                         : stretched(tuning, x, root) / tuning.momentum_scale;
}

Tensor spread_transposed(const Tuning& tuning, const Tensor& x) {
  return tuning.inverse_mass.ndim() == 2 ? matmul(transpose(tuning.momentum_scale), x)
                                         : stretched(tuning, x / tuning.momentum_scale, root);
}

Decision metropolis(const Chain& chain, const Tensor& log_ratio) {
  Tensor probability = nuthatch::select(isnan(log_ratio), 0.0, exp(minimum(0.0, log_ratio)));
  Tensor uniform = uniform_from_word(draw_key(chain.key, chain.draw, Purpose::leaf).tensor()[0]);
  return {probability, uniform < probability};
}

Evaluated select(const Tensor& p, const Evaluated& a, const Evaluated& b) {
  return {nuthatch::select(p, a.position, b.position), nuthatch::select(p, a.log_density, b.log_density),
          nuthatch::select(p, a.gradient, b.gradient)};
}

}  // namespace nuthatch::kernels
