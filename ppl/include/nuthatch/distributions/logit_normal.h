#pragma once
/// LogitNormal(loc = 0, scale = 1): 0 <= x <= 1, loc real, scale > 0; 1 / (1 + exp(-Normal(loc, scale))).
///   log p(x) = -1/2 ((logit(x) - loc) / scale)^2 - log(scale) - 1/2 log(2 pi) - log(x) - log(1 - x)
/// LogitNormal({.loc, .precision}) has scale = precision^(-1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.scale` or `.precision`; `.loc` is 0 when left out.
struct LogitNormalParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
};

struct LogitNormal : Distribution {
  explicit LogitNormal(Where where = Where::current()) : LogitNormal(0.0, 1.0, where) {}
  template <Positional A>
  explicit LogitNormal(const A& loc, Where where = Where::current()) : LogitNormal(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit LogitNormal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}
  explicit LogitNormal(const LogitNormalParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
