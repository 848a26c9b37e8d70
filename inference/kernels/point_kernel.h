// Kernels that look at the target at one point per tick: random-walk Metropolis, Barker's proposal, slice samplers. Such
// a kernel proposes a point and judges what the target says there; the search for a starting point, the evaluation and
// the bookkeeping are the same for all and stand here. A draw may need any number of points, so chains in other lanes
// never wait for each other.
#pragma once

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/kernels/kernel.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {

/// A point and what the target says there. The gradient is zero for kernels that do without.
struct Evaluated {
  Tensor position, log_density, gradient;
  static constexpr auto fields = names("position", "log_density", "gradient");
};

/// What a kernel made of an evaluation.
template <class State>
struct Judgement {
  State state;
  Evaluated current;  // where the chain is now
  Tensor drawn;       // bool_: that is the next draw
  Tensor stats;       // [number of statistics], of the draw
};

template <class K>
concept PointKernel = requires(const K& kernel, const Chain& chain, const typename K::State& state, const Evaluated& at,
                               const Tuning& tuning, std::int64_t dim) {
  { K::needs_gradient } -> std::convertible_to<bool>;
  { kernel.begin(dim) } -> std::same_as<typename K::State>;
  { kernel.propose(chain, state, at, tuning) } -> std::same_as<std::pair<typename K::State, Tensor>>;
  { kernel.judge(chain, state, at, at, tuning) } -> std::same_as<Judgement<typename K::State>>;
  { kernel.statistics() } -> std::same_as<std::vector<Statistic>>;
};

/// The log density, and the gradient where it is asked for.
Evaluated evaluate(const Target&, const Tensor& position, bool with_gradient);

/// `search` after a candidate for the starting point was evaluated: found, the next candidate, or failed.
void judge_candidate(const Chain&, const Evaluated&, Search&, Output&);

/// A PointKernel as a TickKernel.
template <PointKernel K>
class PointTicks {
 public:
  struct State {
    Output output;
    Evaluated current;
    typename K::State own;
    Search search;
    static constexpr auto fields = names("output", "current", "own", "search");
  };

  explicit PointTicks(K kernel) : kernel_(std::move(kernel)) {}

  State init(const Chain&, const Start& start, const Target& target) const {
    const Tensor no = full(Shape{}, Tensor(false)), none = zeros(target.dim);
    return {{start.position, none, zeros(std::int64_t(statistics().size())), no, no},
            {start.position, full(Shape{}, Tensor(0.0)), none},
            kernel_.begin(target.dim),
            begin_search(start)};
  }

  State tick(const Chain& chain, const State& before, const Tuning& tuning, const Target& target) const {
    State s = before;
    s.output.drawn = full(Shape{}, Tensor(false));
    Tensor searching = s.search.active & chain.live, moving = chain.live & ~s.search.active;
    auto [own, point] = kernel_.propose(chain, s.own, s.current, tuning);
    Evaluated reached = evaluate(target, select(searching, s.output.position, point), K::needs_gradient);
    s = update_if(moving, s, [&](const State& x) {
      Judgement<typename K::State> j = kernel_.judge(chain, own, x.current, reached, tuning);
      State next = x;
      next.own = j.state;
      next.current = j.current;
      next.output.drawn = j.drawn;
      next.output.gradient = select(j.drawn, x.current.gradient, x.output.gradient);
      next.output.position = select(j.drawn, j.current.position, x.output.position);
      next.output.stats = select(j.drawn, j.stats, x.output.stats);
      return next;
    });
    return update_if(searching, s, [&](const State& x) {
      State next = x;
      next.current = reached;
      judge_candidate(chain, reached, next.search, next.output);
      return next;
    });
  }

  /// Everything a kernel keeps of the target between two draws is its current point, unless it says otherwise.
  State retarget(const State& before, const Tensor& log_density, const Tensor& gradient) const
    requires(!requires { K::keeps_densities; })
  {
    State s = before;
    s.current.log_density = log_density;
    s.current.gradient = gradient;
    return s;
  }

  State at_rest(const State& finished) const {
    State s = finished;
    s.output.drawn = full(Shape{}, Tensor(false));
    return s;
  }

  static const Output& output(const State& s) { return s.output; }
  std::vector<Statistic> statistics() const { return kernel_.statistics(); }

 private:
  K kernel_;
};

/// For `KernelSettings::rule`.
template <PointKernel K>
Shared<const detail::KernelRule> point_rule(const char* name, K kernel) {
  return share<TickRule<PointTicks<K>>>(name, PointTicks<K>(std::move(kernel)));
}

// ---- pieces of random walks ----

/// S x for S S^T the covariance that adaptation has learned: diagonal, or lower triangular.
Tensor spread(const Tuning&, const Tensor& x);
/// S^T x.
Tensor spread_transposed(const Tuning&, const Tensor& x);

/// Metropolis' decision with the randomness of this draw. A probability that is not a number rejects.
struct Decision {
  Tensor probability, accepted;
};
Decision metropolis(const Chain&, const Tensor& log_ratio);

Evaluated select(const Tensor& p, const Evaluated& a, const Evaluated& b);

}  // namespace nuthatch::kernels
