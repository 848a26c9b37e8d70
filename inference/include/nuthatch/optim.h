#pragma once
/// First-order optimisers as pure functions of trees of tensors: `init` makes a state, `update` takes a step down a
/// gradient, `params` reads the parameters. They may be called in traced programs.
///
///     const Optimiser adam = Adam(0.01);
///     auto state = adam.init(params);                      // params: any tree of float tensors
///     state = adam.update(grad(loss)(adam.params(state)), state);
#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

#include "nuthatch/detail/shared.h"
#include "nuthatch/function.h"
#include "nuthatch/options.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// The step size at step 0, 1, ...: a number, or any function of the step (an i64 scalar, traced).
class Schedule {
 public:
  template <Number T>
  Schedule(T constant) : Schedule(constant_schedule(double(constant))) {}
  template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&> && !std::same_as<std::decay_t<F>, Schedule>)
  Schedule(const F& f) : at_(f) {}
  Tensor operator()(const Tensor& step) const { return at_(step); }

 private:
  static Function<Tensor(const Tensor&)> constant_schedule(double);
  Function<Tensor(const Tensor&)> at_;
};
template <class S>
concept ScheduleLike = std::convertible_to<const S&, Schedule>;

/// init rate^(step / steps); with `staircase` the exponent is rounded down.
struct ExponentialDecay {
  OnlyNamed only_named{};
  double init = 0.01, rate = 0.1;
  std::int64_t steps = 1000;
  bool staircase = false;
};
Schedule exponential_decay(const ExponentialDecay&, Where where = Where::current());
/// init / (1 + rate step / steps); with `staircase` the quotient is rounded down.
struct InverseTimeDecay {
  OnlyNamed only_named{};
  double init = 0.01, rate = 1.0;
  std::int64_t steps = 1000;
  bool staircase = false;
};
Schedule inverse_time_decay(const InverseTimeDecay&, Where where = Where::current());
/// From init to final in `steps` steps as (1 - step / steps)^power, then constant.
struct PolynomialDecay {
  OnlyNamed only_named{};
  double init = 0.01;
  std::int64_t steps = 1000;
  double final = 0.0, power = 1.0;
};
Schedule polynomial_decay(const PolynomialDecay&, Where where = Where::current());
/// From init to final in `steps` steps along half a cosine, then constant. Loshchilov & Hutter (2017).
struct CosineDecay {
  OnlyNamed only_named{};
  double init = 0.01;
  std::int64_t steps = 1000;
  double final = 0.0;
};
Schedule cosine_decay(const CosineDecay&, Where where = Where::current());
/// piecewise_constant({{0, 1e-2}, {3000, 1e-3}}): the value of the last pair whose step has come. The first step is 0, and
/// steps increase.
Schedule piecewise_constant(const std::vector<std::pair<std::int64_t, double>>& values, Where where = Where::current());

/// Where an optimiser is: steps made, parameters, and arrays like them that the method keeps.
template <class P>
struct OptimiserState {
  Tensor step;
  P params;
  std::vector<P> memory;
  static constexpr auto fields = names("step", "params", "memory");
};

class Optimiser {
 public:
  /// A method. It treats every tensor of the tree by itself.
  class Rule {
   public:
    virtual ~Rule() = default;
    /// How many arrays it keeps for a parameter; they start at zero.
    virtual int memory() const = 0;
    /// The parameter after step number `step` (0, 1, ...; a float of the parameter's dtype), given its gradient. Changes
    /// the memory.
    virtual Tensor update(const Tensor& x, const Tensor& gradient, const Tensor& step, const Tensor& step_size,
                          std::vector<Tensor>& memory) const = 0;
  };
  Optimiser(Shared<const Rule> rule, Schedule step_size)
      : rule_(std::move(rule)), step_size_(std::move(step_size)) {}

  template <class P>
  OptimiserState<P> init(const P& params) const {
    const P zeros = tree::unflatten(params, zeros_like(tree::flatten(params)));
    return {start(), params, std::vector<P>(std::size_t(rule_->memory()), zeros)};
  }
  /// The state after one step along `gradient`, a tree like the parameters.
  template <class P>
  OptimiserState<P> update(const P& gradient, const OptimiserState<P>& state, Where where = Where::current()) const {
    tree::Leaves params = tree::flatten(state.params);
    std::vector<tree::Leaves> memory;
    for (const P& m : state.memory) memory.push_back(tree::flatten(m));
    advance(params, tree::flatten(gradient), memory, state.step, where);
    OptimiserState<P> next{state.step + 1, tree::unflatten(state.params, params), state.memory};
    for (std::size_t i = 0; i < memory.size(); ++i) next.memory[i] = tree::unflatten(state.memory[i], memory[i]);
    return next;
  }
  template <class P>
  const P& params(const OptimiserState<P>& state) const {
    return state.params;
  }

 private:
  static Tensor start();
  static tree::Leaves zeros_like(tree::Leaves);
  void advance(tree::Leaves& params, const tree::Leaves& gradient, std::vector<tree::Leaves>& memory, const Tensor& step,
               Where) const;

  Shared<const Rule> rule_;
  Schedule step_size_;
};

// ---- the methods; g is the gradient, a the step size, t = 1, 2, ... the step ----

/// x - a g.
struct SGDOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.01;
};
Optimiser SGD(const SGDOptions&);
template <ScheduleLike S>
Optimiser SGD(const S& step_size) { return SGD(SGDOptions{.step_size = step_size}); }

/// v = mass v + g, x - a v.
struct MomentumOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.01;
  double mass = 0.9;
};
Optimiser Momentum(const MomentumOptions&);
template <ScheduleLike S>
Optimiser Momentum(const S& step_size) { return Momentum(MomentumOptions{.step_size = step_size}); }

/// s = s + g^2, m = momentum m + (1 - momentum) g / sqrt(s), x - a m. Duchi, Hazan & Singer (2011).
struct AdagradOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.01;
  double momentum = 0.9;
};
Optimiser Adagrad(const AdagradOptions&);
template <ScheduleLike S>
Optimiser Adagrad(const S& step_size) { return Adagrad(AdagradOptions{.step_size = step_size}); }

/// s = gamma s + (1 - gamma) g^2, x - a g / sqrt(s + epsilon). With momentum > 0: v = momentum v + a g / sqrt(s + epsilon),
/// x - v. Hinton's lectures (2012).
struct RMSPropOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.01;
  double gamma = 0.9, epsilon = 1e-8, momentum = 0.0;
};
Optimiser RMSProp(const RMSPropOptions&);
template <ScheduleLike S>
Optimiser RMSProp(const S& step_size) { return RMSProp(RMSPropOptions{.step_size = step_size}); }

/// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, x - a m^ / (sqrt(v^) + epsilon) with m^ = m / (1 - beta1^t),
/// v^ = v / (1 - beta2^t). Kingma & Ba (2015).
struct AdamOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.001;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};
Optimiser Adam(const AdamOptions&);
template <ScheduleLike S>
Optimiser Adam(const S& step_size) { return Adam(AdamOptions{.step_size = step_size}); }

/// Adam with every element of the gradient first limited to [-clip_norm, clip_norm].
struct ClippedAdamOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.001;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, clip_norm = 10.0;
};
Optimiser ClippedAdam(const ClippedAdamOptions&);
template <ScheduleLike S>
Optimiser ClippedAdam(const S& step_size) { return ClippedAdam(ClippedAdamOptions{.step_size = step_size}); }

/// Adam whose step also shrinks the parameter: x - a (m^ / (sqrt(v^) + epsilon) + weight_decay x). Loshchilov & Hutter
/// (2019).
struct AdamWOptions {
  OnlyNamed only_named{};
  Schedule step_size = 0.001;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.01;
};
Optimiser AdamW(const AdamWOptions&);
template <ScheduleLike S>
Optimiser AdamW(const S& step_size) { return AdamW(AdamWOptions{.step_size = step_size}); }

}  // namespace nuthatch
