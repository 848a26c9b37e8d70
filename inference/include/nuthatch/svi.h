#pragma once
/// Stochastic variational inference: fits the params of a guide, and those of the model, by gradient steps on a bound of
/// the evidence that is estimated from draws of the guide.
///
///     auto result = SVI(model, AutoNormal(model), Adam(0.01), {.num_steps = 5000}).run(Key(0), x, y);
///     Fit approx = result.posterior(Key(1), 1000);
///
/// `run` is one compiled program. The same key gives the same numbers, bit for bit, also in a loop of one's own:
///
///     auto state = svi.init(Key(0), x, y);
///     auto [next, loss] = svi.step(state, x, y);
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/autoguide.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/device.h"
#include "nuthatch/fit.h"
#include "nuthatch/optim.h"

namespace nuthatch {

/// What is minimised.
struct ELBO {
  enum class Kind { trace, mean_field, renyi };
  Kind kind = Kind::trace;
  int num_particles = 1;
  bool vectorize_particles = false;
  double alpha = 0.0;
};
struct TraceELBOOptions {
  OnlyNamed only_named{};
  /// Draws of the guide in one step.
  int num_particles = 1;
  /// All draws as one batch, in place of a loop over them: a larger program that takes longer to compile. The draws are
  /// the same.
  bool vectorize_particles = false;
};
/// -E_q[log p(x, z) - log q(z)], the mean over draws z. Where a draw of the guide is not differentiable in the guide's
/// params, the gradient has a score term (log q times the value), and is unbiased. Kingma & Welling (2014); Ranganath,
/// Gerrish & Blei (2014).
ELBO TraceELBO(const TraceELBOOptions& options = {}, Where where = Where::current());
/// The same with E_q[log q(z) - log p(z)] of a site in closed form where kl_divergence has it, which takes away the noise
/// of that part. For guides whose sites depend on each other no more than the model's do.
ELBO TraceMeanFieldELBO(const TraceELBOOptions& options = {}, Where where = Where::current());
struct RenyiELBOOptions {
  OnlyNamed only_named{};
  int num_particles = 2;
  bool vectorize_particles = false;
  double alpha = 0.0;
};
/// -1 / (1 - alpha) log mean (p(x, z) / q(z))^(1 - alpha) over the draws. alpha = 0 is the importance weighted bound of
/// Burda, Grosse & Salakhutdinov (2016), alpha towards 1 the ELBO. Li & Turner (2016). It needs differentiable draws.
ELBO RenyiELBO(const RenyiELBOOptions& options = {}, Where where = Where::current());

/// Where the optimisation is: a tree of tensors.
struct SVIState {
  /// Params in unconstrained space, by name, and what the optimiser keeps.
  OptimiserState<Values> optimiser;
  /// Of mutable_state statements of the model.
  Values mutable_state;
  Key key;
  static constexpr auto fields = names("optimiser", "mutable_state", "key");
};

struct SVIOptions {
  OnlyNamed only_named{};
  std::int64_t num_steps = 1000;
  ELBO loss = TraceELBO();
  /// A step whose loss or gradient is not finite changes nothing but the number of the step.
  bool stable = false;
  /// Where params start, by name, in place of what their statements say.
  Values init_params = {};
  /// Where the steps run; left out, on default_device().
  std::optional<Device> device = {};
};

/// A guide that was fitted.
class SVIResult {
 public:
  SVIResult(Values params, Tensor losses, SVIState state, BoundGuide guide);

  /// Params of guide and model, inside their constraints.
  Values params;
  /// The loss of every step [num_steps], before the step.
  Tensor losses;
  SVIState state;

  const BoundGuide& guide() const { return guide_; }
  /// Draws of the guide as a Fit of one chain: latent sites and deterministics, and lp and log_q (the log densities of
  /// model and guide) in sample_stats. Sites in subsampled plates are left out.
  Fit posterior(const Key& key, std::int64_t num_samples = 1000, Where where = Where::current()) const;
  Values sample_posterior(const Key& key, const Shape& sample_shape = {}, Where where = Where::current()) const {
    return guide_.sample_posterior(key, params, sample_shape, where);
  }
  Values median(Where where = Where::current()) const { return guide_.median(params, where); }
  Values quantiles(const std::vector<double>& q, Where where = Where::current()) const {
    return guide_.quantiles(params, q, where);
  }
  /// log p(x, z) - log q(z) of draws of the guide, [num_particles].
  Tensor importance_log_weights(const Key& key, std::int64_t num_particles = 1000, Where where = Where::current()) const;
  /// The Pareto shape of these weights: below 0.7 the guide is close enough to the posterior for importance sampling, and
  /// its moments can be corrected by it. Yao, Vehtari, Simpson & Gelman (2018).
  double psis_k(const Key& key, std::int64_t num_particles = 1000, Where where = Where::current()) const;

 private:
  BoundGuide guide_;
};

namespace detail {
class SVIPrograms;
/// Arguments, and what about them a program depends on.
struct SVIArguments {
  std::vector<Argument> list;
  std::string fixed;  // numbers and the like
  std::string given;  // which observations are there
};
template <class... A>
SVIArguments svi_arguments(const A&... arguments) {
  SVIArguments result{{Argument(arguments)...}, {}, {}};
  ((result.fixed += tree::structure(arguments) + "|"), ...);
  const auto add = [&](const tree::Leaves& leaves) {
    for (const Tensor& x : leaves) result.given += x.defined() ? '*' : '-';
    result.given += '|';
  };
  (add(tree::flatten(arguments)), ...);
  return result;
}
}  // namespace detail

class SVI {
 public:
  SVI(const Model& model, const Guide& guide, const Optimiser& optimiser, const SVIOptions& options = {},
      Where where = Where::current());

  /// `num_steps` steps from initial params that depend on the key.
  template <class... A>
  SVIResult run(const Key& key, const A&... arguments) const {
    return run_bound(key, detail::svi_arguments(arguments...));
  }
  /// `num_steps` more steps.
  template <class... A>
  SVIResult resume(const SVIState& state, const A&... arguments) const {
    return resume_bound(state, detail::svi_arguments(arguments...));
  }

  template <class... A>
  SVIState init(const Key& key, const A&... arguments) const {
    return init_bound(key, detail::svi_arguments(arguments...));
  }
  /// One step: the next state, and the loss before it.
  template <class... A>
  std::pair<SVIState, Tensor> step(const SVIState& state, const A&... arguments) const {
    return step_bound(state, detail::svi_arguments(arguments...));
  }
  /// The loss that `step` would report.
  template <class... A>
  Tensor evaluate(const SVIState& state, const A&... arguments) const {
    return evaluate_bound(state, detail::svi_arguments(arguments...));
  }
  /// The same for a state of one's own loop, for the arguments of the latest init or step.
  SVIResult result(const SVIState& state) const;

 private:
  SVIResult run_bound(const Key&, const detail::SVIArguments&) const;
  SVIResult resume_bound(const SVIState&, const detail::SVIArguments&) const;
  SVIState init_bound(const Key&, const detail::SVIArguments&) const;
  std::pair<SVIState, Tensor> step_bound(const SVIState&, const detail::SVIArguments&) const;
  Tensor evaluate_bound(const SVIState&, const detail::SVIArguments&) const;

  Shared<detail::SVIPrograms> programs_;
};

}  // namespace nuthatch
