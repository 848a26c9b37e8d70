#pragma once
/// SkewNormal(loc = 0, scale = 1, skewness = 0): x real, loc and skewness real, scale > 0.
///   log p(x) = log(2) - 1/2 z^2 - 1/2 log(2 pi) - log(scale) + log Phi(skewness z),   z = (x - loc) / scale
/// SkewNormal({.loc, .precision, .skewness}) has scale = precision^(-1/2). Azzalini, A class of distributions which
/// includes the normal ones, Scand. J. Statist. 12 (1985).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.skewness` with `.scale` or `.precision`; `.loc` is 0 when left out.
struct SkewNormalParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
  Tensor skewness{};
};

struct SkewNormal : Distribution {
  explicit SkewNormal(Where where = Where::current()) : SkewNormal(0.0, 1.0, 0.0, where) {}
  template <Positional A>
  explicit SkewNormal(const A& loc, Where where = Where::current()) : SkewNormal(loc, 1.0, 0.0, where) {}
  template <Positional A, Positional B>
  explicit SkewNormal(const A& loc, const B& scale, Where where = Where::current())
      : SkewNormal(loc, scale, 0.0, where) {}
  template <Positional A, Positional B, Positional C>
  explicit SkewNormal(const A& loc, const B& scale, const C& skewness, Where where = Where::current())
      : Distribution(make(loc, scale, skewness, where)) {}
  explicit SkewNormal(const SkewNormalParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& skewness, Where where);
};

} // namespace nuthatch
