#include "inference/predictive/simulation.h"

#include "nuthatch/detail/site_info.h"

namespace nuthatch::predictive {
namespace {

[[noreturn]] void not_among_draws(const Message& m) {
  throw Error(m.title() + ": the draws have no site \"" + m.name +
                  "\"\n  .resample = {\"" + m.name + "\"} draws it from its prior given the others" + m.context(),
              m.where);
}

[[noreturn]] void other_shape(const Message& m, const Shape& given) {
  throw Error(m.title() + ": the draws have shape " + to_string(given) + ", but at these arguments " +
                  m.distribution.name() + " has shape " + to_string(m.distribution.shape()) + "\n  .resample = {\"" +
                  m.name + "\"} draws it from its prior given the others" + m.context(),
              m.where);
}

}  // namespace

void Simulation::process(Message& m) {
  if (m.primitive == Primitive::param && !m.value.defined())
    if (auto it = values_.find(m.name); it != values_.end()) m.value = it->second;
  const bool keyed = m.primitive == Primitive::prng_key || m.primitive == Primitive::plate;
  if (keyed && !m.key.tensor().defined()) m.key = site_key(key_, m.name);
  if (m.primitive != Primitive::sample || m.value.defined()) return;
  const auto it = values_.find(m.name);
  if (!m.observation && it != values_.end() && !drawn_.contains(m.name)) {
    if (it->second.shape() != m.distribution.shape()) other_shape(m, it->second.shape());
    m.value = it->second;
    given_.insert(m.name);
    return;
  }
  if (complete_ && !m.observation && !drawn_.contains(m.name)) not_among_draws(m);
  if (!m.key.tensor().defined()) m.key = site_key(key_, m.name);
}

void Simulation::finish(Message& m) {
  trace_.add(m);
  if (m.primitive != Primitive::sample && m.primitive != Primitive::deterministic) return;
  SimulatedSite site;
  static_cast<SiteInfo&>(site) = detail::site_info(m);
  if (m.primitive == Primitive::deterministic) site.role = Role::deterministic;
  else if (m.observed) site.role = Role::observed;
  else if (m.observation) site.role = Role::predicted;
  else site.role = given_.contains(m.name) ? Role::given : Role::drawn;
  site.recovered = m.primitive == Primitive::deterministic && m.infer.auxiliary;
  sites.push_back(site);
  results[m.name] = m.value;
  if (weighed != site.role || m.primitive != Primitive::sample) return;
  // What one observation contributes by itself, but the whole of a prior.
  densities[m.name] = site.role == Role::observed ? m.unscaled_log_prob() : m.log_prob();
}

}  // namespace nuthatch::predictive
