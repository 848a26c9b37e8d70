#pragma once
/// AsymmetricLaplace(loc = 0, scale = 1, asymmetry = 1): x real, loc real, scale > 0, asymmetry > 0. Exponential on
/// both sides of loc, with scale L = scale asymmetry on the left and R = scale / asymmetry on the right.
///   log p(x) = -(loc - x) / L - log(L + R) for x < loc,   -(x - loc) / R - log(L + R) otherwise
/// AsymmetricLaplace({.loc, .scale, .quantile}) has P(x < loc) = quantile: asymmetry = (quantile / (1 -
/// quantile))^(1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.asymmetry` or `.quantile`; `.loc` is 0 and `.scale` 1 when left out.
struct AsymmetricLaplaceParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor asymmetry{};
  Tensor quantile{};
};

struct AsymmetricLaplace : Distribution {
  explicit AsymmetricLaplace(Where where = Where::current()) : AsymmetricLaplace(0.0, 1.0, 1.0, where) {}
  template <Positional A>
  explicit AsymmetricLaplace(const A& loc, Where where = Where::current()) : AsymmetricLaplace(loc, 1.0, 1.0, where) {}
  template <Positional A, Positional B>
  explicit AsymmetricLaplace(const A& loc, const B& scale, Where where = Where::current())
      : AsymmetricLaplace(loc, scale, 1.0, where) {}
  template <Positional A, Positional B, Positional C>
  explicit AsymmetricLaplace(const A& loc, const B& scale, const C& asymmetry, Where where = Where::current())
      : Distribution(make(loc, scale, asymmetry, where)) {}
  explicit AsymmetricLaplace(const AsymmetricLaplaceParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& asymmetry, Where where);
};

} // namespace nuthatch
