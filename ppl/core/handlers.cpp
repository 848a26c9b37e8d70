#include "nuthatch/handlers.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

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
  if (m.primitive == Primitive::sample && !m.value.defined() && !m.key.tensor().defined()) m.key = site_key(key_, m.name);
}

void SubstituteHandler::process(Message& m) {
  names_.add(m.name);
  if (m.primitive != Primitive::sample && m.primitive != Primitive::param) return;
  auto it = values_.find(m.name);
  if (it != values_.end() && !m.observed) m.value = fitted(it->second, m);
}

void ConditionHandler::process(Message& m) {
  if (m.primitive == Primitive::sample) names_.add(m.name);
  auto it = values_.find(m.name);
  if (m.primitive != Primitive::sample || it == values_.end()) return;
  m.value = fitted(it->second, m);
  m.observed = true;
}

void UnconditionHandler::process(Message& m) {
  if (m.primitive != Primitive::sample || !m.observed) return;
  m.observed = false;
  m.value = Tensor();
}

void ReplayHandler::process(Message& m) {
  if (m.primitive != Primitive::sample || m.value.defined()) return;
  const Site* site = trace_.find(m.name);
  if (site && site->primitive == Primitive::sample) m.value = site->value;
}

void BlockHandler::process(Message& m) {
  if (hidden_(m)) m.stop = true;
}

Function<bool(const Message&)> block_predicate(const BlockOptions& options) {
  auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return [options, among](const Message& m) {
    if (!options.hide.empty()) return among(options.hide, m.name);
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

void PrefixHandler::process(Message& m) {
  m.name = prefix_ + "/" + m.name;
  for (auto& plate : m.plates) plate.name = prefix_ + "/" + plate.name;
}

void LiftHandler::process(Message& m) {
  if (m.primitive == Primitive::param) names_.add(m.name);
  auto it = priors_.find(m.name);
  if (m.primitive != Primitive::param || it == priors_.end()) return;
  m.primitive = Primitive::sample;
  m.distribution = it->second;
}

void InterventionHandler::process(Message& m) {
  if (m.primitive == Primitive::sample) names_.add(m.name);
}

void InterventionHandler::finish(Message& m) {
  auto it = values_.find(m.name);
  if (m.primitive == Primitive::sample && it != values_.end()) m.value = fitted(it->second, m);
}

SubstituteHandler::SubstituteHandler(Values values, Where where)
    : names_("substitute", "site", detail::SiteNames::of(values), where), values_(std::move(values)) {}
ConditionHandler::ConditionHandler(Values values, Where where)
    : names_("condition", "sample site", detail::SiteNames::of(values), where), values_(std::move(values)) {}
LiftHandler::LiftHandler(std::map<std::string, Distribution> priors, Where where)
    : names_("lift", "param", detail::SiteNames::of(priors), where), priors_(std::move(priors)) {}
InterventionHandler::InterventionHandler(Values values, Where where)
    : names_("do_", "sample site", detail::SiteNames::of(values), where), values_(std::move(values)) {}

namespace detail {
namespace {
template <class H, class... A>
HandlerFactory factory(A... arguments) {
  return [arguments...]() -> std::shared_ptr<Handler> { return std::make_shared<H>(arguments...); };
}
}  // namespace

HandlerFactory seed_factory(const Key& key) { return factory<SeedHandler>(key); }
HandlerFactory substitute_factory(const nuthatch::Values& values, Where where) { return factory<SubstituteHandler>(values, where); }
HandlerFactory condition_factory(const nuthatch::Values& values, Where where) { return factory<ConditionHandler>(values, where); }
HandlerFactory uncondition_factory() { return factory<UnconditionHandler>(); }
HandlerFactory replay_factory(const nuthatch::Trace& trace) { return factory<ReplayHandler>(trace); }
HandlerFactory block_factory(Function<bool(const Message&)> hidden) { return factory<BlockHandler>(hidden); }
HandlerFactory weight_factory(const Tensor& mask, const Tensor& scale, SiteKind only) {
  return factory<WeightHandler>(mask, scale, only);
}
HandlerFactory prefix_factory(const std::string& prefix) { return factory<PrefixHandler>(prefix); }
HandlerFactory lift_factory(const std::map<std::string, Distribution>& priors, Where where) {
  return factory<LiftHandler>(priors, where);
}
HandlerFactory reparam_factory(const ReparamRules& rules, Where where) { return factory<ReparamHandler>(rules, where); }
HandlerFactory intervention_factory(const nuthatch::Values& values, Where where) {
  return factory<InterventionHandler>(values, where);
}
}  // namespace detail

}  // namespace nuthatch
