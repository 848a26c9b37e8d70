#include "nuthatch/distributions/unit.h"

#include <cmath>

#include "nuthatch/array.h"

namespace nuthatch {
namespace {

class UnitDensity final : public detail::Family<UnitDensity, 1> {
 public:
  UnitDensity(const Tensor& log_factor, Where where)
      // Any number: a factor may be infinite or NaN, and the model that has it is told so where it is used.
      : Family("Unit", {{"log_factor", log_factor, constraints::dependent}}, Shape{0}, where) {}
  Constraint support() const override { return constraints::real_vector(); }
  Tensor log_prob(const Tensor&) const override { return p(0); }
  Tensor sample(const Key&, const Shape& shape) const override { return zeros(shape); }
  Tensor support_point() const override { return zeros(Shape{0}); }
};

}  // namespace

Distribution Unit::make(const Tensor& log_factor, Where where) {
  return Distribution(share<UnitDensity>(log_factor, where));
}

}  // namespace nuthatch
