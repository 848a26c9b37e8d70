#include "nuthatch/message.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/detail/simulation.h"
#include "nuthatch/detail/subsample_indices.h"
#include "nuthatch/math.h"
#include "ppl/core/scan_sites.h"

namespace nuthatch {
namespace {

std::vector<Handler*>& stack() {
  thread_local std::vector<Handler*> handlers;
  return handlers;
}

/// A value must have the shape of its site. Inside plates exactly: an (N) against an (N, 1) would quietly become an
/// (N, N). Outside of plates data may have more dimensions than the distribution's parameters.
void check_shape(const Message& m) {
  if (m.infer.enumerate && m.enumeration_dim) return;
  Shape batch = m.distribution.batch_shape();
  const Shape given = m.value.shape();
  if (m.enumeration_dim) {
    batch = detail::trailing(batch, std::size_t(-m.enumeration_dim - 1));
    while (!batch.empty() && batch.front() == 1 && batch.size() + m.distribution.event_shape().size() > given.size())
      batch.erase(batch.begin());
  }
  const Shape site = detail::join(batch, m.distribution.event_shape());
  if (site == given) return;
  auto common = detail::try_broadcast(site, given);
  if (common && *common == given && m.plates.empty()) return;
  throw Error(m.title() + ": " + (m.observed ? "the observation" : "the value") + " has shape " + to_string(given) +
                  ", but " + m.distribution.name() + " has shape " + to_string(site) + m.context(),
              m.where);
}

void check_support(const Message& m) {
  if (detail::NoValidation::active() || !m.observed || m.mask.defined() || m.distribution.impl()->masked()) return;
  const Constraint support = m.distribution.support();
  if (auto bad = support.violation(m.value, m.name))
    throw Error(m.title() + ": a value of " + m.distribution.name() + " must be " + support.description() + ", but " +
                    *bad + m.context(),
                m.where);
}

/// NUTHATCH_VALIDATE=1: traced parameters and values are tested in the program itself.
bool validates_traced() {
  static const bool on = [] {
    const char* text = std::getenv("NUTHATCH_VALIDATE");
    return text && *text && std::string(text) != "0";
  }();
  return on;
}

/// Whether all parameters are inside their constraints and all values inside the support.
Tensor valid(const Message& m, const Tensor& value) {
  Tensor all = all_of(m.distribution.support().check(value));
  for (const auto& p : m.distribution.parameters()) all = all & all_of(p.constraint.check(p.value));
  return all;
}

void default_action(Message& m) {
  if ((m.primitive == Primitive::param || m.primitive == Primitive::mutable_state) && !m.value.defined())
    m.value = m.initial;
  if (m.primitive == Primitive::plate && !m.value.defined() && m.key.tensor().defined())
    m.value = detail::subsample_indices(m.key, m.size, m.subsample_size);
  if (m.primitive != Primitive::sample) return;
  if (!m.value.defined()) {
    if (!m.key.tensor().defined())
      throw Error(m.title() + ": no random key for a draw; call the model as seed(model, Key(...))" + m.context(),
                  m.where);
    m.value = m.distribution.sample(m.key);
    return;
  }
  check_shape(m);
  check_support(m);
}

void dispatch_below(std::size_t top, Message& m) {
  // A handler around a scan speaks in place of a statement in its body.
  if (detail::ScanBody* body = detail::ScanBody::from(top)) {
    body->process_from(top, m);
    default_action(m);
    body->finish(m);
    return;
  }
  std::size_t at = top;
  while (at > 0 && !m.stop) stack()[--at]->process(m);
  default_action(m);
  for (; at < top; ++at) stack()[at]->finish(m);
}

}  // namespace

PlateFrame::~PlateFrame() = default;

namespace {
thread_local int validation_suspended = 0;
}
detail::NoValidation::NoValidation() { ++validation_suspended; }
detail::NoValidation::~NoValidation() { --validation_suspended; }
bool detail::NoValidation::active() { return validation_suspended > 0; }

Active::Active(Handler& handler) : handler_(&handler) {
  detail::observe_statements_in_loops();
  stack().push_back(handler_);
}

Active::~Active() {
  // Not always the top: a Plate may be a member of an object that outlives the scope of another.
  auto& handlers = stack();
  auto it = std::find(handlers.rbegin(), handlers.rend(), handler_);
  if (it != handlers.rend()) handlers.erase(std::next(it).base());
}

const std::vector<Handler*>& detail::handler_stack() { return stack(); }
void detail::dispatch(Message& m) {
  if (m.name.empty()) throw Error(m.title() + ": a site needs a name", m.where);
  dispatch_below(stack().size(), m);
}
void detail::dispatch_outside(const Handler& sender, Message& m) {
  auto it = std::find(stack().begin(), stack().end(), &sender);
  dispatch_below(it == stack().end() ? 0 : std::size_t(it - stack().begin()), m);
}

std::string Message::title() const {
  static constexpr const char* kNames[] = {"sample",        "param",    "deterministic", "factor", "plate",
                                           "mutable_state", "prng_key", "get_mask"};
  return std::string(kNames[int(primitive)]) + "(\"" + name + "\")";
}

std::string Message::context() const {
  std::string text = "\n  in " + title();
  for (std::size_t i = 0; i < plates.size(); ++i)
    text += (i ? ", " : ", plates: ") + plates[i].name + "=" + std::to_string(plates[i].size);
  return text;
}

Tensor Message::log_prob(bool in_support) const {
  detail::SimulationKey simulation(key);
  Tensor density;
  if (primitive == Primitive::factor) {
    density = value;
  } else {
    Tensor x = value;
    // What is masked out may be NaN, and must not reach a derivative.
    if (mask.defined() && distribution.event_shape().empty())
      x = select(mask, value, distribution.support().feasible());
    density = in_support || mask.defined() ? distribution.log_prob_in_support(x) : distribution.log_prob(x);
    if (validates_traced()) density = select(valid(*this, x), density, NAN);
  }
  if (mask.defined()) density = select(mask, density, 0.0);
  return scale.defined() ? scale * density : density;
}

Tensor Message::unscaled_log_prob() const {
  Message plain = *this;
  plain.scale = Tensor();
  return plain.log_prob();
}

Tensor Message::total_log_prob(bool in_support) const {
  const bool one_scale = !scale.defined() || scale.shape().empty();
  if (primitive == Primitive::sample && in_support && !mask.defined() && one_scale && !validates_traced()) {
    detail::SimulationKey simulation(key);
    Tensor total = distribution.total_log_prob_in_support(value);
    return scale.defined() ? scale * total : total;
  }
  Tensor density = log_prob(in_support);
  return density.shape().empty() ? density : sum(density);
}

}  // namespace nuthatch
