#pragma once
/// Effects as functions of models: each returns a model with the same parameters and result.
#include <map>
#include <memory>
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
  explicit SeedHandler(Key key) : key_(std::move(key)) {}
  void process(Message&) override;

 private:
  Key key_;
};
/// The key of the site of that name.
Key site_key(const Key& key, const std::string& name);

/// Sites and params get these values and stay latent.
class SubstituteHandler : public Handler {
 public:
  explicit SubstituteHandler(Values values, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
};
/// Sites get these values as data.
class ConditionHandler : public Handler {
 public:
  explicit ConditionHandler(Values values, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
};
/// Observations become latent again.
class UnconditionHandler : public Handler {
 public:
  void process(Message&) override;
};
/// Latent sites take the values they had in a trace.
class ReplayHandler : public Handler {
 public:
  explicit ReplayHandler(Trace trace) : trace_(std::move(trace)) {}
  void process(Message&) override;

 private:
  Trace trace_;
};
/// Sites that handlers further out do not see.
class BlockHandler : public Handler {
 public:
  explicit BlockHandler(Function<bool(const Message&)> hidden) : hidden_(std::move(hidden)) {}
  void process(Message&) override;

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
  explicit PrefixHandler(std::string prefix) : prefix_(std::move(prefix)) {}
  void process(Message&) override;

 private:
  std::string prefix_;
};
/// Params become sample sites.
class LiftHandler : public Handler {
 public:
  explicit LiftHandler(std::map<std::string, Distribution> priors, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  std::map<std::string, Distribution> priors_;
};
/// What follows a site sees the intervention; the site itself stays a fresh draw.
class InterventionHandler : public Handler {
 public:
  explicit InterventionHandler(Values values, Where where = Where::current());
  void process(Message&) override;
  void finish(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
};

// ---- what makes the handlers anew for every run of a model ----

namespace detail {
HandlerFactory seed_factory(const Key& key);
HandlerFactory substitute_factory(const nuthatch::Values& values, Where where);
HandlerFactory condition_factory(const nuthatch::Values& values, Where where);
HandlerFactory uncondition_factory();
HandlerFactory replay_factory(const nuthatch::Trace& trace);
HandlerFactory block_factory(Function<bool(const Message&)> hidden);
HandlerFactory weight_factory(const Tensor& mask, const Tensor& scale, SiteKind only);
HandlerFactory prefix_factory(const std::string& prefix);
HandlerFactory lift_factory(const std::map<std::string, Distribution>& priors, Where where);
HandlerFactory reparam_factory(const ReparamRules& rules, Where where);
HandlerFactory intervention_factory(const nuthatch::Values& values, Where where);

template <class F>
auto with_handler(const F& model, HandlerFactory make) {
  if constexpr (std::is_same_v<F, Model> || std::is_same_v<F, BoundModel>) return model.handled(std::move(make));
  else return handled(model_function(model).function(), std::move(make));
}
}  // namespace detail

// ---- the same as functions of models; a name that no site of the model has is an Error when the model returns ----

template <class F>
auto seed(const F& model, const Key& key) {
  return detail::with_handler(model, detail::seed_factory(key));
}
template <class F>
auto substitute(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(model, detail::substitute_factory(values, where));
}
template <class F>
auto condition(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(model, detail::condition_factory(values, where));
}
template <class F>
auto uncondition(const F& model) {
  return detail::with_handler(model, detail::uncondition_factory());
}
template <class F>
auto replay(const F& model, const Trace& trace) {
  return detail::with_handler(model, detail::replay_factory(trace));
}

/// `.hide`: these names; `.expose`: all but these; neither: everything.
struct BlockOptions {
  OnlyNamed only_named{};
  std::vector<std::string> hide{};
  std::vector<std::string> expose{};
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
auto mask(const F& model, const Tensor& mask, const WeightOptions& options = {}) {
  return detail::with_handler(model, detail::weight_factory(mask, Tensor(), options.only));
}
template <class F>
auto scale(const F& model, const Tensor& factor, const WeightOptions& options = {}) {
  return detail::with_handler(model, detail::weight_factory(Tensor(), factor, options.only));
}
template <class F>
auto scope(const F& model, const std::string& prefix) {
  return detail::with_handler(model, detail::prefix_factory(prefix));
}
template <class F>
auto lift(const F& model, const std::map<std::string, Distribution>& priors, Where where = Where::current()) {
  return detail::with_handler(model, detail::lift_factory(priors, where));
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
