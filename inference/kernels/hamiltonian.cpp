#include "inference/kernels/hamiltonian.h"

#include <limits>
#include <numbers>

#include "inference/kernels/lanes.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {

Tensor apply_inverse_mass(const Tuning& tuning, const Tensor& x) {
  if (tuning.inverse_mass.ndim() == 2) return matmul(tuning.inverse_mass, x);
  Tensor y = tuning.inverse_mass * x;
  if (tuning.low_rank.empty()) return y;
  const Tensor &directions = tuning.low_rank[0], &variances = tuning.low_rank[1];
  return y + matmul((variances - 1.0) * matmul(directions, x), directions);
}

// Low rank: with U = W momentum_scale, M^1/2 = momentum_scale (I + U^T (s^-1/2 - 1) U).
Tensor momentum(const Tuning& tuning, const Tensor& normals) {
  if (tuning.inverse_mass.ndim() == 2)
    return triangular_solve(tuning.momentum_scale, normals, /*lower=*/true, /*transpose=*/true);
  return tuning.momentum_scale * stretched(tuning, normals, [](const Tensor& variance) { return 1.0 / sqrt(variance); });
}

Tensor kinetic_product(const Tuning& tuning, const Tensor& r) { return sum(r * apply_inverse_mass(tuning, r)); }

Tensor lifted(const Tuning& tuning, const Point& p) {
  Tensor quarter = tuning.step_size * tuning.step_size * 0.25;
  return fma(quarter, apply_inverse_mass(tuning, p.g), p.z);
}

Leapfrog leapfrog(const Tuning& tuning, const Target& target, const Point& start, const Tensor& step) {
  Tensor half = step * 0.5;
  Tensor middle = fma(half, start.g, start.r);
  Tensor z = fma(step, apply_inverse_mass(tuning, middle), start.z);
  auto [log_density, g] = target.value_and_grad(z);
  Tensor r = fma(half, g, middle);
  return {{z, r, g}, log_density, fma(0.5, kinetic_product(tuning, r), -log_density)};
}

Normals no_normals(std::int64_t dim) { return {zeros(dim), full(Shape{}, Tensor(-1))}; }

Normals refill(const Chain& chain, const Normals& normals, const Tensor& starting) {
  Tensor wanted = chain.draw + select(starting, 0, 1);  // a chain within a draw will need those of the next one
  Tensor lacking = normals.draw != wanted;
  return update_if(lane_any(starting & lacking), normals, [&](const Normals& old) {
    Tensor fresh = normal_pairs(draw_key(chain.key, wanted, Purpose::momentum), old.values.size());
    return Normals{select(lacking, fresh, old.values), select(lacking, wanted, old.draw)};
  });
}

Search begin_search(const Start& start) { return {full(Shape{}, Tensor(true)), zeros(Shape{}, i64), start.max_attempts, start.radius}; }

Tensor starting_candidate(const Tensor& chain_key, const Tensor& attempt, std::int64_t dim, const Tensor& radius) {
  Key search = fold_in(Key::from_tensor(chain_key), Tensor(search_draw));
  return uniform(fold_in(search, attempt), {dim}, -radius, radius);
}

Tensor never_infinite(const Tensor& log_density) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return select(log_density == infinity, std::numeric_limits<double>::quiet_NaN(), log_density);
}

Tensor acceptable_start(const Tensor& log_density, const Tensor& gradient) {
  return isfinite(log_density) & all_of(isfinite(gradient));
}

Key draw_key(const Tensor& chain_key, const Tensor& draw, Purpose purpose) {
  return fold_in(fold_in(Key::from_tensor(chain_key), draw), Tensor(int(purpose)));
}

Tensor normal_pairs(const Key& key, std::int64_t n) {
  const std::int64_t pairs = (n + 1) / 2;
  Tensor words = split(key, pairs).tensor();
  Tensor radius = sqrt(-2.0 * log(uniform_from_word(words(all, 0))));
  Tensor angle = words(all, 1).cast(f64) * (2 * std::numbers::pi * 0x1p-32);
  Tensor both = concat({radius * cos(angle), radius * sin(angle)});
  return n == 2 * pairs ? both : both(slice(0, n));
}

Tensor uniform_from_word(const Tensor& word) { return fma(word.cast(f64), 0x1p-32, 0x1p-33); }

}  // namespace nuthatch::kernels
