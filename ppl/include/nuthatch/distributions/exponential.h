#pragma once
/// Exponential(rate): x >= 0, rate > 0; mean 1 / rate.
///   log p(x) = log(rate) - rate x
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Exponential : Distribution {
  template <Positional A>
  explicit Exponential(const A& rate, Where where = Where::current()) : Distribution(make(rate, where)) {}

 private:
  static Distribution make(const Tensor& rate, Where where);
};

}  // namespace nuthatch
