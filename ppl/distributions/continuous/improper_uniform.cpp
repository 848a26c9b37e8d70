#include "nuthatch/distributions/improper_uniform.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"

namespace nuthatch {
namespace {

class Flat final : public detail::DistributionImpl {
 public:
  Flat(const Constraint& constraint, const Shape& shape, Where where)
      : DistributionImpl("ImproperUniform", {}, detail::trailing(shape, std::size_t(constraint.event_dim())), where),
        support_(constraint) {
    batch_shape = detail::leading(shape, std::size_t(constraint.event_dim()));
    if (shape.size() < std::size_t(constraint.event_dim()))
      problem = "ImproperUniform: a value that is " + constraint.description() + " needs a shape of " +
                std::to_string(constraint.event_dim()) + " dimensions or more, but it is " + to_string(shape);
  }
  Constraint support() const override { return support_; }
  Tensor log_prob(const Tensor&) const override { return 0.0; }
  Tensor sample(const Key&, const Shape&) const override {
    throw Error("ImproperUniform is not a probability distribution: it has no draws", where);
  }

 private:
  Constraint support_;
};

}  // namespace

ImproperUniform::ImproperUniform(const Constraint& constraint, const Shape& shape, Where where)
    : Distribution(std::make_shared<Flat>(constraint, shape, where)) {}

}  // namespace nuthatch
