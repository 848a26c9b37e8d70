#include "inference/kernels/doubling.h"

#include <limits>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {
namespace {

Tensor scalar(double x) { return full(Shape{}, Tensor(x)); }
Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor boolean(bool x) { return full(Shape{}, Tensor(x)); }
Point zero_point(std::int64_t dim) { return {zeros(dim), zeros(dim), zeros(dim)}; }

/// Number of ones among the low 16 bits.
Tensor ones_in(Tensor bits) {
  bits = bits - ((bits >> 1) & 0x5555);
  bits = (bits & 0x3333) + ((bits >> 2) & 0x3333);
  bits = (bits + (bits >> 4)) & 0x0f0f;
  return (bits + (bits >> 8)) & 0x1f;
}

// Within a draw the generator's counter says what a number is for: 1, 2, 3 make keys (Purpose), these are beyond them.
constexpr std::int64_t kDoublingCounter = 0x100, kLeafCounter = 0x10000;

/// Direction and acceptance number of doubling number `depth`: 1 and 52 bits of one call.
struct DoublingWords {
  Tensor direction, uniform;
};
DoublingWords doubling_words(const Tensor& key, const Tensor& depth) {
  Tensor words = fold_in(Key::from_tensor(key), depth + kDoublingCounter).tensor();
  Tensor high = words[0], low = words[1];
  Tensor direction = select((low & Tensor(1).cast(ui32)) != Tensor(0).cast(ui32), 1.0, -1.0);
  Tensor tail = ((low >> Tensor(12).cast(ui32)).cast(f64) + 0.5) * 0x1p-52;
  return {direction, fma(high.cast(f64), 0x1p-32, tail)};
}

}  // namespace

std::vector<Statistic> nuts_statistics(const NutsShape& shape) {
  std::vector<Statistic> result{{"acceptance_rate", f64}, {"step_size", f64}, {"energy", f64},    {"lp", f64},
                                {"tree_depth", i64},      {"n_steps", i64},   {"diverging", bool_},
                                {"reached_max_treedepth", bool_}};
  if (shape.symmetric_acceptance) result.push_back({kSymmetricAcceptance, f64});
  return result;
}

NutsState initial_state(const Chain& chain, const Start& start, std::int64_t dim, std::int64_t levels,
                        const NutsShape& shape) {
  NutsState s;
  const std::int64_t columns = std::int64_t(nuts_statistics(shape).size());
  s.output = {start.position, zeros(dim), zeros(columns), boolean(false), boolean(false)};
  s.tree = {zero_point(dim), zero_point(dim), integer(0), scalar(1), scalar(0),
            scalar(0),       scalar(0),       integer(0), scalar(0), scalar(0)};
  s.subtree = {scalar(1), integer(0), integer(1), scalar(0), scalar(0), {zeros(dim), scalar(0), scalar(0)}};
  s.checkpoints = {zeros({levels, dim}), zeros({levels, dim})};
  s.flags = {boolean(true), boolean(false), boolean(false), boolean(false)};
  s.draw_key = chain.key;
  s.normals = no_normals(dim);
  s.search = begin_search(start);
  return s;
}

NutsState at_rest(const NutsState& finished) {
  NutsState s = finished;
  s.output.drawn = full(Shape{}, Tensor(false));
  s.normals = no_normals(s.output.position.size());
  return s;
}

NutsState begin_draw(const Chain& chain, const NutsState& before, const Tuning& tuning, const Tensor& gradient) {
  NutsState s = before;
  Tensor r = momentum(tuning, s.normals.values);
  s.tree.head = {s.output.position, r, gradient};
  s.tree.other = s.tree.head;
  s.tree.depth = integer(0);
  s.tree.weight = scalar(1);
  s.tree.acceptance = scalar(0);
  s.tree.symmetric = scalar(0);
  s.tree.steps = integer(0);
  s.draw_key = fold_in(Key::from_tensor(chain.key), chain.draw).tensor();
  DoublingWords words = doubling_words(s.draw_key, s.tree.depth);
  s.subtree.direction = words.direction;
  s.subtree.uniform = words.uniform;
  s.subtree.leaf = integer(0);
  s.subtree.leaves = integer(1);
  s.subtree.weight = scalar(0);
  s.flags.exchange = boolean(false);
  s.flags.stopped = boolean(false);
  s.flags.diverging = boolean(false);
  return s;
}

NutsState set_root(const NutsState& before, const Tensor& gradient, const Tensor& log_density, const Tensor& energy) {
  NutsState s = before;
  s.tree.other.g = gradient;
  s.output.gradient = gradient;
  s.tree.initial_energy = energy;
  s.tree.energy = energy;
  s.tree.log_density = log_density;
  return s;
}

NutsState exchange_ends(const NutsState& before) {
  NutsState s = before;
  s.tree.head = before.tree.other;
  s.tree.other = before.tree.head;
  s.flags.exchange = boolean(false);
  return s;
}

std::pair<Tensor, Tensor> leaf_uniforms(const NutsState& s, const Tensor& evaluation) {
  Tensor words = fold_in(Key::from_tensor(s.draw_key), (evaluation >> 1) + kLeafCounter).tensor();
  return {uniform_from_word(words[0]), uniform_from_word(words[1])};
}

AddedLeaf add_leaf(const NutsState& before, const Leapfrog& reached, const Tensor& moving, const Tensor& uniform,
                   const NutsShape& shape) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  NutsState s = before;
  Tensor delta = reached.energy - s.tree.initial_energy;
  Tensor sound = (delta < 1000.0) & (delta > -infinity);  // false for NaN
  Tensor diverging = moving & ~sound;
  Tensor weight = select(moving & sound, exp(minimum(-delta, 600.0)), 0.0);
  s.tree.acceptance = s.tree.acceptance + minimum(weight, 1.0);
  if (shape.symmetric_acceptance)
    s.tree.symmetric = s.tree.symmetric + 2.0 * minimum(weight, 1.0) / (1.0 + weight);
  s.tree.steps = s.tree.steps + moving.cast(i64);
  s.subtree.weight = s.subtree.weight + weight;
  Tensor taken = moving & ((s.subtree.leaf == 0) | (uniform * s.subtree.weight < weight));
  s.subtree.proposal.position =
      update_if(taken, before.subtree.proposal.position, [&](const Tensor&) { return reached.end.z; });
  s.subtree.proposal.energy = select(taken, reached.energy, s.subtree.proposal.energy);
  s.subtree.proposal.log_density = select(taken, reached.log_density, s.subtree.proposal.log_density);
  s.flags.diverging = s.flags.diverging | diverging;
  s.flags.stopped = s.flags.stopped | diverging;
  return {s, taken};
}

Tensor turning(const Tensor& direction, const Tensor& ra, const Tensor& ya, const Tensor& rb, const Tensor& yb) {
  Tensor d = yb - ya;
  return (direction * sum(ra * d) <= 0.0) | (direction * sum(rb * d) <= 0.0);
}

// A level that differs from lane to lane never becomes an index: the loop counter does, and lanes at that level join.

Checkpoints store_checkpoint(const Checkpoints& checkpoints, const Tensor& leaf, const Tensor& r, const Tensor& y) {
  Tensor mine = ones_in(leaf >> 1);
  return fori_loop(0, checkpoints.r.size(0), checkpoints, [&](Tensor level, Checkpoints c) {
    return update_if(mine == level, c, [&](const Checkpoints& old) {
      return Checkpoints{old.r.at(level).set(r), old.y.at(level).set(y)};
    });
  });
}

Tensor turns_at_checkpoints(const Checkpoints& checkpoints, const Tensor& direction, const Tensor& leaf,
                            const Tensor& r, const Tensor& y, int skip) {
  Tensor highest = ones_in(leaf >> 1);
  Tensor completed = ones_in(leaf ^ (leaf + 1)) - 1;  // trailing ones
  Tensor lowest = highest - completed + 1;
  highest = highest - skip;
  return fori_loop(0, checkpoints.r.size(0), boolean(false), [&](Tensor level, Tensor turned) {
    return update_if((level >= lowest) & (level <= highest), turned, [&](const Tensor& before) {
      return before | turning(direction, checkpoints.r[level], checkpoints.y[level], r, y);
    });
  });
}

Tensor moves_to_subtree(const NutsState& s) {
  return ~s.flags.stopped & (s.subtree.uniform * s.tree.weight < s.subtree.weight);
}

NutsState end_subtree(const NutsState& before, const Tuning& tuning, const Tensor& head_lifted,
                      const NutsShape& shape) {
  NutsState s = before;
  Tensor moves = moves_to_subtree(s);
  s.output.position =
      update_if(moves, s.output.position, [&](const Tensor&) { return s.subtree.proposal.position; });
  s.tree.energy = select(moves, s.subtree.proposal.energy, s.tree.energy);
  s.tree.log_density = select(moves, s.subtree.proposal.log_density, s.tree.log_density);
  s.tree.weight = s.tree.weight + s.subtree.weight;
  s.tree.depth = s.tree.depth + (~s.flags.stopped).cast(i64);
  Tensor turned = turning(s.subtree.direction, s.tree.other.r, lifted(tuning, s.tree.other), s.tree.head.r,
                          head_lifted);
  Tensor cut = ~s.flags.stopped & ~turned & (s.tree.depth >= shape.max_tree_depth);
  Tensor finished = s.flags.stopped | turned | cut;

  DoublingWords words = doubling_words(s.draw_key, s.tree.depth);
  s.flags.exchange = ~finished & (words.direction != s.subtree.direction);
  s.subtree.direction = words.direction;
  s.subtree.uniform = words.uniform;
  s.subtree.leaf = integer(0);
  s.subtree.leaves = s.subtree.leaves * 2;
  s.subtree.weight = scalar(0);

  s.output.drawn = finished;
  s.flags.starting = finished;
  s.output.stats = update_if(finished, s.output.stats, [&](const Tensor&) {
    const Tensor steps = s.tree.steps.cast(f64);
    std::vector<Tensor> row{s.tree.acceptance / steps, tuning.step_size, s.tree.energy,
                            s.tree.log_density,        s.tree.depth.cast(f64), steps,
                            s.flags.diverging.cast(f64), cut.cast(f64)};
    if (shape.symmetric_acceptance) row.push_back(s.tree.symmetric / steps);
    return stack(row);
  });
  return s;
}

NutsState try_elsewhere(const Chain& chain, const NutsState& before) {
  NutsState s = before;
  s.search.attempt = s.search.attempt + 1;
  s.output.failed = s.search.attempt >= s.search.max_attempts;
  s.output.position = starting_candidate(chain.key, s.search.attempt, s.output.position.size(), s.search.radius);
  s.flags.starting = boolean(true);
  s.flags.stopped = boolean(false);
  return s;
}

}  // namespace nuthatch::kernels
