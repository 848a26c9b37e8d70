#include "inference/kernels/nuts_paired.h"

#include <algorithm>
#include <tuple>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {
namespace {

Tensor boolean(bool x) { return full(Shape{}, Tensor(x)); }

// Leaves n with n mod 4 = 0 of subtrees of at least four are stored: those with n mod 4 = 2 are compared with their
// own pair only, which is at hand. Their levels are below depth - 2.
std::int64_t stored_levels(std::int64_t max_tree_depth) { return std::max<std::int64_t>(1, max_tree_depth - 2); }

}  // namespace

NutsPaired::State NutsPaired::init(const Chain& chain, const Start& start, const Target& target) const {
  Tensor zero = full(Shape{}, Tensor(0.0));
  return {initial_state(chain, start, target.dim, stored_levels(shape_.max_tree_depth), shape_),
          zeros(target.dim), zeros(target.dim), zero, zero, boolean(false)};
}

NutsPaired::State NutsPaired::tick(const Chain& chain, const State& before, const Tuning& tuning,
                                   const Target& target) const {
  State s = before;
  s.nuts.output.drawn = boolean(false);
  return fori_loop(0, 2, s, [&](Tensor parity, State half) {
    return half_tick(chain, half, tuning, target, parity == 0);
  });
}

NutsPaired::State NutsPaired::at_rest(const State& finished) const {
  State s = finished;
  s.nuts = kernels::at_rest(s.nuts);
  s.r_even = s.y_even = zeros(s.r_even.shape());
  s.uniform_even = s.uniform_odd = full(Shape{}, Tensor(0.0));
  return s;
}

// `even` is the same for all chains: a branch on it is a real one, and the gradient appears once in the program.
NutsPaired::State NutsPaired::half_tick(const Chain& chain, const State& before, const Tuning& tuning,
                                        const Target& target, const Tensor& even) const {
  State s = update_if(even, before, [&](const State& x) { return before_even_leaf(chain, x, tuning); });
  Tensor moving = chain.live & ~s.nuts.flags.starting & ~s.nuts.flags.stopped;
  Tensor step = select(moving, tuning.step_size * s.nuts.subtree.direction, 0.0);
  Leapfrog reached = leapfrog(tuning, target, s.nuts.tree.head, step);
  s.nuts.tree.head = reached.end;
  Tensor y = lifted(tuning, reached.end);
  Tensor uniform = select(even, s.uniform_even, s.uniform_odd);
  s.nuts = add_leaf(s.nuts, reached, moving, uniform, shape_).state;
  return cond(
      even, [&] { return after_even_leaf(chain, s, reached, y, moving); },
      [&] { return after_odd_leaf(chain, s, tuning, y, moving); });
}

NutsPaired::State NutsPaired::before_even_leaf(const Chain& chain, const State& before, const Tuning& tuning) const {
  State s = before;
  Tensor starting = s.nuts.flags.starting & chain.live;
  s.nuts.normals = refill(chain, s.nuts.normals, starting);
  s.nuts = update_if(starting, s.nuts, [&](const NutsState& x) {
    return begin_draw(chain, x, tuning, zeros(x.output.position.shape()));  // no kick from a stale gradient
  });
  s.nuts = update_if(s.nuts.flags.exchange, s.nuts, exchange_ends);
  Tensor evaluation = select(starting, 0, s.nuts.subtree.leaves + s.nuts.subtree.leaf);
  std::tie(s.uniform_even, s.uniform_odd) = leaf_uniforms(s.nuts, evaluation);
  return s;
}

NutsPaired::State NutsPaired::after_even_leaf(const Chain& chain, const State& before, const Leapfrog& reached,
                                              const Tensor& y, const Tensor& moving) const {
  State s = before;
  Tensor starting = s.nuts.flags.starting & chain.live;
  s = update_if(starting, s, [&](const State& x) {
    State root = x;
    root.nuts = set_root(x.nuts, reached.end.g, reached.log_density, reached.energy);
    return update_if(x.nuts.search.active, root, [&](const State& candidate) {
      State found = candidate;
      Tensor good = acceptable_start(reached.log_density, reached.end.g);
      found.retry = ~good;
      found.nuts.flags.stopped = ~good;
      found.nuts.search.active = ~good;
      return found;
    });
  });
  Tensor stored = moving & ((s.nuts.subtree.leaf & 3) == 0) & (s.nuts.subtree.leaves >= 4);
  s.nuts.checkpoints = update_if(stored, s.nuts.checkpoints, [&](const Checkpoints& c) {
    return store_checkpoint(c, s.nuts.subtree.leaf, reached.end.r, y);
  });
  s.nuts.flags.starting = s.nuts.flags.starting & ~chain.live;
  s.nuts.subtree.leaf = s.nuts.subtree.leaf + moving.cast(i64);
  s.r_even = reached.end.r;
  s.y_even = y;
  return s;
}

NutsPaired::State NutsPaired::after_odd_leaf(const Chain& chain, const State& before, const Tuning& tuning,
                                             const Tensor& y, const Tensor& moving) const {
  State s = before;
  const Tensor leaf = s.nuts.subtree.leaf, r = s.nuts.tree.head.r;
  Tensor odd = moving & ((leaf & 1) == 1);  // not the only leaf of doubling 0
  Tensor turned = odd & turning(s.nuts.subtree.direction, s.r_even, s.y_even, r, y);
  turned = update_if(moving & ((leaf & 3) == 3), turned, [&](const Tensor& pair) {
    return pair | turns_at_checkpoints(s.nuts.checkpoints, s.nuts.subtree.direction, leaf, r, y, /*skip=*/1);
  });
  s.nuts.flags.stopped = s.nuts.flags.stopped | turned;
  s.nuts.subtree.leaf = leaf + moving.cast(i64);
  Tensor ended = chain.live & ~s.retry & (s.nuts.flags.stopped | (s.nuts.subtree.leaf == s.nuts.subtree.leaves));
  s.nuts = update_if(ended, s.nuts, [&](const NutsState& x) { return end_subtree(x, tuning, y, shape_); });
  return update_if(s.retry & chain.live, s, [&](const State& x) {
    State again = x;
    again.nuts = try_elsewhere(chain, x.nuts);
    again.retry = boolean(false);
    return again;
  });
}

}  // namespace nuthatch::kernels
