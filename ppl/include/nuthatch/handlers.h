#pragma once
/// Effects as functions of models: each returns a model with the same parameters and result.
#include <functional>
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
  explicit SubstituteHandler(Values values, Where where = Where::current())
      : names_("substitute", "site", values, where), values_(std::move(values)) {}
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
};
/// Sites get these values as data.
class ConditionHandler : public Handler {
 public:
  explicit ConditionHandler(Values values, Where where = Where::current())
      : names_("condition", "sample site", values, where), values_(std::move(values)) {}
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
  explicit BlockHandler(std::function<bool(const Message&)> hidden) : hidden_(std::move(hidden)) {}
  void process(Message&) override;

 private:
  std::function<bool(const Message&)> hidden_;
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
  explicit LiftHandler(std::map<std::string, Distribution> priors, Where where = Where::current())
      : names_("lift", "param", priors, where), priors_(std::move(priors)) {}
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  std::map<std::string, Distribution> priors_;
};
/// What follows a site sees the intervention; the site itself stays a fresh draw.
class InterventionHandler : public Handler {
 public:
  explicit InterventionHandler(Values values, Where where = Where::current())
      : names_("do_", "sample site", values, where), values_(std::move(values)) {}
  void process(Message&) override;
  void finish(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  Values values_;
};

namespace detail {
template <class F, class Make>
auto with_handler(const F& model, Make make) {
  if constexpr (std::is_same_v<F, Model> || std::is_same_v<F, BoundModel>) return model.handled(std::move(make));
  else return handled(model_function(model).function(), std::function<std::shared_ptr<Handler>()>(std::move(make)));
}
}  // namespace detail

// ---- the same as functions of models; a name that no site of the model has is an Error when the model returns ----

template <class F>
auto seed(const F& model, const Key& key) {
  return detail::with_handler(model, [key]() -> std::shared_ptr<Handler> { return std::make_shared<SeedHandler>(key); });
}
template <class F>
auto substitute(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(
      model, [values, where]() -> std::shared_ptr<Handler> { return std::make_shared<SubstituteHandler>(values, where); });
}
template <class F>
auto condition(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(
      model, [values, where]() -> std::shared_ptr<Handler> { return std::make_shared<ConditionHandler>(values, where); });
}
template <class F>
auto uncondition(const F& model) {
  return detail::with_handler(model,
                              []() -> std::shared_ptr<Handler> { return std::make_shared<UnconditionHandler>(); });
}
template <class F>
auto replay(const F& model, const Trace& trace) {
  return detail::with_handler(
      model, [trace]() -> std::shared_ptr<Handler> { return std::make_shared<ReplayHandler>(trace); });
}

/// `.hide`: these names; `.expose`: all but these; neither: everything.
struct BlockOptions {
  OnlyNamed only_named{};
  std::vector<std::string> hide{};
  std::vector<std::string> expose{};
};
std::function<bool(const Message&)> block_predicate(const BlockOptions&);
template <class F>
auto block(const F& model, const BlockOptions& options = {}) {
  return detail::with_handler(model, [options]() -> std::shared_ptr<Handler> {
    return std::make_shared<BlockHandler>(block_predicate(options));
  });
}

struct WeightOptions {
  OnlyNamed only_named{};
  SiteKind only = SiteKind::any;
};
template <class F>
auto mask(const F& model, const Tensor& mask, const WeightOptions& options = {}) {
  return detail::with_handler(model, [mask, options]() -> std::shared_ptr<Handler> {
    return std::make_shared<WeightHandler>(mask, Tensor(), options.only);
  });
}
template <class F>
auto scale(const F& model, const Tensor& factor, const WeightOptions& options = {}) {
  return detail::with_handler(model, [factor, options]() -> std::shared_ptr<Handler> {
    return std::make_shared<WeightHandler>(Tensor(), factor, options.only);
  });
}
template <class F>
auto scope(const F& model, const std::string& prefix) {
  return detail::with_handler(
      model, [prefix]() -> std::shared_ptr<Handler> { return std::make_shared<PrefixHandler>(prefix); });
}
template <class F>
auto lift(const F& model, const std::map<std::string, Distribution>& priors, Where where = Where::current()) {
  return detail::with_handler(
      model, [priors, where]() -> std::shared_ptr<Handler> { return std::make_shared<LiftHandler>(priors, where); });
}
template <class F>
auto reparam(const F& model, const std::map<std::string, Reparam>& rules, Where where = Where::current()) {
  return detail::with_handler(
      model, [rules, where]() -> std::shared_ptr<Handler> { return std::make_shared<ReparamHandler>(rules, where); });
}
template <class F>
auto do_(const F& model, const Values& values, Where where = Where::current()) {
  return detail::with_handler(
      model, [values, where]() -> std::shared_ptr<Handler> { return std::make_shared<InterventionHandler>(values, where); });
}

namespace detail {
template <class R, class... P>
ModelFunction<Trace(P...)> traced(std::function<R(P...)> f) {
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
