#pragma once
/// SoftLaplace(loc = 0, scale = 1): x real, loc real, scale > 0; the hyperbolic secant distribution.
///   log p(x) = log(2 / pi) - log(scale) - log(exp(z) + exp(-z)),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct SoftLaplace : Distribution {
  explicit SoftLaplace(Where where = Where::current()) : SoftLaplace(0.0, 1.0, where) {}
  template <Positional A>
  explicit SoftLaplace(const A& loc, Where where = Where::current()) : SoftLaplace(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit SoftLaplace(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
