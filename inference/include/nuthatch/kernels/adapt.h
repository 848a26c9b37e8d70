#pragma once
/// A kernel of one's own, written as one whole transition of one chain:
///
///     struct MyKernel {
///       struct State { Tensor x; ...; };            // first the position
///       struct Params { Tensor step_size = 0.1; };  // first what is adapted
///       struct Info { Tensor accept_prob; ... };    // first what it is adapted to; all of it goes to sample_stats
///       State init(const Key&, const Tensor& x, const LogDensity&) const;
///       std::pair<State, Info> step(const Key&, const State&, const Params&, const LogDensity&) const;
///     };
///     auto fit = MCMC(adapt(MyKernel{}, model, {.target_accept_prob = 0.574})).run(Key(0), ...);
///
/// The step size is adapted by dual averaging; chains run in lanes and threads, stop and resume as those of NUTS do.
#include "nuthatch/kernels/kernel.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/math.h"

namespace nuthatch {

struct AdaptOptions {
  OnlyNamed only_named{};
  double target_accept_prob = 0.8;
  /// The first step size; 0: the one in Params.
  double step_size = 0;
  bool adapt_step_size = true;
  Init init = init_to_uniform();
};

namespace detail {

/// Candidate number `attempt` for the start of a chain, uniform on (-radius, radius).
Tensor start_candidate(const Tensor& chain_key, std::int64_t attempt, std::int64_t dim, const Tensor& radius);
/// Whether all floats among the leaves are finite.
bool all_finite(const std::vector<Tensor>& leaves);
/// Leaves as one row of f64.
Tensor statistics_row(const std::vector<Tensor>& scalars);

/// A transition per tick.
template <class K>
class StepKernel {
 public:
  struct State {
    Output output;
    typename K::State own;
    static constexpr auto fields = names("output", "own");
  };

  StepKernel(K kernel, LogDensity density) : kernel_(std::move(kernel)), density_(std::move(density)) {}

  // Outside any trace: a starting point is judged at once.
  State init(const Chain& chain, const Start& start, const Target&) const {
    State s;
    Tensor x = start.position;
    Tensor failed = false;
    for (std::int64_t attempt = 0;; ++attempt) {
      if (attempt > 0) x = start_candidate(chain.key, attempt, density_.dim(), start.radius);
      s.own = kernel_.init(key(chain, 0xffffffff), x, density_);
      if (all_finite(tree::flatten(s.own))) break;
      if (attempt + 1 == start.max_attempts.template item<std::int64_t>()) {
        failed = true;
        break;
      }
    }
    const std::int64_t columns = std::int64_t(statistics().size());
    s.output = {x, zeros(density_.dim()), zeros(columns), full(Shape{}, Tensor(false)), full(Shape{}, failed)};
    return s;
  }

  State tick(const Chain& chain, const State& before, const Tuning& tuning, const Target&) const {
    typename K::Params params{};
    auto leaves = tree::flatten(params);
    leaves.at(0) = tuning.step_size;
    params = tree::unflatten(params, leaves);
    auto [next, info] = kernel_.step(key(chain, chain.draw), before.own, params, density_);
    auto old_leaves = tree::flatten(before.own), new_leaves = tree::flatten(next);
    for (std::size_t i = 0; i < new_leaves.size(); ++i)
      new_leaves[i] = select(chain.live, new_leaves[i], old_leaves[i]).cast(old_leaves[i].dtype());
    State s;
    s.own = tree::unflatten(before.own, new_leaves);
    auto row = tree::flatten(info);
    row.push_back(tuning.step_size);
    s.output = {new_leaves.at(0), before.output.gradient, select(chain.live, statistics_row(row), before.output.stats),
                chain.live, before.output.failed};
    return s;
  }

  State at_rest(const State& finished) const {
    State s = finished;
    s.output.drawn = full(Shape{}, Tensor(false));
    return s;
  }

  static const Output& output(const State& s) { return s.output; }
  std::vector<Statistic> statistics() const {
    std::vector<Statistic> result;
    for (const auto& path : tree::paths(typename K::Info{})) result.push_back({path.substr(path.find_first_not_of('.')), f64});
    result.push_back({"step_size", f64});
    return result;
  }

 private:
  static Key key(const Chain& chain, const Tensor& draw) { return fold_in(Key::from_tensor(chain.key), draw); }

  K kernel_;
  LogDensity density_;
};

}  // namespace detail

/// A transition kernel with a model and an adapted step size.
template <class K>
Kernel adapt(const K& kernel, const Model& model, const AdaptOptions& o = {}, Where where = Where::current()) {
  KernelSettings s;
  s.name = "adapt";
  s.rule = [kernel](const LogDensity& density) -> Shared<const detail::KernelRule> {
    return share<kernels::TickRule<detail::StepKernel<K>>>("adapt", detail::StepKernel<K>(kernel, density));
  };
  s.adapt_step_size = o.adapt_step_size;
  s.adapt_mass_matrix = false;
  const auto params = tree::flatten(typename K::Params{});
  s.step_size = o.step_size > 0 ? o.step_size : params.at(0).template item<double>();
  s.target_accept_prob = o.target_accept_prob;
  s.init = o.init;
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
