#pragma once
/// HalfNormal(scale = 1): x >= 0, scale > 0; |Normal(0, scale)|.
///   log p(x) = -1/2 (x / scale)^2 - log(scale) + 1/2 log(2 / pi)
/// HalfNormal({.precision}) has scale = precision^(-1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: one of the two.
struct HalfNormalParameters {
  OnlyNamed only_named{};
  Tensor scale{};
  Tensor precision{};
};

struct HalfNormal : Distribution {
  explicit HalfNormal(Where where = Where::current()) : HalfNormal(1.0, where) {}
  template <Positional A>
  explicit HalfNormal(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}
  explicit HalfNormal(const HalfNormalParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& scale, Where where);
};

} // namespace nuthatch
