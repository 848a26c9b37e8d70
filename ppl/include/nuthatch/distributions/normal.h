#pragma once
/// Normal(loc = 0, scale = 1): x real, loc real, scale > 0 (the standard deviation).
///   log p(x) = -1/2 ((x - loc) / scale)^2 - log(scale) - 1/2 log(2 pi)
/// Normal({.loc, .precision}) has scale = precision^(-1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.scale` or `.precision`; `.loc` is 0 when left out.
struct NormalParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
};

struct Normal : Distribution {
  explicit Normal(Where where = Where::current()) : Normal(0.0, 1.0, where) {}
  template <Positional A> explicit Normal(const A& loc, Where where = Where::current()) : Normal(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Normal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}
  explicit Normal(const NormalParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
