#include "inference/kernels/ensemble.h"

#include "nuthatch/index.h"
#include "nuthatch/transform.h"

namespace nuthatch::kernels {

Walkers evaluate_all(const Target& of_one, const Tensor& positions, bool with_gradient) {
  if (!with_gradient)
    return {positions, never_infinite(vmap([&](const Tensor& x) { return of_one.log_density(x); })(positions)),
            zeros(positions.shape())};
  auto [log_densities, gradients] = vmap([&](const Tensor& x) { return of_one.value_and_grad(x); })(positions);
  return {positions, never_infinite(log_densities), gradients};
}

void judge_candidates(const Chain& chain, const Walkers& w, Search& search, Output& output) {
  const std::int64_t walkers = w.positions.size(0), dim = w.positions.size(1);
  Tensor good = isfinite(w.log_densities) & all_of(isfinite(w.gradients), 1);
  search.active = ~all_of(good);
  search.attempt = search.attempt + search.active.cast(i64);
  output.failed = search.active & (search.attempt >= search.max_attempts);
  Tensor candidates = vmap([&](const Tensor& walker) {
    Tensor key = fold_in(Key::from_tensor(chain.key), walker).tensor();
    return starting_candidate(key, search.attempt, dim, search.radius);
  })(arange(walkers));
  output.position = flatten(select(expand_dims(good, 1), w.positions, candidates));
}

void require_spanning_walkers(const char* name, std::int64_t walkers, std::int64_t dim, Where where) {
  const std::int64_t least = std::max<std::int64_t>(4, 2 * dim);
  if (walkers % 2 == 0 && walkers >= least) return;
  throw Error(std::string(name) + ": the chains are the ensemble; num_chains must be even and at least twice the " +
                  std::to_string(dim) + " unconstrained dimensions: " + std::to_string(least) + " or more, not " +
                  std::to_string(walkers),
              where);
}

void require_distinct_starts(const char* name, const Init& init, Where where) {
  if (init.kind == Init::Kind::value || init.kind == Init::Kind::feasible)
    throw Error(std::string(name) + ": .init starts all chains at one point, from which an ensemble cannot move; use "
                                    "init_to_uniform, init_to_sample or init_to_median",
                where);
}

// The rank of a random number among all of them is a random permutation.
Tensor random_order(const Key& key, std::int64_t walkers) {
  Tensor u = uniform(key, {walkers});
  Tensor before = (expand_dims(u, 0) < expand_dims(u, 1)) |
                  ((expand_dims(u, 0) == expand_dims(u, 1)) &
                   (expand_dims(arange(walkers), 0) < expand_dims(arange(walkers), 1)));
  return sum(before.cast(i64), 1);
}

std::pair<Tensor, Tensor> random_pairs(const Key& key, std::int64_t count, std::int64_t n) {
  auto [first, second] = split<2>(key);
  Tensor a = randint(first, {count}, 0, n), b = randint(second, {count}, 0, n - 1);
  return {a, b + (b >= a).cast(i64)};
}

}  // namespace nuthatch::kernels
