// Pieces shared by the Hamiltonian kernels: metric, leapfrog, momenta drawn ahead, the search for a starting point.
//
// Every multiply-add is written as fma, so that no later pass has a choice: the draws are the same bits wherever the
// program runs.
#pragma once

#include "nuthatch/control.h"
#include "nuthatch/kernels/tick_kernel.h"
#include "nuthatch/linalg.h"

namespace nuthatch::kernels {

/// Position, momentum and gradient of the log density there; each [dim].
struct Point {
  Tensor z, r, g;
  static constexpr auto fields = names("z", "r", "g");
};

/// M^-1 x for a diagonal or dense metric.
Tensor apply_inverse_mass(const Tuning&, const Tensor& x);

/// Momenta with covariance M from standard normals.
Tensor momentum(const Tuning&, const Tensor& normals);

/// x with its components along the directions of a low-rank metric multiplied by factor(variance); x as it is where the
/// metric has none. In units of the diagonal.
template <class Factor>
Tensor stretched(const Tuning& tuning, const Tensor& x, Factor factor) {
  if (tuning.low_rank.empty()) return x;
  Tensor directions = tuning.low_rank[0] * tuning.momentum_scale;
  return x + matmul((factor(tuning.low_rank[1]) - 1.0) * matmul(directions, x), directions);
}

/// r . M^-1 r
Tensor kinetic_product(const Tuning&, const Tensor& r);

/// Z + eps^2/4 M^-1 g. Along a trajectory the sum of the momenta between two points, end points weighted by one half,
/// is M (Y_b - Y_a) / eps: the U-turn criterion needs no running sums.
Tensor lifted(const Tuning&, const Point&);

/// One velocity Verlet step of signed size `step`; also the log density and energy at its end. A step of 0 evaluates
/// the point where it is.
struct Leapfrog {
  Point end;
  Tensor log_density, energy;
};
Leapfrog leapfrog(const Tuning&, const Target&, const Point& start, const Tensor& step);

/// Standard normals of one future draw, made when some lane of the pack needs them and then for every lane that has
/// used its own: work that is rare in each lane is done together. They depend on (chain key, draw) only.
struct Normals {
  Tensor values;  // [dim]
  Tensor draw;    // i64, the draw they are for; -1: none
  static constexpr auto fields = names("values", "draw");
};
Normals no_normals(std::int64_t dim);
Normals refill(const Chain&, const Normals&, const Tensor& starting);

/// The search for a starting point in a chain's first draw.
struct Search {
  Tensor active;   // bool_
  Tensor attempt;  // i64, failed ones so far
  Tensor max_attempts, radius;
  static constexpr auto fields = names("active", "attempt", "max_attempts", "radius");
};
Search begin_search(const Start&);

/// Candidate number `attempt` of a chain: uniform on (-radius, radius) in every direction.
Tensor starting_candidate(const Tensor& chain_key, const Tensor& attempt, std::int64_t dim, const Tensor& radius = 2.0);

/// A log density of +infinity is an error of the model, where a chain would stay for ever: it becomes NaN, which no kernel
/// accepts.
Tensor never_infinite(const Tensor& log_density);

/// Finite log density and gradient.
Tensor acceptable_start(const Tensor& log_density, const Tensor& gradient);

/// `n` standard normals by Box and Muller (1958): one call of the generator, 2 x 32 bits, makes two, numbers i and
/// i + ceil(n / 2). Half the work of `normal`; none is beyond 6.8 standard deviations, where 1e-11 of them should be.
Tensor normal_pairs(const Key& key, std::int64_t n);

/// Keys of a draw by purpose. The numbers are part of what a seed means.
enum class Purpose : int { leaf = 1, doubling = 2, momentum = 3, update = 4 };
Key draw_key(const Tensor& chain_key, const Tensor& draw, Purpose);
/// The draw number under which starting points are found.
inline constexpr std::int64_t search_draw = 0xffffffff;

/// (w + 1/2) / 2^32 of one 32-bit word: on (0, 1).
Tensor uniform_from_word(const Tensor& word);

/// `state` changed by f where p holds.
template <class State, class F>
State update_if(const Tensor& p, const State& state, F f) {
  return cond(p, [&] { return f(state); }, [&] { return state; });
}

}  // namespace nuthatch::kernels
