#include "nuthatch/handlers.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/message_rules.h"
#include "ppl/core/scan_sites.h"

namespace nuthatch {
namespace {

/// FNV-1a, 32 bits: what a name contributes to the key of its site.
std::uint32_t hash_of(const std::string& name) {
  std::uint32_t h = 2166136261u;
  for (unsigned char c : name) h = (h ^ c) * 16777619u;
  return h;
}

/// A single number stands for all elements of a site.
Tensor fitted(const Tensor& value, const Message& m) {
  if (m.primitive != Primitive::sample || !value.shape().empty()) return value;
  return detail::broadcast_if_needed(value, m.distribution.shape());
}

}  // namespace

Key site_key(const Key& key, const std::string& name) { return fold_in(key, Tensor(std::int64_t(hash_of(name)))); }

void SeedHandler::process(Message& m) {
  if (detail::needs_key(m) && !detail::is_among(hidden_, m.primitive)) m.key = site_key(key_, m.name);
}

void SubstituteHandler::process(Message& m) {
  if (m.primitive == Primitive::prng_key || m.primitive == Primitive::get_mask) return;  // questions, not sites
  names_.add(m.name);
  // The data of an observation, and a state that was just set, stay.
  if (m.primitive == Primitive::factor || m.observed) return;
  if (function_) {
    if (Tensor value = function_(m); value.defined()) m.value = fitted(value, m);
    return;
  }
  if (auto it = values_.find(m.name); it != values_.end()) m.value = fitted(it->second, m);
}

void ConditionHandler::process(Message& m) {
  if (m.primitive != Primitive::sample) return;
  names_.add(m.name);
  Tensor value;
  if (function_) value = function_(m);
  else if (auto it = values_.find(m.name); it != values_.end()) value = it->second;
  if (!value.defined()) return;
  m.value = fitted(value, m);
  m.observed = true;
}

void UnconditionHandler::process(Message& m) {
  if (m.primitive != Primitive::sample || !m.observed) return;
  m.observed = false;
  m.infer.was_observed = true;
  m.infer.observation = m.value;
  m.value = Tensor();
}

void ReplayHandler::process(Message& m) {
  if ((m.primitive != Primitive::sample && m.primitive != Primitive::plate) || m.value.defined()) return;
  const Site* site = trace_.find(m.name);
  if (!site || site->primitive != m.primitive) return;
  if (site->observed)
    throw Error("replay: " + m.title() + " is latent, but observed in the trace, at " + to_string(site->where) + m.context(),
                m.where);
  m.value = site->value;
  m.infer = site->infer;
}

void BlockHandler::process(Message& m) {
  if (m.primitive == Primitive::prng_key || m.primitive == Primitive::get_mask || !hidden_(m)) return;
  m.stop = true;
  if (!detail::needs_key(m)) return;
  Message request(Primitive::prng_key, m.name, m.where);
  detail::dispatch_outside(*this, request);
  m.key = request.key;
}

Function<bool(const Message&)> block_predicate(const BlockOptions& options) {
  auto among = [](const auto& list, const auto& x) { return std::find(list.begin(), list.end(), x) != list.end(); };
  return [options, among](const Message& m) {
    if (options.hide_if) return options.hide_if(m);
    if (!options.hide.empty()) return among(options.hide, m.name);
    if (!options.expose_kinds.empty()) return !among(options.expose_kinds, m.primitive);
    return !among(options.expose, m.name);
  };
}

void WeightHandler::process(Message& m) {
  if (m.primitive == Primitive::param || m.primitive == Primitive::deterministic) return;
  const bool observed = m.observed || m.primitive == Primitive::factor;
  if (only_ != SiteKind::any && (only_ == SiteKind::observed) != observed) return;
  if (mask_.defined()) m.mask = m.mask.defined() ? m.mask & mask_ : mask_;
  if (scale_.defined()) m.scale = m.scale.defined() ? m.scale * scale_ : scale_;
}

void PrefixHandler::process(Message& m) { detail::add_prefix(m, prefix_, hidden_); }

void LiftHandler::process(Message& m) {
  if (m.primitive != Primitive::param) return;
  names_.add(m.name);
  auto it = priors_.find(m.name);
  if (it == priors_.end() && !all_.impl()) return;
  m.primitive = Primitive::sample;
  m.distribution = it == priors_.end() ? all_ : it->second;
  // One prior for params of several shapes: independent elements.
  if (it == priors_.end() && m.initial.shape() != all_.shape())
    m.distribution = all_.expand(detail::leading(m.initial.shape(), all_.event_shape().size()), m.where);
}

void InterventionHandler::process(Message& m) {
  if (m.primitive == Primitive::sample) names_.add(m.name);
  // Handlers further out may rename the site before it comes back.
  pending_.emplace_back(&m, m.name);
}

void InterventionHandler::finish(Message& m) {
  std::string name = m.name;
  while (!pending_.empty()) {
    auto [message, first_name] = pending_.back();
    pending_.pop_back();
    if (message != &m) continue;
    name = first_name;
    break;
  }
  if (function_ && detail::sees_steps(*this)) {
    if (name == site_)
      throw Error("do_: " + m.title() + " is in the body of a scan; give the values of all its steps" + m.context(), m.where);
    return;
  }
  if (function_) {
    Message site = m;
    site.name = name;
    before_.add(std::move(site));
  }
  if (m.primitive != Primitive::sample) return;
  if (function_ && name == site_) m.value = fitted(function_(before_), m);
  if (auto it = values_.find(name); it != values_.end()) m.value = fitted(detail::at_step(*this, it->second), m);
}

void InferConfigHandler::process(Message& m) {
  if (m.primitive == Primitive::sample) m.infer = configure_(m);
}

SubstituteHandler::SubstituteHandler(Values values, Where where)
    : names_("substitute", "site", detail::SiteNames::of(values), where), values_(std::move(values)) {}
ConditionHandler::ConditionHandler(Values values, Where where)
    : names_("condition", "sample site", detail::SiteNames::of(values), where), values_(std::move(values)) {}
LiftHandler::LiftHandler(std::map<std::string, Distribution> priors, Where where)
    : names_("lift", "param", detail::SiteNames::of(priors), where), priors_(std::move(priors)) {}
InterventionHandler::InterventionHandler(Values values, Where where)
    : names_("do_", "sample site", detail::SiteNames::of(values), where), values_(std::move(values)) {}

SubstituteHandler::SubstituteHandler(ValueFunction value)
    : names_("substitute", "site", std::vector<std::string>(), Where::current()), function_(std::move(value)) {}
ConditionHandler::ConditionHandler(ValueFunction value)
    : names_("condition", "sample site", std::vector<std::string>(), Where::current()), function_(std::move(value)) {}
LiftHandler::LiftHandler(const Distribution& prior, Where where)
    : names_("lift", "param", std::vector<std::string>(), where), all_(prior) {}
InterventionHandler::InterventionHandler(std::string site, Intervention value, Where where)
    : names_("do_", "sample site", std::vector<std::string>{site}, where), function_(std::move(value)), site_(std::move(site)) {}

namespace detail {
namespace {
template <class H, class... A>
HandlerFactory factory(A... arguments) {
  return [arguments...]() -> Shared<Handler> { return share<H>(arguments...); };
}
}  // namespace

HandlerFactory seed_factory(const Key& key, const std::vector<Primitive>& hide_kinds) {
  return factory<SeedHandler>(key, hide_kinds);
}
HandlerFactory substitute_factory(const nuthatch::Values& values, Where where) { return factory<SubstituteHandler>(values, where); }
HandlerFactory condition_factory(const nuthatch::Values& values, Where where) { return factory<ConditionHandler>(values, where); }
HandlerFactory uncondition_factory() { return factory<UnconditionHandler>(); }
HandlerFactory replay_factory(const nuthatch::Trace& trace) { return factory<ReplayHandler>(trace); }
HandlerFactory block_factory(Function<bool(const Message&)> hidden) { return factory<BlockHandler>(hidden); }
HandlerFactory weight_factory(const Tensor& mask, const Tensor& scale, SiteKind only, Where where) {
  if (mask.defined() && mask.dtype() != bool_)
    throw Error(std::string("mask: a mask must be of dtype bool_, but it is ") + name(mask.dtype()), where);
  if (scale.defined() && !positive_where_known(scale))
    throw Error("scale: the factor must be positive, but it is " + to_string(scale), where);
  return factory<WeightHandler>(mask, scale, only);
}
HandlerFactory prefix_factory(const std::string& prefix, const std::string& divider,
                              const std::vector<Primitive>& hide_kinds) {
  return factory<PrefixHandler>(prefix, divider, hide_kinds);
}
HandlerFactory lift_factory(const std::map<std::string, Distribution>& priors, Where where) {
  return factory<LiftHandler>(priors, where);
}
HandlerFactory reparam_factory(const ReparamRules& rules, Where where) { return factory<ReparamHandler>(rules, where); }
HandlerFactory intervention_factory(const nuthatch::Values& values, Where where) {
  return factory<InterventionHandler>(values, where);
}
HandlerFactory intervention_factory(const std::string& site, const Intervention& value, Where where) {
  return factory<InterventionHandler>(site, value, where);
}
HandlerFactory substitute_factory(const ValueFunction& value) { return factory<SubstituteHandler>(value); }
HandlerFactory condition_factory(const ValueFunction& value) { return factory<ConditionHandler>(value); }
HandlerFactory lift_factory(const Distribution& prior, Where where) { return factory<LiftHandler>(prior, where); }
HandlerFactory infer_config_factory(Function<Infer(const Message&)> configure) {
  return factory<InferConfigHandler>(std::move(configure));
}
}  // namespace detail

}  // namespace nuthatch
