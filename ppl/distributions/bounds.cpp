#include "ppl/distributions/bounds.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/message.h"

namespace nuthatch::detail {
namespace {

void require(DistributionImpl& d, std::size_t low, std::size_t high, const Constraint& set, const char* relation) {
  const Parameter &a = d.parameters[low], &b = d.parameters[high];
  if (d.problem || NoValidation::active() || !a.value.is_concrete() || !b.value.is_concrete()) return;
  if (auto bad = set.violation(b.value, b.name))
    d.problem = d.name + ": " + b.name + " must be " + relation + " " + a.name + ", but " + *bad + " and " + a.name +
                " = " + (a.value.size() == 1 ? number(a.value.to_vector<double>()[0]) : to_string(a.value));
}

} // namespace

void require_less(DistributionImpl& d, std::size_t low, std::size_t high) {
  if (d.parameters[low].value.defined())
    require(d, low, high, constraints::greater_than(d.parameters[low].value), "greater than");
}

void require_not_greater(DistributionImpl& d, std::size_t low, std::size_t high) {
  if (d.parameters[low].value.defined())
    require(d, low, high, constraints::greater_than_eq(d.parameters[low].value), "at least");
}

} // namespace nuthatch::detail
