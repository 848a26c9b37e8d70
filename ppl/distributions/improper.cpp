#include "ppl/distributions/improper.h"

#include "nuthatch/detail/shapes.h"

namespace nuthatch::detail {

Improper::Improper(std::string name, const Constraint& constraint, const Shape& shape, Where where)
    : DistributionImpl(std::move(name), {}, trailing(shape, std::size_t(constraint.event_dim())), where),
      support_(constraint) {
  batch_shape = leading(shape, std::size_t(constraint.event_dim()));
  if (shape.size() < std::size_t(constraint.event_dim()))
    problem = this->name + ": a value that is " + constraint.description() + " needs a shape of " +
              std::to_string(constraint.event_dim()) + " dimensions or more, but it is " + to_string(shape);
}

Tensor Improper::sample(const Key&, const Shape&) const {
  throw Error(name + " is not a probability distribution: it has no draws", where);
}

} // namespace nuthatch::detail
