#pragma once
/// LogNormal(loc = 0, scale = 1): x > 0, loc real, scale > 0; exp(Normal(loc, scale)).
///   log p(x) = -1/2 ((log(x) - loc) / scale)^2 - log(x) - log(scale) - 1/2 log(2 pi)
/// LogNormal({.mean, .sd}) has scale^2 = log(1 + (sd / mean)^2) and loc = log(mean) - scale^2 / 2.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.loc` (default 0) with `.scale` or `.precision`, or `.mean` and `.sd` of x.
struct LogNormalParameters {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
  Tensor mean{};
  Tensor sd{};
};

struct LogNormal : Distribution {
  explicit LogNormal(Where where = Where::current()) : LogNormal(0.0, 1.0, where) {}
  template <Positional A>
  explicit LogNormal(const A& loc, Where where = Where::current()) : LogNormal(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit LogNormal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}
  explicit LogNormal(const LogNormalParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
