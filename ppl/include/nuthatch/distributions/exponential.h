#pragma once
/// Exponential(rate = 1): x >= 0, rate > 0; mean 1 / rate.
///   log p(x) = log(rate) - rate x
/// Exponential({.scale}) has rate = 1 / scale.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: one of the two.
struct ExponentialParameters {
  OnlyNamed only_named{};
  Tensor rate{};
  Tensor scale{};
};

struct Exponential : Distribution {
  explicit Exponential(Where where = Where::current()) : Exponential(1.0, where) {}
  template <Positional A>
  explicit Exponential(const A& rate, Where where = Where::current()) : Distribution(make(rate, where)) {}
  explicit Exponential(const ExponentialParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& rate, Where where);
};

} // namespace nuthatch
