#pragma once
/// Transformed(base, bijector) or Transformed(base, {f, g, ...}): the distribution of f(x), of g(f(x)), ..., for x drawn
/// from `base`; also base.transformed(f). Where a bijector maps arrays, dimensions of the batch become dimensions of the
/// event as needed.
///   log p(y) = log p_base(x) - log |det df/dx|,   y = f(x)
/// The distribution function and quantiles follow for maps of one number that increase or decrease.
#include <vector>

#include "nuthatch/bijectors.h"
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Transformed : Distribution {
  explicit Transformed(const Distribution& base, const Bijector& bijector, Where where = Where::current());
  explicit Transformed(const Distribution& base, const std::vector<Bijector>& bijectors,
                       Where where = Where::current());
};

}  // namespace nuthatch
