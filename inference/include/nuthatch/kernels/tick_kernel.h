#pragma once
/// What an MCMC kernel is: traced functions for ONE chain. `init` makes a state at a position, `tick` does one bounded
/// piece of work (a leapfrog or two) and says by an event flag whether a draw was completed. Trajectories have no loop
/// of their own, so chains that need different numbers of leapfrogs never wait for each other, and the state between
/// two ticks is a plain tree of tensors that can be stored and continued.
///
/// Adaptation is not the kernel's business: the driver changes `Tuning` between two draws.
#include <concepts>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "nuthatch/function.h"
#include "nuthatch/random.h"
#include "nuthatch/tensor.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// The log density of a model over one unconstrained vector, with and without its gradient, as traced functions.
struct Target {
  std::int64_t dim = 0;
  Function<std::pair<Tensor, Tensor>(const Tensor& position)> value_and_grad;
  Function<Tensor(const Tensor& position)> log_density;
};

/// What the driver tells a kernel about the chain it is working for.
struct Chain {
  Tensor key;   // ui32 [2], of this chain alone; a draw's randomness is derived from (key, draw)
  Tensor draw;  // i64, number of completed draws, warm-up included
  Tensor live;  // bool_; a finished chain must change nothing that is stored
  /// i64, for kernels that learn by themselves: they do so while draw < num_warmup. Known in `tick` only, the same for
  /// all chains, and therefore no part of the state.
  Tensor num_warmup;
  auto tree_members() { return std::tie(key, draw, live); }
};

/// What adaptation chooses. Constant during a draw.
struct Tuning {
  Tensor step_size;       // f64
  Tensor inverse_mass;    // [dim], or [dim, dim] for a dense metric: an estimate of the posterior (co)variance
  Tensor momentum_scale;  // [dim]: inverse_mass^-1/2; dense: the lower Cholesky factor of inverse_mass
  /// Empty, or of a low-rank metric W [rank, dim] and s [rank]: the covariance is diag(inverse_mass) + W^T diag(s - 1) W.
  /// Rows of W * momentum_scale are orthonormal, or zero.
  std::vector<Tensor> low_rank = {};
  static constexpr auto fields = names("step_size", "inverse_mass", "momentum_scale", "low_rank");
};

/// The part of a kernel's state that the driver reads.
struct Output {
  Tensor position;  // [dim], the current draw
  Tensor gradient;  // [dim], of the log density where the draw completed last began
  Tensor stats;     // [number of statistics], of the draw completed last
  Tensor drawn;     // bool_: this tick completed a draw
  Tensor failed;    // bool_: no acceptable starting point was found
  static constexpr auto fields = names("position", "gradient", "stats", "drawn", "failed");
};

/// Where a chain starts, and how often it may try again elsewhere.
struct Start {
  Tensor position;      // [dim]
  Tensor max_attempts;  // i64; attempts after the first are uniform on (-radius, radius)
  Tensor radius;
  static constexpr auto fields = names("position", "max_attempts", "radius");
};

/// Names and dtypes of the statistics of a draw in the order of `Output::stats`. `acceptance_rate` comes first: it is
/// what the step size is adapted to.
struct Statistic {
  std::string name;
  Dtype dtype = f64;
};
/// A second statistic in [0, 1] that the "fisher" warm-up prefers after its early part, where a kernel has it.
inline constexpr const char* kSymmetricAcceptance = "symmetric_acceptance_rate";

template <class K>
concept TickKernel = requires(const K& kernel, const Chain& chain, const Start& start, const typename K::State& state,
                              const Tuning& tuning, const Target& target) {
  { kernel.init(chain, start, target) } -> std::same_as<typename K::State>;
  { kernel.tick(chain, state, tuning, target) } -> std::same_as<typename K::State>;
  { kernel.statistics() } -> std::same_as<std::vector<Statistic>>;
  { K::output(state) } -> std::convertible_to<Output>;
};

namespace detail {
/// A kernel with its state flattened, so that the driver need not know the type.
class KernelRule {
 public:
  virtual ~KernelRule() = default;
  virtual std::string name() const = 0;
  /// Which part moves which site, where there are several: "NUTS: early, late; Gibbs: year". Else the name.
  virtual std::string description() const { return name(); }
  virtual std::vector<Tensor> init(const Chain&, const Start&, const Target&) const = 0;
  virtual std::vector<Tensor> tick(const Chain&, const std::vector<Tensor>& state, const Tuning&,
                                   const Target&) const = 0;
  virtual Output output(const std::vector<Tensor>& state) const = 0;
  /// Of one draw.
  virtual std::vector<Statistic> statistics() const = 0;
  /// After a change of the target between two draws, at the same position: the new log density and gradient there.
  /// Undefined where the kernel keeps other things of the target.
  virtual bool can_retarget() const { return false; }
  virtual std::vector<Tensor> retarget(const std::vector<Tensor>& state, const Tensor& log_density,
                                       const Tensor& gradient) const;
  /// The state of a finished chain without what ticks in vain have left in it, where the kernel has such: equal draws
  /// give equal bytes.
  virtual std::vector<Tensor> at_rest(const std::vector<Tensor>& state) const { return state; }
  /// Chains that are one state: position and statistics hold those of all of them, one after the other.
  virtual std::int64_t walkers() const { return 1; }
};
}  // namespace detail

}  // namespace nuthatch
