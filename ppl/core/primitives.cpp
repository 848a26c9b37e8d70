#include "nuthatch/primitives.h"

#include "nuthatch/message.h"

namespace nuthatch {

Tensor sample(const std::string& name, const Distribution& distribution, Where where) {
  Message m(Primitive::sample, name, where);
  m.distribution = distribution;
  distribution.validate(m.context());
  detail::dispatch(m);
  return m.value;
}

Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed, Where where) {
  Message m(Primitive::sample, name, where);
  m.distribution = distribution;
  m.observation = true;
  m.observed = !observed.empty();
  m.value = observed.value();
  distribution.validate(m.context());
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
  Message m(Primitive::param, name, where);
  m.constraint = constraint;
  if (auto bad = constraint.violation(initial, name))
    throw Error(m.title() + ": the initial value must be " + constraint.description() + ", but " + *bad, where);
  m.initial = initial;
  detail::dispatch(m);
  return m.value;
}

}  // namespace nuthatch
