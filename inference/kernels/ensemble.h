// Kernels whose chains work together. All walkers are the state of one program, their number the leading dimension of its
// tensors, so what one walker learns from the others is ordinary tensor code and nothing has to wait or be ordered: to the
// driver an ensemble is a single chain of walkers x dim numbers. The search for starting points, the output and its
// layout are the same for all and stand here.
#pragma once

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/kernels/kernel.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {

/// Positions [walkers, dim], log densities [walkers], gradients [walkers, dim] (zero for kernels that do without).
struct Walkers {
  Tensor positions, log_densities, gradients;
  static constexpr auto fields = names("positions", "log_densities", "gradients");
};

/// The target at any number of points [n, dim] at once.
Walkers evaluate_all(const Target& of_one, const Tensor& positions, bool with_gradient);

/// What one tick made of the ensemble.
template <class State>
struct EnsembleMove {
  State state;
  Walkers walkers;
  Tensor drawn;  // bool_: that is the next draw of every walker
  Tensor stats;  // [walkers, number of statistics]
};

template <class K>
concept EnsembleKernel =
    requires(const K& kernel, const Chain& chain, const typename K::State& state, const Walkers& walkers,
             const Target& of_one, std::int64_t n) {
      { K::needs_gradient } -> std::convertible_to<bool>;
      { kernel.begin(n, n) } -> std::same_as<typename K::State>;
      { kernel.move(chain, state, walkers, of_one) } -> std::same_as<EnsembleMove<typename K::State>>;
      { kernel.statistics() } -> std::same_as<std::vector<Statistic>>;
    };

/// Walkers without finite density, or gradient, get their next candidate; none such: `search` is over.
void judge_candidates(const Chain&, const Walkers&, Search&, Output&);

template <EnsembleKernel K>
class EnsembleTicks {
 public:
  struct State {
    Output output;  // positions and statistics of all walkers in a row
    Walkers walkers;
    typename K::State own;
    Search search;
    static constexpr auto fields = names("output", "walkers", "own", "search");
  };

  EnsembleTicks(K kernel, std::int64_t walkers, std::int64_t dim)
      : kernel_(std::move(kernel)), walkers_(walkers), dim_(dim) {}

  State init(const Chain&, const Start& start, const Target&) const {
    const Tensor no = full(Shape{}, Tensor(false));
    const std::int64_t columns = std::int64_t(statistics().size());
    return {{start.position, zeros(walkers_ * dim_), zeros(walkers_ * columns), no, no},
            {reshape(start.position, {walkers_, dim_}), zeros(walkers_), zeros({walkers_, dim_})},
            kernel_.begin(walkers_, dim_),
            begin_search(start)};
  }

  State tick(const Chain& chain, const State& before, const Tuning&, const Target& target) const {
    const Target of_one{dim_, target.value_and_grad, target.log_density};
    State s = before;
    s.output.drawn = full(Shape{}, Tensor(false));
    s = update_if(chain.live & ~before.search.active, s, [&](const State& x) {
      EnsembleMove<typename K::State> moved = kernel_.move(chain, x.own, x.walkers, of_one);
      State next = x;
      next.own = moved.state;
      next.walkers = moved.walkers;
      next.output.drawn = moved.drawn;
      next.output.position = select(moved.drawn, flatten(moved.walkers.positions), x.output.position);
      next.output.stats = select(moved.drawn, flatten(moved.stats), x.output.stats);
      return next;
    });
    return update_if(chain.live & before.search.active, s, [&](const State& x) {
      State next = x;
      next.walkers = evaluate_all(of_one, x.walkers.positions, K::needs_gradient);
      judge_candidates(chain, next.walkers, next.search, next.output);
      next.walkers.positions = reshape(next.output.position, {walkers_, dim_});
      return next;
    });
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
  std::int64_t walkers_, dim_;
};

/// The rule of an ensemble: as many rows of statistics as there are walkers.
template <EnsembleKernel K>
class EnsembleRule final : public TickRule<EnsembleTicks<K>> {
 public:
  EnsembleRule(const char* name, K kernel, std::int64_t walkers, std::int64_t dim)
      : TickRule<EnsembleTicks<K>>(name, EnsembleTicks<K>(std::move(kernel), walkers, dim)), walkers_(walkers) {}
  std::int64_t walkers() const override { return walkers_; }

 private:
  std::int64_t walkers_;
};
template <EnsembleKernel K>
Shared<const detail::KernelRule> ensemble_rule(const char* name, K kernel, std::int64_t walkers,
                                                        std::int64_t dim) {
  return share<EnsembleRule<K>>(name, std::move(kernel), walkers, dim);
}

/// For kernels that move walkers along differences between others: those must span the space.
void require_spanning_walkers(const char* name, std::int64_t walkers, std::int64_t dim, Where);
/// ... and must not start at one and the same point.
void require_distinct_starts(const char* name, const Init&, Where);

/// Walker indices in random order: [walkers], i64.
Tensor random_order(const Key&, std::int64_t walkers);
/// Two different indices below n for each of `count` walkers: i64 [count] each.
std::pair<Tensor, Tensor> random_pairs(const Key&, std::int64_t count, std::int64_t n);

}  // namespace nuthatch::kernels
