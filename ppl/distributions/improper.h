#pragma once
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// Log density 0 on a set, whose values have shape `shape`. Not a probability distribution.
class Improper final : public DistributionImpl {
 public:
  Improper(std::string name, const Constraint& constraint, const Shape& shape, Where where);
  Constraint support() const override { return support_; }
  Tensor log_prob(const Tensor&) const override { return 0.0; }
  Tensor sample(const Key&, const Shape&) const override;

 private:
  Constraint support_;
};

} // namespace nuthatch::detail
