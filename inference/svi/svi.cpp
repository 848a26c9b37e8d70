#include "nuthatch/svi.h"

#include <cmath>
#include <map>
#include <mutex>

#include "inference/svi/elbo.h"
#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace detail {

namespace {
/// Literals become arrays of their dtype: what a program returns, and so what it is called with next, has no literals.
nuthatch::Values arrays(nuthatch::Values values) {
  for (auto& [name, x] : values) x = x.cast(x.dtype());
  return values;
}

/// Where NaN stand: they are latent, so that other places mean another program.
std::string missing_elements(const Tensor& x) {
  std::string places;
  if (x.dtype() != f64 && x.dtype() != f32) return places;
  const std::vector<double> values = x.to_vector();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i])) places += " " + std::to_string(i);
  return places;
}
}  // namespace

/// Model, guide and optimiser of an SVI, with the programs of its steps.
class SVIPrograms {
 public:
  using Step = Jit<Function<std::pair<SVIState, Tensor>(const SVIState&, const svi::Data&)>>;
  using Evaluation = Jit<Function<Tensor(const SVIState&, const svi::Data&)>>;
  /// What depends on the arguments of the model, but not on the values of its tensors.
  struct Bound {
    svi::Problem problem;
    Shared<Step> step;
    Shared<Evaluation> evaluate;
  };

  SVIPrograms(const Model& model, const Guide& guide, const Optimiser& optimiser, const SVIOptions& options, Where where)
      : model(model), guide(guide), optimiser(optimiser), options(options), where(where) {}

  svi::Data data(const SVIArguments& a) const { return {model.bind(a.list, where).data(), guide.data(a.list, where)}; }
  SVIState start(const Key& key, const SVIArguments& a, Shared<const Bound>& bound);
  Shared<const Bound> bind(const SVIArguments&);
  Shared<const Bound> latest() const { return latest_; }
  std::pair<SVIState, Tensor> step(const svi::Problem&, const SVIState&, const svi::Data&) const;

  const Model model;
  const Guide guide;
  const Optimiser optimiser;
  const SVIOptions options;
  const Where where;

 private:
  /// What one run of guide and model says of params and states.
  struct First {
    Values params, mutable_state;
  };
  First first_run(svi::Problem&, const Values& params, const Key&, const svi::Data&) const;
  Shared<const Bound> remember(svi::Problem, const SVIArguments&);
  std::string key_of(const SVIArguments&) const;

  std::mutex mutex_;
  std::map<std::string, Shared<const Bound>> bound_;
  Shared<const Bound> latest_;
};

SVIPrograms::First SVIPrograms::first_run(svi::Problem& problem, const Values& params, const Key& key,
                                          const svi::Data& data) const {
  RecordMissing record(problem.missing);
  const svi::Particle particle = svi::run_particle(problem, params, {}, key, data);
  svi::check(options.loss, problem, particle, where);
  First result;
  for (const Trace* trace : {&particle.guide, &particle.model})
    for (const Site& site : *trace) {
      if (site.primitive == Primitive::param && !result.params.contains(site.name)) {
        problem.constraints[site.name] = site.constraint;
        result.params[site.name] = params.contains(site.name) ? site.value : site.initial;
      }
      if (site.primitive == Primitive::mutable_state) result.mutable_state[site.name] = site.initial;
    }
  for (const Site& site : particle.model)
    if (site.observed && site.value.is_concrete() && site.distribution.support().concrete()) problem.tested.push_back(site.name);
  return result;
}

std::string SVIPrograms::key_of(const SVIArguments& a) const {
  // Where all parameters are tensors, numbers and vectors are data as well.
  std::string types = model.parameters();
  for (const char* data : {"Tensor", "Observed", "(", ")", ", "})
    for (std::size_t at; (at = types.find(data)) != std::string::npos;) types.erase(at, std::string(data).size());
  std::string key = a.given + (types.empty() ? "" : a.fixed);
  for (const Tensor& x : data(a).model) key += std::string(name(x.dtype())) + to_string(x.shape()) + missing_elements(x);
  return key;
}

Shared<const SVIPrograms::Bound> SVIPrograms::remember(svi::Problem problem, const SVIArguments& arguments) {
  auto bound = share<Bound>(Bound{std::move(problem), {}, {}});
  // Programs see the problem, which outlives them in the same object.
  const svi::Problem* at = &bound->problem;
  const JitOptions there{.device = options.device};
  bound->step = share<Step>([this, at](const SVIState& s, const svi::Data& d) { return step(*at, s, d); }, there, where);
  bound->evaluate = share<Evaluation>(
      [this, at](const SVIState& s, const svi::Data& d) {
        auto [next, now] = split<2>(s.key);
        return svi::loss(options.loss, *at, s.optimiser.params, s.mutable_state, now, d);
      },
      there, where);
  std::lock_guard lock(mutex_);
  bound_[key_of(arguments)] = bound;
  latest_ = bound;
  return bound;
}

SVIState SVIPrograms::start(const Key& key, const SVIArguments& arguments, Shared<const Bound>& bound) {
  auto [guide_key, first_key, steps_key] = split<3>(key);
  const BoundModel bound_model = model.bind(arguments.list, where);
  BoundGuide started = guide.start(arguments.list, guide_key, where);
  svi::Problem problem{started.with_model(bound_model), {}, {}, {}};
  const First first = first_run(problem, options.init_params, first_key, data(arguments));
  for (const auto& [name, value] : options.init_params)
    if (!first.params.contains(name)) throw Error("SVI: .init_params has \"" + name + "\", but neither model nor guide has such a param", where);
  if (first.params.empty()) throw Error("SVI: neither the guide nor the model has a param to optimise", where);
  const SVIState state{optimiser.init(arrays(svi::unconstrain(problem, first.params))), arrays(first.mutable_state), steps_key};
  bound = remember(std::move(problem), arguments);
  return state;
}

Shared<const SVIPrograms::Bound> SVIPrograms::bind(const SVIArguments& arguments) {
  {
    std::lock_guard lock(mutex_);
    if (const auto found = bound_.find(key_of(arguments)); found != bound_.end()) return latest_ = found->second;
  }
  svi::Problem problem{guide.bind(arguments.list, where).with_model(model.bind(arguments.list, where)), {}, {}, {}};
  first_run(problem, {}, Key(0), data(arguments));
  return remember(std::move(problem), arguments);
}

namespace {
/// The new value of a tree where p holds, else the old one.
template <class T>
T chosen(const Tensor& p, const T& now, const T& before) {
  tree::Leaves a = tree::flatten(now);
  const tree::Leaves b = tree::flatten(before);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = select(p, a[i], b[i]);
  return tree::unflatten(now, a);
}
}  // namespace

std::pair<SVIState, Tensor> SVIPrograms::step(const svi::Problem& problem, const SVIState& state, const svi::Data& data) const {
  auto [next_key, key] = split<2>(state.key);
  const auto [loss, gradient] =
      svi::loss_and_gradient(options.loss, problem, state.optimiser.params, state.mutable_state, key, data);
  SVIState next{optimiser.update(gradient, state.optimiser, where), state.mutable_state, next_key};
  if (!state.mutable_state.empty()) {
    const svi::Particle particle =
        svi::run_particle(problem, svi::constrain(problem, state.optimiser.params), state.mutable_state, key, data);
    for (auto& [name, value] : next.mutable_state) value = particle.model[name].value;
  }
  if (!options.stable) return {next, loss};
  Tensor finite = isfinite(loss);
  for (const auto& [name, g] : gradient) finite = finite & all_of(isfinite(g));
  next.optimiser = chosen(finite, next.optimiser, state.optimiser);
  next.mutable_state = chosen(finite, next.mutable_state, state.mutable_state);
  return {next, loss};
}

}  // namespace detail

namespace {

/// The params of a state that went astray, with the step where the loss did.
void require_finite(const Values& params, const Tensor& losses, Where where) {
  for (const auto& [name, value] : params) {
    for (const double x : value.to_vector()) {
      if (std::isfinite(x)) continue;
      std::string text = "SVI: param \"" + name + "\" is not finite after " + std::to_string(losses.size()) + " steps";
      const std::vector<double> all = losses.to_vector();
      for (std::size_t i = 0; i < all.size(); ++i)
        if (!std::isfinite(all[i])) {
          text += "; the loss of step " + std::to_string(i) + " is " + std::to_string(all[i]);
          break;
        }
      throw Error(text + "\n  use smaller steps, ClippedAdam, or .stable = true, which skips steps that are not finite", where);
    }
  }
}

}  // namespace

SVI::SVI(const Model& model, const Guide& guide, const Optimiser& optimiser, const SVIOptions& options, Where where)
    : programs_(share<detail::SVIPrograms>(model, guide, optimiser, options, where)) {
  if (options.num_steps < 1) throw Error("SVI: num_steps must be at least 1, but it is " + std::to_string(options.num_steps), where);
}

SVIState SVI::init_bound(const Key& key, const detail::SVIArguments& arguments) const {
  Shared<const detail::SVIPrograms::Bound> bound;
  return programs_->start(key, arguments, bound);
}

std::pair<SVIState, Tensor> SVI::step_bound(const SVIState& state, const detail::SVIArguments& arguments) const {
  return (*programs_->bind(arguments)->step)(state, programs_->data(arguments));
}

Tensor SVI::evaluate_bound(const SVIState& state, const detail::SVIArguments& arguments) const {
  return (*programs_->bind(arguments)->evaluate)(state, programs_->data(arguments));
}

SVIResult SVI::run_bound(const Key& key, const detail::SVIArguments& arguments) const {
  return resume_bound(init_bound(key, arguments), arguments);
}

SVIResult SVI::resume_bound(const SVIState& state, const detail::SVIArguments& arguments) const {
  const Shared<const detail::SVIPrograms::Bound> bound = programs_->bind(arguments);
  const detail::SVIPrograms& p = *programs_;
  const auto loop = jit([&](const SVIState& start, const svi::Data& data) {
    return scan(start, p.options.num_steps, [&](const SVIState& s, const Tensor&) { return p.step(bound->problem, s, data); });
  }, {.device = p.options.device}, p.where);
  const auto [last, losses] = loop(state, p.data(arguments));
  SVIResult result = this->result(last);
  result.losses = losses;
  require_finite(result.params, losses, p.where);
  return result;
}

SVIResult SVI::result(const SVIState& state) const {
  const Shared<const detail::SVIPrograms::Bound> bound = programs_->latest();
  if (!bound) throw Error("SVI: result before any init, step or run", programs_->where);
  return SVIResult(svi::constrain(bound->problem, state.optimiser.params), zeros(0), state, bound->problem.guide);
}

}  // namespace nuthatch
