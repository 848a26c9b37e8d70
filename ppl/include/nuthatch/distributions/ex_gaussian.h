#pragma once
/// ExGaussian(loc, scale, nu): x real, loc real, scale > 0, nu > 0; Normal(loc, scale) plus an exponential value of
/// mean nu.
///   log p(x) = -log(nu) + 1/2 r^2 - r z + log Phi(z - r),   z = (x - loc) / scale,   r = scale / nu
/// ExGaussian({.loc, .scale, .rate}) has nu = 1 / rate.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.loc`, `.scale`, and `.nu` or `.rate`.
struct ExGaussianParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor nu{};
  Tensor rate{};
};

struct ExGaussian : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit ExGaussian(const A& loc, const B& scale, const C& nu, Where where = Where::current())
      : Distribution(make(loc, scale, nu, where)) {}
  explicit ExGaussian(const ExGaussianParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& nu, Where where);
};

} // namespace nuthatch
