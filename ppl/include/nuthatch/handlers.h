#pragma once
/// Effects as functions of models: each returns a model with the same parameters and result.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/callable.h"
#include "nuthatch/detail/site_names.h"
#include "nuthatch/model.h"
#include "nuthatch/reparam.h"
#include "nuthatch/trace.h"

namespace nuthatch {

/// Values of sites by name.
using Values = std::map<std::string, Tensor>;
/// `.only`: which sites an effect is about.
enum class SiteKind : std::uint8_t { any, latent, observed };

// ---- the handlers as objects, for use with Active ----

/// Gives sites their random keys: a function of the site's name, not of the order of execution.
class SeedHandler : public Handler {
 public:
  /// Statements of `hide_kinds` get no key from here.
  explicit SeedHandler(Key key, std::vector<Primitive> hide_kinds = {})
      : key_(std::move(key)), hidden_(std::move(hide_kinds)) {}
  void process(Message&) override;

 private:
  Key key_;
  std::vector<Primitive> hidden_;
};
/// The key of the site of that name.
Key site_key(const Key& key, const std::string& name);

/// The value of a site, or an empty handle to leave it alone.
using ValueFunction = Function<Tensor(const Message&)>;

/// Latent sites, params, deterministics, indices of subsampled plates and mutable states get these values; sites stay
/// latent.
class SubstituteHandler : public Handler {
 public:
  explicit SubstituteHandler(Values values, Where where = Where::current());
  explicit SubstituteHandler(ValueFunction value);
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
  ValueFunction function_;
};
/// Sites get these values as data.
class ConditionHandler : public Handler {
 public:
  explicit ConditionHandler(Values values, Where where = Where::current());
  explicit ConditionHandler(ValueFunction value);
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
  ValueFunction function_;
};
/// Observations become latent again; infer.observation keeps the data.
class UnconditionHandler : public Handler {
 public:
  void process(Message&) override;
};
/// Latent sites take the values they had in a trace, subsampled plates the members. A latent site that is observed in the
/// trace is an Error.
class ReplayHandler : public Handler {
 public:
  explicit ReplayHandler(Trace trace) : trace_(std::move(trace)) {}
  void process(Message&) override;

 private:
  Trace trace_;
};
/// Sites that handlers further out do not see; they still get random keys from there.
class BlockHandler : public Handler {
 public:
  explicit BlockHandler(Function<bool(const Message&)> hidden) : hidden_(std::move(hidden)) {}
  void process(Message&) override;
  bool stepwise() const override { return true; }

 private:
  Function<bool(const Message&)> hidden_;
};
/// Masks or scales the log density of a kind of sites.
class WeightHandler : public Handler {
 public:
  WeightHandler(Tensor mask, Tensor scale, SiteKind only)
      : mask_(std::move(mask)), scale_(std::move(scale)), only_(only) {}
  void process(Message&) override;

 private:
  Tensor mask_, scale_;
  SiteKind only_;
};
class PrefixHandler : public Handler {
 public:
  /// Statements of `hide_kinds` keep their names; with Primitive::plate among them plates do.
  explicit PrefixHandler(std::string prefix, std::string divider = "/", std::vector<Primitive> hide_kinds = {})
      : prefix_(std::move(prefix) + std::move(divider)), hidden_(std::move(hide_kinds)) {}
  void process(Message&) override;
  bool stepwise() const override { return true; }

 private:
  std::string prefix_;
  std::vector<Primitive> hidden_;
};
/// Params become sample sites.
class LiftHandler : public Handler {
 public:
  explicit LiftHandler(std::map<std::string, Distribution> priors, Where where = Where::current());
  /// One prior for all params.
  explicit LiftHandler(const Distribution& prior, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  std::map<std::string, Distribution> priors_;
  Distribution all_;
};
/// The value of an intervention, from the sites executed before.
using Intervention = Function<Tensor(const Trace&)>;
/// What follows a site sees the intervention; the site itself stays a fresh draw, or an observation, under its name. So
/// do_ and condition of one site answer counterfactual queries.
class InterventionHandler : public Handler {
 public:
  explicit InterventionHandler(Values values, Where where = Where::current());
  InterventionHandler(std::string site, Intervention value, Where where = Where::current());
  void process(Message&) override;
  void finish(Message&) override;
  void returned() override { names_.check(); }
  bool stepwise() const override { return true; }

 private:
  detail::SiteNames names_;
  Values values_;
  Intervention function_;
  std::string site_;
  Trace before_;
  std::vector<std::pair<const Message*, std::string>> pending_;
};
/// Changes what statements tell inference about their sites.
class InferConfigHandler : public Handler {
 public:
  explicit InferConfigHandler(Function<Infer(const Message&)> configure) : configure_(std::move(configure)) {}
  void process(Message&) override;
  bool stepwise() const override { return true; }

 private:
  Function<Infer(const Message&)> configure_;
};

// ---- what makes the handlers anew for every run of a model ----

namespace detail {
HandlerFactory seed_factory(const Key& key, const std::vector<Primitive>& hide_kinds);
HandlerFactory substitute_factory(const nuthatch::Values& values, Where where);
HandlerFactory condition_factory(const nuthatch::Values& values, Where where);
HandlerFactory uncondition_factory();
HandlerFactory replay_factory(const nuthatch::Trace& trace);
HandlerFactory block_factory(Function<bool(const Message&)> hidden);
HandlerFactory weight_factory(const Tensor& mask, const Tensor& scale, SiteKind only, Where where);
HandlerFactory prefix_factory(const std::string& prefix, const std::string& divider,
                              const std::vector<Primitive>& hide_kinds);
HandlerFactory lift_factory(const std::map<std::string, Distribution>& priors, Where where);
HandlerFactory reparam_factory(const ReparamRules& rules, Where where);
HandlerFactory intervention_factory(const nuthatch::Values& values, Where where);
HandlerFactory intervention_factory(const std::string& site, const Intervention& value, Where where);
HandlerFactory substitute_factory(const ValueFunction& value);
HandlerFactory condition_factory(const ValueFunction& value);
HandlerFactory lift_factory(const Distribution& prior, Where where);
HandlerFactory infer_config_factory(Function<Infer(const Message&)> configure);

template <class F>
auto with_handler(const F& model, HandlerFactory make) {
  if constexpr (std::is_same_v<F, Model> || std::is_same_v<F, BoundModel>) return model.handled(std::move(make));
  else return handled(model_function(model).function(), std::move(make));
}
}  // namespace detail

// ---- the same as functions of models; a name that no site of the model has is an Error when the model returns ----

struct SeedOptions {
  OnlyNamed only_named{};
  /// Kinds of statements that get no key: {Primitive::plate} leaves subsampled plates to a seed further out.
  std::vector<Primitive> hide_kinds{};
};
template <class F>
auto seed(const F& model, const Key& key, const SeedOptions& options = {}) {
  return detail::with_handler(model, detail::seed_factory(key, options.hide_kinds));
}
template <class F>
auto substitute(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(model, detail::substitute_factory(values, where));
}
template <class F>
auto condition(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(model, detail::condition_factory(values, where));
}
/// By a function of the site: of its name, distribution, plates.
template <class F>
auto substitute(const F& model, const ValueFunction& value) {
  return detail::with_handler(model, detail::substitute_factory(value));
}
template <class F>
auto condition(const F& model, const ValueFunction& value) {
  return detail::with_handler(model, detail::condition_factory(value));
}
template <class F>
auto uncondition(const F& model) {
  return detail::with_handler(model, detail::uncondition_factory());
}
template <class F>
auto replay(const F& model, const Trace& trace) {
  return detail::with_handler(model, detail::replay_factory(trace));
}

/// `.hide_if`: where it holds, else `.hide`: these names, else `.expose_kinds`: all but these kinds, else `.expose`: all
/// but these names; none of them: everything.
struct BlockOptions {
  OnlyNamed only_named{};
  std::vector<std::string> hide{};
  std::vector<std::string> expose{};
  std::vector<Primitive> expose_kinds{};
  Function<bool(const Message&)> hide_if{};
};
Function<bool(const Message&)> block_predicate(const BlockOptions&);
template <class F>
auto block(const F& model, const BlockOptions& options = {}) {
  return detail::with_handler(model, detail::block_factory(block_predicate(options)));
}

struct WeightOptions {
  OnlyNamed only_named{};
  SiteKind only = SiteKind::any;
};
template <class F>
auto mask(const F& model, const Tensor& mask, const WeightOptions& options = {}, Where where = Where::current()) {
  return detail::with_handler(model, detail::weight_factory(mask, Tensor(), options.only, where));
}
template <class F>
auto scale(const F& model, const Tensor& factor, const WeightOptions& options = {}, Where where = Where::current()) {
  return detail::with_handler(model, detail::weight_factory(Tensor(), factor, options.only, where));
}
struct ScopeOptions {
  OnlyNamed only_named{};
  std::string divider = "/";
  /// Kinds of statements that keep their names; Primitive::plate is about the names of plates.
  std::vector<Primitive> hide_kinds{};
};
template <class F>
auto scope(const F& model, const std::string& prefix, const ScopeOptions& options = {}) {
  return detail::with_handler(model, detail::prefix_factory(prefix, options.divider, options.hide_kinds));
}
/// infer_config(model, [](const Message& site) { Infer i = site.infer; i.enumerate = site.name == "z"; return i; })
template <class F>
auto infer_config(const F& model, Function<Infer(const Message&)> configure) {
  return detail::with_handler(model, detail::infer_config_factory(std::move(configure)));
}
template <class F>
auto lift(const F& model, const std::map<std::string, Distribution>& priors, Where where = Where::current()) {
  return detail::with_handler(model, detail::lift_factory(priors, where));
}
template <class F>
  requires(!std::same_as<F, std::string>)
auto lift(const F& model, const Distribution& prior, Where where = Where::current()) {
  return detail::with_handler(model, detail::lift_factory(prior, where));
}
/// `rules` by site name: reparam(model, {{"theta", LocScaleReparam(0.0)}}).
template <class F>
auto reparam(const F& model, const ReparamRules& rules, Where where = Where::current()) {
  return detail::with_handler(model, detail::reparam_factory(rules, where));
}
template <class F>
auto do_(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(model, detail::intervention_factory(values, where));
}
/// do_(world, "x", [](const Trace& before) { return before["u"].value + 1.0; })
template <class F>
auto do_(const F& model, const std::string& site, const Intervention& value, Where where = Where::current()) {
  return detail::with_handler(model, detail::intervention_factory(site, value, where));
}

namespace detail {
template <class R, class... P>
ModelFunction<Trace(P...)> traced(Function<R(P...)> f) {
  return ModelFunction<Trace(P...)>([f = std::move(f)](P... arguments) {
    TraceHandler handler;
    {
      Active active(handler);
      (void)f(std::forward<P>(arguments)...);
    }
    return std::move(handler.trace);
  });
}
}  // namespace detail

/// A function with the model's parameters that returns the record of a run.
template <class F>
  requires(!std::same_as<F, BoundModel>)
auto trace(const F& model) {
  return detail::traced(model_function(model).function());
}
Trace trace(const BoundModel& model);

}  // namespace nuthatch
