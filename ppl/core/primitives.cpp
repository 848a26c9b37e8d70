#include "nuthatch/primitives.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/missing_values.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "nuthatch/plate.h"

namespace nuthatch {
namespace {

Distribution repeated(const Distribution& distribution, const SampleOptions& options, Where where) {
  if (options.sample_shape.empty()) return distribution;
  distribution.validate();
  return distribution.expand(detail::join(options.sample_shape, distribution.batch_shape()), where);
}

/// Throws what is wrong with the parameters; plates have not seen the message yet, but belong to the text.
void validate(const Message& m) {
  if (m.distribution.impl() && !m.distribution.impl()->problem) return;
  Message inside = m;
  for (Handler* handler : detail::handler_stack())
    if (auto* plate = dynamic_cast<Plate*>(handler)) inside.plates.push_back(plate->frame());
  m.distribution.validate(inside.context());
}

/// The statement with data for a part of its elements.
Tensor sample_partly(const std::string& name, const Distribution& distribution, const Observed& observed,
                     const SampleOptions& options, Where where) {
  if (options.obs_mask.dtype() != bool_)
    throw Error("sample(\"" + name + "\"): .obs_mask must be of dtype bool_", where);
  const Distribution all = repeated(distribution, options, where);
  SampleOptions plain = options;
  plain.obs_mask = Tensor();
  plain.sample_shape = {};
  const Tensor known = sample(name + "_observed", all.mask(options.obs_mask, where), observed, plain, where);
  const Tensor unknown = sample(name + "_unobserved", all.mask(~options.obs_mask, where), plain, where);
  Tensor mask = options.obs_mask;
  for (std::size_t i = 0; i < all.event_shape().size(); ++i) mask = expand_dims(mask, -1);
  return deterministic(name, select(mask, known, unknown), where);
}

}  // namespace

Tensor sample(const std::string& name, const Distribution& distribution, Where where) {
  return sample(name, distribution, SampleOptions(), where);
}

Tensor sample(const std::string& name, const Distribution& distribution, const SampleOptions& options, Where where) {
  Message m(Primitive::sample, name, where);
  m.distribution = repeated(distribution, options, where);
  m.infer.enumerate = options.enumerate;
  m.key = options.key;
  validate(m);
  detail::dispatch(m);
  return m.value;
}

Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed, Where where) {
  return sample(name, distribution, observed, SampleOptions(), where);
}

Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed,
              const SampleOptions& options, Where where) {
  if (options.obs_mask.defined()) return sample_partly(name, distribution, observed, options, where);
  Message m(Primitive::sample, name, where);
  m.distribution = repeated(distribution, options, where);
  m.observation = true;
  m.observed = !observed.empty();
  m.value = observed.value();
  m.key = options.key;
  validate(m);
  if (m.observed) detail::impute_missing(m);
  detail::dispatch(m);
  return m.value;
}

Tensor deterministic(const std::string& name, const Tensor& value, Where where) {
  Message m(Primitive::deterministic, name, where);
  m.value = value;
  detail::dispatch(m);
  return m.value;
}

void factor(const std::string& name, const Tensor& log_factor, Where where) {
  Message m(Primitive::factor, name, where);
  m.value = log_factor;
  detail::dispatch(m);
}

Tensor param(const std::string& name, const Tensor& initial, const Constraint& constraint, Where where) {
  return param(name, initial, ParamOptions{.constraint = constraint}, where);
}

Tensor param(const std::string& name, const Tensor& initial, const ParamOptions& options, Where where) {
  Message m(Primitive::param, name, where);
  m.constraint = options.constraint;
  m.event_dim = options.event_dim;
  if (auto bad = options.constraint.violation(initial, name))
    throw Error(m.title() + ": the initial value must be " + options.constraint.description() + ", but " + *bad, where);
  m.initial = initial;
  detail::dispatch(m);
  return m.value;
}

Tensor param(const std::string& name, Function<Tensor(const Key&)> initial, const ParamOptions& options, Where where) {
  const Key key = prng_key(name, where);
  if (!key.tensor().defined())
    throw Error("param(\"" + name + "\"): no random key for the initial value; call the model as seed(model, Key(...))",
                where);
  return param(name, initial(key), options, where);
}

MutableState::MutableState(const std::string& name, const Tensor& initial, Where where) : name_(name) {
  Message m(Primitive::mutable_state, name, where);
  m.initial = initial;
  detail::dispatch(m);
  value_ = m.value;
}

void MutableState::set(const Tensor& value, Where where) {
  if (value.shape() != value_.shape())
    throw Error("mutable_state(\"" + name_ + "\"): a value of shape " + to_string(value.shape()) + " instead of " +
                    to_string(value_.shape()),
                where);
  value_ = stop_gradient(value);
  Message m(Primitive::mutable_state, name_, where);
  m.value = value_;
  m.observed = true;  // handlers do not replace it
  detail::dispatch(m);
}

Key prng_key(const std::string& name, Where where) {
  Message m(Primitive::prng_key, name, where);
  detail::dispatch(m);
  return m.key;
}

Tensor get_mask(Where where) {
  Message m(Primitive::get_mask, "mask", where);
  detail::dispatch(m);
  return m.mask;
}

}  // namespace nuthatch
