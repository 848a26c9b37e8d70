#include "inference/kernels/nuts_plain.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {
namespace {

Tensor boolean(bool x) { return full(Shape{}, Tensor(x)); }

/// The starting point was evaluated: keep it, or try the next candidate.
NutsPlain::State judge_start(const Chain& chain, const NutsPlain::State& before, const Leapfrog& reached) {
  NutsPlain::State s = before;
  Tensor good = acceptable_start(reached.log_density, reached.end.g);
  s.gradient = reached.end.g;
  s.nuts.tree.log_density = reached.log_density;
  s.nuts.search.active = ~good;
  s.nuts = update_if(~good, s.nuts, [&](const NutsState& x) { return try_elsewhere(chain, x); });
  s.nuts.flags.starting = boolean(true);
  return s;
}

}  // namespace

NutsPlain::State NutsPlain::init(const Chain& chain, const Start& start, const Target& target) const {
  const std::int64_t levels = std::max<std::int64_t>(1, shape_.max_tree_depth - 1);
  return {initial_state(chain, start, target.dim, levels, shape_), zeros(target.dim), zeros(target.dim)};
}

NutsPlain::State NutsPlain::retarget(const State& before, const Tensor& log_density, const Tensor& gradient) const {
  State s = before;
  s.gradient = gradient;
  s.nuts.tree.log_density = log_density;
  return s;
}

NutsPlain::State NutsPlain::begin(const Chain& chain, const State& before, const Tuning& tuning) const {
  State s = before;
  Tensor log_density = s.nuts.tree.log_density;
  s.nuts = begin_draw(chain, s.nuts, tuning, s.gradient);
  Tensor energy = fma(0.5, kinetic_product(tuning, s.nuts.tree.head.r), -log_density);
  s.nuts = set_root(s.nuts, s.gradient, log_density, energy);
  s.nuts.flags.starting = boolean(false);
  return s;
}

NutsPlain::State NutsPlain::at_rest(const State& finished) const {
  State s = finished;
  s.nuts = kernels::at_rest(s.nuts);
  return s;
}

NutsPlain::State NutsPlain::tick(const Chain& chain, const State& before, const Tuning& tuning,
                                 const Target& target) const {
  State s = before;
  s.nuts.output.drawn = boolean(false);
  Tensor searching = s.nuts.search.active & chain.live;
  Tensor starting = s.nuts.flags.starting & chain.live & ~searching;
  s.nuts.normals = refill(chain, s.nuts.normals, starting);
  s = update_if(starting, s, [&](const State& x) { return begin(chain, x, tuning); });
  s.nuts.tree.head = update_if(searching, s.nuts.tree.head, [&](const Point& p) {
    return Point{s.nuts.output.position, zeros(p.r.shape()), zeros(p.g.shape())};
  });
  s.nuts = update_if(s.nuts.flags.exchange, s.nuts, exchange_ends);

  Tensor moving = chain.live & ~searching;
  const Tensor leaf = s.nuts.subtree.leaf;
  auto [even_uniform, odd_uniform] = leaf_uniforms(s.nuts, s.nuts.subtree.leaves + leaf);
  Tensor odd_evaluation = ((s.nuts.subtree.leaves + leaf) & 1) == 1;
  Leapfrog reached = leapfrog(tuning, target, s.nuts.tree.head,
                              select(moving, tuning.step_size * s.nuts.subtree.direction, 0.0));
  s.nuts.tree.head = reached.end;
  Tensor y = lifted(tuning, reached.end);
  AddedLeaf added = add_leaf(s.nuts, reached, moving, select(odd_evaluation, odd_uniform, even_uniform),
                             shape_);
  s.nuts = added.state;
  s.proposal_gradient =
      update_if(added.taken, s.proposal_gradient, [&](const Tensor&) { return reached.end.g; });

  Tensor odd = moving & ((leaf & 1) == 1);
  Tensor stored = moving & ((leaf & 1) == 0) & (s.nuts.subtree.leaves >= 2);
  s.nuts.checkpoints = update_if(stored, s.nuts.checkpoints, [&](const Checkpoints& c) {
    return store_checkpoint(c, leaf, reached.end.r, y);
  });
  Tensor turned = update_if(odd, boolean(false), [&](const Tensor&) {
    return turns_at_checkpoints(s.nuts.checkpoints, s.nuts.subtree.direction, leaf, reached.end.r, y, /*skip=*/0);
  });
  s.nuts.flags.stopped = s.nuts.flags.stopped | turned;
  s.nuts.subtree.leaf = leaf + moving.cast(i64);
  Tensor ended = moving & (s.nuts.flags.stopped | (s.nuts.subtree.leaf == s.nuts.subtree.leaves));
  s = update_if(ended, s, [&](const State& x) {
    State next = x;
    next.gradient =
        update_if(moves_to_subtree(x.nuts), x.gradient, [&](const Tensor&) { return x.proposal_gradient; });
    next.nuts = end_subtree(x.nuts, tuning, y, shape_);
    return next;
  });
  return update_if(searching, s, [&](const State& x) { return judge_start(chain, x, reached); });
}

}  // namespace nuthatch::kernels
