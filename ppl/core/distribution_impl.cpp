#include "nuthatch/detail/distribution_impl.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "nuthatch/detail/user_distribution.h"

namespace nuthatch::detail {
namespace {

std::optional<std::string> invalid_value(const std::string& name, const Parameter& p) {
  auto bad = p.constraint.violation(p.value, p.name);
  if (!bad) return std::nullopt;
  return name + ": " + p.name + " must be " + p.constraint.description() + ", but " + *bad;
}

std::optional<std::string> incompatible(const std::string& name, const std::vector<Parameter>& ps) {
  std::string shapes;
  for (const auto& p : ps) shapes += (shapes.empty() ? "" : " with ") + p.name + " " + to_string(p.value.shape());
  return name + ": cannot broadcast " + shapes;
}

}  // namespace

DistributionImpl::DistributionImpl(std::string family, std::vector<Parameter> ps, Shape event, Where line)
    : name(std::move(family)), parameters(std::move(ps)), where(line), event_shape(std::move(event)) {
  for (const auto& p : parameters) {
    if (!p.value.defined()) {
      problem = name + ": " + p.name + " is missing";
      return;
    }
    const std::size_t event_dim = std::size_t(p.constraint.event_dim());
    if (p.value.shape().size() < event_dim) {
      problem = name + ": " + p.name + " must have " + std::to_string(event_dim) + " dimensions or more, but has shape " +
                to_string(p.value.shape());
      return;
    }
    if (!problem && !NoValidation::active()) problem = invalid_value(name, p);
    auto common = try_broadcast(batch_shape, leading(p.value.shape(), event_dim));
    if (!common) {
      problem = incompatible(name, parameters);
      return;
    }
    batch_shape = *common;
  }
}

DistributionImpl::DistributionImpl(const DistributionImpl& base, Shape batch, Shape event, Where line)
    : name(base.name), parameters(base.parameters), where(line), batch_shape(std::move(batch)),
      event_shape(std::move(event)), problem(base.problem) {}

Tensor DistributionImpl::log_prob(const Tensor& value) const {
  Tensor total;
  for (const Term& t : terms(value)) {
    Tensor term = t.factor.defined() ? t.factor * t.value : t.value;
    total = total.defined() ? total + term : term;
  }
  return total;
}

Tensor DistributionImpl::total_log_prob(const Tensor& value, std::int64_t count) const {
  Tensor total;
  for (const Term& t : terms(value)) {
    const bool outside = t.factor.defined() && t.factor.shape().empty();  // one factor for the whole sum
    Tensor term = t.factor.defined() && !outside ? t.factor * t.value : t.value;
    const std::int64_t repeats = count / term.size();
    if (!term.shape().empty()) term = sum(term);
    if (repeats != 1) term = term * double(repeats);
    if (outside) term = t.factor * term;
    total = total.defined() ? total + term : term;
  }
  return total;
}

std::vector<Parameter> named_parameters(const std::vector<Tensor>& values, const std::vector<std::string>& names) {
  std::vector<Parameter> result;
  for (std::size_t i = 0; i < values.size(); ++i)
    result.push_back({i < names.size() ? names[i] : "parameter " + std::to_string(i + 1), values[i], constraints::real});
  return result;
}

}  // namespace nuthatch::detail
